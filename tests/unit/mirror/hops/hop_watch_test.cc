#include "mirror/hops/hop_watch.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

const TopicPartition kOrders{"orders", 0};

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
  void fetch(const Record& record) { watch_.fetched(passage_, kOrders, record, clock_.steady()); }
  void ack(std::int64_t from, std::int64_t to) { watch_.acked(passage_, kOrders, {{from}, {to}}); }
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
  const auto recent = watch_.recent_of("orders");
  EXPECT_EQ(recent->sampled_total, 1u);
  for (const Hop& each : kHops) {
    const HopLatency& took = recent->of(each);
    EXPECT_EQ(took.point, hop(each.name).point) << each.name;
    EXPECT_EQ(took.low.count(), took.point.count()) << "of the last minutes bounds are kept of all";
    EXPECT_EQ(took.high.count(), took.point.count()) << each.name;
    const bool is_kept_for_ever = each.is_within;
    EXPECT_EQ(hop(each.name).low.count(), is_kept_for_ever ? took.low.count() : 0) << each.name;
  }
  EXPECT_GT(watch_.slowest(passage_)->took_ms, 460);
  clock_.advance(std::chrono::minutes(3));
  EXPECT_FALSE(watch_.recent_of("orders"));
  EXPECT_FALSE(watch_.slowest(passage_));
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
  HopWatch watch(clock_, StampReader(nullptr, {}), {.samples_per_second = 100, .clocks = {}});
  constexpr int kRecords = 20'000;
  for (int i = 0; i < kRecords; ++i) {
    if (i % 20 == 0) clock_.advance(milliseconds(1));
    watch.fetched(passage_, kOrders, change(i, milliseconds(9), milliseconds(6), milliseconds(3)),
                  clock_.steady());
    watch.produced(passage_, {i});
    watch.acked(passage_, kOrders, {{i}, {i + 1}});
  }
  const auto all = *watch.of("orders");
  EXPECT_LT(all.sampled_total, 300u) << "in a second";
  EXPECT_NEAR(static_cast<double>(all.of(kHops.back()).point.count()), kRecords, kRecords / 10);
}

