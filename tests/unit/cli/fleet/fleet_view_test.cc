#include "cli/fleet/fleet_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/http/page_assets.h"

namespace longspan {
namespace {

SeenFlow seen(const std::string& name, std::int64_t lag) {
  FlowSnapshot flow;
  flow.flow = name;
  flow.at = TimestampMs{1'700'000'000'000};
  flow.running = true;
  for (std::int32_t i = 0; i < 2; ++i) {
    PartitionSnapshot partition;
    partition.source = {"orders", i};
    partition.target_topic = "east.orders";
    partition.offset_lag = Records{lag};
    partition.head_age_ms = lag * 10;
    partition.catch_up_ms = lag;
    partition.records_per_second = 50;
    flow.partitions.push_back(partition);
  }
  flow.topics.push_back({"orders", "east.orders", {}, {}, {}});
  return {name + ".properties", name, std::move(flow), std::nullopt};
}

SeenFlow unseen(const std::string& name) {
  return {name + ".properties", name, std::nullopt,
          Error{Next::retry, 0, "no broker of west answers", ""}};
}

std::string line_of(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) return {};
  return text.substr(at, text.find('\n', at) - at);
}

TEST(FleetTable, WhatNeedsSomebodyStandsFirst) {
  SeenFlow stopped = seen("c->d", 0);
  stopped.snapshot->running = false;
  const std::string text =
      fleet_table({seen("a->b", 3), seen("e->f", 500), stopped, unseen("x->y")}, {});
  EXPECT_LT(text.find("x->y"), text.find("c->d")) << text;
  EXPECT_LT(text.find("c->d"), text.find("e->f")) << text;
  EXPECT_LT(text.find("e->f"), text.find("a->b")) << "the older one first\n" << text;
  EXPECT_THAT(line_of(text, "x->y"), testing::HasSubstr("no broker of west answers"));
}

TEST(FleetTable, SumsWhatIsKnownAndNothingElse) {
  SeenFlow half = seen("a->b", 7);
  EXPECT_THAT(line_of(fleet_table({half}, {}), "a->b"), testing::HasSubstr(" 14 "));
  half.snapshot->partitions[1].source.topic = "users";
  half.snapshot->partitions[1].offset_lag.reset();
  half.snapshot->topics.push_back({"users", "east.users", {}, {}, {}});
  EXPECT_THAT(line_of(fleet_table({half}, {}), "a->b"), testing::HasSubstr(" ? "));
}

TEST(FleetTable, AFlowOfTwoFilesHasBothNames) {
  SeenFlow other = seen("a->b", 0);
  other.file = "old/ab.properties";
  const std::string text = fleet_table({seen("a->b", 0), other}, {});
  EXPECT_THAT(text, testing::HasSubstr("a->b (a->b.properties)"));
  EXPECT_THAT(text, testing::HasSubstr("a->b (old/ab.properties)"));
}

TEST(FleetJson, NamesWhatWasNotSeenAndWhatIsWrong) {
  FleetFile wrong{"bad.properties", {}};
  wrong.loaded.errors = {"bad.properties:3: tasks.max=many is not a number"};
  const auto json = nlohmann::json::parse(fleet_json({seen("a->b", 1), unseen("x->y")}, {wrong}));
  EXPECT_EQ(json["flows"].size(), 1u);
  EXPECT_FALSE(json["ready"]);
  EXPECT_EQ(json["not_seen"][0]["flow"], "x->y");
  EXPECT_EQ(json["wrong_files"][0]["errors"].size(), 1u);
  EXPECT_TRUE(json["drift"].empty());
  EXPECT_THAT(drift_text({wrong}, {}), testing::HasSubstr("wrong: bad.properties:3"));
}

// --- the page ------------------------------------------------------------------------------------

nlohmann::json page_of(const std::vector<SeenFlow>& flows,
                       const std::vector<FleetFile>& files = {}) {
  std::vector<LookedAt> looked;
  for (const SeenFlow& flow : flows) {
    looked.push_back({fleet_row(flow), TimestampMs{1'700'000'000'100}, std::chrono::seconds(1)});
  }
  const FleetPageState state{TimestampMs{1'700'000'000'500}, std::chrono::seconds(2), 1};
  return nlohmann::json::parse(fleet_page_json(looked, state, files));
}

TEST(FleetPageJson, TellsWhatTheTableTells) {
  SeenFlow stopped = seen("c->d", 0);
  stopped.snapshot->running = false;
  stopped.snapshot->not_running_since = TimestampMs{1'700'000'000'000 - 7'000};
  const auto page = page_of({seen("a->b", 3), stopped, unseen("x->y")});
  EXPECT_EQ(page["at_ms"], 1'700'000'000'500);
  EXPECT_EQ(page["waiting"], 1);
  EXPECT_EQ(page["every_ms"], 2'000);
  const auto& rows = page["rows"];
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0]["state"], "not_seen");
  EXPECT_EQ(rows[0]["why"], "no broker of west answers");
  EXPECT_FALSE(rows[0].contains("offset_lag")) << "what is not known is absent";
  EXPECT_EQ(rows[1]["state"], "not_running");
  EXPECT_EQ(rows[1]["not_running_ms"], 7'000);
  EXPECT_EQ(rows[2]["state"], "fine");
  EXPECT_EQ(rows[2]["offset_lag"], 6);
  EXPECT_EQ(rows[2]["records_per_second"], 100);
  EXPECT_DOUBLE_EQ(rows[2]["head_age_s"], 0.03);
  EXPECT_EQ(rows[2]["worst_topic"], "orders");
  EXPECT_EQ(rows[2]["file"], "a->b.properties");
  EXPECT_EQ(rows[2]["looked_at_ms"], 1'700'000'000'100);
  EXPECT_EQ(rows[2]["took_ms"], 1'000);
}

TEST(FleetPageJson, WhatThereIsNotIsNull) {
  SeenFlow empty = seen("a->b", 0);
  empty.snapshot->topics.clear();
  empty.snapshot->partitions.clear();
  EXPECT_TRUE(page_of({empty})["rows"][0]["offset_lag"].is_null());
}

// A script that names a member by a wrong name shows an empty column.
TEST(FleetPageJson, HasTheMembersThatThePageReads) {
  SeenFlow stopped = seen("c->d", 5);
  stopped.snapshot->running = false;
  stopped.snapshot->not_running_since = TimestampMs{1'699'999'999'000};
  FleetFile wrong{"bad.properties", {}};
  wrong.loaded.errors = {"bad.properties:3: tasks.max=many is not a number"};
  const std::string there = page_of({stopped}, {wrong}).dump();
  std::string script;
  for (const PageAsset& asset : page_assets()) {
    if (asset.path == "/page/fleet.js") script = asset.text;
  }
  const std::regex member("[a-z]\\.([a-z]+(?:_[a-z0-9]+)+)");
  std::size_t read = 0;
  for (std::sregex_iterator it(script.begin(), script.end(), member), end; it != end; ++it) {
    const std::string name = (*it)[1];
    EXPECT_NE(there.find("\"" + name + "\":"), std::string::npos) << name;
    ++read;
  }
  EXPECT_GE(read, 10u);
}

}  // namespace
}  // namespace longspan
