#include "mirror/schemas/embedded/metadata.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

TEST(Metadata, IsKeptSortedAndWithoutWhatIsEmpty) {
  EXPECT_EQ(kept_metadata(R"({"sensitive":["b","a","b"],"properties":{"z":"1","a":"2"},
                              "tags":{"f":["Y","X"]}})"),
            R"({"properties":{"a":"2","z":"1"},"sensitive":["a","b"],"tags":{"f":["X","Y"]}})");
  EXPECT_EQ(kept_metadata(R"({"properties":{},"tags":null})"), "{}");
}

TEST(Metadata, RulesHaveTheirDefaultsFilledIn) {
  EXPECT_EQ(
      kept_rule_set(R"({"domainRules":[{"name":"r","type":"CEL"}],"migrationRules":[]})").value(),
      R"({"domainRules":[{"disabled":false,"kind":"TRANSFORM","mode":"WRITEREAD",)"
      R"("name":"r","type":"CEL"}]})");
}

TEST(Metadata, RefusesRulesThatAreNone) {
  for (const char* rules : {R"([{"type":"CEL"}])", R"([{"name":"r"}])", "[7]",
                            R"([{"name":"r","type":"A"},{"name":"r","type":"B"}])"}) {
    EXPECT_FALSE(kept_rule_set("{\"domainRules\":" + std::string(rules) + "}")) << rules;
    Script script;
    script.refuse(
        "POST /subjects/s/versions " +
            posted(R"("int")", "\"ruleSet\":{\"domainRules\":" + std::string(rules) + "}"),
        42210);
  }
}

const std::string kTo = "POST /subjects/s/versions ";

TEST(Metadata, IsServedAsItIsKept) {
  Script script;
  const std::string members = R"("metadata":{"properties":{"owner":"me"}},
      "ruleSet":{"domainRules":[{"name":"r","type":"CEL","disabled":true}]})";
  script.post("s", 1, posted(R"("int")", members));
  const std::string kept =
      R"("metadata":{"properties":{"owner":"me"}},"ruleSet":{"domainRules":[{"disabled":true,)"
      R"("kind":"TRANSFORM","mode":"WRITEREAD","name":"r","type":"CEL"}]},"schema":"\"int\"")";
  script.expect("GET /subjects/s/versions/1", 200, "~" + kept);
  script.expect("GET /schemas/ids/1", 200, "{" + kept + "}");
  script.post("t", 2, posted(R"("int")"));  // without, it is another schema
}

TEST(Metadata, IsTakenFromTheVersionBefore) {
  Script script;
  script.post("s", 1, posted(R"("int")", R"("metadata":{"properties":{"owner":"me"}})"));
  script.post("s", 1, posted(R"("int")"));  // found as what it would become
  script.expect(kTo + posted(R"("long")"), 200,
                R"({"id":2,"version":2,"metadata":{"properties":{"owner":"me"}},)"
                R"("schema":"\"long\""})");
  script.expect(kTo + posted("", R"("metadata":{"properties":{"owner":"you"}})"), 200,
                R"(~{"id":3,"version":3,"metadata":{"properties":{"owner":"you"}})");
}

TEST(Metadata, IsLaidBetweenDefaultsAndOverrides) {
  Script script;
  script.expect(R"(PUT /config/s {"defaultMetadata":{"properties":{"a":"default","b":"default"}},
      "overrideMetadata":{"properties":{"c":"override"},"sensitive":["c"]},
      "defaultRuleSet":{"domainRules":[{"name":"r","type":"CEL"}]}})",
                200, "~override");
  script.expect(kTo + posted(R"("int")", R"("metadata":{"properties":{"b":"own","c":"own"}})"), 200,
                R"(~"properties":{"a":"default","b":"own","c":"override"})");
  script.expect("GET /subjects/s/versions/1", 200, R"(~"sensitive":["c"])");
  script.expect("GET /subjects/s/versions/1", 200, R"(~"domainRules":[{"disabled":false)");
}

TEST(Metadata, SaysTheVersionThatWasAskedFor) {
  Script script;
  script.expect(kTo + posted(R"("int")", R"("version":1)"), 200,
                R"(~"metadata":{"properties":{"confluent:version":"1"}})");
  script.post("s", 1, posted(R"("int")"));  // found without it
  script.expect(kTo + posted(R"("long")"), 200, R"(~"confluent:version":"2")");
}

}  // namespace
}  // namespace longspan::embedded
