// What a sync says about versions that the target's registry calls incompatible.
#include "cli/views/schemas_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using testing::HasSubstr;

SyncOutcome outcome() {
  SyncOutcome out;
  out.incompatible.push_back({{".", "a"}, 2, 7, {"TYPE_MISMATCH"}, true});
  out.incompatible.push_back({{".", "b"}, 4, 9, {}, false});
  out.held.push_back({{".", "a"}, 3, 8, {{".", "a"}, 2}});
  out.unchecked = 2;
  return out;
}

TEST(SchemasView, TellsWhatIsIncompatible) {
  const auto text = sync_text("east->west", {}, outcome(), {});
  EXPECT_THAT(text, HasSubstr("held_back"));
  EXPECT_THAT(text, HasSubstr("the target's registry calls it incompatible: TYPE_MISMATCH"));
  EXPECT_THAT(text, HasSubstr("east->west: 1 version held back behind incompatible ones\n"));
  EXPECT_THAT(text, HasSubstr("east->west: 2 versions imported unchecked"));
}

TEST(SchemasView, TheSameAsJson) {
  const auto json = nlohmann::json::parse(sync_json("east->west", {}, outcome()));
  EXPECT_EQ(json["incompatible"].size(), 2U);
  EXPECT_EQ(json["incompatible"][0]["held_back"], true);
  EXPECT_EQ(json["incompatible"][0]["reasons"][0], "TYPE_MISMATCH");
  EXPECT_EQ(json["held_back"], 1);
  EXPECT_EQ(json["unchecked"], 2);
}

}  // namespace
}  // namespace longspan
