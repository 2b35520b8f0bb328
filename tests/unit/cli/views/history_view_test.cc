#include "cli/views/history_view.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

constexpr TimestampMs kFrom{1'795'222'920'000};

// Two steps: one that no mark covers, and one of 600 records.
FlowHistory two_steps() {
  FlowHistory out{"east->west", {kFrom, {kFrom.value + 120'000}, 60'000, "orders"}, {}};
  HistoryStep unknown;
  unknown.from = kFrom;
  unknown.to = {kFrom.value + 60'000};
  HistoryStep known;
  known.from = unknown.to;
  known.to = out.span.to;
  known.covered_ms = 60'000;
  known.records = 600;
  auto& way = known.latencies.hops.hops.back();
  way.low.record(0.2, 600);
  way.point.record(0.25, 600);
  way.high.record(0.3, 600);
  way.tally.known = 600;
  way.is_assumed = true;
  known.latencies.mirror_latency.record(0.1, 600);
  known.worst = WorstPartition{{"orders", 3}, 412, Records{9}};
  out.history.steps = {unknown, known};
  return out;
}

TEST(HistoryView, WhatNoMarkCoversIsUnknownWithItsReason) {
  auto flow = two_steps();
  const auto row_of = [](const std::string& text, const std::string& time) {
    const auto at = text.find(time);
    return at == std::string::npos ? std::string() : text.substr(at, text.find('\n', at) - at);
  };
  const auto table = history_table(flow, {});
  const auto unknown = row_of(table, "01:02:00Z");
  EXPECT_NE(unknown.find("no marks"), std::string::npos) << table;
  EXPECT_EQ(unknown.find(" 0 "), std::string::npos) << table;
  const auto known = row_of(table, "01:03:00Z");
  EXPECT_NE(known.find("600"), std::string::npos) << table;
  EXPECT_NE(known.find("10/s"), std::string::npos) << table;
  EXPECT_NE(known.find(".."), std::string::npos) << table;
  EXPECT_NE(known.find("orders:3 412 ms"), std::string::npos) << table;

  flow.history.is_from_first = true;
  flow.history.begins_at = TimestampMs{kFrom.value + 61'000};
  EXPECT_NE(history_table(flow, {}).find("before the first mark"), std::string::npos);
  flow.history.is_cut = true;
  EXPECT_NE(history_table(flow, {}).find("older than what is kept"), std::string::npos);
}

TEST(HistoryView, WhyItWasLateStandsInTheStepsAndBelow) {
  auto flow = two_steps();
  EXPECT_EQ(history_table(flow, {}).find("WHY"), std::string::npos);
  const auto add = [&](Cause cause, Severity severity, std::int64_t from_s, std::int64_t to_s) {
    flow.history.causes.push_back({cause,
                                   severity,
                                   {ScopeKind::partition, "orders:3", "orders"},
                                   {kFrom.value + from_s * 1000},
                                   {kFrom.value + to_s * 1000},
                                   "orders:3 waits"});
  };
  add(Cause::sink_slow, Severity::warning, 50, 90);
  add(Cause::hung_transaction, Severity::critical, 60, 119);
  const auto table = history_table(flow, {});
  EXPECT_NE(table.find("hung_transaction +1\n"), std::string::npos) << table;
  EXPECT_NE(table.find("sink_slow            no marks"), std::string::npos) << table;
  EXPECT_NE(table.find("01:03:00Z  2026-11-21 01:03:59Z  59.0 s  hung_transaction  orders:3 waits"),
            std::string::npos)
      << table;
  const auto json = nlohmann::json::parse(history_json({flow})).at("flows").at(0);
  EXPECT_EQ(json.at("steps")[0].at("causes"), nlohmann::json::array({"sink_slow"}));
  EXPECT_EQ(json.at("steps")[1].at("causes"),
            nlohmann::json::array({"hung_transaction", "sink_slow"}));
  EXPECT_EQ(json.at("causes")[1].at("cause"), "hung_transaction");
  EXPECT_EQ(json.at("causes")[1].at("severity"), "critical");
  EXPECT_EQ(json.at("causes")[1].at("scope").at("name"), "orders:3");
  EXPECT_EQ(json.at("causes")[1].at("from_ms"), kFrom.value + 60'000);

  add(Cause::sink_slow, Severity::warning, 55, 95);
  flow.history.causes.back().scope.name = "orders:4";
  EXPECT_NE(
      history_table(flow, {}).find("01:03:35Z  45.0 s  sink_slow         2 like this: orders:3"),
      std::string::npos)
      << history_table(flow, {});
  flow.history.causes.pop_back();
  for (int i = 0; i < 20; ++i) add(Cause::own_throttle, Severity::warning, 60 * i, 60 * i + 1);
  EXPECT_NE(history_table(flow, {}).find("and 12 less grave ones: --why"), std::string::npos);
  EXPECT_NE(history_table(flow, {}).find("59.0 s  hung_transaction"), std::string::npos);
  EXPECT_EQ(history_table(flow, {}, true).find("less grave"), std::string::npos);
}

TEST(HistoryView, CausesThatPassFromScopeToScopeAreOneAndCountScopes) {
  auto flow = two_steps();
  for (int i = 0; i < 6; ++i) {
    const std::string name = i % 2 == 0 ? "orders:1" : "orders:2";
    flow.history.causes.push_back({Cause::parked_partition,
                                   Severity::critical,
                                   {ScopeKind::partition, name, "orders"},
                                   {kFrom.value + i * 20'000},
                                   {kFrom.value + i * 20'000 + 10'000},
                                   name + " is parked"});
  }
  const auto table = history_table(flow, {});
  EXPECT_NE(table.find("1 m 50 s  parked_partition  2 like this: orders:1"), std::string::npos)
      << table;
  flow.history.causes[1].scope = {};  // more than three of them at that time
  flow.history.causes[1].what = "orders:2 is parked, and 4 more";
  EXPECT_NE(history_table(flow, {}).find("1 m 50 s  parked_partition  "), std::string::npos)
      << history_table(flow, {});
}

TEST(HistoryView, ATimeWithoutAnyMarkIsToldAlsoWithinAStep) {
  auto flow = two_steps();
  flow.history.silences.push_back({{kFrom.value + 70'000}, {kFrom.value + 100'000}});
  const auto table = history_table(flow, {});
  EXPECT_NE(table.find("no marks\n\n"), std::string::npos) << table;
  EXPECT_NE(table.find("01:03:40Z  30.0 s  no marks  no process of the flow"), std::string::npos)
      << table;
  const auto json = nlohmann::json::parse(history_json({flow})).at("flows").at(0);
  EXPECT_EQ(json.at("silences")[0].at("from_ms"), kFrom.value + 70'000);
  EXPECT_EQ(json.at("silences")[0].at("to_ms"), kFrom.value + 100'000);
}

TEST(HistoryView, JsonHasNoNumberForWhatIsNotKnown) {
  const auto json = nlohmann::json::parse(history_json({two_steps()}));
  EXPECT_EQ(json.at("version"), 1);
  const auto& flow = json.at("flows").at(0);
  EXPECT_EQ(flow.at("flow"), "east->west");
  EXPECT_EQ(flow.at("step_ms"), 60'000);
  const auto& unknown = flow.at("steps").at(0);
  EXPECT_EQ(unknown.at("covered_ms"), 0);
  EXPECT_EQ(unknown.size(), 3u) << "from_ms, to_ms, covered_ms: " << unknown;
  const auto& known = flow.at("steps").at(1);
  EXPECT_EQ(known.at("records"), 600);
  EXPECT_EQ(known.at("records_per_second"), 10.0);
  const auto& way = known.at("commit_to_target");
  EXPECT_EQ(way.at("count"), 600);
  EXPECT_TRUE(way.at("assumed"));
  EXPECT_NEAR(way.at("p99_low_s"), 0.2, 0.005);
  EXPECT_NEAR(way.at("max_high_s"), 0.3, 0.007);
  EXPECT_EQ(known.at("worst").at("latency_ms"), 412);
}

TEST(HistoryView, WhatRestsOnAnAssumptionIsMarked) {
  auto flow = two_steps();
  const auto text = history_table(flow, {});
  EXPECT_NE(text.find("clocks that nobody measures are assumed"), std::string::npos) << text;
  EXPECT_EQ(text.find("; assumed"), std::string::npos) << "all do: one line says it";
  // One step of two.
  auto measured = flow.history.steps[1];
  measured.latencies.hops.hops.back().is_assumed = false;
  flow.history.steps.push_back(measured);
  const auto partly = history_table(flow, {});
  EXPECT_NE(partly.find("assumed\n"), std::string::npos) << partly;
  EXPECT_NE(partly.find("clocks that nobody measures are assumed"), std::string::npos) << partly;
  flow.history.steps.erase(flow.history.steps.begin() + 1);
  EXPECT_EQ(history_table(flow, {}).find("assumed"), std::string::npos);

  auto at = two_steps().history;
  at.steps.erase(at.steps.begin());
  at.steps[0].by_topic["orders"] = at.steps[0].latencies;
  EXPECT_NE(latencies_table(at, {}).find("are assumed within"), std::string::npos);
  at.steps[0].by_topic["orders"].hops.hops.back().is_assumed = false;
  EXPECT_EQ(latencies_table(at, {}).find("assumed"), std::string::npos);
}

TEST(HistoryView, AGapIsToldAndIsNoRate) {
  auto flow = two_steps();
  auto& steps = flow.history.steps;
  steps[1].is_incomplete = true;
  steps[1].latencies_since = TimestampMs{kFrom.value + 20'000};
  steps[0].latencies_elsewhere = TimestampMs{kFrom.value + 20'000};
  flow.history.gaps = {{{kFrom.value + 1'000}, {kFrom.value + 90'000}, 1234}};
  const auto table = history_table(flow, {});
  EXPECT_EQ(table.find("10/s"), std::string::npos) << table;
  for (const std::string text :
       {"a process wrote no marks for a part of it", "its 1234 records of then are in no row",
        "latencies of 2026-11-21 01:02:20Z to", "latencies are with those from"}) {
    EXPECT_NE(table.find(text), std::string::npos) << text << "\n" << table;
  }
  const auto json = nlohmann::json::parse(history_json({flow})).at("flows").at(0);
  EXPECT_EQ(json.at("gaps").at(0).at("records"), 1234);
  EXPECT_EQ(json.at("gaps").at(0).at("to_ms"), kFrom.value + 90'000);
  const auto& step = json.at("steps").at(1);
  EXPECT_EQ(step.at("records"), 600);
  EXPECT_EQ(step.at("incomplete"), true);
  EXPECT_FALSE(step.contains("records_per_second"));
  EXPECT_EQ(step.at("latencies_since_ms"), kFrom.value + 20'000);
  EXPECT_EQ(json.at("steps").at(0).at("latencies_elsewhere_since_ms"), kFrom.value + 20'000);
}

TEST(HistoryView, LatenciesAreShownAlsoWhereNothingElseIsKnown) {
  auto flow = two_steps();
  flow.history.steps[1].covered_ms = 0;
  const auto step = nlohmann::json::parse(history_json({flow})).at("flows").at(0).at("steps").at(1);
  EXPECT_FALSE(step.contains("records"));
  EXPECT_EQ(step.at("commit_to_target").at("count"), 600);
  EXPECT_EQ(step.at("worst").at("latency_ms"), 412);
}

}  // namespace
}  // namespace longspan
