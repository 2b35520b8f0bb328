// mirror/shard_gate.h - what a shard knows of the schema ids in its records, and who waits for one.
//
// A record of which the target's registry does not know a schema, by its id or GUID, holds its
// partition, and no other: reading stops in front of it, so that nothing of it is kept in memory,
// and begins there again when the id is known or the wait is over. What goes on unknown is an event
// with its range.
//
// A leading zero proves nothing. An id holds a partition only while the source's registry knows it,
// or could not be asked yet. A registry that is silent is waited for once, not once for each id.
// Keys or values of a topic with kForeignMax ids that no registry knows,
// and as many more for each that one does, are not framed: nobody is asked for theirs, until a
// minute later once more. GUIDs are treated as ids are, where the target's registry looks them up;
// where it does not, none holds anything.
//
// Units:   offsets of the source.
// Errors:  none.
// Threads: the shard's.
// Limits:  TopicFraming::kIdsMax ids kept of a topic.
// Source:  ARCHITECTURE.md, "Schemas"; framing: lagcalc/schema_framing.h.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <variant>

#include "lagcalc/schema_framing.h"
#include "mirror/ports.h"
#include "mirror/record.h"
#include "mirror/schemas/framing.h"
#include "mirror/schemas/gate.h"
#include "mirror/snapshot.h"

namespace longspan {

class ShardGate {
 public:
  static constexpr std::size_t kForeignMax = 8;
  static constexpr std::size_t kPassedMax = 64;
  static constexpr std::size_t kPassedGuidsMax = 16;
  using Clock = std::chrono::steady_clock;

  // The keys of a topic, or its values.
  struct Part {
    std::unordered_set<SchemaWhich, SchemaWhichHash> known;  // at most TopicFraming::kIdsMax
    std::set<SchemaWhich> foreign;                           // while not plain
    std::array<std::int32_t, kPassedMax> passed{};  // known ids, each in the place it falls on
    std::array<SchemaGuid, kPassedGuidsMax> passed_guids{};  // the same; none is all zeros
    bool is_plain = false;
  };
  struct Topic {
    TopicFraming framing;
    std::array<Part, 2> parts;  // by RecordPart
  };
  // Of one partition.
  struct Seat {
    Topic* topic = nullptr;
    std::optional<SchemaWhich> wait;  // it is stopped, for this one
  };
  enum class Verdict : std::uint8_t { goes, goes_unknown, waits };
  // How long an id is waited for, by all partitions of the shard together; max(): without bound.
  using Bound = std::chrono::milliseconds;

  explicit ShardGate(SchemaGate& gate) : gate_(gate), ids_(gate.table()) {}

  // True: the table has changed since the last call.
  [[nodiscard]] bool refresh();
  // Before the first record of a delivery.
  void sit_down(Seat& seat, const std::string& topic, const Record& first);
  // Nearly every record carries ids that went through before. False: look().
  [[nodiscard]] static bool goes_at_once(const Seat& seat, const Record& record) {
    return seat.topic != nullptr && !seat.topic->framing.has_header &&
           is_passed(*seat.topic, RecordPart::key, record.key) &&
           is_passed(*seat.topic, RecordPart::value, record.value);
  }
  // Waits: then seat.wait says for what. Somebody sat down.
  [[nodiscard]] Verdict look(Seat& seat, const Record& record, Clock::time_point now, Bound bound);
  // The wait for it is over: it is known, or no id, or nobody waits any longer.
  [[nodiscard]] bool is_over(const SchemaWhich& which, Clock::time_point now, Bound bound);
  // Why a registry does not say.
  [[nodiscard]] std::optional<std::string> trouble() const { return gate_.trouble(); }
  [[nodiscard]] const std::map<std::string, Topic>& topics() const { return topics_; }

  GateSnapshot counts;  // but for who waits now

 private:
  static bool is_passed(const Topic& topic, RecordPart part,
                        const std::optional<std::string_view>& bytes) {
    if (!bytes || bytes->empty() || static_cast<unsigned char>(bytes->front()) > 1) return true;
    const Part& of = topic.parts[static_cast<std::size_t>(part)];
    if (bytes->front() == 1) return is_guid_passed(of, *bytes);
    const auto id = schema_id(*bytes);
    return of.passed[place_of(id)] == id;
  }
  static bool is_guid_passed(const Part& part, std::string_view bytes) {
    constexpr std::size_t kGuidBytes = std::tuple_size_v<decltype(SchemaGuid::bytes)>;
    if (bytes.size() <= kGuidBytes) return true;
    const auto place = static_cast<std::uint8_t>(bytes[1]) % kPassedGuidsMax;
    return std::memcmp(part.passed_guids[place].bytes.data(), &bytes[1], kGuidBytes) == 0;
  }
  static std::size_t place_of(std::int32_t id) { return static_cast<std::size_t>(id) % kPassedMax; }
  [[nodiscard]] static bool has_passed(const Part& part, const SchemaWhich& which);
  [[nodiscard]] Verdict judge(Topic& topic, Part& part, const SchemaMark& mark,
                              Clock::time_point now, Bound bound);
  static void pass(Topic& topic, Part& part, const SchemaWhich& which);
  static void put(Part& part, const SchemaWhich& which);
  [[nodiscard]] bool is_late(const SchemaWhich& which, Clock::time_point now, Bound bound);
  [[nodiscard]] IdState state_of(const SchemaWhich& which) const;
  [[nodiscard]] bool is_beyond_telling(const SchemaWhich& which) const {
    return lacks_guids_ && std::holds_alternative<SchemaGuid>(which);
  }

  SchemaGate& gate_;
  std::shared_ptr<const SchemaGate::Table> ids_;
  std::uint64_t generation_ = 0;
  bool lacks_guids_ = false;
  std::map<std::string, Topic> topics_;  // seats point into it
  std::map<SchemaWhich, Clock::time_point> awaited_since_;
};

}  // namespace longspan
