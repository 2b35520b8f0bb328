// mirror/verify/verdict.h - what verify found in one partition, and in all of them.
//
// Units:   records; offsets of the side each field names.
// Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/event.h"

namespace longspan {

struct Tally {
  std::int64_t equal = 0;           // the copy has the same key, value, headers and timestamp
  std::int64_t compacted = 0;       // on one side only, rightly: a later record of the key is there
  std::int64_t different = 0;       // the copy differs, or the source has no record for it
  std::int64_t missing = 0;         // source records without a copy
  std::int64_t twice = 0;           // target records that are second copies
  std::int64_t foreign = 0;         // target records that are no copies at all
  std::int64_t before_start = 0;    // the same, from before the mirror wrote its first record
  std::int64_t expired = 0;         // a copy was made, but one side has deleted it by retention
  std::int64_t left_out = 0;        // an event says so: dead letters, skipped ones, by an operator
  std::int64_t lost_on_target = 0;  // copies were made and the target lost them; gone over since
  std::int64_t undecided = 0;       // neither proven nor refuted; Limits of the parts say why

  // Source records looked at.
  [[nodiscard]] std::int64_t verified() const { return equal + compacted + different + missing; }
  [[nodiscard]] bool is_clean() const { return different == 0 && missing == 0 && foreign == 0; }
  Tally& operator+=(const Tally& other);
  friend bool operator==(const Tally&, const Tally&) = default;
};

struct Difference {
  std::optional<Offset> source;  // absent: only the target has a record
  std::optional<Offset> target;  // absent: only the source has, and it was never mapped
  std::string what;
  friend bool operator==(const Difference&, const Difference&) = default;
};

// Source offsets [from, to) that nobody can read: whether their copies are right stays undecided.
struct UnreadableRange {
  Offset from;
  Offset to;
  std::string why;
};

// What an event says of source records that are not on the target.
struct ToldRange {
  std::string event;  // SLOT/NUMBER
  EventKind kind{};
  std::string text;            // of the event, or of its acceptance
  std::optional<Offset> from;  // source offsets; absent where the event does not know them
  std::optional<Offset> to;
  std::int64_t records = 0;                  // of it that the source has and the map leaves out
  std::optional<std::int64_t> at_most = {};  // so many it can account for; absent: all of it
};

struct PartitionVerdict {
  TopicPartition source;
  TopicPartition target;
  Offset from;  // source range that was compared, half-open
  Offset to;
  Tally tally;
  std::optional<Difference> first_difference;
  std::optional<Error> trouble;  // it could not be compared to the end
  Offset mirrored_from;          // source range that the mirror has copied, half-open
  Offset mirrored_to;
  std::vector<UnreadableRange> unreadable = {};
  std::vector<ToldRange> told = {};  // those that matter in the range, and those of unknown range
  std::string narrowed = {};         // why not all of what was asked for was compared
};

struct Verdict {
  std::vector<PartitionVerdict> partitions;
  [[nodiscard]] Tally total() const;
  // No record was looked at: equal to nothing is no proof.
  [[nodiscard]] bool proved_nothing() const { return total().verified() == 0; }
  [[nodiscard]] const PartitionVerdict* first_difference() const;  // null: none
  [[nodiscard]] const PartitionVerdict* first_trouble() const;     // null: none
};

}  // namespace longspan