// With clocks that are asked: of the database, and of two brokers of the source.
class HopWatchWithClocks : public HopWatchTest {
 protected:
  HopWatchWithClocks() {
    for (const milliseconds way : {milliseconds(4), milliseconds(6)}) {
      asked({ClockKind::database, 0}, milliseconds(-700), way);
      asked({ClockKind::source_broker, 1}, milliseconds(0), way);
      asked({ClockKind::source_broker, 2}, milliseconds(5'000), way);
    }
    clocks_.set_leaders(EventSide::source, {{1, 2}, {{"orders", {1, 2}}}});
    clocks_.tick();
    clock_.advance(milliseconds(1'000));
  }
  // It answers after `way`, and its clock is `ahead`.
  void asked(ClockId clock, milliseconds ahead, milliseconds way) {
    const Instant sent = clocks_.now();
    clock_.advance(way / 2);
    const Stamp stamp{{(clock_.now().value + ahead.count()) * 1000}, 1000};
    clock_.advance(way / 2);
    clocks_.answered(clock, {sent, clocks_.now(), stamp});
  }
  // Committed 300 ms, appended 100 ms before it is fetched, by true time.
  void mirror(std::int32_t partition, milliseconds database, milliseconds broker) {
    const TopicPartition source{"orders", partition};
    auto record = change(7, milliseconds(300) - database, milliseconds(200),
                         milliseconds(100) - broker, TimestampKind::log_append_time);
    watch_with_.fetched(passage_, source, record, clock_.steady());
    watch_with_.produced(passage_, {7});
    watch_with_.acked(passage_, source, {{7}, {8}});
  }
  [[nodiscard]] HopLatency measured(std::string_view name) const {
    const auto all = watch_with_.of("orders");
    for (const Hop& each : kHops) {
      if (each.name == name) return all->of(each);
    }
    ADD_FAILURE() << name;
    return {};
  }

  ClockWatch clocks_{{}, clock_, {}, [](const ClockStep&) {}};
  HopWatch watch_with_{clock_, StampReader(nullptr, {}), {}, &clocks_};
};

TEST_F(HopWatchWithClocks, ADatabaseThatIsOffIsSeenThroughAndNothingIsAssumed) {
  mirror(0, milliseconds(-700), milliseconds(0));
  const auto whole = measured("commit_to_target_append");
  EXPECT_FALSE(whole.is_assumed);
  EXPECT_NEAR(median(whole.point), 0.3, 0.006) << "not a second";
  EXPECT_LE(median(whole.low), 0.301);
  EXPECT_GE(median(whole.high), 0.299);
  EXPECT_LE(median(whole.high) - median(whole.low), 0.02);
}

TEST_F(HopWatchWithClocks, AnAppendIsPlacedByTheClockOfItsLeader) {
  mirror(0, milliseconds(-700), milliseconds(0));
  mirror(1, milliseconds(-700), milliseconds(5'000));
  const auto fetch = measured("source_append_to_fetched");
  EXPECT_EQ(fetch.point.count(), 2u);
  EXPECT_FALSE(fetch.is_assumed);
  EXPECT_NEAR(fetch.point.quantile(0.01).value(), 0.1, 0.006);
  EXPECT_NEAR(fetch.point.quantile(0.99).value(), 0.1, 0.006) << "5 s ahead, and so what";
  EXPECT_EQ(watch_with_.of("orders")->contradictions_total, 0u);
}

TEST_F(HopWatchWithClocks, WhatNobodyMeasuresStaysAssumed) {
  mirror(0, milliseconds(-700), milliseconds(0));
  EXPECT_TRUE(measured("commit_to_connector").is_assumed) << "nobody asks the connector";
}

TEST_F(HopWatchTest, WithNothingAssumedAnOpenSideHasNoPoint) {
  ClockConfig none;
  none.database_max_error.reset();
  HopWatch watch(clock_, StampReader(nullptr, {}), {.clocks = none});
  watch.fetched(passage_, kOrders, change(1, milliseconds(30), milliseconds(20), milliseconds(10)),
                clock_.steady());
  watch.produced(passage_, {1});
  watch.acked(passage_, kOrders, {{1}, {2}});
  const auto all = *watch.of("orders");
  EXPECT_EQ(all.of(kHops.back()).point.count(), 0u);
  EXPECT_EQ(all.of(kHops.back()).tally.one_sided, 1u);
}

TEST_F(HopWatchTest, WhatGoesIsForgotten) {
  fetch(change(1, milliseconds(40), milliseconds(30), milliseconds(10)));
  watch_.forget(passage_);
  ack(0, 10);
  EXPECT_EQ(watch_.of("orders")->sampled_total, 0u);
  watch_.forget("orders");
  EXPECT_FALSE(watch_.of("orders"));
}

// Each change of the table is a heartbeat, sampled or not; its latency is kept as any topic's.
TEST_F(HopWatchTest, ChangesOfAHeartbeatTableAreHeartbeats) {
  auto tables = NamePatterns::make({"ord.*"}, "connector.heartbeat.tables");
  HopWatch watch(clock_, StampReader(nullptr, {}),
                 {.clocks = {}, .heartbeat_tables = std::move(*tables)});
  HopWatch::Passage passage;
  for (int i = 0; i < 4; ++i) {
    watch.fetched(passage, kOrders, change(i, milliseconds(30), milliseconds(20), milliseconds(10)),
                  clock_.steady());
    watch.acked(passage, kOrders, {{i}, {i + 1}});
    clock_.advance(milliseconds(10'000));
  }
  const auto rhythm = watch.heartbeats("orders");
  ASSERT_TRUE(rhythm);
  EXPECT_EQ(rhythm->interval_ms(), 10'000);
  EXPECT_EQ(rhythm->liveness(clock_.now(), true), Liveness::alive);
  EXPECT_EQ(rhythm->liveness({clock_.now().value + 11'500}, true), Liveness::dead);
  EXPECT_TRUE(watch.of("orders")->newest_commit);
  fetch(change(9, milliseconds(30), milliseconds(20), milliseconds(10)));
  EXPECT_FALSE(watch_.heartbeats("orders")) << "no table of heartbeats here";
}

}  // namespace
}  // namespace longspan
