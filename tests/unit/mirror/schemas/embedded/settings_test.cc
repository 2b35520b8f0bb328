#include "mirror/schemas/embedded/settings.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

std::string level(const std::string& word) { return "{\"compatibilityLevel\":\"" + word + "\"}"; }
std::string mode(const std::string& word) { return "{\"mode\":\"" + word + "\"}"; }

TEST(Settings, OfASubjectItselfOrNotAtAll) {
  Script script;
  script.refuse("GET /config/s", 40408, "does not have subject-level compatibility configured");
  script.refuse("GET /mode/s", 40409, "does not have subject-level mode configured");
  script.expect("GET /config/s?defaultToGlobal=true", 200, level("BACKWARD"));
  script.expect("GET /mode/s?defaultToGlobal=true", 200, mode("READWRITE"));
  script.expect(R"(PUT /config/s {"compatibility":"full"})", 200, R"({"compatibility":"FULL"})");
  script.expect(R"(PUT /mode/s {"mode":"readonly"})", 200, mode("READONLY"));
  script.expect("GET /config/s", 200, level("FULL"));
  script.expect("GET /mode/s", 200, mode("READONLY"));
  script.expect("DELETE /mode/s", 200, mode("READONLY"));
  script.expect("DELETE /config/s", 200, level("FULL"));
  script.refuse("DELETE /config/s", 40401);
  script.refuse("DELETE /mode/s", 40401);
}

TEST(Settings, AreLookedForInTheSubjectItsContextAndEverywhere) {
  Script script;
  const auto expect_mode = [&](const std::string& subject, const std::string& word) {
    script.expect("GET /mode/" + subject + "?defaultToGlobal=true", 200, mode(word));
  };
  script.expect(R"(PUT /mode/:.__GLOBAL: {"mode":"READONLY"})", 200, mode("READONLY"));
  expect_mode("s", "READONLY");
  expect_mode(":.east:s", "READONLY");
  script.expect("GET /mode", 200, mode("READONLY"));
  script.expect(R"(PUT /mode {"mode":"IMPORT"})", 200, mode("IMPORT"));
  expect_mode("s", "IMPORT");
  expect_mode(":.east:s", "READONLY");  // the default context is not above the others
  script.expect(R"(PUT /mode/:.east: {"mode":"READWRITE"})", 200, mode("READWRITE"));
  expect_mode(":.east:s", "READWRITE");
  script.expect(R"(PUT /mode/:.east:s {"mode":"IMPORT"})", 200, mode("IMPORT"));
  expect_mode(":.east:s", "IMPORT");
  expect_mode(":.east:t", "READWRITE");
  script.expect("DELETE /mode", 200, mode("IMPORT"));
  expect_mode("s", "READONLY");
}

TEST(Settings, ConfigsAreLookedForInTheSameOrder) {
  Script script;
  const auto expect_level = [&](const std::string& subject, const std::string& word) {
    script.expect("GET /config/" + subject + "?defaultToGlobal=true", 200, level(word));
  };
  script.call(R"(PUT /config/:.__GLOBAL: {"compatibility":"FULL"})");
  expect_level("s", "FULL");
  script.call(R"(PUT /config {"compatibility":"NONE"})");
  expect_level("s", "NONE");
  expect_level(":.east:s", "FULL");
  script.call(R"(PUT /config/:.east: {"compatibility":"FORWARD"})");
  expect_level(":.east:s", "FORWARD");
  script.expect("GET /config", 200, level("NONE"));
  script.expect("DELETE /config", 200, level("NONE"));
  script.expect("GET /config", 200, level("FULL"));
}

TEST(Settings, HoldForWhatIsRegistered) {
  Script script;
  script.expect(R"(PUT /mode/:.east: {"mode":"IMPORT"})", 200, mode("IMPORT"));
  script.refuse("POST /subjects/:.east:s/versions " + posted(R"("int")"), 42205);
  script.post(":.east:s", 7, posted(R"("int")", R"("id":7)"));
  script.post("s", 1, posted(R"("int")"));
  script.call(R"(PUT /config/s {"compatibility":"NONE"})");
  script.post("s", 2, posted(R"("string")"));
}

TEST(Settings, ReadonlyOverrideOfTheRegistryIsAboveAll) {
  Script script;
  script.import("s");
  script.call(R"(PUT /mode {"mode":"READONLY_OVERRIDE"})");
  script.refuse("POST /subjects/s/versions " + posted(R"("int")", R"("id":7)"), 42205);
}

TEST(Settings, RefuseWordsThatAreNone) {
  Script script;
  script.refuse(R"(PUT /mode/s {"mode":"WRITE"})", 42204, "Invalid mode");
  script.refuse("PUT /mode/s {}", 42204);
  script.refuse(R"(PUT /config/s {"compatibility":"MOSTLY"})", 42203,
                "Invalid compatibility level");
  EXPECT_EQ(script.call("PUT /mode/s x").status, 400);
  EXPECT_EQ(script.call("PUT /config/s []").status, 400);
  EXPECT_EQ(script.call(R"(PUT /config/s {"compatibility":7})").status, 400);
  script.refuse("GET /config/s", 40408);
}

TEST(Settings, AConfigKeepsWhatIsNotToldAnew) {
  Script script;
  script.call(R"(PUT /config/s {"compatibility":"FULL","alias":"t"})");
  script.call(R"(PUT /config/s {"normalize":true})");
  script.expect("GET /config/s", 200,
                R"({"compatibilityLevel":"FULL","alias":"t","normalize":true})");
  script.call(R"(PUT /config/s {"alias":null,"compatibility":null})");
  script.expect("GET /config/s", 200, R"({"normalize":true})");
  script.expect("GET /config/s?defaultToGlobal=true", 200,
                R"({"compatibilityLevel":"BACKWARD","normalize":true})");
}

}  // namespace
}  // namespace longspan::embedded
