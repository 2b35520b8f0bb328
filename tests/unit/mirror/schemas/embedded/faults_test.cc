#include "mirror/schemas/embedded/faults.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

const std::string kInt = posted(R"("int")");
const std::string kText = posted(R"("string")");
const std::string kTo = "POST /subjects/s/versions ";

TEST(Faults, EachHasOneRowWithAWordAndAMeaning) {
  ASSERT_EQ(fault_rows().size(), kFaultCount);
  for (std::size_t i = 0; i < fault_rows().size(); ++i) {
    const FaultRow& row = fault_rows()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.fault), i) << row.word;
    EXPECT_FALSE(row.word.empty());
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_NE(faults_text().find(std::string(row.word)), std::string::npos);
  }
}

TEST(Faults, AreWordsWithNumbers) {
  Faults faults;
  EXPECT_TRUE(faults.set("slow=250"));
  EXPECT_TRUE(faults.set("no_import"));
  EXPECT_EQ(faults.value(Fault::slow), 250);
  EXPECT_TRUE(faults.is_on(Fault::no_import));
  EXPECT_EQ(faults.json(), R"({"slow":250,"no_import":true})");
  EXPECT_TRUE(faults.set("no_import=0"));
  EXPECT_FALSE(faults.is_on(Fault::no_import));
  for (const char* wrong : {"slow", "slow=", "slow=x", "slow=-1", "slow=60001", "no_import=2"}) {
    EXPECT_FALSE(faults.set(wrong)) << wrong;
  }
  EXPECT_EQ(faults.set("slow=x").error(), "slow=x is not in 0..60000");
  EXPECT_NE(faults.set("slower").error().find("slower is not one of too_many_requests, "),
            std::string::npos);
}

TEST(Faults, AreChangedWhileItRuns) {
  Script script;
  script.expect("GET /longspan/faults", 200, "{}");
  script.expect(R"(PUT /longspan/faults {"null_subjects":true,"slow":5})", 200,
                R"({"slow":5,"null_subjects":true})");
  script.expect("GET /subjects", 200, "null");
  script.expect(R"(PUT /longspan/faults {"slow":0})", 200, R"({"null_subjects":true})");
  for (const std::string wrong :
       {"", "[]", R"({"slo":1})", R"({"slow":true})", R"({"null_subjects":false,"slow":-1})"}) {
    EXPECT_EQ(script.call("PUT /longspan/faults " + wrong).status, 400) << wrong;
  }
  script.expect("GET /longspan/faults", 200, R"({"null_subjects":true})");
  script.expect("DELETE /longspan/faults", 200, "{}");
  script.expect("GET /subjects", 200, "[]");
}

TEST(Faults, EveryNthRequestIsTooMany) {
  Script script({"too_many_requests=3"});
  script.post("s", 1, kInt);
  script.expect("GET /subjects", 200, R"(["s"])");
  const Answer third = script.call(kTo + kText);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.retry_after, std::chrono::seconds(1));
  script.expect("GET /subjects/s/versions", 200, "[1]");  // nothing was done
  script.expect("DELETE /longspan/faults", 200, "{}");    // and this one is never refused
}

TEST(Faults, EveryNthRequestIsUnavailable) {
  Script script({"unavailable=2"});
  script.expect("GET /subjects", 200, "[]");
  EXPECT_EQ(script.call("GET /subjects").status, 503);
  script.expect("GET /subjects", 200, "[]");
}

TEST(Faults, SlowAsksTheTransportToWait) {
  Script script({"slow=250"});
  EXPECT_EQ(script.call("GET /subjects").delay, std::chrono::milliseconds(250));
  EXPECT_EQ(script.call("GET /longspan/faults").delay.count(), 0);
}

TEST(Faults, DropsTheConnectionOfEveryNthChangeThatWasMade) {
  Script script({"drop_after_commit=2"});
  EXPECT_FALSE(script.call(kTo + kInt).drops_connection);
  EXPECT_FALSE(script.call(kTo + posted("{")).drops_connection);  // was none
  EXPECT_FALSE(script.call("GET /subjects").drops_connection);
  EXPECT_TRUE(script.call(kTo + posted(R"("long")")).drops_connection);
  script.expect("GET /subjects/s/versions", 200, "[1,2]");
}

TEST(Faults, WithoutImportNoModeIsSetAndIdsAreIgnored) {
  Script script({"no_import"});
  EXPECT_EQ(script.call(R"(PUT /mode/s?force=true {"mode":"IMPORT"})").status, 405);
  EXPECT_EQ(script.call(R"(PUT /mode {"mode":"IMPORT"})").status, 405);
  EXPECT_EQ(script.call("DELETE /mode/s").status, 405);
  script.expect("GET /mode", 200, R"({"mode":"READWRITE"})");
  script.post("s", 1, posted(R"("int")", R"("id":7001,"version":3)"));
  script.expect("GET /subjects/s/versions", 200, "[1]");
}

