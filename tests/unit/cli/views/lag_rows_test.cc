#include "cli/views/lag_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/views/lag_condition.h"
#include "cli/views/lag_screen.h"
#include "cli/views/latency_table.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using testing::HasSubstr;

const LagRow& row_named(const std::vector<LagRow>& rows, const std::string& name) {
  for (const LagRow& row : rows) {
    if (row.name() == name) return row;
  }
  ADD_FAILURE() << "no row " << name;
  return rows.front();
}

FlowSnapshot flow_of(std::int64_t lag, std::int64_t head_age_ms, double took_s) {
  FlowSnapshot flow;
  flow.flow = "east->west";
  flow.running = true;
  PartitionSnapshot partition;
  partition.source = {"orders", 0};
  partition.next_source = {10};
  partition.source_end = Offset{10 + lag};
  partition.offset_lag = Records{lag};
  partition.head_age_ms = head_age_ms;
  partition.records_per_second = 5;
  flow.partitions.push_back(partition);
  TopicSnapshot topic{"orders", "east.orders", "", {}, {}};
  HopLatency& whole = topic.recent_hops.emplace().hops.back();
  whole.low.record(took_s - 0.1, 10);
  whole.point.record(took_s, 10);
  whole.high.record(took_s + 0.1, 10);
  flow.topics.push_back(topic);
  return flow;
}

std::optional<std::string> failure(const FlowSnapshot& flow, std::string_view condition) {
  const auto parsed = parse_lag_condition(condition);
  EXPECT_TRUE(parsed) << condition;
  return failure_of(*parsed, lag_rows(flow, LagRowsBy::topic).front());
}

TEST(LagRows, ATopicHasTheLatenciesOfTheLastMinutesAndOfItsSlowestGroup) {
  const FlowSnapshot flow = rich_snapshot().flows.front();
  const auto rows = lag_rows(flow, LagRowsBy::topic);
  const LagRow& orders = row_named(rows, "orders");
  EXPECT_TRUE(orders.of(LagColumn::p99).value);
  EXPECT_EQ(orders.of(LagColumn::worst_group).text, "warehouse");
  EXPECT_TRUE(orders.of(LagColumn::e2e_p99).high);
}

// Of what stands behind an open transaction nobody knows how much is aborted, nor how old it is.
TEST(LagRows, WhatATransactionHoldsBackMayWait) {
  FlowSnapshot flow = flow_of(0, 0, 0.2);
  Waits& waits = flow.partitions.front().waits;
  waits.behind_transaction = Records{50};
  waits.open_transaction_ms = 2'000;
  EXPECT_FALSE(failure(flow, "lag>0")) << "any transaction is open for a moment";
  waits.open_transaction_ms = 46'000;
  EXPECT_THAT(failure(flow, "lag>0").value_or(""), HasSubstr("orders: lag is 0 (0 to 50)"));
  EXPECT_FALSE(failure(flow, "lag>50"));
  EXPECT_THAT(failure(flow, "head-age>5s").value_or(""), HasSubstr("not known"));
  const std::string screen = lag_screen(flow, {}, {});
  EXPECT_THAT(screen, HasSubstr(" 0..50 "));
  EXPECT_THAT(screen, HasSubstr("0 ms+?"));
  EXPECT_THAT(screen, HasSubstr("50 records wait behind an open transaction at the source"));
  waits.open_transaction_ms.reset();  // the clusters do not tell
  EXPECT_TRUE(failure(flow, "lag>0"));
  EXPECT_FALSE(failure(flow, "head-age>5s")) << "it may have been opened just now";
  waits.behind_transaction = Records{0};
  EXPECT_FALSE(failure(flow, "lag>0"));
}

TEST(LagRows, WhatIsNotKnownComesFirstAndIsNoNumber) {
  FlowSnapshot flow = flow_of(3, 100, 0.5);
  flow.partitions.push_back(flow.partitions[0]);
  flow.partitions[1].source = {"users", 0};
  flow.partitions[1].offset_lag.reset();
  flow.partitions[1].head_age_ms.reset();
  const auto rows = lag_rows(flow, LagRowsBy::topic);
  EXPECT_EQ(rows[0].name(), "users");
  EXPECT_EQ(figure_text(rows[0], LagColumn::lag), "?");
  EXPECT_EQ(figure_text(rows[0], LagColumn::p99), "?") << "nobody knows how long what waits waits";
  EXPECT_EQ(figure_text(rows[1], LagColumn::e2e_p99), "-") << "no group reads it";
}

