#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

const std::string kInt = posted(R"("int")");
const std::string kLong = posted(R"("long")");

TEST(Deletion, ASoftlyDeletedVersionIsHiddenButReadable) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.expect("GET /subjects/s/versions", 200, "[2]");
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[1,2]");
  script.expect("GET /subjects/s/versions?deletedOnly=true", 200, "[1]");
  script.expect("GET /subjects/s/versions?deletedAsNegative=true", 200, "[-1,2]");
  script.refuse("GET /subjects/s/versions/1", 40402);
  script.expect("GET /subjects/s/versions/1?deleted=true", 200, R"(~"version":1)");
  EXPECT_NE(script.call("GET /subjects/s/versions/1?deleted=true", kShowAll)
                .body.find("\"deleted\":true"),
            std::string::npos);
  script.expect("GET /schemas/ids/1", 200, R"({"schema":"\"int\""})");
  script.expect("GET /schemas/ids/1/subjects", 200, "[]");
  script.expect("GET /schemas/ids/1/versions?deleted=true", 200,
                R"([{"subject":"s","version":1}])");
}

TEST(Deletion, IsSoftFirstAndForGoodThen) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.refuse("DELETE /subjects/s/versions/1?permanent=true", 40407);
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.refuse("DELETE /subjects/s/versions/1", 40406);
  script.expect("DELETE /subjects/s/versions/1?permanent=true", 200, "1");
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[2]");
  script.refuse("GET /schemas/ids/1", 40403);
  script.refuse("DELETE /subjects/s/versions/1", 40402);
  script.refuse("DELETE /subjects/z/versions/1", 40401);
  script.refuse("DELETE /subjects/s/versions/x", 42202);
  script.expect("DELETE /subjects/s/versions/latest", 200, "2");
}

TEST(Deletion, OfASubjectIsOfAllItsVersions) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.refuse("DELETE /subjects/z", 40401);
  script.refuse("DELETE /subjects/s?permanent=true", 40405);
  script.expect("DELETE /subjects/s", 200, "[1,2]");
  script.refuse("DELETE /subjects/s", 40404);
  script.expect("GET /subjects", 200, "[]");
  script.expect("GET /subjects?deleted=true", 200, R"(["s"])");
  script.refuse("GET /subjects/s/versions", 40401);
  script.expect("GET /subjects/s/versions?deleted=true", 200, "[1,2]");
  script.expect("DELETE /subjects/s?permanent=true", 200, "[1,2]");
  script.expect("GET /subjects?deleted=true", 200, "[]");
}

TEST(Deletion, OfASubjectLeavesOutWhatWasDeletedBefore) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.expect("DELETE /subjects/s", 200, "[2]");
}

TEST(Deletion, VersionsGoOnAfterADeletedOne) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.expect("DELETE /subjects/s", 200, "[1,2]");
  script.post("s", 1, kInt);  // the id that it had
  script.expect("GET /subjects/s/versions", 200, "[3]");
}

TEST(Deletion, NotOfWhatIsReferredTo) {
  Script script;
  script.post("a", 1, posted(R"({"type":"fixed","name":"A","size":1})"));
  script.post("r", 2,
              posted(record("R", {R"(a:"A")"}),
                     R"("references":[{"name":"A","subject":"a","version":1}])"));
  script.refuse("DELETE /subjects/a/versions/1", 42206, "One or more references exist");
  script.refuse("DELETE /subjects/a", 42206);
  script.expect("DELETE /subjects/r/versions/1", 200, "1");
  script.expect("GET /subjects/a/versions/1/referencedby", 200, "[]");
  script.expect("DELETE /subjects/a", 200, "[1]");
}

TEST(Deletion, OfTheLastVersionTakesModeAndConfigAway) {
  Script script;
  script.post("s", 1, kInt);
  script.post("s", 2, kLong);
  script.import("s");
  script.expect(R"(PUT /config/s {"compatibility":"FULL"})", 200, R"({"compatibility":"FULL"})");
  script.expect("DELETE /subjects/s/versions/1", 200, "1");
  script.expect("GET /mode/s", 200, R"({"mode":"IMPORT"})");
  script.expect("DELETE /subjects/s/versions/2", 200, "2");
  script.refuse("GET /mode/s", 40409);
  script.refuse("GET /config/s", 40408);
}

}  // namespace
}  // namespace longspan::embedded
