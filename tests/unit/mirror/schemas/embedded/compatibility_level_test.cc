#include "mirror/schemas/embedded/compatibility_level.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

using Level = CompatibilityLevel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ParsedSchema parsed(const std::string& text, const std::string& type = "AVRO") {
  ParsedSchema schema{type, text, std::nullopt};
  if (type == "AVRO") schema.avro = std::move(AvroSchema::parse(text)).value();
  return schema;
}

std::vector<ParsedVersion> first(ParsedSchema schema) {
  std::vector<ParsedVersion> versions;
  versions.push_back({1, std::move(schema)});
  return versions;
}

const std::string kNone = record("R", {});
const std::string kRequired = record("R", {R"(a:"int")"});
const std::string kOptional = record("R", {R"(a:"int"=0)"});

struct Row {
  const char* name;
  Level level;
  std::string schema;
  std::vector<std::string> earlier;  // versions 1, 2, ...
  int against = 0;                   // the version that is in the way; 0: compatible
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"first_version", Level::full_transitive, kRequired, {}},
      {"none_takes_all", Level::none, R"("int")", {R"("string")"}},
      {"backward_may_remove", Level::backward, kNone, {kRequired}},
      {"backward_must_not_add", Level::backward, kRequired, {kNone}, 1},
      {"backward_may_add_with_default", Level::backward, kOptional, {kNone}},
      {"backward_looks_at_the_latest", Level::backward, kRequired, {kNone, kOptional}},
      {"backward_transitive_at_all", Level::backward_transitive, kRequired, {kNone, kOptional}, 1},
      {"forward_may_add", Level::forward, kRequired, {kNone}},
      {"forward_must_not_remove", Level::forward, kNone, {kRequired}, 1},
      {"forward_may_remove_with_default", Level::forward, kNone, {kOptional}},
      {"forward_looks_at_the_latest", Level::forward, kNone, {kRequired, kOptional}},
      {"forward_transitive_at_all", Level::forward_transitive, kNone, {kRequired, kOptional}, 1},
      {"full_must_not_add", Level::full, kRequired, {kNone}, 1},
      {"full_must_not_remove", Level::full, kNone, {kRequired}, 1},
      {"full_may_with_defaults", Level::full, kOptional, {kNone}},
      {"full_looks_at_the_latest", Level::full, kRequired, {kNone, kOptional}},
      {"full_transitive_at_all", Level::full_transitive, kRequired, {kNone, kOptional}, 1},
      {"the_newest_in_the_way_is_told",
       Level::backward_transitive,
       kRequired,
       {kNone, kNone, kOptional},
       2},
  };
  return all;
}

TEST(CompatibilityLevel, SaysWhichEarlierVersionIsInTheWay) {
  for (const Row& row : rows()) {
    std::vector<ParsedVersion> earlier;
    for (const auto& text : row.earlier) {
      earlier.push_back({static_cast<std::int32_t>(earlier.size() + 1), parsed(text)});
    }
    const auto reasons = reasons_against(row.level, parsed(row.schema), earlier);
    if (row.against == 0) {
      EXPECT_THAT(reasons, IsEmpty()) << row.name;
      continue;
    }
    ASSERT_GE(reasons.size(), 4U) << row.name;
    const auto last = reasons.end();
    EXPECT_EQ(*(last - 3), "{oldSchemaVersion: " + std::to_string(row.against) + "}") << row.name;
    EXPECT_THAT(*(last - 2), HasSubstr("{oldSchema: '{")) << row.name;
    EXPECT_EQ(*(last - 1), "{validateFields: 'false', compatibility: '" +
                               std::string(level_text(row.level)) + "'}")
        << row.name;
  }
}

TEST(CompatibilityLevel, FullTellsBothDirections) {
  const auto earlier = first(parsed(R"("int")"));
  EXPECT_THAT(reasons_against(Level::full, parsed(R"("string")"), earlier),
              ElementsAre(HasSubstr("of a field in the new schema"),
                          HasSubstr("of a field in the old schema"), HasSubstr("oldSchemaVersion"),
                          HasSubstr("oldSchema:"), HasSubstr("FULL")));
}

TEST(CompatibilityLevel, DoesNotCompareJsonAndProtobufButTheirTypes) {
  const auto json = first(parsed(R"({"type":"string"})", "JSON"));
  EXPECT_THAT(reasons_against(Level::full, parsed("{}", "JSON"), json), IsEmpty());
  EXPECT_THAT(reasons_against(Level::full, parsed(R"("string")"), json),
              testing::Contains("Incompatible because of different schema type"));
}

TEST(CompatibilityLevel, IsAWordInAnyCase) {
  EXPECT_EQ(parse_level("full_transitive"), Level::full_transitive);
  EXPECT_EQ(parse_level("NONE"), Level::none);
  EXPECT_EQ(parse_level("FULLER"), std::nullopt);
  EXPECT_EQ(parse_level(""), std::nullopt);
}

}  // namespace
}  // namespace longspan::embedded
