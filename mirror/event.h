// mirror/event.h - something happened that an operator must be able to find later.
//
// Every loss, parked partition, take-over or surprise on the target is one Event: a record in the
// flow's state topic, a metric by kind, a line in `longspan events`.
//
// Units:   [from, to) offsets, half-open; absent when the event is not about a range.
// Threads: a value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/offset_map.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

// Stored as numbers: only append, here and to kEventTable.
enum class EventKind : std::uint8_t {
  flow_started = 1,
  definition_changed,
  slot_taken,
  topic_created,
  topic_grown,
  topic_vanished,
  partition_started,
  partition_parked,
  partition_resumed,
  source_expired,
  source_truncated,
  tail_matched,
  tail_mismatch,
  unexpected_target_offset,
  written_twice,
  target_truncated,
  paused,
  resumed,
  position_set,
  loss_accepted,
  topic_refused,
  topic_accepted,
  cluster_unreachable,
  cluster_reachable,
  topic_recreated,
  source_transaction_hung,
  expired_at_target,
  deletes_may_be_lost,
  copied_again,
  record_dead_lettered,
  record_skipped,
  batch_unreadable,
  partition_suspected,
  config_reloaded,
  target_unwritable,
  schemas_differ,
  schemas_equal,
  schema_unknown,
  schema_incompatible,
  schemas_handed_over,
  schemas_handed_back,
  records_left_out,
  clock_stepped,
};

enum class EventSide : std::uint8_t { source, target };
inline constexpr std::array kEventSides = {EventSide::source, EventSide::target};

struct EventRow {
  EventKind kind;
  std::string_view name;
  std::string_view meaning;
  bool is_kept_longer = false;         // than the others: losses, surprises on the target, owners
  EventSide side = EventSide::source;  // whose offsets [from, to) are
};