TEST(LagRows, TheCsvHasAColumnForEachBound) {
  FlowSnapshot flow = flow_of(3, 100, 0.5);
  flow.partitions[0].source.topic = flow.topics[0].source = "a,\"b\"";
  const std::string csv = lag_csv(lag_rows(flow, LagRowsBy::topic));
  EXPECT_THAT(csv, HasSubstr("p99_low,p99,p99_high"));
  EXPECT_THAT(csv, HasSubstr("\neast->west,\"a,\"\"b\"\"\",,,active,13,10,3,,0.1,,5,"));
  const auto commas = [](std::string_view line) {
    return std::count(line.begin(), line.end(), ',');
  };
  const auto first = csv.find('\n');
  EXPECT_EQ(commas(csv.substr(0, first)) + 1, commas(csv.substr(first))) << "one is in a name";
}

TEST(LagCondition, TheWorseBoundCounts) {
  const FlowSnapshot flow = flow_of(0, 0, 1.95);
  EXPECT_TRUE(failure(flow, "p99>2s")) << "it may be 2.05 s";
  EXPECT_FALSE(failure(flow, "p99>2100ms"));
  EXPECT_FALSE(failure(flow, "p99>2.2"));
  EXPECT_TRUE(failure(flow, "p50<1.9"));
  EXPECT_TRUE(failure(flow, "lag>=0"));
  EXPECT_FALSE(failure(flow, "lag>0"));
}

TEST(LagCondition, WhatWaitsIsAsLateAsItsOldest) {
  const FlowSnapshot flow = flow_of(7, 30'000, 0.5);
  const auto why = failure(flow, "p99>2s");
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "orders: p99 is up to 30.0 s: so long the oldest record waits");
}

TEST(LagCondition, WhatIsNotKnownFailsAndWhatIsNotThereDoesNot) {
  FlowSnapshot flow = flow_of(0, 0, 0.5);
  flow.topics[0].hops = flow.topics[0].recent_hops;
  flow.topics[0].recent_hops.reset();
  EXPECT_FALSE(failure(flow, "p99>2s")) << "nothing came lately, and nothing waits";
  flow.topics[0].hops.reset();
  flow.topics[0].mirror_latency.record(0.1);
  EXPECT_TRUE(failure(flow, "p99>2s")) << "records came, and nobody followed them";
  flow.topics[0].recent_hops.emplace().hops.back().tally.absent = 3;
  EXPECT_TRUE(failure(flow, "p99>2s")) << "what came could not be measured";
  flow.topics[0].recent_hops->without_commit[0] = 3;
  EXPECT_FALSE(failure(flow, "p99>2s")) << "it tells no commit time";
  flow.has_counts = false;
  EXPECT_TRUE(failure(flow, "p99>2s")) << "no process was asked";
  EXPECT_TRUE(failure(flow, "e2e-p99>2s"));
  flow.has_counts = true;
  EXPECT_FALSE(failure(flow, "e2e-p99>2s")) << "no group reads it";
  flow.partitions[0].offset_lag.reset();
  flow.partitions[0].head_age_ms.reset();
  EXPECT_EQ(failure(flow, "lag>5"), "orders: lag is not known");
  EXPECT_EQ(failure(flow, "p99>2s"), "orders: p99 is not known");
}

TEST(LagCondition, RubbishIsToldWhatIsUnderstood) {
  for (const char* text : {"", "p99", "p99=2s", "p99>", "p99>fast", "lag>2s", "state>3", ">2",
                           "x>1", "lag>nan", "p99>>2s"}) {
    const auto parsed = parse_lag_condition(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().what, HasSubstr("is no condition")) << text;
  }
}

TEST(LagScreen, FitsTheTerminal) {
  const FlowSnapshot flow = rich_snapshot().flows.front();
  for (const std::size_t width : {80u, 100u, 120u, 160u}) {
    const std::string text = lag_screen(flow, {}, {width, false});
    const auto header = text.find("TOPIC");
    ASSERT_NE(header, std::string::npos);
    EXPECT_LE(text.find('\n', header) - header, width) << text;
  }
}

TEST(LagScreen, HopsStandOneBelowTheOther) {
  const std::string text = hops_text(rich_snapshot().flows.front(), {});
  EXPECT_THAT(text, HasSubstr("commit_to_connector"));
  EXPECT_THAT(text, HasSubstr("end_to_end, group warehouse"));
  EXPECT_LT(text.find("commit_to_connector"), text.find("produced_to_target_append"));
}

}  // namespace
}  // namespace longspan
