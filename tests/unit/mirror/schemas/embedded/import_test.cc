// The rules of IMPORT, one by one: what a mirror lives by.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

const std::string kTo = "POST /subjects/s/versions ";

std::string with(const std::string& text, int id, int version) {
  return posted(text, "\"id\":" + std::to_string(id) + ",\"version\":" + std::to_string(version));
}
std::string with_id(const std::string& text, int id) {
  return posted(text, "\"id\":" + std::to_string(id));
}

const std::string kInt = R"("int")";
const std::string kText = R"("string")";

TEST(Import, TakesAnIdOnlyInImport) {
  Script script;
  script.refuse(kTo + with_id(kInt, 7), 42205, "Subject s in context . is not in import mode");
  script.import("s");
  script.post("s", 7, with_id(kInt, 7));
}

TEST(Import, TakesNoneButWithAnId) {
  Script script;
  script.import("s");
  script.refuse(kTo + posted(kInt), 42205, "is not in read-write mode");
  script.refuse(kTo + posted(kInt, R"("id":-1)"), 42205);
}

TEST(Import, AnswersWhatIsThereInEveryMode) {
  Script script;
  script.post("s", 1, posted(kInt));
  for (const char* mode : {"IMPORT", "READONLY"}) {
    script.call("PUT /mode/s?force=true {\"mode\":\"" + std::string(mode) + "\"}");
    script.post("s", 1, posted(kInt));
    script.post("s", 1, with_id(kInt, 1));
  }
}

TEST(Import, KeepsIdAndVersionWithGaps) {
  Script script;
  script.import("s");
  script.post("s", 7001, with(kInt, 7001, 3));
  script.post("s", 12, with(kText, 12, 9));
  script.expect("GET /subjects/s/versions", 200, "[3,9]");
  script.expect("GET /subjects/s/versions/3", 200,
                R"({"subject":"s","version":3,"id":7001,"schema":"\"int\""})");
  script.post("s", 13, with_id(R"("bytes")", 13));
  script.expect("GET /subjects/s/versions", 200, "[3,9,10]");
}

TEST(Import, TakesVersionsInAnyOrder) {
  Script script;
  script.import("s");
  script.post("s", 2, with(kText, 2, 2));
  script.post("s", 1, with(kInt, 1, 1));
  script.expect("GET /subjects/s/versions", 200, "[1,2]");
  script.expect("GET /subjects/s/versions/latest", 200, R"(~"version":2)");
}

TEST(Import, OutsideOfItAVersionIsOneMoreThanTheLast) {
  Script script;
  script.post("s", 1, posted(kInt));
  script.refuse(kTo + posted(R"("long")", R"("version":3)"), 42201,
                "Version is not one more than previous version");
  script.expect(kTo + posted(R"("long")", R"("version":2)"), 200, R"(~{"id":2,"version":2)");
  script.expect("GET /subjects/s/versions", 200, "[1,2]");
}

TEST(Import, RefusesAnotherSchemaUnderAnIdOfTheContext) {
  Script script;
  script.import("s");
  script.import("t");
  script.import(":.east:s");
  script.post("s", 7, with(kInt, 7, 1));
  const std::string message = "Overwrite new schema with id 7 in context . is not permitted";
  script.refuse(kTo + with(kText, 7, 2), 42205, message);
  script.refuse("POST /subjects/t/versions " + with(kText, 7, 1), 42205, message);
  script.post(":.east:s", 7, with(kText, 7, 1));
  script.refuse("POST /subjects/:.east:s/versions " + with(kInt, 7, 2), 42205, "in context .east");
}

TEST(Import, AnIdIsTakenAsLongAsADeletedVersionHasIt) {
  Script script;
  script.import("t");
  script.post("s", 1, posted(kInt));
  script.expect("DELETE /subjects/s", 200, "[1]");
  script.refuse("POST /subjects/t/versions " + with(kText, 1, 1), 42205);
  script.expect("DELETE /subjects/s?permanent=true", 200, "[1]");
  script.post("t", 1, with(kText, 1, 1));
}

