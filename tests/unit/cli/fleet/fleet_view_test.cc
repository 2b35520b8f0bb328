#include "cli/fleet/fleet_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

}  // namespace
}  // namespace longspan
