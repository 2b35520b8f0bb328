#include "mirror/marks/marks_records.h"

#include <gtest/gtest.h>

#include <random>

#include "lagcalc/why/cause_table.h"
#include "tests/fakes/seed.h"

namespace longspan {
namespace {

constexpr TimestampMs kAt{1'795'222'920'000};

MarkHead head() { return {"host-7:4711", {1'795'000'000'123}, kAt, 10'000, false}; }

class RandomMarks {
 public:
  explicit RandomMarks(std::uint64_t seed) : random_(seed) {}

  std::int64_t number() {
    const auto bits = static_cast<std::int64_t>(random_());
    switch (random_() % 4) {
      case 0:
        return bits / 4096;
      case 1:
        return bits % 100;
      case 2:
        return -(std::int64_t{1} << 53);
      default:
        return bits % 5'000'000'000;
    }
  }
  std::optional<TimestampMs> maybe_time() {
    if (random_() % 3 == 0) return std::nullopt;
    return TimestampMs{number()};
  }
  PartitionMark partition(std::int32_t partition) {
    PartitionMark out;
    out.partition = partition;
    out.state = static_cast<PartitionState>(random_() % 3);
    out.next_source = {number()};
    out.next_target = {random_() % 3 == 0 ? out.next_source.value : number()};
    out.records = random_() % 2 == 0 ? out.next_source.value : number();
    if (random_() % 4 > 0) out.offset_lag = Records{random_() % 2 == 0 ? 0 : number()};
    if (random_() % 4 > 0) {
      out.latest = LatestTimes{maybe_time(), maybe_time(), maybe_time(), {number()}, {number()}};
      if (random_() % 2 == 0) out.slowest = SlowestRecord{{number()}, number()};
    }
    return out;
  }
  PositionsMark positions() {
    PositionsMark out{head(), {}, {}};
    out.head.is_last = random_() % 2 == 0;
    if (random_() % 2 == 0) out.base = TimestampMs{kAt.value - 50'000};
    std::int64_t numbers = 0;
    for (auto topics = random_() % 4; topics > 0; --topics) {
      TopicPositions topic{"topic-" + std::to_string(topics), 0, {}};
      if (out.base && random_() % 2 == 0) {
        topic.topic.clear();
        topic.number = numbers += static_cast<std::int64_t>(random_() % 300);
      }
      std::int32_t number = 0;
      for (auto n = random_() % 20 + 1; n > 0; --n) {
        number += random_() % 3 == 0 ? static_cast<std::int32_t>(random_() % 1000) : 0;
        topic.partitions.push_back(partition(number++));
      }
      out.topics.push_back(std::move(topic));
    }
    return out;
  }
  Histogram histogram() {
    Histogram out;
    for (auto n = random_() % 30; n > 0; --n) {
      out.record(static_cast<double>(number() % 100'000) / 1000, random_() % 9 + 1);
    }
    return out;
  }
  LatenciesMark latencies() {
    LatenciesMark out{head(), random_() % 2 == 0, {}};
    for (auto topics = random_() % 4; topics > 0; --topics) {
      TopicLatencies topic{"topic", {kAt.value - 10'000}, histogram(), histogram(), {}};
      for (auto& hop : topic.hops.hops) {
        if (random_() % 2 == 0) continue;
        hop = {histogram(), histogram(), histogram(), {random_(), 1, 2, 3}, random_() % 2 == 0};
      }
      topic.hops.without_commit[random_() % topic.hops.without_commit.size()] = random_() % 3;
      topic.hops.sampled_total = random_();
      out.topics.push_back(std::move(topic));
    }
    return out;
  }

 private:
  std::mt19937_64 random_;
};

// As one, from all its records.
template <class T>
T decoded(const std::vector<std::string>& records) {
  std::optional<T> out;
  for (const auto& record : records) {
    EXPECT_LT(record.size(), kMarkBytesMax);
    auto mark = decode_mark(record);
    if (!mark || !std::holds_alternative<T>(*mark)) {
      ADD_FAILURE() << (mark ? "another type" : mark.error().text());
      continue;
    }
    auto& part = std::get<T>(*mark);
    EXPECT_EQ(part.head.is_first, !out.has_value());
    if (!out) {
      out = std::move(part);
      continue;
    }
    for (auto& topic : part.topics) out->topics.push_back(std::move(topic));
  }
  return *out;
}

TEST(MarksRecords, WhatIsWrittenIsRead) {
  for (const auto seed : test_seeds(100)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    RandomMarks random(seed);
    const auto positions = random.positions();
    EXPECT_EQ(decoded<PositionsMark>(encode(positions)), positions);
    const auto latencies = random.latencies();
    EXPECT_EQ(decoded<LatenciesMark>(encode(latencies)), latencies);
  }
}

TEST(MarksRecords, CausesAreReadAndThoseOfANewerProgramSkipped) {
  CausesMark mark{{"host:1", {1'000}, {90'000}, 10'000}, false, {}};
  for (const CauseRow& row : kCauseTable) {
    const auto kind = kScopeKinds[static_cast<std::size_t>(row.cause) % kScopeKinds.size()];
    mark.spans.push_back({row.cause, row.severity, {kind, "a", "b"}, {70'000}, {90'000}, "why"});
  }
  for (const bool is_minute : {false, true}) {
    mark.is_minute = is_minute;
    const auto read = decode_mark(encode(mark));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(std::get<CausesMark>(*read), mark);
  }
  std::string bytes = encode(mark);
  const std::string known(name(Cause::hung_transaction));
  bytes.replace(bytes.find(known), known.size(), std::string(known.size(), 'x'));
  const auto newer = decode_mark(bytes);
  ASSERT_TRUE(newer) << newer.error().text();
  EXPECT_EQ(std::get<CausesMark>(*newer).spans.size(), mark.spans.size() - 1);
  const auto cut = decode_mark(std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_FALSE(cut);
}

TEST(MarksRecords, AHundredThousandPartitionsAreRecordsOfHalfAMebibyte) {
  RandomMarks random(1);
  PositionsMark mark{head(), {}, {{"orders", 0, {}}}};
  for (std::int32_t p = 0; p < 100'000; ++p)
    mark.topics[0].partitions.push_back(random.partition(p));
  const auto records = encode(mark);
  EXPECT_GT(records.size(), 5u);
  auto all = decoded<PositionsMark>(records);
  for (std::size_t i = 1; i < all.topics.size(); ++i) {
    auto& first = all.topics[0].partitions;
    EXPECT_EQ(all.topics[i].topic, "orders");
    first.insert(first.end(), all.topics[i].partitions.begin(), all.topics[i].partitions.end());
  }
  EXPECT_EQ(all.topics[0].partitions, mark.topics[0].partitions);
}

TEST(MarksRecords, NumbersThatNoProgramWritesAreErrors) {
  PartitionMark absurd;
  absurd.next_source = {(std::int64_t{1} << 60) + 1};
  absurd.next_target = absurd.next_source;
  EXPECT_FALSE(decode_mark(encode(PositionsMark{head(), {}, {{"t", 0, {absurd}}}}).front()));
  auto late = head();
  late.at = {(std::int64_t{1} << 53) + 1};
  EXPECT_FALSE(decode_mark(encode(PositionsMark{late, {}, {}}).front()));
}

TEST(MarksRecords, AnotherVersionIsAnErrorAndAnotherTypeIsNone) {
  auto bytes = encode(PositionsMark{head(), {}, {}}).front();
  auto other = bytes;
  other[0] = 1;
  ASSERT_FALSE(decode_mark(other));
  EXPECT_EQ(decode_mark(other).error().what, "a mark has version 1, 2 is known");
  bytes[1] = 4;  // clock intervals
  bytes += "anything";
  const auto mark = decode_mark(bytes);
  ASSERT_TRUE(mark);
  EXPECT_EQ(*mark, Mark(OtherMark{head(), 4}));
}

TEST(MarksRecords, WhatIsCutShortIsAnErrorOrLessOfIt) {
  for (const auto seed : test_seeds(3)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    RandomMarks random(seed);
    for (const auto& records : {encode(random.positions()), encode(random.latencies())}) {
      const auto whole = decode_mark(records[0]);
      for (std::size_t size = 0; size < records[0].size(); ++size) {
        const auto mark = decode_mark(std::string_view(records[0]).substr(0, size));
        if (mark) {
          EXPECT_NE(*mark, *whole) << size;
        }
        if (!mark) {
          EXPECT_EQ(mark.error().next, Next::park_partition);
        }
      }
    }
  }
}

// A newer program measures another hop: [number 200, tally, no histograms].
TEST(MarksRecords, HopsThatAreNotKnownAreLeftOut) {
  LatenciesMark mark{head(), false, {{"t", kAt, {}, {}, {}}}};
  auto bytes = encode(mark).front();
  ASSERT_EQ(bytes.back(), 0) << "the number of hops";
  bytes.back() = 1;
  bytes += std::string("\xc8\x01\x05\x00\x00\x00\x00", 7);
  const auto decoded = decode_mark(bytes);
  ASSERT_TRUE(decoded) << decoded.error().text();
  EXPECT_EQ(*decoded, Mark(mark));
}

}  // namespace
}  // namespace longspan
