#include "mirror/why/facts_of.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longspan {
namespace {

constexpr TimestampMs kNow{1'795'222'923'456};

FlowSnapshot running_flow() {
  FlowSnapshot flow;
  flow.at = kNow;
  flow.running = true;
  return flow;
}

PartitionSnapshot partition_at_its_end() {
  PartitionSnapshot p;
  p.source = {"orders", 0};
  p.offset_lag = Records{0};
  p.waits.open_transaction_ms = 0;
  return p;
}

bool says(const FlowSnapshot& flow, Cause cause) {
  const auto& found = flow.why->found;
  return std::any_of(found.begin(), found.end(), [&](auto& each) { return each.cause == cause; });
}
bool is_calm(const FlowSnapshot& flow) {
  const auto& found = flow.why->found;
  return std::all_of(found.begin(), found.end(),
                     [](auto& each) { return each.severity == Severity::info; });
}
bool knows(const FlowSnapshot& flow, Cause cause) {
  const auto& unknown = flow.why->unknown;
  return std::find(unknown.begin(), unknown.end(), cause) == unknown.end();
}

TEST(FactsOf, AProcessThatWaitsForItsSourceSaysSo) {
  FlowSnapshot waiting;
  waiting.at = kNow;
  waiting.not_running_since = TimestampMs{kNow.value - 60'000};
  waiting.source_trouble = "no broker answers";
  add_why(waiting);
  ASSERT_FALSE(waiting.why->found.empty());
  EXPECT_EQ(waiting.why->found.front().cause, Cause::source_unreachable);
  EXPECT_TRUE(says(waiting, Cause::not_running));
}

TEST(FactsOf, AProcessWithoutSlotsDoesNotKnowWhetherOthersRunTheFlow) {
  FlowSnapshot idle;
  idle.at = kNow;
  EXPECT_EQ(facts_of(idle).is_running, std::nullopt);
  add_why(idle);
  EXPECT_FALSE(knows(idle, Cause::not_running));
  EXPECT_FALSE(says(idle, Cause::keeping_up));
}

TEST(FactsOf, ABrokerInTroubleIsNoClusterThatIsAway) {
  FlowSnapshot flow = running_flow();
  flow.source_trouble = "broker 3: connection reset";
  EXPECT_EQ(facts_of(flow).source.answers, true);
  flow.source_silent_ms = 6'000;
  EXPECT_EQ(facts_of(flow).source.answers, false);
}

TEST(FactsOf, WhoAsksTheClustersBelievesThem) {
  FlowSnapshot flow = running_flow();
  flow.has_counts = false;
  flow.partitions = {partition_at_its_end()};
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::keeping_up));
  flow.source_trouble = "no broker answers";
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::source_unreachable));
  EXPECT_FALSE(says(flow, Cause::keeping_up));
}

TEST(FactsOf, WhatTheOwnerWroteOfAThrottleCounts) {
  FlowSnapshot flow = running_flow();
  flow.has_counts = false;
  flow.partitions = {partition_at_its_end()};
  EXPECT_EQ(facts_of(flow).partitions[0].is_throttled, std::nullopt);
  flow.partitions[0].reason = "throttled";
  EXPECT_EQ(facts_of(flow).partitions[0].is_throttled, true);
}

