// Brokers with clocks of their own are asked over a network of the test's: what is known of them
// must hold what is true, and be told from what is assumed.
#include "mirror/clocks/broker_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/clocks/fake_brokers.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr ClockId kFirst{ClockKind::target_broker, 1};
constexpr ClockId kSecond{ClockKind::target_broker, 2};

class BrokerProbeTest : public testing::Test {
 protected:
  BrokerProbeTest() {
    cluster_.brokers[1] = {};
    cluster_.brokers[2] = {milliseconds(5'000), milliseconds(2), milliseconds(3)};
  }

  BrokerProbe& probe(EventSide side = EventSide::target, bool writes = true) {
    if (!probe_) {
      BrokerProbePorts ports{clock_, std::make_unique<FakeWakeup>(clock_), [this] {
                               return Result<std::unique_ptr<ProbeClient>>(
                                   std::make_unique<FakeProbeClient>(cluster_));
                             }};
      BrokerProbeSettings settings{side, writes,
                                   [](std::string_view topic) { return topic == "orders"; }};
      probe_ = std::make_unique<BrokerProbe>(std::move(settings), std::move(ports), watch_,
                                             LogContext{});
    }
    return *probe_;
  }
  void run_for(std::chrono::milliseconds time) {
    const auto end = clock_.steady() + time;
    while (clock_.steady() < end) probe().turn();
    watch_.tick();
  }
  [[nodiscard]] ClockSnapshot shown(const std::string& clock) const {
    for (const auto& each : watch_.snapshot()) {
      if (each.clock == clock) return each;
    }
    ADD_FAILURE() << clock;
    return {};
  }
  [[nodiscard]] DurationInterval offset(ClockId clock) const {
    return watch_.table()->offset_of(clock).bounds.interval();
  }

  FakeClock clock_;
  FakeBrokers cluster_{clock_};
  std::vector<ClockStep> steps_;
  ClockWatch watch_{{}, clock_, {}, [this](const ClockStep& step) { steps_.push_back(step); }};
  std::unique_ptr<BrokerProbe> probe_;
};

TEST_F(BrokerProbeTest, EachBrokersOffsetIsMeasured) {
  run_for(seconds(30));
  EXPECT_EQ(cluster_.creates, 1);
  EXPECT_THAT(cluster_.leaders, ElementsAre(1, 2)) << "a partition on each";
  const auto first = offset(kFirst);
  EXPECT_TRUE(first.contains({0}));
  EXPECT_LE(first.width()->value, 3'200) << "its way and back, and a stamp of whole milliseconds";
  EXPECT_FALSE(first.assumed);
  const auto second = offset(kSecond);
  EXPECT_TRUE(second.contains({5'000'000})) << second.low->value << ".." << second.high->value;
  EXPECT_LE(second.width()->value, 6'200);
  EXPECT_FALSE(second.assumed);
  EXPECT_NEAR(static_cast<double>(shown("target_broker-1").probes_total), 30, 2) << "one a second";
}

TEST_F(BrokerProbeTest, WhatIsTrueLiesInsideAlsoWhereAnswersAreSlow) {
  cluster_.brokers[2] = {milliseconds(-700), milliseconds(900), milliseconds(40)};
  run_for(seconds(60));
  const auto slow = offset(kSecond);
  EXPECT_TRUE(slow.contains({-700'000}));
  EXPECT_LE(slow.width()->value, 941'400);
  EXPECT_TRUE(offset(kFirst).contains({0}));
  EXPECT_LE(offset(kFirst).width()->value, 3'200) << "nobody waits for the slow one";
}

TEST_F(BrokerProbeTest, ABrokerThatDiesIsCountedAndTheOthersGoOn) {
  run_for(seconds(10));
  cluster_.brokers[2].is_up = false;
  run_for(seconds(10));
  const auto lost = shown("target_broker-2");
  EXPECT_GE(lost.failures_total, 1);
  EXPECT_THAT(lost.trouble, HasSubstr("does not name this broker"));
  const auto before = shown("target_broker-1").probes_total;
  const auto width = offset(kSecond).width()->value;
  run_for(seconds(100));
  EXPECT_GE(shown("target_broker-1").probes_total, before + 95);
  EXPECT_TRUE(offset(kSecond).contains({5'000'000}));
  EXPECT_GT(offset(kSecond).width()->value, width) << "it may have drifted since";
  EXPECT_GE(shown("target_broker-2").age_ms.value(), 100'000);
  EXPECT_EQ(cluster_.grows, 0);
  cluster_.brokers[2].is_up = true;
  run_for(seconds(10));
  EXPECT_LT(shown("target_broker-2").age_ms.value(), 2'000);
  EXPECT_TRUE(shown("target_broker-2").trouble.empty());
}

TEST_F(BrokerProbeTest, ABrokerThatStandsStillKeepsNobodyFromLooking) {
  run_for(seconds(10));
  cluster_.brokers[2].is_silent = true;
  cluster_.topics["orders"] = {2};
  run_for(seconds(30));
  EXPECT_THAT(shown("target_broker-2").trouble, HasSubstr("no answer in time"));
  EXPECT_GE(shown("target_broker-2").failures_total, 5);
  EXPECT_EQ(watch_.table()->leader_of(EventSide::target, {"orders", 0}), 2);
  EXPECT_LT(shown("target_broker-1").age_ms.value(), 4'000);
}

TEST_F(BrokerProbeTest, ANewBrokerGetsAPartitionOfItsOwn) {
  run_for(seconds(10));
  cluster_.brokers[7] = {milliseconds(30), milliseconds(1), milliseconds(1)};
  run_for(seconds(90));
  EXPECT_THAT(cluster_.leaders, ElementsAre(1, 2, 7));
  EXPECT_EQ(cluster_.grows, 1);
  EXPECT_TRUE(offset({ClockKind::target_broker, 7}).contains({30'000}));
  EXPECT_FALSE(offset({ClockKind::target_broker, 7}).assumed);
}

TEST_F(BrokerProbeTest, AStepIsConfirmedByTheNextAnswers) {
  run_for(seconds(30));
  cluster_.brokers[1].ahead = milliseconds(-2'000);
  run_for(seconds(5));
  ASSERT_EQ(steps_.size(), 1u);
  EXPECT_EQ(steps_[0].clock, kFirst);
  EXPECT_TRUE(steps_[0].size.contains({-2'000'000}));
  EXPECT_TRUE(offset(kFirst).contains({-2'000'000}));
  EXPECT_EQ(shown("target_broker-1").steps_total, 1);
  EXPECT_EQ(shown("target_broker-2").steps_total, 0);
}

TEST_F(BrokerProbeTest, AnOutageOfTheClusterIsToldAndEnds) {
  run_for(seconds(10));
  cluster_.is_reachable = false;
  run_for(seconds(20));
  EXPECT_THAT(shown("target_broker-1").trouble, HasSubstr("no broker answers"));
  cluster_.is_reachable = true;
  run_for(seconds(20));
  EXPECT_TRUE(shown("target_broker-1").trouble.empty());
}

TEST_F(BrokerProbeTest, AClusterThatForbidsTheTopicIsLeftAlone) {
  cluster_.refuses_topic = Error{Next::park_partition, 29, "not authorised", ""};
  run_for(seconds(50));
  EXPECT_EQ(cluster_.creates, 3) << "in all ways, and again after a minute only";
  EXPECT_EQ(cluster_.sends, 0);
  const auto shows = shown("target_broker-1");
  EXPECT_THAT(shows.trouble, HasSubstr("not authorised"));
  EXPECT_TRUE(shows.low_is_assumed && shows.high_is_assumed);
  EXPECT_EQ(shows.offset.high->value, 100'000);
  cluster_.refuses_topic.reset();
  run_for(seconds(70));
  EXPECT_FALSE(shown("target_broker-1").offset.assumed);
  EXPECT_TRUE(shown("target_broker-1").trouble.empty());
}

TEST_F(BrokerProbeTest, AClusterThatChoosesReplicasItselfIsAsked) {
  cluster_.refuses_replicas = Error{Next::park_partition, 44, "against the policy", ""};
  run_for(seconds(20));
  EXPECT_EQ(cluster_.creates, 2);
  EXPECT_FALSE(offset(kFirst).assumed);
  EXPECT_FALSE(offset(kSecond).assumed);
}

// A service whose policy knows segment sizes: what remains is LogAppendTime.
TEST_F(BrokerProbeTest, AClusterWithAPolicyForTopicsGetsAPlainOne) {
  cluster_.refuses_configs = Error{Next::park_partition, 44, "against the policy", ""};
  run_for(seconds(20));
  EXPECT_EQ(cluster_.creates, 3);
  EXPECT_FALSE(offset(kFirst).assumed);
}

TEST_F(BrokerProbeTest, EachCauseOfARefusalIsLoggedOnce) {
  const LogCapture log([this] { return clock_.now(); });
  cluster_.refuses_topic = Error{Next::park_partition, 29, "not authorised at 12:01", ""};
  run_for(seconds(100));
  cluster_.refuses_topic->what = "not authorised at 12:03";
  run_for(seconds(100));
  EXPECT_THAT(log.lines_with("event=clock_topic_refused"), SizeIs(1));
  cluster_.refuses_topic = Error{Next::park_partition, 38, "replication factor", ""};
  run_for(seconds(200));
  EXPECT_THAT(log.lines_with("event=clock_topic_refused"), SizeIs(2));
}

TEST_F(BrokerProbeTest, RefusedRecordsAreOneLineForTheCluster) {
  const LogCapture log([this] { return clock_.now(); });
  cluster_.refuses_records = Error{Next::park_partition, 29, "not authorised to write", ""};
  run_for(seconds(200));
  EXPECT_THAT(log.lines_with("event=clock_probe_failed"), SizeIs(1));
  EXPECT_THAT(shown("target_broker-1").trouble, HasSubstr("not authorised to write"));
  EXPECT_THAT(shown("target_broker-2").trouble, HasSubstr("not authorised to write"));
  EXPECT_TRUE(offset(kSecond).assumed);
  cluster_.refuses_records = Error{Next::park_partition, 44, "against the policy", ""};
  run_for(seconds(200));
  EXPECT_THAT(log.lines_with("event=clock_probe_failed"), SizeIs(2)) << "another cause";
  cluster_.refuses_records.reset();
  run_for(seconds(200));
  EXPECT_FALSE(offset(kSecond).assumed);
}

TEST_F(BrokerProbeTest, WhereTheTopicCannotGrowThoseWhoLeadAPartAreMeasured) {
  run_for(seconds(10));
  cluster_.brokers[7] = {};
  cluster_.refuses_topic = Error{Next::park_partition, 39, "replica assignment", ""};
  run_for(seconds(90));
  EXPECT_THAT(shown("target_broker-7").trouble, HasSubstr("replica assignment"));
  EXPECT_TRUE(offset({ClockKind::target_broker, 7}).assumed);
  EXPECT_FALSE(offset(kFirst).assumed);
  EXPECT_EQ(shown("target_broker-1").trouble, "") << "it is asked and answers";
}

TEST_F(BrokerProbeTest, ATopicThatIsThereIsNotToldAsCreated) {
  const LogCapture log([this] { return clock_.now(); });
  cluster_.leaders = {1, 2};
  cluster_.hides_topic = true;
  run_for(seconds(200));
  EXPECT_GE(cluster_.creates, 3) << "once a minute";
  EXPECT_THAT(log.lines_with("event=clock_topic_created"), SizeIs(0));
  EXPECT_THAT(shown("target_broker-1").trouble, HasSubstr("Describe"));
  EXPECT_THAT(log.lines_with("event=clock_topic_refused"), SizeIs(1));
}

TEST_F(BrokerProbeTest, TheTopicIsToldAsCreatedOnce) {
  const LogCapture log([this] { return clock_.now(); });
  run_for(seconds(200));
  EXPECT_THAT(log.lines_with("event=clock_topic_created"), SizeIs(1));
}

TEST_F(BrokerProbeTest, BrokersBeyondTheMostStayAssumedAndAreToldOnce) {
  const LogCapture log([this] { return clock_.now(); });
  constexpr auto kMost = static_cast<std::int32_t>(BrokerProbe::kBrokersMax);
  for (std::int32_t node = 3; node <= kMost + 2; ++node) cluster_.brokers[node] = {};
  const std::int32_t beyond = kMost + 1;
  cluster_.topics["orders"] = {beyond};
  run_for(seconds(60));
  EXPECT_THAT(log.lines_with("event=clock_brokers_not_asked"), SizeIs(1));
  EXPECT_THAT(log.lines_with("event=clock_brokers_not_asked").front(), HasSubstr("brokers=2"));
  const auto table = watch_.table();
  EXPECT_EQ(table->leader_of(EventSide::target, {"orders", 0}), beyond) << "it is known to lead";
  EXPECT_TRUE(table->offset_of({ClockKind::target_broker, beyond}).bounds.high->assumed);
  const auto hull = table->hull_of(ClockKind::target_broker).bounds;
  EXPECT_TRUE(hull.low->assumed && hull.high->assumed) << "a stamp may be of one of them";
  EXPECT_EQ(hull.low->us, -100'000);
  EXPECT_FALSE(offset(kFirst).assumed);
}

// What a broker wrote before it went is still read.
TEST_F(BrokerProbeTest, ABrokerThatIsDownStaysInTheHullAsItWas) {
  run_for(seconds(30));
  cluster_.brokers[2].is_up = false;
  run_for(seconds(2'000));
  const auto hull = watch_.table()->hull_of(ClockKind::target_broker).bounds;
  EXPECT_TRUE(hull.interval().contains({5'000'000})) << "it was 5 s ahead";
  EXPECT_LE(hull.high->us, 5'210'000) << "and has drifted by 100 ppm since";
  EXPECT_TRUE(hull.interval().contains({0}));
  EXPECT_FALSE(hull.low->assumed || hull.high->assumed);
}

TEST_F(BrokerProbeTest, ABrokerThatWasDownFromTheBeginningIsAssumed) {
  cluster_.replicas = {1, 2, 9};
  run_for(seconds(30));
  const auto hull = watch_.table()->hull_of(ClockKind::target_broker).bounds;
  EXPECT_TRUE(hull.low->assumed && hull.high->assumed) << "9 may have written what is read";
  EXPECT_EQ(hull.low->us, -100'000);
}

TEST_F(BrokerProbeTest, ATopicWithCreateTimeTellsNoClock) {
  cluster_.leaders = {1, 2};
  cluster_.has_create_time = true;
  run_for(seconds(30));
  EXPECT_EQ(cluster_.creates, 0);
  EXPECT_EQ(shown("target_broker-1").failures_total, 1) << "asked again after a minute";
  EXPECT_THAT(shown("target_broker-1").trouble, HasSubstr("CreateTime"));
  EXPECT_TRUE(offset(kFirst).assumed);
}

TEST_F(BrokerProbeTest, OnlyLeadersAreLookedAtWhereNothingMayBeWritten) {
  cluster_.topics["orders"] = {2, std::nullopt, 1};
  cluster_.topics["others"] = {1};
  probe(EventSide::source, false);
  run_for(seconds(30));
  EXPECT_EQ(cluster_.creates + cluster_.sends, 0);
  const auto table = watch_.table();
  EXPECT_EQ(table->leader_of(EventSide::source, {"orders", 0}), 2);
  EXPECT_EQ(table->leader_of(EventSide::source, {"orders", 1}), std::nullopt);
  EXPECT_EQ(table->leader_of(EventSide::source, {"orders", 3}), std::nullopt);
  EXPECT_EQ(table->leader_of(EventSide::source, {"others", 0}), std::nullopt) << "not mirrored";
  EXPECT_EQ(table->leader_of(EventSide::target, {"orders", 0}), std::nullopt);
  EXPECT_TRUE(shown("source_broker-2").offset.assumed);
}

}  // namespace
}  // namespace longspan
