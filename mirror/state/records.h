// mirror/state/records.h - the records of a flow's state topic, as values.
//
// The topic longspan.<source>.<target>.state.internal has one partition per slot. Its keys say
// what a record is; compaction keeps the last value of each key. Every value begins with a format
// version; a version this program does not know makes it refuse the slot, never guess.
//
// Units:   offsets half-open; timestamps in ms; rates in records per 1000 s.
// Errors:  decoding rubbish, or a format version that is not ours, is an Error (park_partition)
// that
//          names the kind; SlotState adds the key. An unknown key kind decodes to UnknownKey and is
//          left untouched (a newer program wrote it); so is an unknown kind of event.
// Limits:  sentences (reason, text, who, process) are cut to 4 KiB when they are encoded. Names of
//          topics are Kafka's: at most 249 bytes.
// Threads: values and free functions.
// Source:  our own format; mirror/state/README.md has the byte layout.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lagcalc/offset_map.h"
#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "mirror/admin.h"
#include "mirror/event.h"
#include "mirror/late_window.h"

namespace longspan {

// 'F': the flow's definition, slot 0 only.
struct DefinitionKey {
  friend auto operator<=>(const DefinitionKey&, const DefinitionKey&) = default;
};
// 'P': how far one source partition is mirrored. The highest epoch wins.
struct PositionKey {
  TopicPartition source;
  TopicId topic_id{};
  std::int32_t epoch = 0;  // an owner's: above all it found, and no other owner's
  friend auto operator<=>(const PositionKey&, const PositionKey&) = default;
};
// 'M': a piece of the offset map. part 0 is a sealed block of kSegmentsPerBlock segments; part
// 1, 2, ... are the pieces of the block still open, replaced by part 0 when it is sealed. The epoch
// is the writer's: what a dead owner's last requests bring must not replace a successor's pieces.
struct MapKey {
  TopicPartition source;
  TopicId topic_id{};
  std::int32_t block = 0;
  std::int32_t part = 0;
  std::int32_t epoch = 0;
  friend auto operator<=>(const MapKey&, const MapKey&) = default;
};
// 'E': an event. Two rings: what is_kept_longer() must not make room for what happens every day.
struct EventKey {
  std::int32_t n = 0;
  friend auto operator<=>(const EventKey&, const EventKey&) = default;
};
// 'C': a command for the whole flow (empty topic), a topic (no partition) or a partition.
struct CommandKey {
  std::string topic;
  std::optional<std::int32_t> partition;
  friend auto operator<=>(const CommandKey&, const CommandKey&) = default;
};
// 'R': what an operator decided for a partition that cannot go on by itself.
struct RemedyKey {
  TopicPartition source;
  friend auto operator<=>(const RemedyKey&, const RemedyKey&) = default;
};
// 'S': whether the target's schema registry is handed over; in the slot of the duty `schemas`.
struct SchemasKey {
  friend auto operator<=>(const SchemasKey&, const SchemasKey&) = default;
};
// 'O': who owns the slot, rewritten every few seconds, and once more when it is released.
struct OwnerKey {
  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};
struct UnknownKey {
  std::string bytes;
  friend auto operator<=>(const UnknownKey&, const UnknownKey&) = default;
};

using StateKey = std::variant<DefinitionKey, PositionKey, MapKey, EventKey, CommandKey, RemedyKey,
                              SchemasKey, OwnerKey, UnknownKey>;

inline constexpr std::int32_t kSegmentsPerBlock = 4096;
inline constexpr std::int32_t kEventsPerSlot = 1000;   // that are no losses
inline constexpr std::int32_t kLossesPerSlot = 10000;  // keys from kEventsPerSlot on
// What a dead owner's last requests may still bring has numbers that its successor leaves out.
inline constexpr std::int64_t kEventsLeftToTheDead = 100;

// What must be the same in every process of a flow. Values are text, so that a difference can be
// named by its key: "topics", "replication.policy.class", "source.cluster.id", ...
struct Definition {
  std::map<std::string, std::string> keys;
  TimestampMs created_at;
  // Filled only with auto.offset.reset=latest: the partitions that were there at first sight and
  // therefore start at their end; all others start at the earliest record.
  std::map<std::string, std::int32_t> initial_partitions;
};

enum class PartitionState : std::uint8_t { active = 0, paused = 1, parked = 2 };

// The newest record that was read below `up_to` was written in this epoch of its partition's
// leader.
struct LeaderEpoch {
  std::int32_t number = 0;
  Offset up_to;
  friend bool operator==(const LeaderEpoch&, const LeaderEpoch&) = default;
};

// The event that an operator must accept before a partition goes on, unless its cause goes. Here
// with its range, for the event itself makes room for newer ones.
struct Stop {
  std::int64_t event = 0;  // its number
  EventKind kind{};
  Offset from;
  Offset to;
  friend bool operator==(const Stop&, const Stop&) = default;
};

// Whether its cause is gone is known once the source is read there; measuring does not show it.
[[nodiscard]] inline bool is_about_what_is_read(const std::optional<Stop>& stop) {
  return stop && (stop->kind == EventKind::batch_unreadable ||
                  stop->kind == EventKind::partition_suspected);
}

// Processes died, and this partition may be why. See mirror/trial.h.
struct Trial {
  std::int32_t deaths = 0;  // of processes that read it alone, from this position on
  bool is_running = false;  // on the target before it is read
  friend bool operator==(const Trial&, const Trial&) = default;
};

// More than one of many that were not read yet.
[[nodiscard]] inline bool is_blamed(const Trial& trial) {
  return trial.is_running || trial.deaths > 0;
}

struct Position {
  std::string target_topic;
  Offset next_source;       // everything below is on the target or accounted for by an event
  Offset next_target;       // where the next copy is expected
  Segment open;             // last segment of the map; length 0: nothing mapped yet
  std::int32_t blocks = 0;  // sealed map blocks
  std::int32_t parts = 0;   // pieces of the open block; each has a segment at least
  PartitionState state = PartitionState::active;
  std::string reason;  // of paused or parked, or why an active one is held back
  TimestampMs written_at;
  TimestampMs moved_at;                       // when one with another next_source was written
  std::optional<TimestampMs> last_timestamp;  // of the newest mirrored record
  std::optional<std::int64_t> records_per_1000_s;
  std::optional<Offset> fingerprint_offset;  // source offset of the record ...
  std::uint64_t fingerprint = 0;             // ... with this fingerprint
  std::optional<Stop> stopped_by;
  std::optional<TimestampMs> remedied_at;  // of the newest remedy that was carried out
  std::optional<Offset> again_from;        // from here to next_source a second copy is under way
  std::optional<LateWindow> late;
  std::optional<LeaderEpoch> leader_epoch;
  std::optional<Trial> trial;
  std::optional<TopicId> target_id;  // of the topic that holds the copies; absent: not known
  std::optional<TopicId> source_id;  // where the key has none, for it was not known then
  // The target's log was cut back to here, below next_target, and nobody has judged it yet.
  std::optional<Offset> target_cut_to;
};

// Copies that count no more, because a log was cut back: whatever the map has, in earlier blocks,
// too, at or above `source` or at or above `target`.
struct MapCut {
  Offset source;
  Offset target;
  friend bool operator==(const MapCut&, const MapCut&) = default;
};

struct MapPiece {
  std::vector<Segment> segments;
  std::optional<MapCut> cut{};  // behind the segments
};

enum class CommandKind : std::uint8_t {
  pause = 1,
  resume = 2,
  hand_over_schemas = 3,  // of SchemasKey
  hand_back_schemas = 4,  // the same
};
struct Command {
  CommandKind kind{};
  TimestampMs at;
  std::string who;   // user@host
  std::string text;  // reason given by the user; may be empty
};

enum class RemedyKind : std::uint8_t { accept_loss = 1, set_position = 2 };
// Carried out once: the position says which was the last.
struct Remedy {
  RemedyKind kind{};
  std::int64_t event = 0;  // accept_loss: the number of the event in its slot
  Offset next_source;      // set_position: where reading goes on
  TimestampMs at;
  std::string who;     // user@host
  std::string text;    // reason given by the user; may be empty
  TopicId topic_id{};  // it was given for this topic; another one of the name is not meant
};

inline constexpr std::chrono::seconds kOwnerInterval{5};  // an owner writes itself this often
struct Owner {
  std::string process;  // host:pid
  TimestampMs taken_at;
  TimestampMs alive_at;
  std::optional<TimestampMs> released_at;
  bool follows_death = false;  // the owner before it did not release the slot
  std::int32_t epoch = 0;      // of the positions and map pieces it writes
};

// Where the event stands in its ring: its number modulo the ring's size.
[[nodiscard]] EventKey key_of(const Event& event);
[[nodiscard]] std::string encode_key(const StateKey& key);
[[nodiscard]] Result<StateKey> decode_key(std::string_view bytes);
// "position topic=orders partition=3 epoch=2": a key for people.
[[nodiscard]] std::string text(const StateKey& key);

[[nodiscard]] std::string encode(const Definition& value);
[[nodiscard]] std::string encode(const Position& value);
[[nodiscard]] std::string encode(const MapPiece& value);
[[nodiscard]] std::string encode(const Event& value);
[[nodiscard]] std::string encode(const Command& value);
[[nodiscard]] std::string encode(const Remedy& value);
[[nodiscard]] std::string encode(const Owner& value);
[[nodiscard]] Result<Definition> decode_definition(std::string_view bytes);
[[nodiscard]] Result<Position> decode_position(std::string_view bytes);
[[nodiscard]] Result<MapPiece> decode_map_piece(std::string_view bytes);
[[nodiscard]] Result<Event> decode_event(std::string_view bytes);
[[nodiscard]] Result<Command> decode_command(std::string_view bytes);
[[nodiscard]] Result<Remedy> decode_remedy(std::string_view bytes);
[[nodiscard]] Result<Owner> decode_owner(std::string_view bytes);

}  // namespace longspan
