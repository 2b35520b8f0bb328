// mirror/marks/marks_records.h - the records of the marks topic: where a flow's partitions stood,
// and how long their records took, as values and as bytes.
//
// Every record begins with who wrote it, when, and how often. A set is what a process writes at one
// time: as many records as its partitions need, or none but the first.
//
// Layout:  byte 2 (the version), byte type, then of every type
//            string process, varint started_at, varint at, varint interval, byte flags (1 last,
//            2 first, 4 joined)
//          type 1, positions:
//            varint 0, or 1 + (at - base); to the end: topics
//            a topic: varint 0 and string name, or varint 1 + its number less that of the topic
//            before; varint (count - 1) * 16 + S; then of each partition
//              byte flags, [varint gap], zigzag source,
//              [zigzag target - source, zigzag records - source], [varint lag], [byte stamps],
//              [zigzag at - acked, zigzag acked - fetched, and back from each to the one before:
//              zigzag to source_append, connector, commit, of those that are known; zigzag
//              acked - the slowest one's acked, zigzag what that one took]
//            flags: 1 the partition is the one behind the last (else the gap to it is there);
//              2 target and records are as source; 4 a lag of 0; 8 another lag; 16 paused;
//              32 parked; 64 times; 128 the byte of stamps is there (else they are S)
//            stamps: 1 commit, 2 connector, 4 source_append, 8 the slowest one is there
//          type 2, latencies; type 3, latencies of a minute; to the end: topics
//            a topic: string name, zigzag at - since, block mirror latency, block residence,
//            varint sampled, varint contradictions, varint count of reasons, of each varint
//            reason and varint records; varint count of hops, of each varint hop, varint known,
//            one-sided, absent, negative, byte flags (1 assumed, 2 point, 4 low, 8 high), blocks
//            block: varint size, bytes of lagcalc/histogram_block.h; size 0: an empty histogram
//          type 5, causes; type 6, causes of a minute: marks_causes.h
//          type 4 is kept for clock intervals. string: varint size, bytes. Times in milliseconds.
// Errors:  rubbish, or another version, is an Error (park_partition). Records of another type, and
//          hops and reasons with another number, are of a newer program: they are skipped.
// Threads: values and free functions.
// Limits:  times within 2^53 of 1970, offsets and counts within 2^60; kMarkBytesMax a record;
// decoding takes memory in proportion to the input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lagcalc/histogram.h"
#include "lagcalc/result.h"
#include "lagcalc/units.h"
#include "lagcalc/why/cause_span.h"
#include "mirror/hops/latest_times.h"
#include "mirror/hops/slowest_record.h"
#include "mirror/hops/topic_hops.h"
#include "mirror/state/records.h"

namespace longspan {

inline constexpr std::size_t kMarkBytesMax = 512 * 1024;

struct MarkHead {
  std::string process;  // host:pid
  TimestampMs started_at;
  TimestampMs at;
  std::int64_t interval_ms = 0;  // until the next set
  bool is_last = false;          // the process stopped in order
  bool is_first = true;          // of the set's records of this type
  bool has_joined = false;       // an interval before, the process had no part in the flow
  friend bool operator==(const MarkHead&, const MarkHead&) = default;
};

struct PartitionMark {
  std::int32_t partition = 0;
  PartitionState state = PartitionState::active;
  Offset next_source;
  Offset next_target;
  std::int64_t records = 0;  // acknowledged since the process has the partition
  std::optional<Records> offset_lag = {};
  std::optional<LatestTimes> latest = {};
  std::optional<SlowestRecord> slowest = {};  // since about the mark before; only beside `latest`
  friend bool operator==(const PartitionMark&, const PartitionMark&) = default;
};

struct TopicPositions {
  std::string topic;                      // source topic; empty: it is known by its number
  std::int64_t number = 0;                // in the full set that is the base; rising
  std::vector<PartitionMark> partitions;  // by rising number
  friend bool operator==(const TopicPositions&, const TopicPositions&) = default;
};

// With a base, next_source, next_target and records of every partition are what was added since the
// full set that the same process wrote at `base`. Without one the set is full: every partition.
struct PositionsMark {
  MarkHead head;
  std::optional<TimestampMs> base;
  std::vector<TopicPositions> topics;
  friend bool operator==(const PositionsMark&, const PositionsMark&) = default;
};

// Of the records acknowledged from `since` to the set's time. Of two with one `since`, the later
// counts: the first was not certainly written.
struct TopicLatencies {
  std::string topic;
  TimestampMs since;
  Histogram mirror_latency;  // record timestamp -> acknowledged; counts every record
  Histogram residence;
  TopicHops hops;
  friend bool operator==(const TopicLatencies&, const TopicLatencies&) = default;
};

struct LatenciesMark {
  MarkHead head;
  bool is_minute = false;  // the roll-up
  std::vector<TopicLatencies> topics;
  friend bool operator==(const LatenciesMark&, const LatenciesMark&) = default;
};

// Why the flow was late, as found since the last one that was written.
struct CausesMark {
  MarkHead head;
  bool is_minute = false;  // the roll-up
  std::vector<CauseSpan> spans;
  friend bool operator==(const CausesMark&, const CausesMark&) = default;
};

struct OtherMark {
  MarkHead head;
  std::uint8_t type = 0;
  friend bool operator==(const OtherMark&, const OtherMark&) = default;
};

using Mark = std::variant<PositionsMark, LatenciesMark, CausesMark, OtherMark>;

// As records below kMarkBytesMax each; at least one. A topic may be in several of them.
[[nodiscard]] std::vector<std::string> encode(const PositionsMark& mark);
// The size that one topic takes in a record, then the records themselves. A topic of more than
// kMarkBytesMax, which no clock's error makes, is left out.
[[nodiscard]] std::size_t encoded_size(const LatenciesMark& mark, const TopicLatencies& topic);
[[nodiscard]] std::vector<std::string> encode(const LatenciesMark& mark);
// One record: CauseSpans bounds what is written.
[[nodiscard]] std::string encode(const CausesMark& mark);

[[nodiscard]] Result<Mark> decode_mark(std::string_view bytes);
// The head and the type alone.
[[nodiscard]] Result<OtherMark> decode_head(std::string_view bytes);
[[nodiscard]] bool is_positions(const OtherMark& mark);

}  // namespace longspan
