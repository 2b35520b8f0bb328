// mirror/traces/hop_ids.h - the ids of a record's hop: the same whoever mirrors it, whenever.
//
// They are a hash of the flow, the source partition and the source offset. So a record that is
// written again has the context that it had, a tail behind the last position is recognised, and
// verify can tell what a copy's headers must be. Another derivation would be another version of
// this program: tails that an older one wrote would not match.
//
// Errors:  none; never zero.
// Threads: a value.
// Source:  XXH3 of the names, splitmix64's finalizer over it and the numbers: each bit of an id is
//          as good as random, which samplers by trace id need (W3C Trace Context, level 2).
#pragma once

#include <cstdint>
#include <string_view>

#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "tracing/context/trace_id.h"

namespace longspan {

// The spans of a hop. The next reader's parent is `send`.
enum class HopSpan : std::uint8_t { send, mirror, capture, append, wait, queue, sink, batch };

class HopIds {
 public:
  HopIds() = default;
  HopIds(std::string_view flow, const TopicPartition& source);

  [[nodiscard]] SpanId span(Offset source, HopSpan which = HopSpan::send) const;
  // Of the sink's several groups.
  [[nodiscard]] SpanId sink_span(Offset source, std::string_view group) const;
  // Of a trace that begins with the record. Another record at the same offset, of a topic made
  // anew, has another time.
  [[nodiscard]] TraceId trace(Offset source, TimestampMs timestamp) const;
  // Of the batch of records that begins with it: a trace of its own.
  [[nodiscard]] SpanIds batch(Offset first, TimestampMs timestamp) const;

 private:
  std::uint64_t seed_ = 0;
};

}  // namespace longspan