// Where positions alone are read, no process tells of slots on their way.
TEST(FactsOf, SlotsWithoutALivingOwnerAreMoving) {
  FlowSnapshot flow = running_flow();
  flow.has_counts = false;
  const auto ago = [](std::int64_t ms) { return TimestampMs{kNow.value - ms}; };
  flow.slots = {{0, Owner{"a:1", ago(90'000), ago(100), {}}},
                {1, Owner{"a:1", ago(90'000), ago(4'000), ago(4'000)}}};
  flow.partitions = {partition_at_its_end()};
  flow.partitions[0].records_per_second = 0;
  flow.partitions[0].waits.source_records_per_second = 10;
  flow.partitions[0].waits.behind_ms = 12'000;
  flow.partitions[0].offset_lag = Records{40};
  FlowFacts facts = facts_of(flow);
  EXPECT_EQ(facts.moving_slots, 1);
  EXPECT_EQ(facts.moving_ms, 4'000);
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::ownership_moving));
  EXPECT_TRUE(is_calm(flow)) << "it explains what stands still for it";
  // Taken by another process a moment ago, whose rate is not there yet.
  flow.slots[1].owner = Owner{"b:2", ago(3'000), ago(100), {}};
  EXPECT_EQ(facts_of(flow).moving_slots, 0);
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::ownership_moving));
  EXPECT_TRUE(is_calm(flow));
  flow.slots[1].owner = Owner{"b:2", ago(60'000), ago(100), {}};
  add_why(flow);
  EXPECT_FALSE(is_calm(flow)) << "that was long ago";
}

TEST(FactsOf, WithoutKnowingOfTransactionsNobodyKeepsUp) {
  FlowSnapshot flow = running_flow();
  flow.partitions = {partition_at_its_end()};
  flow.partitions[0].waits.open_transaction_ms.reset();
  add_why(flow);
  EXPECT_FALSE(says(flow, Cause::keeping_up));
  EXPECT_FALSE(knows(flow, Cause::keeping_up));
}

TEST(FactsOf, GroupsOfTheSourceAreNoSinks) {
  FlowSnapshot flow = running_flow();
  GroupSnapshot group;
  group.group = "warehouse";
  group.topic = "orders";
  group.state = GroupState::empty;
  GroupPartitionSnapshot partition;
  partition.committed = {10};
  partition.committed_at = TimestampMs{kNow.value - 30'000};
  partition.lag.offset_lag = Records{5};
  partition.lag.head_age = AgeRange{20'000'000, 21'000'000};
  group.add(partition);
  group.partitions = {partition};
  group.side = EventSide::source;
  flow.groups = {group};
  EXPECT_TRUE(facts_of(flow).groups.empty());
  flow.groups[0].side = EventSide::target;
  const FlowFacts facts = facts_of(flow);
  ASSERT_EQ(facts.groups.size(), 1u);
  EXPECT_EQ(facts.groups[0].offset_lag, Records{5});
  EXPECT_EQ(facts.groups[0].head_age_ms, 20'000);
  EXPECT_EQ(facts.groups[0].commit_age_ms, 30'000);
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::sink_stopped));
}

TEST(FactsOf, TimesOfConnectorsAreAges) {
  FlowSnapshot flow = running_flow();
  flow.connectors = {{"shop", "__debezium-heartbeat.shop", Liveness::alive,
                      TimestampMs{kNow.value - 4'000}, 10'000,
                      TimestampUs{(kNow.value - 90'000) * 1000}}};
  const FlowFacts facts = facts_of(flow);
  ASSERT_EQ(facts.connectors.size(), 1u);
  EXPECT_EQ(facts.connectors[0].heartbeat_age_ms, 4'000);
  EXPECT_EQ(facts.connectors[0].newest_commit_age_ms, 90'000);
  add_why(flow);
  EXPECT_TRUE(says(flow, Cause::database_idle));
}

TEST(FactsOf, TheSlowestOfTheNewestRecordsSpeaksForItsTopic) {
  FlowSnapshot flow = running_flow();
  const auto latest = [](std::int64_t took, std::int64_t ago) {
    const TimestampMs acked{kNow.value - ago};
    const TimestampMs connector{acked.value - 100};
    return LatestTimes{TimestampMs{connector.value - took}, connector, std::nullopt, acked, acked};
  };
  for (const auto& [took, ago] : {std::pair{500, 10}, {12'000, 5'000}, {99'000, 61'000}}) {
    flow.partitions.push_back(partition_at_its_end());
    flow.partitions.back().latest = latest(took, ago);
  }
  const FlowFacts facts = facts_of(flow);
  ASSERT_EQ(facts.topics.size(), 1u);
  EXPECT_EQ(facts.topics[0].commit_to_connector_ms, 12'000);
}

}  // namespace
}  // namespace longspan
