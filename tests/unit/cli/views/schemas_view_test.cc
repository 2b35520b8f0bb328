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

TEST(SchemasView, WhatWasNotReadIsNotCalledLasting) {
  SchemaPlan plan;
  plan.differences = {{DifferenceKind::unreadable, {".", "a"}, 0, 0, "no answer", false},
                      {DifferenceKind::other_id, {".", "b"}, 1, 7, "its id is 8 here", false}};
  const auto text = plan_text("f", plan, {});
  EXPECT_THAT(text, HasSubstr("f: 1 difference that no sync can end\n"));
  EXPECT_THAT(text, HasSubstr("f: 1 subject not compared, for a registry did not tell of it"));
}

TEST(SchemasView, SumsUpWhatFailedAndWhatWasNotTried) {
  SyncOutcome out;
  out.done = {2, 5, 0, 0, 0, 0};
  out.failures = {{StepKind::set_import_mode, {".", "a"}, 0, 0, "no"},
                  {StepKind::import_version, {".", "b"}, 1, 7, "no"},
                  {StepKind::import_version, {".", "b"}, 2, 8, "no"}};
  out.skipped = 1;
  out.not_read_back = 2;
  out.not_tried = 1;
  const auto text = sync_text("f", {}, out, {});
  EXPECT_THAT(text, HasSubstr("f: 2 subjects put into IMPORT, 5 versions imported\n"));
  EXPECT_THAT(text,
              HasSubstr("f: failed: 1 subject not put into IMPORT, 2 versions not imported\n"));
  EXPECT_THAT(text,
              HasSubstr("f: 1 step left out, for its subject could not be put into IMPORT\n"));
  EXPECT_THAT(text, HasSubstr("f: 2 versions imported and not read back, for the registry went "));
  EXPECT_THAT(text, HasSubstr("f: 1 step not tried, for the registry went away\n"));
  const auto json = nlohmann::json::parse(sync_json("f", {}, out));
  EXPECT_EQ(json["failed"]["versions_imported"], 2);
  EXPECT_EQ(json["not_tried"], 1);
}

}  // namespace
}  // namespace longspan
