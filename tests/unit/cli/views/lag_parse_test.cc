#include "cli/views/lag_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "cli/views/lag_json.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(LagParse, GivesBackEveryMember) {
  const std::string text = lag_json(rich_snapshot());
  const auto parsed = lag_from_json(text);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(lag_json(*parsed), text);
}

TEST(LagParse, GivesBackValuesNotOnlyText) {
  const auto parsed = lag_from_json(lag_json(rich_snapshot(), JsonForm::indented));
  ASSERT_TRUE(parsed);
  const auto& flow = parsed->flows.at(0);
  EXPECT_EQ(flow.partitions.at(2).offset_lag, Records{500});
  EXPECT_EQ(flow.partitions.at(2).records_per_second, 125.5);
  EXPECT_EQ(flow.partitions.at(1).source_end, std::nullopt);
  EXPECT_EQ(flow.partitions.at(1).state, PartitionState::parked);
  EXPECT_EQ(flow.slots.at(1).owner->released_at, TimestampMs{1'795'222'100'000});
  EXPECT_EQ(flow.events_total.at(EventKind::slot_taken), 2);
  EXPECT_EQ(flow.topics.at(0).mirror_latency, rich_flow().topics.at(0).mirror_latency);
  EXPECT_EQ(parsed->flows.at(1).target_trouble, "login refused");
}

TEST(LagParse, PassesOverMembersOfANewerVersion) {
  json lag = json::parse(lag_json(rich_snapshot()));
  lag["mood"] = "fine";
  lag["flows"][0]["events_total"]["later_kind"] = 4;
  lag["flows"][0]["partitions"][0]["colour"] = json::array({1});
  const auto parsed = lag_from_json(lag.dump());
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(lag_json(*parsed), lag_json(rich_snapshot()));
}

struct BadCase {
  const char* name;
  std::function<void(json&)> change;
  const char* complaint;
};

class LagParseBad : public testing::TestWithParam<BadCase> {};

TEST_P(LagParseBad, NamesThePlace) {
  json lag = json::parse(lag_json(rich_snapshot()));
  GetParam().change(lag);
  const auto parsed = lag_from_json(lag.dump());
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().what, HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Table, LagParseBad,
    testing::Values(
        BadCase{"not_an_object", [](json& j) { j = json::array(); }, "the text is not an object"},
        BadCase{"other_version", [](json& j) { j["version"] = 2; }, "version 2"},
        BadCase{"no_version", [](json& j) { j.erase("version"); }, "version is missing"},
        BadCase{"no_flows", [](json& j) { j.erase("flows"); }, "flows is not an array"},
        BadCase{"flow_is_text", [](json& j) { j["flows"][1] = "x"; }, "flows[1] is not an object"},
        BadCase{"missing_member",
                [](json& j) { j["flows"][0]["partitions"][2].erase("next_source_offset"); },
                "flows[0].partitions[2].next_source_offset is missing"},
        BadCase{"null_is_not_absent",
                [](json& j) { j["flows"][0]["partitions"][2]["offset_lag"] = nullptr; },
                "flows[0].partitions[2].offset_lag has the wrong type"},
        BadCase{"fraction", [](json& j) { j["at_ms"] = 1.5; }, "at_ms has the wrong type"},
        BadCase{"above_int64", [](json& j) { j["at_ms"] = 18446744073709551615U; }, "at_ms has"},
        BadCase{"above_int32",
                [](json& j) { j["flows"][0]["partitions"][0]["partition"] = 2147483648; },
                "partitions[0].partition has the wrong type or is out of range"},
        BadCase{"unknown_state", [](json& j) { j["flows"][0]["partitions"][0]["state"] = "odd"; },
                "partitions[0].state has"},
        BadCase{"owner_without_process",
                [](json& j) { j["flows"][0]["slots"][0]["owner"].erase("process"); },
                "flows[0].slots[0].owner.process is missing"}),
    [](const auto& test) { return test.param.name; });

TEST(LagParse, CountsMayBeUnknown) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].has_counts = false;
  const auto text = lag_json(snapshot);
  const auto parsed = lag_from_json(text);
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_FALSE(parsed->flows[0].has_counts);
  EXPECT_TRUE(parsed->flows[1].has_counts);
  EXPECT_EQ(lag_json(*parsed).find("records_total"), std::string::npos);
}

TEST(LagParse, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "<html>", "{\"version\":1,}", "\xff"}) {
    EXPECT_FALSE(lag_from_json(text)) << text;
  }
}

TEST(LagParse, SurvivesDeepNesting) { EXPECT_FALSE(lag_from_json(std::string(1'000'000, '['))); }

}  // namespace
}  // namespace longspan
