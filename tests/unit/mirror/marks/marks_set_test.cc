#include "mirror/marks/marks_set.h"

#include <gtest/gtest.h>

#include "tests/fakes/seed.h"
#include "tests/unit/mirror/marks/moving_flow.h"

namespace longspan {
namespace {

constexpr std::int64_t kIntervalMs = 10'000;

struct Measured {
  double bytes_per_second = 0;
  double positions_per_second = 0;
};

// Five minutes in which every partition moves between two sets.
Measured measure(int topics, int partitions, std::int64_t records_each) {
  MovingFlow flow(topics, partitions, 1);
  MarksSets sets("mirror-host-3:12345", kFakeStart);
  constexpr std::int64_t kSets = 30;
  std::size_t bytes = 0;
  std::size_t positions = 0;
  for (std::int64_t set = 0; set <= kSets; ++set) {
    flow.now.at = {kFakeStart.value + set * kIntervalMs};
    for (std::size_t i = 0; i < flow.now.partitions.size(); ++i) {
      flow.mirror(i, flow.now.at, records_each);
    }
    const auto taken = sets.take(flow.now, kIntervalMs, false);
    sets.written();
    if (set == 0) continue;  // what there was before
    bytes += taken.bytes();
    for (const auto* records : {&taken.marks, &taken.minutes}) {
      for (const auto& record : *records) {
        EXPECT_LT(record.size(), kMarkBytesMax);
        const auto mark = decode_mark(record);
        if (mark && std::holds_alternative<PositionsMark>(*mark)) positions += record.size();
      }
    }
  }
  constexpr double kSeconds = kSets * kIntervalMs / 1000.0;
  return {static_cast<double>(bytes) / kSeconds, static_cast<double>(positions) / kSeconds};
}

TEST(MarksSet, TakesLessThanTwoKilobytesASecondForAThousandPartitions) {
  struct Case {
    const char* name;
    int topics;
    int partitions;
    std::int64_t records;
  };
  for (const auto& [name, topics, partitions, records] :
       {Case{"busy", 10, 100, 2000}, Case{"usual", 20, 50, 200}, Case{"small_topics", 250, 4, 20},
        Case{"one_partition_each", 1000, 1, 10}}) {
    const auto measured = measure(topics, partitions, records);
    RecordProperty(name, std::to_string(measured.bytes_per_second));
    std::printf("%s: %.0f B/s, of them positions %.0f\n", name, measured.bytes_per_second,
                measured.positions_per_second);
    EXPECT_LT(measured.bytes_per_second, MarksSets::kBytesPerSecond) << name;
    EXPECT_LT(measured.positions_per_second, 1.5 * 1000 + 0.5 * topics) << name;
  }
}

TEST(MarksSet, GrowsWithThePartitionsThatMove) {
  const auto measured = measure(20, 200, 5);
  std::printf("4,000 partitions: %.0f B/s, of them positions %.0f\n", measured.bytes_per_second,
              measured.positions_per_second);
  EXPECT_LT(measured.bytes_per_second, 4 * MarksSets::kBytesPerSecond);
}

TEST(MarksSet, WhatDoesNotMoveIsWrittenOnceAMinute) {
  MovingFlow flow(1, 1000, 1);
  MarksSets sets("host:1", kFakeStart);
  std::size_t partitions_written = 0;
  for (std::int64_t set = 0; set < 60; ++set) {
    flow.now.at = {kFakeStart.value / 60'000 * 60'000 + 60'000 + set * kIntervalMs};
    const auto taken = sets.take(flow.now, kIntervalMs, false);
    sets.written();
    for (const auto* records : {&taken.marks, &taken.minutes}) {
      for (const auto& record : *records) {
        const auto mark = decode_mark(record);
        ASSERT_TRUE(mark);
        for (const auto& topic : std::get<PositionsMark>(*mark).topics) {
          partitions_written += topic.partitions.size();
        }
      }
    }
  }
  EXPECT_EQ(partitions_written, 10u * 1000u);
}

// Where not all fits, who waits longest is next; nothing is written twice.
TEST(MarksSet, LatenciesThatDoNotFitAreWrittenLaterAndWhole) {
  constexpr int kTopics = 400;
  MovingFlow flow(kTopics, 1, 1);
  MarksSets sets("host:1", kFakeStart);
  HistoryFold fold({kFakeStart, {kFakeStart.value + 7'200'000}, 7'200'000}, kFakeStart, false);
  std::int64_t longest = 0;
  for (std::int64_t set = 1; set < 200; ++set) {
    flow.now.at = {kFakeStart.value + set * kIntervalMs};
    if (set < 20) {
      for (std::size_t i = 0; i < std::size_t{kTopics}; ++i) flow.mirror(i, flow.now.at, 10);
    }
    const auto taken = sets.take(flow.now, kIntervalMs, false);
    sets.written();
    for (const auto* records : {&taken.minutes, &taken.marks}) {
      for (const auto& record : *records) {
        const auto mark = decode_mark(record);
        ASSERT_TRUE(mark);
        fold.add(*mark);
        const auto* latencies = std::get_if<LatenciesMark>(&*mark);
        if (latencies == nullptr || latencies->is_minute) continue;
        for (const auto& topic : latencies->topics) {
          longest = std::max(longest, latencies->head.at - topic.since);
        }
      }
    }
  }
  const auto history = fold.finish();
  EXPECT_GT(longest, 2 * kIntervalMs) << "all fitted: the test proves nothing";
  EXPECT_LT(longest, 3'600'000);
  EXPECT_EQ(history.steps[0].latencies, flow.all_latencies());
  EXPECT_EQ(history.steps[0].records, flow.all_records());
}

TEST(MarksSet, HistogramsThatBeganAnewAreNotSubtracted) {
  MovingFlow flow(1, 1, 1);
  MarksSets sets("host:1", kFakeStart);
  HistoryFold fold({kFakeStart, {kFakeStart.value + 600'000}, 600'000}, kFakeStart, false);
  const auto turn = [&](std::int64_t set) {
    flow.now.at = {kFakeStart.value + set * kIntervalMs};
    const auto taken = sets.take(flow.now, kIntervalMs, false);
    sets.written();
    for (const auto* records : {&taken.minutes, &taken.marks}) {
      for (const auto& record : *records) fold.add(*decode_mark(record));
    }
  };
  flow.mirror(0, flow.now.at, 100);
  turn(1);
  flow.now.topics[0].mirror_latency = {};
  flow.now.topics[0].residence = {};
  flow.now.topics[0].hops.reset();
  flow.now.topics[0].mirror_latency.record(1000, 3);
  turn(2);
  flow.now.topics[0].mirror_latency.record(1000, 4);
  turn(3);
  const auto history = fold.finish();
  EXPECT_EQ(history.steps[0].latencies.mirror_latency.count(), 100u + 4u) << "3 are not known";
}

}  // namespace
}  // namespace longspan
