#include "cli/views/lag_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using nlohmann::json;

TEST(LagJson, ShowsEverythingOfAPartition) {
  const json lag = json::parse(lag_json(rich_snapshot()));
  EXPECT_EQ(lag["flows"][0]["partitions"][2], json::parse(R"({
    "topic": "orders", "partition": 0, "target_topic": "east.orders", "slot": 3, "state": "active",
    "reason": "throttled", "priority": "high",
    "behind_ms": 12500, "source_records_per_second": 140.25, "open_transaction_ms": 61000,
    "behind_transaction": 17, "unacknowledged_ms": 1200, "schema_wait_ms": 2300,
    "source_leaderless_ms": 3400, "throttled": true,
    "next_source_offset": 1000, "next_target_offset": 990, "source_end_offset": 1500,
    "offset_lag": 500, "bytes_lag_estimate": 57199, "head_age_ms": 2500, "catch_up_ms": 12000,
    "records_per_second": 125.5, "bytes_per_second": 65536.25,
    "records_total": 777, "bytes_total": 88888,
    "records_in_flight": 42, "written_twice_total": 2, "last_timestamp_ms": 1795222900123,
    "position_written_at_ms": 1795222923000})"));
}

TEST(LagJson, LeavesOutWhatIsUnknown) {
  const json lag = json::parse(lag_json(rich_snapshot()));
  EXPECT_EQ(lag["flows"][0]["partitions"][1], json::parse(R"({
    "topic": "orders", "partition": 1, "target_topic": "east.orders", "slot": 4, "state": "parked",
    "reason": "the target refuses records above 1 MiB", "next_source_offset": 5,
    "next_target_offset": 5, "records_total": 0, "bytes_total": 0, "records_in_flight": 0,
    "written_twice_total": 0})"));
  EXPECT_EQ(lag_json(rich_snapshot()).find("null"), std::string::npos);
}

TEST(LagJson, ShowsTheFlowItsSlotsAndTopics) {
  const json lag = json::parse(lag_json(rich_snapshot()));
  EXPECT_EQ(lag["version"], 1);
  EXPECT_EQ(lag["longspan_version"], "0.1.0");
  const json& flow = lag["flows"][0];
  EXPECT_EQ(flow["running"], true);
  EXPECT_FALSE(flow.contains("not_running_since_ms"));
  EXPECT_FALSE(flow.contains("target_trouble"));
  EXPECT_EQ(flow["events_total"], json::parse(R"({"slot_taken": 2, "loss_accepted": 1})"));
  EXPECT_EQ(flow["slots"][2], json::parse(R"({"slot": 5})"));
  EXPECT_EQ(flow["slots"][1]["owner"]["released_at_ms"], 1'795'222'100'000);
  EXPECT_EQ(flow["topics"][0]["mirror_latency"]["count"], 6);
  EXPECT_NEAR(flow["topics"][0]["mirror_latency"]["p99_s"].get<double>(), 45.0, 0.5);
  EXPECT_FALSE(flow["topics"][1].contains("residence"));
  const auto& latency = flow["topics"][0]["latency"];
  EXPECT_EQ(latency["sampled_total"], 40);
  EXPECT_EQ(latency["without_commit"]["tombstone_without_delete"], 1);
  const auto& whole = latency["hops"]["commit_to_target_append"];
  EXPECT_EQ(whole["point"]["count"], 32);
  EXPECT_EQ(whole["absent"], 8);
  EXPECT_EQ(whole["assumed"], true);
  EXPECT_NEAR(whole["high"]["p99_s"].get<double>(), 0.1, 0.002);
  EXPECT_FALSE(latency["hops"]["fetched_to_produced"].contains("high"));
  EXPECT_FALSE(flow["topics"][1].contains("latency"));
  EXPECT_EQ(flow["topics"][2]["reason"], "not authorised to read");
  EXPECT_EQ(lag["flows"][1]["not_running_since_ms"], 1'795'222'800'000);
}

TEST(LagJson, HasEmptyListsOfNothing) {
  ProcessSnapshot snapshot;
  snapshot.flows.emplace_back();
  EXPECT_EQ(lag_json(snapshot),
            R"({"version":1,"at_ms":0,"ready":false,"flows":[{"flow":"","at_ms":0,"running":false,)"
            R"("in_flight_bytes":0,"backpressure_total":0,"events_total":{},"slots":[],)"
            R"("topics":[],"partitions":[]}]})");
}

TEST(LagJson, HasNoCountsWhereNoProcessWasAsked) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].has_counts = false;
  const json flow = json::parse(lag_json(snapshot))["flows"][0];
  for (const auto* key : {"in_flight_bytes", "backpressure_total", "events_total"}) {
    EXPECT_FALSE(flow.contains(key)) << key;
  }
  for (const auto* key :
       {"records_total", "bytes_total", "records_in_flight", "written_twice_total"}) {
    EXPECT_FALSE(flow["partitions"][0].contains(key)) << key;
  }
  EXPECT_FALSE(json::parse(flows_json(snapshot))["flows"][0].contains("events_total"));
}

TEST(LagJson, SurvivesTextThatIsNotUtf8) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].partitions[0].reason = "broker said \xff\xfe";
  EXPECT_TRUE(json::accept(lag_json(snapshot)));
}

// --- /api/v1/lag?detail=topics -------------------------------------------------------------------

json topics_flow(const ProcessSnapshot& snapshot) {
  return json::parse(topics_json(snapshot))["flows"][0];
}

