#include "mirror/marks/marks_records.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "lagcalc/assert.h"
#include "lagcalc/histogram_block.h"
#include "mirror/marks/marks_bytes.h"
#include "mirror/marks/marks_causes.h"

namespace longspan {
namespace {

using namespace marks_bytes;

constexpr std::uint8_t kVersion = 2;
// 4 is kept.
enum Type : std::uint8_t {
  kPositions = 1,
  kLatencies = 2,
  kMinute = 3,
  kCauses = 5,
  kMinuteOfCauses = 6,
};
enum HeadFlag : std::uint8_t { kLast = 1, kFirst = 2, kJoined = 4 };
enum Flag : std::uint8_t {
  kFollows = 1,
  kAsSource = 2,
  kNoLag = 4,
  kLag = 8,
  kPaused = 16,
  kParked = 32,
  kTimes = 64,
  kOwnStamps = 128,
};
enum Stamped : std::uint8_t { kCommit = 1, kConnector = 2, kSourceAppend = 4, kSlowest = 8 };
constexpr std::uint8_t kStampsMax = kCommit | kConnector | kSourceAppend | kSlowest;
enum HopFlag : std::uint8_t { kAssumed = 1, kPoint = 2, kLow = 4, kHigh = 8 };

// Of one record's slice of a topic: the largest partition takes some 100 bytes.
constexpr std::size_t kSlicePartitions = 2'000;

std::string head_bytes(const MarkHead& head, std::uint8_t type, bool is_first) {
  std::string out;
  put_byte(out, kVersion);
  put_byte(out, type);
  put_bytes(out, head.process);
  put_count(out, head.started_at.value);
  put_count(out, head.at.value);
  put_count(out, head.interval_ms);
  put_byte(out, static_cast<std::uint8_t>((head.is_last ? kLast : 0) | (is_first ? kFirst : 0) |
                                          (head.has_joined ? kJoined : 0)));
  return out;
}

MarkHead head_of(ByteReader& in) {
  MarkHead head;
  head.process = bytes_of(in);
  head.started_at = time_of(in, count_of(in));
  head.at = time_of(in, count_of(in));
  head.interval_ms = time_of(in, count_of(in)).value;
  const std::uint8_t flags = in.u8();
  head.is_last = (flags & kLast) != 0;
  head.is_first = (flags & kFirst) != 0;
  head.has_joined = (flags & kJoined) != 0;
  return head;
}

// Of a mark that has times.
std::uint8_t stamps_of(const PartitionMark& mark) {
  const LatestTimes& times = *mark.latest;
  return static_cast<std::uint8_t>(
      (times.commit ? kCommit : 0) | (times.connector ? kConnector : 0) |
      (times.source_append ? kSourceAppend : 0) | (mark.slowest ? kSlowest : 0));
}

void put_times(std::string& out, const LatestTimes& times, TimestampMs at) {
  put_signed(out, minus(at.value, times.acked.value));
  put_signed(out, minus(times.acked.value, times.fetched.value));
  std::int64_t behind = times.fetched.value;
  for (const auto* time : {&times.source_append, &times.connector, &times.commit}) {
    if (!*time) continue;
    put_signed(out, minus(behind, (*time)->value));
    behind = (*time)->value;
  }
}

LatestTimes times_of(ByteReader& in, std::uint8_t stamps, TimestampMs at) {
  LatestTimes times;
  times.acked = time_of(in, minus(at.value, signed_of(in)));
  times.fetched = time_of(in, minus(times.acked.value, signed_of(in)));
  std::int64_t behind = times.fetched.value;
  const auto before = [&](std::uint8_t stamp, std::optional<TimestampMs>& time) {
    if ((stamps & stamp) == 0) return;
    behind = time_of(in, minus(behind, signed_of(in))).value;
    time = TimestampMs{behind};
  };
  before(kSourceAppend, times.source_append);
  before(kConnector, times.connector);
  before(kCommit, times.commit);
  return times;
}

struct Place {
  TimestampMs at;
  std::uint8_t stamps = 0;  // usual ones of the topic
  std::int64_t next = 0;    // the partition behind the last one
};

bool is_as_source(const PartitionMark& mark) {
  return mark.next_target.value == mark.next_source.value && mark.records == mark.next_source.value;
}

std::uint8_t flags_of(const PartitionMark& mark, const Place& place) {
  std::uint8_t flags = 0;
  if (mark.partition == place.next) flags |= kFollows;
  if (is_as_source(mark)) flags |= kAsSource;
  if (mark.offset_lag) flags |= mark.offset_lag->count == 0 ? kNoLag : kLag;
  if (mark.state == PartitionState::paused) flags |= kPaused;
  if (mark.state == PartitionState::parked) flags |= kParked;
  if (!mark.latest) return flags;
  flags |= kTimes;
  if (stamps_of(mark) != place.stamps) flags |= kOwnStamps;
  return flags;
}

void put_partition(std::string& out, const PartitionMark& mark, Place& place) {
  LONGSPAN_ASSERT(mark.partition >= place.next);
  const std::uint8_t flags = flags_of(mark, place);
  put_byte(out, flags);
  if ((flags & kFollows) == 0) put_count(out, mark.partition - place.next);
  put_signed(out, mark.next_source.value);
  if ((flags & kAsSource) == 0) {
    put_signed(out, minus(mark.next_target.value, mark.next_source.value));
    put_signed(out, minus(mark.records, mark.next_source.value));
  }
  if ((flags & kLag) != 0) put_signed(out, mark.offset_lag->count);
  if ((flags & kOwnStamps) != 0) put_byte(out, stamps_of(mark));
  if ((flags & kTimes) != 0) put_times(out, *mark.latest, place.at);
  if ((flags & kTimes) != 0 && mark.slowest) {
    put_signed(out, minus(mark.latest->acked.value, mark.slowest->acked.value));
    put_signed(out, mark.slowest->took_ms);
  }
  place.next = std::int64_t{mark.partition} + 1;
}

PartitionMark partition_of(ByteReader& in, Place& place) {
  PartitionMark mark;
  const std::uint8_t flags = in.u8();
  const std::int64_t gap = (flags & kFollows) != 0 ? 0 : count_of(in);
  in.require(gap <= std::numeric_limits<std::int32_t>::max() - place.next);
  if (in.failed()) return mark;
  mark.partition = static_cast<std::int32_t>(place.next + gap);
  place.next = std::int64_t{mark.partition} + 1;
  const std::int64_t source = number_of(in, signed_of(in));
  const auto beside = [&] {
    return (flags & kAsSource) != 0 ? source : number_of(in, plus(source, signed_of(in)));
  };
  mark.next_source = {source};
  mark.next_target = {beside()};
  mark.records = beside();
  in.require((flags & (kNoLag | kLag)) != (kNoLag | kLag));
  in.require((flags & (kPaused | kParked)) != (kPaused | kParked));
  if ((flags & kNoLag) != 0) mark.offset_lag = Records{0};
  if ((flags & kLag) != 0) mark.offset_lag = Records{number_of(in, signed_of(in))};
  if ((flags & kPaused) != 0) mark.state = PartitionState::paused;
  if ((flags & kParked) != 0) mark.state = PartitionState::parked;
  const std::uint8_t stamps = (flags & kOwnStamps) != 0 ? in.u8() : place.stamps;
  in.require(stamps <= kStampsMax);
  if ((flags & kTimes) != 0) mark.latest = times_of(in, stamps, place.at);
  if (mark.latest && (stamps & kSlowest) != 0) {
    const TimestampMs acked = time_of(in, minus(mark.latest->acked.value, signed_of(in)));
    mark.slowest = SlowestRecord{acked, number_of(in, signed_of(in))};
  }
  return mark;
}

// `before`: the number of the last topic that has none of a name, moved on to this one's.
std::string slice_bytes(const TopicPositions& topic, std::span<const PartitionMark> partitions,
                        TimestampMs at, std::int64_t& before) {
  std::string out;
  if (topic.topic.empty()) {
    put_count(out, topic.number - std::exchange(before, topic.number) + 1);
  } else {
    put_count(out, 0);
    put_bytes(out, topic.topic);
  }
  Place place{at};
  const auto usual = std::find_if(partitions.begin(), partitions.end(),
                                  [](const auto& mark) { return mark.latest.has_value(); });
  if (usual != partitions.end()) place.stamps = stamps_of(*usual);
  append_varint(out, (partitions.size() - 1) * (kStampsMax + 1) + place.stamps);
  for (const auto& mark : partitions) put_partition(out, mark, place);
  return out;
}

TopicPositions positions_of(ByteReader& in, TimestampMs at, std::int64_t& before) {
  TopicPositions out;
  if (const std::int64_t gap = count_of(in); gap == 0) {
    out.topic = bytes_of(in);
    in.require(!out.topic.empty());
  } else {
    in.require(gap <= kNumberMax && before <= kNumberMax);
    out.number = in.failed() ? 0 : before += gap - 1;
  }
  const auto count_and_stamps = count_of(in);
  Place place{at, static_cast<std::uint8_t>(count_and_stamps % (kStampsMax + 1))};
  for (std::int64_t i = 0; i <= count_and_stamps / (kStampsMax + 1) && !in.failed(); ++i) {
    out.partitions.push_back(partition_of(in, place));
  }
  return out;
}

void put_block(std::string& out, const Histogram& histogram) {
  put_bytes(out, histogram.count() == 0 ? std::string() : encode_histogram(histogram));
}

Histogram block_of(ByteReader& in) {
  const auto bytes = bytes_of(in);
  if (bytes.empty()) return {};
  auto histogram = decode_histogram(bytes);
  in.require(histogram.has_value());
  return histogram ? std::move(*histogram) : Histogram();
}

void put_hop(std::string& out, std::size_t number, const HopLatency& hop) {
  append_varint(out, number);
  for (const auto count :
       {hop.tally.known, hop.tally.one_sided, hop.tally.absent, hop.tally.negative}) {
    append_varint(out, count);
  }
  put_byte(out, static_cast<std::uint8_t>(
                    (hop.is_assumed ? kAssumed : 0) | (hop.point.count() > 0 ? kPoint : 0) |
                    (hop.low.count() > 0 ? kLow : 0) | (hop.high.count() > 0 ? kHigh : 0)));
  for (const auto* histogram : {&hop.point, &hop.low, &hop.high}) {
    if (histogram->count() > 0) put_block(out, *histogram);
  }
}

void read_hop(ByteReader& in, TopicHops& hops) {
  const std::uint64_t number = in.varint();
  HopLatency hop;
  for (auto* count :
       {&hop.tally.known, &hop.tally.one_sided, &hop.tally.absent, &hop.tally.negative}) {
    *count = in.varint();
  }
  const std::uint8_t flags = in.u8();
  hop.is_assumed = (flags & kAssumed) != 0;
  if ((flags & kPoint) != 0) hop.point = block_of(in);
  if ((flags & kLow) != 0) hop.low = block_of(in);
  if ((flags & kHigh) != 0) hop.high = block_of(in);
  if (number < hops.hops.size()) hops.hops[number] = std::move(hop);
}

void put_hops(std::string& out, const TopicHops& hops) {
  append_varint(out, hops.sampled_total);
  append_varint(out, hops.contradictions_total);
  const auto reasons = std::count_if(hops.without_commit.begin(), hops.without_commit.end(),
                                     [](auto count) { return count > 0; });
  put_count(out, reasons);
  for (std::size_t i = 0; i < hops.without_commit.size(); ++i) {
    if (hops.without_commit[i] == 0) continue;
    append_varint(out, i);
    append_varint(out, hops.without_commit[i]);
  }
  const auto has_any = [](const HopLatency& hop) { return hop != HopLatency(); };
  put_count(out, std::count_if(hops.hops.begin(), hops.hops.end(), has_any));
  for (std::size_t i = 0; i < hops.hops.size(); ++i) {
    if (has_any(hops.hops[i])) put_hop(out, i, hops.hops[i]);
  }
}

TopicHops hops_of(ByteReader& in) {
  TopicHops hops;
  hops.sampled_total = in.varint();
  hops.contradictions_total = in.varint();
  const auto reasons = count_of(in);
  for (std::int64_t i = 0; i < reasons && !in.failed(); ++i) {
    const std::uint64_t reason = in.varint();
    const std::uint64_t records = in.varint();
    if (reason < hops.without_commit.size()) hops.without_commit[reason] = records;
  }
  const auto count = count_of(in);
  for (std::int64_t i = 0; i < count && !in.failed(); ++i) read_hop(in, hops);
  return hops;
}

std::string latencies_bytes(const TopicLatencies& topic, TimestampMs at) {
  std::string out;
  put_bytes(out, topic.topic);
  put_signed(out, minus(at.value, topic.since.value));
  put_block(out, topic.mirror_latency);
  put_block(out, topic.residence);
  put_hops(out, topic.hops);
  return out;
}

TopicLatencies latencies_of(ByteReader& in, TimestampMs at) {
  TopicLatencies out;
  out.topic = bytes_of(in);
  out.since = time_of(in, minus(at.value, signed_of(in)));
  out.mirror_latency = block_of(in);
  out.residence = block_of(in);
  out.hops = hops_of(in);
  return out;
}

class Chunks {
 public:
  Chunks(std::string first_head, std::string next_head)
      : next_head_(std::move(next_head)), records_{std::move(first_head)} {}
  [[nodiscard]] bool fits(std::size_t size) const {
    return records_.back().size() + size < kMarkBytesMax;
  }
  void begin_another() { records_.push_back(next_head_); }
  void add(const std::string& part) {
    if (next_head_.size() + part.size() >= kMarkBytesMax) return;
    if (!fits(part.size())) begin_another();
    records_.back() += part;
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(records_); }