TEST(Import, WhatAnIdStandsForIsAllOfTheSchema) {
  Script script;
  script.import("s");
  script.post("s", 7, posted(kInt, R"("id":7,"version":1,"metadata":{"properties":{"a":"1"}})"));
  script.refuse(kTo + with(kInt, 7, 2), 42205);
  script.refuse(kTo + posted(kInt, R"("id":7,"metadata":{"properties":{"a":"2"}})"), 42205);
  script.refuse(kTo + posted(kInt, R"("id":7,"schemaType":"JSON")"), 42205);
  const std::string rules = R"("ruleSet":{"domainRules":[{"name":"r","type":"CEL"}]})";
  script.refuse(kTo + posted(kInt, R"("id":7,"metadata":{"properties":{"a":"1"}},)" + rules),
                42205);
  script.post("s", 7,
              posted("\n" + kInt, R"("id":7,"version":2,"metadata":{"properties":{"a":"1"}})"));
}

TEST(Import, OneSchemaUnderTheSameIdInAnotherSubject) {
  Script script;
  script.import("s");
  script.import("t");
  script.post("s", 7, with(kInt, 7, 1));
  script.post("t", 7, with(kInt, 7, 4));
  script.expect("GET /schemas/ids/7/versions", 200,
                R"([{"subject":"s","version":1},{"subject":"t","version":4}])");
}

TEST(Import, OneSchemaMayHaveSeveralIds) {
  Script script;
  script.import("s");
  script.post("s", 7, with(kInt, 7, 1));
  script.post("s", 8, with(kInt, 8, 2));
  script.expect("GET /schemas/ids/7", 200, R"({"schema":"\"int\""})");
  script.expect("GET /schemas/ids/8", 200, R"({"schema":"\"int\""})");
  script.expect("DELETE /mode/s", 200, R"({"mode":"IMPORT"})");
  script.post("t", 8, posted(kInt));  // the last one counts
}

TEST(Import, RepeatingIsFine) {
  Script script;
  script.import("s");
  for (int i = 0; i < 3; ++i) script.post("s", 7, with(kInt, 7, 3));
  script.post("s", 7, with_id(kInt, 7));
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[3]");
}

TEST(Import, ReplacesAVersionThatIsThere) {
  Script script;
  script.import("s");
  script.post("s", 7, with(kInt, 7, 1));
  script.post("s", 8, with(kText, 8, 1));
  script.expect("GET /subjects/s/versions/1", 200,
                R"({"subject":"s","version":1,"id":8,"schema":"\"string\""})");
  script.refuse("GET /schemas/ids/7", 40403);
}

TEST(Import, BringsADeletedVersionBack) {
  Script script;
  script.import("s");
  script.post("s", 7, with(kInt, 7, 1));
  script.post("s", 8, with(kText, 8, 2));
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.expect("GET /subjects/s/versions", 200, "[2]");
  script.post("s", 7, with(kInt, 7, 1));
  script.expect("GET /subjects/s/versions", 200, "[1,2]");
}

TEST(Import, AnOlderDeletedVersionOfTheSameIdMakesRoom) {
  Script script;
  script.import("s");
  script.post("s", 7, with(kInt, 7, 1));
  script.post("s", 8, with(kText, 8, 2));
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.post("s", 7, with(kInt, 7, 3));
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[2,3]");
}

TEST(Import, ButNotOneThatIsReferredTo) {
  Script script;
  script.import("s");
  script.import("r");
  const std::string address = R"({"type":"fixed","name":"A","size":1})";
  script.post("s", 7, with(address, 7, 1));
  script.post("s", 9, with(kText, 9, 2));
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.post("r", 8, posted(record("R", {R"(a:"A")"}), R"("id":8,"references":[
      {"name":"A","subject":"s","version":1}])"));
  script.post("s", 7, with(address, 7, 3));
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[1,2,3]");
}

TEST(Import, DoesNotCompareButResolvesReferences) {
  Script script;
  script.import("s");
  script.post("s", 1, with(kInt, 1, 1));
  script.post("s", 2, with(kText, 2, 2));
  script.refuse(kTo + posted(kInt, R"("id":3,"references":[
      {"name":"A","subject":"nobody","version":1}])"),
                42201, "No schema reference found");
  script.refuse(kTo + with("{", 3, 3), 42201);
  // Defaults are looked at only where a schema is new to everybody.
  script.post("s", 4, with(record("R", {R"(a:"int"="x")"}), 4, 4));
}

TEST(Import, PopulatesNothing) {
  Script script;
  script.expect(R"(PUT /config/s {"defaultMetadata":{"properties":{"owner":"me"}}})", 200, "~me");
  script.import("s");
  script.post("s", 7, with(kInt, 7, 2));
  script.expect("GET /subjects/s/versions/2", 200,
                R"({"subject":"s","version":2,"id":7,"schema":"\"int\""})");
}