TEST(TopicsJson, SumsUpPartitionsAndIsAbsentWhereOneIsUnknown) {
  auto snapshot = rich_snapshot();
  const json orders = topics_flow(snapshot)["topics"][0];
  EXPECT_EQ(orders["source"], "orders");
  EXPECT_EQ(orders["partitions_by_state"], json::parse(R"({"active":1,"parked":1})"));
  EXPECT_EQ(orders["unknown_lags"], 1);
  EXPECT_EQ(orders["worst_partition"], 0);
  EXPECT_EQ(orders["worst_partition_offset_lag"], 500);
  for (const char* sum : {"offset_lag", "head_age_ms", "records_per_second", "bytes_per_second",
                          "source_records_per_second", "catch_up_ms"}) {
    EXPECT_FALSE(orders.contains(sum)) << sum;
  }
  PartitionSnapshot& other = snapshot.flows[0].partitions[1];
  other = snapshot.flows[0].partitions[2];
  other.source.partition = 1;
  other.offset_lag = Records{7};
  other.head_age_ms = 9'000;
  const json known = topics_flow(snapshot)["topics"][0];
  EXPECT_EQ(known["offset_lag"], 507);
  EXPECT_EQ(known["head_age_ms"], 9'000);
  EXPECT_EQ(known["catch_up_ms"], 12'000);
  EXPECT_EQ(known["records_per_second"], 251.0);
  EXPECT_EQ(known["source_records_per_second"], 280.5);
  other.state = PartitionState::paused;
  EXPECT_FALSE(topics_flow(snapshot)["topics"][0].contains("catch_up_ms"));
}

TEST(TopicsJson, ListsOnlyPartitionsThatStandStill) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].partitions[2].reason.clear();
  const json flow = topics_flow(snapshot);
  ASSERT_EQ(flow["partitions"].size(), 2U);
  EXPECT_EQ(flow["partitions"][0]["state"], "parked");
  EXPECT_EQ(flow["partitions"][1]["state"], "paused");
  EXPECT_EQ(flow["partitions_not_shown"], 0);
  snapshot.flows[0].partitions.assign(kTopicsPartitionsMax + 3, parked_partition());
  EXPECT_EQ(topics_flow(snapshot)["partitions"].size(), kTopicsPartitionsMax);
  EXPECT_EQ(topics_flow(snapshot)["partitions_not_shown"], 3);
}

TEST(TopicsJson, ShowsTheWholeWayOfATopicAndEachHopOfAllTogether) {
  auto snapshot = rich_snapshot();
  TopicSnapshot twin = rich_topic();
  twin.source = "twin";
  snapshot.flows[0].topics.push_back(twin);
  const std::string text = topics_json(snapshot);
  EXPECT_EQ(text.find("\"block\""), std::string::npos);
  const json flow = json::parse(text)["flows"][0];
  const json& topic = flow["topics"][0]["recent_latency"];
  EXPECT_EQ(topic["hops"].size(), 1U);
  EXPECT_EQ(topic["hops"]["commit_to_target_append"]["point"]["count"], 32);
  EXPECT_FALSE(flow["topics"][0].contains("latency"));
  EXPECT_EQ(flow["recent_latency"]["hops"].size(), kHops.size());
  EXPECT_EQ(flow["recent_latency"]["hops"]["fetched_to_produced"]["point"]["count"], 64);
  const json& group = flow["groups"][1];
  EXPECT_FALSE(group.contains("partitions"));
  EXPECT_FALSE(group.contains("end_to_end"));
  EXPECT_EQ(group["recent"]["end_to_end"]["point"]["count"], 8);
}

TEST(TopicsJson, OfSinceTheStartWhereNothingCameLately) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].topics[0].recent_hops.reset();
  snapshot.flows[0].groups[1].recent.reset();
  const json flow = topics_flow(snapshot);
  EXPECT_TRUE(flow["topics"][0].contains("latency"));
  EXPECT_TRUE(flow.contains("latency"));
  EXPECT_FALSE(flow.contains("recent_latency"));
  EXPECT_EQ(flow["groups"][1]["end_to_end"]["point"]["count"], 7);
}

TEST(TopicsJson, ShowsATopicThatIsOnlyKnownByItsPartitions) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].topics.clear();
  const json flow = topics_flow(snapshot);
  ASSERT_EQ(flow["topics"].size(), 2U);
  EXPECT_EQ(flow["topics"][1]["source"], "users");
  EXPECT_EQ(flow["topics"][1]["offset_lag"], 0);
}

TEST(FlowsJson, SumsUpAndIsAbsentWhereAPartIsUnknown) {
  auto snapshot = rich_snapshot();
  json flow = json::parse(flows_json(snapshot))["flows"][0];
  EXPECT_FALSE(flow.contains("offset_lag"));
  EXPECT_EQ(flow["head_age_ms"], 2500);
  EXPECT_EQ(flow["slots_owned"], 1);
  EXPECT_EQ(flow["topics_not_mirrored"], 1);
  EXPECT_EQ(flow["partitions_by_state"], json::parse(R"({"active":1,"paused":1,"parked":1})"));
  EXPECT_FALSE(flow.contains("partitions"));
  snapshot.flows[0].partitions[1].offset_lag = Records{7};
  EXPECT_EQ(json::parse(flows_json(snapshot))["flows"][0]["offset_lag"], 507);
}

}  // namespace
}  // namespace longspan