 private:
  std::string next_head_;
  std::vector<std::string> records_;
};

std::uint8_t type_of(const LatenciesMark& mark) { return mark.is_minute ? kMinute : kLatencies; }

PositionsMark read_positions(ByteReader& in, MarkHead head) {
  PositionsMark mark{std::move(head), {}, {}};
  if (const std::int64_t age = count_of(in); age > 0) {
    mark.base = time_of(in, minus(mark.head.at.value, age - 1));
  }
  std::int64_t before = 0;
  while (!in.failed() && !in.done()) {
    mark.topics.push_back(positions_of(in, mark.head.at, before));
  }
  return mark;
}

LatenciesMark read_latencies(ByteReader& in, MarkHead head, bool is_minute) {
  LatenciesMark mark{std::move(head), is_minute, {}};
  while (!in.failed() && !in.done()) mark.topics.push_back(latencies_of(in, mark.head.at));
  return mark;
}

}  // namespace

std::vector<std::string> encode(const PositionsMark& mark) {
  const auto head = [&mark](bool is_first) {
    std::string out = head_bytes(mark.head, kPositions, is_first);
    put_count(out, mark.base ? mark.head.at - *mark.base + 1 : 0);
    return out;
  };
  Chunks out(head(true), head(false));
  std::int64_t before = 0;  // within a record
  for (const auto& topic : mark.topics) {
    std::span<const PartitionMark> rest = topic.partitions;
    while (!rest.empty()) {
      const auto slice = rest.first(std::min(rest.size(), kSlicePartitions));
      auto bytes = slice_bytes(topic, slice, mark.head.at, before);
      if (!out.fits(bytes.size())) {
        out.begin_another();
        before = 0;
        bytes = slice_bytes(topic, slice, mark.head.at, before);
      }
      out.add(bytes);
      rest = rest.subspan(slice.size());
    }
  }
  return out.take();
}

std::size_t encoded_size(const LatenciesMark& mark, const TopicLatencies& topic) {
  return latencies_bytes(topic, mark.head.at).size();
}

std::vector<std::string> encode(const LatenciesMark& mark) {
  Chunks out(head_bytes(mark.head, type_of(mark), true),
             head_bytes(mark.head, type_of(mark), false));
  for (const auto& topic : mark.topics) out.add(latencies_bytes(topic, mark.head.at));
  return out.take();
}

std::string encode(const CausesMark& mark) {
  std::string out = head_bytes(mark.head, mark.is_minute ? kMinuteOfCauses : kCauses, true);
  put_causes(out, mark.spans, mark.head.at);
  return out;
}

namespace {

Result<OtherMark> head_and_type(ByteReader& in) {
  const std::uint8_t version = in.u8();
  if (!in.failed() && version != kVersion) {
    return fail(Next::park_partition, "a mark has version " + std::to_string(version) + ", " +
                                          std::to_string(kVersion) + " is known");
  }
  const std::uint8_t type = in.u8();
  OtherMark mark{head_of(in), type};
  if (in.failed()) return fail(Next::park_partition, "a mark is cut short or damaged");
  return mark;
}

}  // namespace

Result<OtherMark> decode_head(std::string_view bytes) {
  ByteReader in(bytes);
  return head_and_type(in);
}

bool is_positions(const OtherMark& mark) { return mark.type == kPositions; }

Result<Mark> decode_mark(std::string_view bytes) {
  ByteReader in(bytes);
  auto known = head_and_type(in);
  if (!known) return known.error();
  const std::uint8_t type = known->type;
  MarkHead head = known->head;
  Mark mark = std::move(*known);
  if (type == kPositions) {
    mark = read_positions(in, std::move(head));
  } else if (type == kLatencies || type == kMinute) {
    mark = read_latencies(in, std::move(head), type == kMinute);
  } else if (type == kCauses || type == kMinuteOfCauses) {
    const TimestampMs at = head.at;
    mark = CausesMark{std::move(head), type == kMinuteOfCauses, causes_of(in, at)};
  }
  if (in.failed()) return fail(Next::park_partition, "a mark is cut short or damaged");
  return mark;
}

}  // namespace longspan
