// mirror/tail_match.h - which of the source's records are on the target already, behind the last
// position written.
//
// After a crash the target may hold copies that no position knows of. They are read back as
// fingerprints; then each source record from the position on is compared with the next of them:
// as long as they agree the record is not written again. The first disagreement ends the match,
// for records behind it were written by somebody else. Ranges that an event names already as no
// first copies are left out: a former owner's late requests carry the very records that it wrote
// itself behind them, and were they taken for ours, its own would be named, too.
//
// In a topic whose copies name their hop's span in the trace headers (mirror/traces/), a copy is
// one whose headers name the span of that very source record, and which is the same beside them:
// whatever mode the topic has now. All other copies agree to the byte, but for the header of their
// pathway (tracing/pathways/): the time when one is written stands in it.
//
// Units:   target offsets.
// Errors:  none.
// Threads: a value of the shard's thread.
// Limits:  kRecordsMax fingerprints of 16 bytes, and 24 of one in a trace; a longer tail is matched
//          as far as that.
// Source:  ARCHITECTURE.md, "Resuming".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "lagcalc/units.h"
#include "mirror/record.h"
#include "mirror/traces/hop_ids.h"

namespace longspan {

class TailMatch {
 public:
  static constexpr std::size_t kRecordsMax = 2'000'000;

  // The tail is [from, to) of the target partition, without `named`.
  TailMatch(Offset from, Offset to, std::vector<OffsetRange> named = {},
            std::size_t records_max = kRecordsMax)
      : from_(from), to_(to), named_(std::move(named)), records_max_(records_max) {}

  // Of the copies: before the first is added.
  void allow_hops(const HopIds& hops) { hops_ = hops; }
  // Records of the target, in order, while it is read. False: there is no need to read on.
  bool add(const Record& target);
  // Where reading goes on; at or beyond to(): it is read.
  [[nodiscard]] Offset read_up_to() const { return read_up_to_; }

  // The target offset that holds this source record; absent: it must be written, as all behind it.
  [[nodiscard]] std::optional<Offset> match(const Record& source);
  // Nothing is left to compare with.
  [[nodiscard]] bool is_done() const { return is_broken_ || expected_.empty(); }

  [[nodiscard]] Offset from() const { return from_; }
  [[nodiscard]] Offset to() const { return to_; }
  [[nodiscard]] std::int64_t matched() const { return matched_; }
  // The first that matched; from() while none has.
  [[nodiscard]] Offset matched_from() const { return first_matched_.value_or(from_); }
  // Where the match ended: [unmatched_from, to) are not known to be copies of ours. Equal to to():
  // all matched.
  [[nodiscard]] Offset unmatched_from() const;

 private:
  struct Expected {
    Offset target;
    std::uint64_t fingerprint;
  };
  // What of these may have been reparented.
  struct InTrace {
    Offset target;
    SpanId span;  // that its headers name
    std::uint64_t beside;
  };
  [[nodiscard]] bool is_copy(const Expected& expected, const Record& source);

  Offset from_;
  Offset to_;
  std::vector<OffsetRange> named_;
  std::size_t records_max_;
  Offset read_up_to_ = from_;
  std::optional<Offset> unread_from_;  // the tail is longer than what is kept of it
  std::deque<Expected> expected_;
  std::optional<HopIds> hops_;
  std::deque<InTrace> in_trace_;
  std::optional<Offset> first_matched_;
  std::int64_t matched_ = 0;
  bool is_broken_ = false;
};

}  // namespace longspan
