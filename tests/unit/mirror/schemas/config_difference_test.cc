#include "mirror/schemas/config_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ConfigDifference, TellsNamesAndLevelsAndNoOtherValue) {
  const auto text = config_difference(
      R"({"compatibility":"FULL","defaultRuleSet":{"params":{"key":"secret"}},"alias":"x"})",
      R"({"compatibility":"NONE","normalize":true,"alias":"x"})");
  EXPECT_EQ(text,
            "compatibility is FULL, at the source NONE; defaultRuleSet differs; normalize differs");
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(ConfigDifference, ALevelThatIsNoneIsNotShown) {
  EXPECT_EQ(config_difference(R"({"compatibility":"my secret"})", std::nullopt),
            "compatibility is no level, at the source not set");
}

TEST(ConfigDifference, ComparesJsonAndNotText) {
  EXPECT_EQ(config_difference(R"({"a":1,"b":{"x":1,"y":2}})", R"({"b":{"y":2,"x":1},"a":1})"), "");
  EXPECT_EQ(config_difference(std::nullopt, std::nullopt), "");
}

TEST(ConfigDifference, WhatIsThereBesidesIsNotDropped) {
  EXPECT_THAT(dropped_settings(R"({"a":1})", R"({"a":1,"b":2})"), IsEmpty());
  EXPECT_THAT(dropped_settings(R"({"a":1,"b":2,"c":3})", R"({"a":1,"b":3})"),
              ElementsAre("b", "c"));
  EXPECT_THAT(dropped_settings(std::nullopt, R"({"a":1})"), IsEmpty());
}

TEST(ConfigDifference, AMergeKeepsWhatIsNotNamedAlsoInsideOfAnObject) {
  EXPECT_TRUE(is_kept_by_merging(R"({"a":1,"b":2})", R"({"a":1})"));
  EXPECT_TRUE(is_kept_by_merging(R"({"r":{"x":1,"y":2}})", R"({"r":{"x":1}})"));
  EXPECT_FALSE(is_kept_by_merging(R"({"a":1})", R"({"a":2,"b":3})"));
  EXPECT_FALSE(is_kept_by_merging(std::nullopt, R"({"a":2})"));
}

}  // namespace
}  // namespace longspan