// In the order of their numbers, without gaps.
inline constexpr auto kEventTable = std::to_array<EventRow>({
    {EventKind::flow_started, "flow_started", "the flow's first definition was written"},
    {EventKind::definition_changed, "definition_changed", "run --new-definition replaced it"},
    {EventKind::slot_taken, "slot_taken", "by this process, from nobody or from a dead owner",
     true},
    {EventKind::topic_created, "topic_created", "on the target"},
    {EventKind::topic_grown, "topic_grown", "on the target"},
    {EventKind::topic_vanished, "topic_vanished", "at the source; it is kept on the target"},
    {EventKind::partition_started, "partition_started", "its first position, and why there"},
    {EventKind::partition_parked, "partition_parked", "it waits, with the reason"},
    {EventKind::partition_resumed, "partition_resumed", "records flow again"},
    {EventKind::source_expired, "source_expired",
     "source records [from, to) were gone before they were read", true},
    {EventKind::source_truncated, "source_truncated", "the source log ends before our position",
     true},
    {EventKind::tail_matched, "tail_matched",
     "target records [from, to) behind the last position recognised as ours", false,
     EventSide::target},
    {EventKind::tail_mismatch, "tail_mismatch",
     "target records [from, to) behind the last position are not copies of ours", true,
     EventSide::target},
    {EventKind::unexpected_target_offset, "unexpected_target_offset",
     "somebody else wrote target offsets [from, to)", true, EventSide::target},
    {EventKind::written_twice, "written_twice", "target offsets [from, to) hold second copies",
     true, EventSide::target},
    {EventKind::target_truncated, "target_truncated",
     "the target log ends before our position: copies [from, to) are gone", true,
     EventSide::target},
    {EventKind::paused, "paused", "by command"},
    {EventKind::resumed, "resumed", "by command"},
    {EventKind::position_set, "position_set",
     "by command: source records [from, to) are copied once more", true},
    {EventKind::loss_accepted, "loss_accepted", "by command", true},
    {EventKind::topic_refused, "topic_refused", "it is not mirrored, with the reason"},
    {EventKind::topic_accepted, "topic_accepted", "it is no longer refused"},
    {EventKind::cluster_unreachable, "cluster_unreachable", "a cluster does not answer"},
    {EventKind::cluster_reachable, "cluster_reachable", "it answers again, after how long"},
    {EventKind::topic_recreated, "topic_recreated",
     "another source topic of the same name; of a partition: the former one was mirrored up to "
     "from",
     true},
    {EventKind::source_transaction_hung, "source_transaction_hung",
     "an open transaction has kept source records [from, to) from being read for long"},
    {EventKind::expired_at_target, "expired_at_target",
     "copies [from, to) were deleted by the target's retention as soon as they were written", true,
     EventSide::target},
    {EventKind::deletes_may_be_lost, "deletes_may_be_lost",
     "deletes among source records [from, to) may have been compacted away unread", true},
    {EventKind::copied_again, "copied_again",
     "source records [from, to) are copied once more, behind older values that came late"},
    {EventKind::record_dead_lettered, "record_dead_lettered",
     "the target refused source records [from, to): they are in the dead-letter topic", true},
    {EventKind::record_skipped, "record_skipped",
     "the target refused source records [from, to): they were left out, by policy", true},
    {EventKind::batch_unreadable, "batch_unreadable",
     "source records [from, to) cannot be read: damaged, or of a kind this program cannot inflate",
     true},
    {EventKind::partition_suspected, "partition_suspected",
     "processes died while they read the source from here on", true},
    {EventKind::config_reloaded, "config_reloaded", "the file was read again: what changed"},
    {EventKind::target_unwritable, "target_unwritable",
     "the target has not acknowledged source records [from, to) for seconds; they wait"},
    {EventKind::schemas_differ, "schemas_differ",
     "the schema registries hold different things, or one does not answer"},
    {EventKind::schemas_equal, "schemas_equal", "the target's registry holds the source's schemas"},
    {EventKind::schema_unknown, "schema_unknown",
     "source records [from, to) went on although the target's registry lacks their schemas", true},
    {EventKind::schema_incompatible, "schema_incompatible",
     "a new version that the target's registry calls incompatible, and why"},
    {EventKind::schemas_handed_over, "schemas_handed_over",
     "by command: the target's schema registry is left alone from here on", true},
    {EventKind::schemas_handed_back, "schemas_handed_back",
     "by command: the target's schema registry is mirrored to again", true},
    {EventKind::records_left_out, "records_left_out",
     "by command: source records [from, to) are not copied", true},
    {EventKind::clock_stepped, "clock_stepped", "a clock was set: which, and by how much"},
});

// "unknown" for one that a newer program wrote.
[[nodiscard]] std::string_view name(EventKind kind);
[[nodiscard]] std::optional<EventKind> event_kind_named(std::string_view name);
// False for one that a newer program wrote.
[[nodiscard]] bool is_kept_longer(EventKind kind);
[[nodiscard]] std::string_view name(EventSide side);

// An event of the same slot.
struct EventReference {
  std::int64_t number = 0;
  EventKind kind{};
  friend bool operator==(const EventReference&, const EventReference&) = default;
};

struct Event {
  std::int64_t number = 0;  // counts per slot from 0, never wraps; (slot, number) names an event
  EventKind kind{};
  TimestampMs at;
  std::optional<TopicPartition> partition;  // source name
  std::optional<Offset> from;               // of side_of() the event
  std::optional<Offset> to;
  std::string text;  // one sentence
  std::string who;   // host:pid of the process that wrote it
  // Of copies that are gone: which source records [source_from, source_to) they were of.
  std::optional<Offset> source_from = {};
  std::optional<Offset> source_to = {};
  // Where it stands for several ranges: how many offsets of [from, to) it is about. Absent: all.
  std::optional<std::int64_t> offsets = {};
  std::optional<EventReference> accepts = {};  // of loss_accepted
};

// Whose offsets [from, to) are; absent: there are none. Of an acceptance, those of what it accepts.
[[nodiscard]] std::optional<EventSide> side_of(const Event& event);
// Where [from, to) are copies that `map` knows: the source records they are of, as far as it does.
void name_sources(Event& event, const OffsetMap& map);

}  // namespace longspan
