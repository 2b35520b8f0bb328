#include "mirror/hops/hop_watch.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

class HopWatchTest : public testing::Test {
 protected:
  // A change that was committed, seen by its connector and written to Kafka so long ago.
  Record change(std::int64_t offset, milliseconds commit, milliseconds connector,
                milliseconds written, TimestampKind kind = TimestampKind::create_time) {
    const auto ago = [this](milliseconds by) { return clock_.now().value - by.count(); };
    Record out =
        make_record({"k",
                     R"({"source":{"ts_ms":)" + std::to_string(ago(commit)) +
                         R"(,"txId":7},"op":"c","ts_ms":)" + std::to_string(ago(connector)) + "}",
                     {ago(written)},
                     {}});
    out.offset = {offset};
    out.timestamp_kind = kind;
    return out;
  }
  void fetch(const Record& record) { watch_.fetched(passage_, "orders", record, clock_.steady()); }
  void ack(std::int64_t from, std::int64_t to) { watch_.acked(passage_, "orders", {{from}, {to}}); }
  [[nodiscard]] HopLatency hop(std::string_view name) const {
    const auto all = watch_.of("orders");
    for (const Hop& each : kHops) {
      if (each.name == name) return all->of(each);
    }
    ADD_FAILURE() << name;
    return {};
  }
  static double median(const Histogram& of) { return of.quantile(0.5).value(); }

  FakeClock clock_;
  HopWatch watch_{clock_, StampReader(nullptr, {}), {}};
  HopWatch::Passage passage_;
};

TEST_F(HopWatchTest, EachHopOfARecordIsCounted) {
  fetch(change(7, milliseconds(400), milliseconds(300), milliseconds(100),
               TimestampKind::log_append_time));
  clock_.advance(milliseconds(20));
  watch_.produced(passage_, {7});
  clock_.advance(milliseconds(50));
  ack(7, 8);
  EXPECT_NEAR(median(hop("commit_to_connector").point), 0.1, 0.06);
  EXPECT_NEAR(median(hop("fetched_to_produced").point), 0.02, 0.001);
  EXPECT_NEAR(median(hop("produced_to_target_append").point), 0.025, 0.001) << "in the middle";
  const auto whole = hop("commit_to_target_append");
  EXPECT_NEAR(median(whole.point), 0.46, 0.06);
  EXPECT_LE(median(whole.low), 0.42 + 0.01) << "the truth is between, and it was 420 to 470 ms";
  EXPECT_GE(median(whole.high), 0.47 - 0.01);
  EXPECT_TRUE(whole.is_assumed);
  EXPECT_EQ(watch_.of("orders")->sampled_total, 1u);
}

// Clocks are only assumed to be within 100 ms; a record cannot be fetched before its commit.
TEST_F(HopWatchTest, OutOfTheBoxTheIntervalIsFinite) {
  for (int i = 0; i < 100; ++i) {
    fetch(change(i, milliseconds(30), milliseconds(20), milliseconds(10)));
    watch_.produced(passage_, {i});
    clock_.advance(milliseconds(10));
    ack(i, i + 1);
  }
  const auto whole = hop("commit_to_target_append");
  EXPECT_EQ(whole.point.count(), 100u);
  EXPECT_GE(median(whole.low), -0.002) << "it cannot be below zero, but for the stamps' unit";
  EXPECT_LE(median(whole.high), 0.15);
}

TEST_F(HopWatchTest, WithCreateTimeTheHopAcrossTheAppendIsThere) {
  fetch(change(1, milliseconds(40), milliseconds(30), milliseconds(10)));
  watch_.produced(passage_, {1});
  ack(1, 2);
  EXPECT_EQ(hop("connector_to_source_append").point.count(), 0u);
  EXPECT_EQ(hop("connector_to_source_append").tally.absent, 1u);
  EXPECT_EQ(hop("connector_to_fetched").point.count(), 1u);
}

TEST_F(HopWatchTest, WithoutACommitTheReasonIsCounted) {
  Record record = make_record({"k", "text", clock_.now(), {}});
  record.offset = {3};
  record.timestamp_kind = TimestampKind::create_time;
  fetch(record);
  watch_.produced(passage_, {3});
  ack(3, 4);
  const auto all = *watch_.of("orders");
  EXPECT_EQ(all.without_commit[static_cast<std::size_t>(NoCommit::missing)], 1u);
  EXPECT_EQ(hop("commit_to_target_append").tally.absent, 1u);
  EXPECT_EQ(hop("connector_to_fetched").point.count(), 1u) << "CreateTime is the producer's";
}

TEST_F(HopWatchTest, WhatIsReadAgainIsCountedOnce) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      fetch(change(i, milliseconds(30), milliseconds(20), milliseconds(10)));
      if (round < 2 || i < 4) watch_.produced(passage_, {i});
    }
  }
  ack(0, 2);
  ack(3, 5);
  EXPECT_EQ(watch_.of("orders")->sampled_total, 4u) << "2 was left out";
  EXPECT_EQ(hop("fetched_to_produced").point.count(), 3u);
  ack(0, 100);
  EXPECT_EQ(watch_.of("orders")->sampled_total, 4u);
}

TEST_F(HopWatchTest, OfManyRecordsSomeStandForAll) {
  HopWatch watch(clock_, StampReader(nullptr, {}), {.samples_per_second = 100});
  constexpr int kRecords = 20'000;
  for (int i = 0; i < kRecords; ++i) {
    if (i % 20 == 0) clock_.advance(milliseconds(1));
    watch.fetched(passage_, "orders", change(i, milliseconds(9), milliseconds(6), milliseconds(3)),
                  clock_.steady());
    watch.produced(passage_, {i});
    watch.acked(passage_, "orders", {{i}, {i + 1}});
  }
  const auto all = *watch.of("orders");
  EXPECT_LT(all.sampled_total, 300u) << "in a second";
  EXPECT_NEAR(static_cast<double>(all.of(kHops.back()).point.count()), kRecords, kRecords / 10);
}

TEST_F(HopWatchTest, WhatGoesIsForgotten) {
  fetch(change(1, milliseconds(40), milliseconds(30), milliseconds(10)));
  watch_.forget(passage_);
  ack(0, 10);
  EXPECT_EQ(watch_.of("orders")->sampled_total, 0u);
  watch_.forget("orders");
  EXPECT_FALSE(watch_.of("orders"));
}

}  // namespace
}  // namespace longspan