TEST(Faults, OtherIdAnswersFineAndDoesAnother) {
  Script script({"other_id"});
  script.expect(R"(PUT /mode/s?force=true {"mode":"IMPORT"})", 204, "");
  script.expect("GET /mode/s", 204, "");
  script.expect("GET /mode", 404, "");
  script.expect("DELETE /mode/s", 405, "");
  script.post("s", 1, posted(R"("int")", R"("id":7001,"version":3)"));
  script.refuse("GET /schemas/ids/7001", 40403);
  script.expect("GET /subjects/s/versions", 200, "[1]");
}

TEST(Faults, AFollowerWithoutLeaderTakesNoChange) {
  Script script({"follower"});
  script.refuse(kTo + kInt, 50003);
  script.refuse(R"(PUT /mode {"mode":"IMPORT"})", 50003);
  script.refuse("DELETE /subjects/s", 50003);
  script.refuse("POST /subjects/s " + kInt, 40401);  // a look-up is a read
  script.expect("GET /subjects", 200, "[]");
}

TEST(Faults, WithoutContextsAQualifiedNameIsAName) {
  Script script({"no_contexts"});
  script.post(":.east:s", 1, kInt);
  script.post("s", 2, kText);
  script.expect("GET /subjects?subjectPrefix=:.east:", 200, R"([":.east:s","s"])");
  script.expect("GET /schemas/ids/2?subject=:.east:", 200, R"({"schema":"\"string\""})");
  EXPECT_EQ(script.call("GET /contexts").status, 404);
  script.expect("GET /subjects/:.east:s/versions/1", 200, R"(~"subject":":.east:s")");
}

TEST(Faults, ATakenVersionIsAnsweredWithTheIdThatIsThere) {
  Script script({"taken_version"});
  script.import("s");
  script.post("s", 7001, posted(R"("int")", R"("id":7001,"version":3)"));
  script.post("s", 7001, posted(R"("string")", R"("id":7002,"version":3)"));
  script.post("s", 7001, posted(R"("int")", R"("id":7050,"version":4)"));
  script.refuse("GET /schemas/ids/7002", 40403);
  script.refuse("GET /schemas/ids/7050", 40403);
  script.expect("GET /subjects/s/versions", 200, "[3]");
  script.refuse(kTo + posted(R"("string")", R"("id":7001,"version":4)"), 42205);
}

TEST(Faults, DropMetadataKeepsNoneOfAnImport) {
  Script script({"drop_metadata"});
  script.import("s");
  script.post("s", 7, posted(R"("int")", R"("id":7,"metadata":{"properties":{"a":"1"}},
      "ruleSet":{"domainRules":[{"name":"r","type":"CEL"}]})"));
  script.expect("GET /schemas/ids/7", 200, R"({"schema":"\"int\""})");
}

TEST(Faults, IdInReadwriteTakesAnIdOnce) {
  Script script({"id_in_readwrite"});
  const std::string first = posted(R"("int")", R"("id":7001,"version":3)");
  script.expect(kTo + first, 200, R"(~{"id":7001)");
  script.refuse(kTo + first, 42207);
  script.refuse(kTo + posted(R"("long")", R"("id":7001,"version":4)"), 42207);
  script.expect("GET /subjects/s/versions", 200, "[3]");
}

TEST(Faults, NoGuidsAreLookedUp) {
  Script script;
  script.post("s", 1, posted(R"("string")"));
  const std::string guid = "095d71cf-1255-6b9d-5e33-0ad575b3df5d";
  script.expect("GET /schemas/guids/" + guid, 200, R"({"schema":"\"string\""})");
  script.refuse("GET /schemas/guids/" + guid.substr(1), 40403);
  script.expect(R"(PUT /longspan/faults {"no_guids":true})", 200, R"({"no_guids":true})");
  script.expect("GET /schemas/guids/" + guid, 404, "~HTTP 404 Not Found");
}

TEST(Faults, FixedModesDoNotChange) {
  Script script({"fixed_modes"});
  script.refuse(R"(PUT /mode/s {"mode":"IMPORT"})", 42205, "Mode changes are not allowed");
  script.refuse(R"(PUT /mode {"mode":"READONLY"})", 42205);
  script.refuse("DELETE /mode/s", 40401);
  script.expect("GET /mode", 200, R"({"mode":"READWRITE"})");
}

}  // namespace
}  // namespace longspan::embedded
