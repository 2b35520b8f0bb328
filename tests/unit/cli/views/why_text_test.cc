#include "cli/views/why_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cli/views/file_text.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_parse.h"
#include "lagcalc/why/diagnose.h"
#include "tests/unit/cli/views/rich_snapshot.h"
#include "tests/unit/lagcalc/why/healthy_facts.h"

namespace longspan {
namespace {

using testing::HasSubstr;

TEST(WhyText, OneLineSaysTheFirstCauseAndWhatToDo) {
  const std::string line = why_line(rich_flow(), {});
  EXPECT_THAT(line, testing::StartsWith("why: hung_transaction: a transaction is open; find who"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(WhyText, SaysNothingWhereNobodyAskedOrNothingIsFound) {
  FlowSnapshot flow;
  EXPECT_EQ(why_line(flow, {}), "");
  flow.why.emplace();
  EXPECT_EQ(why_line(flow, {}), "");
  EXPECT_THAT(why_text(flow, {}), HasSubstr("nothing is found"));
}

TEST(WhyText, AllOfThemHaveTheirEvidence) {
  const std::string text = why_text(rich_flow(), {});
  EXPECT_THAT(text, HasSubstr("partitions[].open_transaction_ms=61000"));
  EXPECT_THAT(text,
              HasSubstr("info, likely, because of hung_transaction, over in 12.0 s, and 3 more"));
  EXPECT_THAT(text, HasSubstr("partitions[].records_per_second=125.5"));
  EXPECT_THAT(text, HasSubstr("not known here: skewed_keys keeping_up\n"));
}

TEST(WhyText, CommandsNameWhatTheCauseIsAbout) {
  const auto next = [](Cause cause, DiagnosisScope scope) {
    return next_text({cause, Severity::warning, Confidence::certain, std::move(scope), "what"});
  };
  EXPECT_NE(next(Cause::sink_stopped, {ScopeKind::group, "ware house", "orders"})
                .find("--bootstrap-server TARGET --describe --group 'ware house'"),
            std::string::npos);
  EXPECT_NE(next(Cause::hot_partition, {ScopeKind::partition, "orders:3", "orders"})
                .find("longspan lag FILE --topic orders --partitions"),
            std::string::npos);
  EXPECT_NE(next(Cause::falling_behind, {}).find("--topic TOPIC"), std::string::npos);
  const std::string two = "a --group GROUP, b --group GROUP; GROUP";
  EXPECT_EQ(with_value(two, "--group", "GROUP", "it's"),
            "a --group 'it'\\''s', b --group 'it'\\''s'; GROUP");
  EXPECT_EQ(with_value(two, "--group", "GROUP", ""), two);
}

// A group may have any name; what is said of it can be read, and pasted.
TEST(WhyText, NamesOfOthersDoNothingToTheTerminal) {
  FlowSnapshot flow;
  const std::string name = "evil\x1b[2J\n'x";
  flow.why = Diagnoses{{{Cause::sink_stopped,
                         Severity::warning,
                         Confidence::certain,
                         {ScopeKind::group, name, "orders"},
                         "group " + name + " has no members",
                         {{"groups[].group", name}}}},
                       {}};
  for (const auto& text : {why_line(flow, {}), why_text(flow, {})}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_NE(text.find("group evil\\x1b[2J\\n'x has no members"), std::string::npos) << text;
    EXPECT_NE(text.find("--group $'evil\\x1b[2J\\x0a\\'x'"), std::string::npos) << text;
  }
  TextTable table({{"GROUP"}});
  table.add({{name}}, name);
  EXPECT_EQ(table.text({}), "GROUP\nevil\\x1b[2J\\n'x  evil\\x1b[2J\\n'x\n");
}

TEST(WhyJson, ComesBackAsItWas) {
  const auto back = lag_from_json(lag_json(rich_snapshot()));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->flows[0].why, rich_flow().why);
  EXPECT_EQ(back->flows[0].load, rich_flow().load);
  EXPECT_EQ(back->flows[1].why, std::nullopt);
}

TEST(WhyJson, ACauseOfANewerProgramIsPassedOver) {
  auto json = nlohmann::json::parse(lag_json(rich_snapshot()));
  json["flows"][0]["why"][0]["cause"] = "bad_weather";
  json["flows"][0]["why_unknown"].push_back("bad_temper");
  const auto back = lag_from_json(json.dump());
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->flows[0].why->found.size(), 1u);
  EXPECT_EQ(back->flows[0].why->found[0].cause, Cause::hot_partition);
  EXPECT_EQ(back->flows[0].why->unknown.size(), 2u);
}

// "partitions[].offset_lag": every member of the document that is no list or object.
void collect(const nlohmann::json& json, const std::string& path, std::set<std::string>& into) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = path + key;
    into.insert(name);
    if (value.is_object()) collect(value, name + ".", into);
    if (!value.is_array()) continue;
    for (const auto& each : value) {
      if (each.is_object()) collect(each, name + "[].", into);
    }
  }
}

FlowFacts everything_bad() {
  FlowFacts bad = healthy_facts();
  make_all_late(bad);
  for (SideFacts* side : {&bad.source, &bad.target}) {
    side->answers = false;
    side->silent_ms = 60'000;
    side->throttle_ratio = 0.5;
    side->client_cpu_ratio = 1;
  }
  bad.is_running = false;
  bad.not_running_ms = 60'000;
  bad.moving_slots = 1;
  bad.moving_ms = bad.moved_ago_ms = 90'000;
  bad.shard_cpu_ratio = 1;
  bad.target_wait_ratio = 1;
  bad.in_flight_bytes = bad.in_flight_bytes_max;
  auto& p = bad.partitions;
  p[0].source_leaderless_ms = p[0].schema_wait_ms = p[0].open_transaction_ms = 90'000;
  p[0].is_throttled = true;
  p[1].standing = Standing::parked;
  p[2].standing = Standing::paused;
  p[3].unacknowledged_ms = 90'000;
  p[4].offset_lag = Records{1'000'000};
  p[4].source_records_per_second = 9'000;
  bad.connectors.push_back({"other", Liveness::dead, 90'000, 10'000, 90'000});
  bad.connectors[0].newest_commit_age_ms = 90'000;
  bad.topics[0].commit_to_connector_ms = 90'000;
  for (const auto state : {GroupState::empty, GroupState::rebalancing}) {
    bad.groups.push_back({"g", "shop.orders", state, Records{20}, 300'000, {}, 4'000, 2});
  }
  bad.groups[0].head_age_ms = 300'000;
  bad.clocks[1].stepped_ago_ms = 5;
  return bad;
}

TEST(WhyJson, EveryEvidenceIsAMemberOfTheDocument) {
  std::set<std::string> members;
  const auto json = nlohmann::json::parse(lag_json(rich_snapshot()));
  for (const auto& flow : json["flows"]) collect(flow, "", members);
  // Spans of time from a member to "at_ms", and of the newest record that was followed.
  for (const char* span : {"not_running_ms", "slots_moved_ago_ms", "connectors[].heartbeat_age_ms",
                           "connectors[].newest_commit_age_ms", "groups[].commit_age_ms",
                           "topics[].commit_to_connector_ms"}) {
    members.insert(span);
  }
  FlowFacts slow = everything_bad();
  slow.acknowledgement_ms = 9'000;
  FlowFacts waiting = healthy_facts();
  make_all_late(waiting);
  FlowFacts behind = waiting;
  for (auto& p : behind.partitions) p.catch_up_ms = 5'000;
  std::set<Cause> seen;
  for (const FlowFacts& facts : {everything_bad(), slow, waiting, behind, healthy_facts()}) {
    for (const Diagnosis& each : diagnose(facts).found) {
      seen.insert(each.cause);
      for (const Evidence& evidence : each.evidence) {
        EXPECT_TRUE(members.contains(evidence.name)) << evidence.name << " of " << each.what;
      }
    }
  }
  EXPECT_EQ(seen.size(), 30u) << "a cause is not among them";
}

}  // namespace
}  // namespace longspan