TEST(Import, MovesTheNextIdToTheHighestOne) {
  Script script;
  script.import("s");
  script.post("s", 7001, with(kInt, 7001, 1));
  script.post("s", 12, with(kText, 12, 2));
  script.expect("DELETE /mode/s", 200, R"({"mode":"IMPORT"})");
  script.expect("GET /schemas/ids/12?fetchMaxId=true", 200, R"(~"maxId":7001)");
  script.post("t", 7002, posted(R"("bytes")"));
  script.post(":.east:t", 1, posted(R"("bytes")"));  // each context for itself
}

TEST(Import, TheHighestIdStaysKnownWhenItIsDeletedForGood) {
  Script script;
  script.import("s");
  script.post("s", 50, with(kInt, 50, 1));
  script.expect("DELETE /subjects/s", 200, "[1]");
  script.expect("DELETE /subjects/s?permanent=true", 200, "[1]");
  script.post("t", 51, posted(kInt));
}

TEST(Import, TheLastIdOfAllIsTheLast) {
  Script script;
  script.import("s");
  script.post("s", 2147483647, with(kInt, 2147483647, 2147483647));
  EXPECT_EQ(script.call(kTo + posted(kText, R"("id":2147483648)")).status, 400);
  script.expect("DELETE /mode/s", 200, R"({"mode":"IMPORT"})");
  script.refuse("POST /subjects/t/versions " + posted(kText), 50001);
}

TEST(Import, IsEnteredWithoutForceOnlyWhereNothingLives) {
  Script script;
  script.post("s", 1, posted(kInt));
  script.post(":.east:s", 1, posted(kInt));
  const std::string mode = R"( {"mode":"IMPORT"})";
  for (const char* scope : {"/s", "", "/:.east:", "/:.__GLOBAL:"}) {
    script.refuse("PUT /mode" + std::string(scope) + mode, 42205,
                  "Cannot import since found existing subjects");
  }
  script.expect("PUT /mode/t" + mode, 200, R"({"mode":"IMPORT"})");
  script.expect("PUT /mode/:.west:" + mode, 200, R"({"mode":"IMPORT"})");
  script.expect("PUT /mode/s?force=true" + mode, 200, R"({"mode":"IMPORT"})");
  script.expect("PUT /mode/s" + mode, 200, R"({"mode":"IMPORT"})");  // it is there already
  script.expect("GET /subjects/s/versions", 200, "[1]");
}

TEST(Import, EnteredWithoutForcePurgesWhatWasDeletedSoftly) {
  Script script;
  script.post("s", 1, posted(kInt));
  script.post("t", 2, posted(kText));
  for (const char* name : {"s", "t"}) script.call("DELETE /subjects/" + std::string(name));
  script.expect(R"(PUT /mode/s {"mode":"IMPORT"})", 200, R"({"mode":"IMPORT"})");
  script.expect("GET /subjects?deleted=true", 200, R"(["t"])");
  script.refuse("GET /schemas/ids/1", 40403);
  script.import("t");
  script.expect("GET /subjects?deleted=true", 200, R"(["t"])");
}

TEST(Import, DeletesWorkInItAndNotInReadonly) {
  Script script;
  script.import("s");
  script.post("s", 1, with(kInt, 1, 1));
  script.post("s", 2, with(kText, 2, 2));
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  for (const char* mode : {"READONLY", "READONLY_OVERRIDE"}) {
    script.call("PUT /mode/s {\"mode\":\"" + std::string(mode) + "\"}");
    script.refuse("DELETE /subjects/s/versions/2", 42205, "read-only mode");
    script.refuse("DELETE /subjects/s/versions/1?permanent=true", 42205);
    script.refuse("DELETE /subjects/s", 42205);
    script.refuse(kTo + with(R"("bytes")", 3, 3), 42205, "read-only mode");
    script.refuse(R"(PUT /config/s {"compatibility":"NONE"})", 42205);
  }
}

TEST(Import, ForwardTakesIdsToo) {
  Script script;
  script.refuse(R"(PUT /mode/s {"mode":"FORWARD"})", 42205);
  script.expect(R"(PUT /mode {"mode":"FORWARD"})", 200, R"({"mode":"FORWARD"})");
  script.post("s", 7, with_id(kInt, 7));
  script.refuse("POST /subjects/t/versions " + posted(kText), 42205);
}

}  // namespace
}  // namespace longspan::embedded
