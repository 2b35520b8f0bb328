// What a client sees of the registry in READWRITE: subjects, versions, ids, contexts, references.
#include "mirror/schemas/embedded/embedded_registry.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

const std::string kInt = posted(R"("int")");
const std::string kLong = posted(R"("long")");
const std::string kText = posted(R"("string")");

TEST(EmbeddedRegistry, IsEmptyAtFirst) {
  Script script;
  script.expect("GET /", 200, "{}");
  script.expect("GET /subjects", 200, "[]");
  script.expect("GET /contexts", 200, R"(["."])");
  script.expect("GET /schemas/types", 200, R"(["JSON","PROTOBUF","AVRO"])");
  script.expect("GET /v1/metadata/id", 200, R"(~"schema-registry-cluster")");
  script.expect("GET /mode", 200, R"({"mode":"READWRITE"})");
  script.expect("GET /config", 200, R"({"compatibilityLevel":"BACKWARD"})");
}

TEST(EmbeddedRegistry, KnowsItsPathsAndTheirMethods) {
  Script script;
  script.expect("GET /nothing", 404, R"({"error_code":404,"message":"HTTP 404 Not Found"})");
  script.expect("PUT /subjects {}", 405, R"(~"error_code":405)");
  script.expect("GET /subjects/a/versions/1/schema/more", 404, R"(~"error_code":404)");
}

TEST(EmbeddedRegistry, CountsVersionsInASubjectAndIdsInAContext) {
  Script script;
  script.post("a", 1, kInt);
  script.post("a", 2, kLong);
  script.post("b", 2, kLong);  // one schema, one id
  script.post("b", 3, posted(R"("double")"));
  script.post(":.east:a", 1, kText);
  script.expect("GET /subjects", 200, R"([":.east:a","a","b"])");
  script.expect("GET /subjects/a/versions", 200, "[1,2]");
  script.expect("GET /contexts", 200, R"([".",".east"])");
}

TEST(EmbeddedRegistry, ListsSchemasByPages) {
  Script script;
  script.post("a", 1, kInt);
  script.post("a", 2, kLong);
  script.post("b", 2, kLong);
  script.post(":.east:a", 1, kText);
  script.call("DELETE /subjects/a/versions/1");
  const auto listed = [&](const std::string& query) {
    const Answer answer = script.call("GET /schemas" + query, kShowAll);
    std::string out;
    for (const auto& each : nlohmann::json::parse(answer.body)) {
      out += (out.empty() ? "" : " ") + each["subject"].get<std::string>() + "=" +
             std::to_string(each["id"].get<int>()) + (each["deleted"].get<bool>() ? "-" : "");
    }
    return out;
  };
  EXPECT_EQ(listed(""), "a=2 b=2");
  EXPECT_EQ(listed("?deleted=true"), "a=1- a=2 b=2");
  EXPECT_EQ(listed("?subjectPrefix=:*:&deleted=true"), "a=1- a=2 b=2 :.east:a=1");
  EXPECT_EQ(listed("?subjectPrefix=:*:&deleted=true&offset=1&limit=2"), "a=2 b=2");
  EXPECT_EQ(listed("?subjectPrefix=b&offset=1"), "");
  EXPECT_EQ(script.call("GET /contexts/.east/schemas").body.find("\"a\""), std::string::npos);
}

TEST(EmbeddedRegistry, AnswersASchemaThatIsThereWithItsIdAgain) {
  Script script;
  script.post("a", 1, kInt);
  script.post("a", 1, kInt);
  script.post("a", 1, posted(" \"int\"\n"));  // white space makes no difference
  script.expect("GET /subjects/a/versions", 200, "[1]");
}

TEST(EmbeddedRegistry, ReadsAVersion) {
  Script script;
  script.post("a", 1, kInt);
  script.post("a", 2, kLong);
  const std::string second = R"({"subject":"a","version":2,"id":2,"schema":"\"long\""})";
  script.expect("GET /subjects/a/versions/2", 200, second);
  script.expect("GET /subjects/a/versions/latest", 200, second);
  script.expect("GET /subjects/a/versions/-1", 200, second);
  script.expect("GET /subjects/a/versions/2/schema", 200, "\"long\"");
  script.refuse("GET /subjects/a/versions/3", 40402, "Version 3 not found.");
  script.refuse("GET /subjects/z/versions/1", 40401, "Subject 'z' not found.");
  script.refuse("GET /subjects/z/versions", 40401);
  for (const char* version : {"0", "-2", "x", "2147483648", "1x"}) {
    script.refuse("GET /subjects/a/versions/" + std::string(version), 42202);
  }
}

TEST(EmbeddedRegistry, ShowsGuidAndDeletedOnlyToThoseWhoAskForThem) {
  Script script;
  script.post("a", 1, kText);
  const auto version = script.call("GET /subjects/a/versions/1", kShowAll).body;
  EXPECT_NE(version.find("\"guid\":\""), std::string::npos) << version;
  EXPECT_NE(version.find("\"deleted\":false"), std::string::npos) << version;
  const auto schema = script.call("GET /schemas/ids/1", kShowAll).body;
  EXPECT_NE(schema.find("\"guid\":\""), std::string::npos) << schema;
  script.expect("GET /schemas/ids/1", 200, R"({"schema":"\"string\""})");
}

TEST(EmbeddedRegistry, NamesTheTypeOnlyIfItIsNotAvro) {
  Script script;
  script.post("j", 1, posted("{\"type\" : \"object\"}", R"("schemaType":"JSON")"));
  script.post("p", 2, posted("message M { }", R"("schemaType":"PROTOBUF")"));
  script.expect("GET /schemas/ids/1", 200,
                R"({"schemaType":"JSON","schema":"{\"type\":\"object\"}"})");
  script.expect("GET /schemas/ids/2", 200, R"({"schemaType":"PROTOBUF","schema":"message M { }"})");
  script.refuse("POST /subjects/x/versions " + posted("{}", R"("schemaType":"XML")"), 42201,
                "Invalid schema type XML");
  script.refuse("POST /subjects/x/versions " + posted("{", R"("schemaType":"JSON")"), 42201);
}

TEST(EmbeddedRegistry, RefusesWhatIsNoSchema) {
  Script script;
  const std::string to = "POST /subjects/a/versions ";
  script.refuse(to + posted("int"), 42201, "details: not JSON");
  script.refuse(to + posted("[\"Missing\"]"), 42201, "Undefined name: \"Missing\"");
  script.refuse(to + posted(record("R", {R"(a:"int"="x")"})), 42201, "Invalid default");
  script.refuse(to + posted(" "), 42201, "Empty schema");
  script.refuse(to + "{}", 42201, "Empty schema");
  for (const std::string body : {"", "[]", "{\"schema\":7}", R"({"schema":"\"int\"","id":"7"})"}) {
    EXPECT_EQ(script.call(to + body).status, 400) << body;
  }
  script.expect("GET /subjects", 200, "[]");
}

TEST(EmbeddedRegistry, RefusesWhatIsNestedTooDeeply) {
  Script script;
  const std::string opened(1'000'000, '[');
  EXPECT_EQ(script.call("POST /subjects/a/versions " + opened).status, 400);
  script.refuse("POST /subjects/a/versions " + posted(opened), 42201, "nested too deeply");
  script.refuse("POST /subjects/a/versions " + posted(opened, R"("schemaType":"JSON")"), 42201,
                "nested too deeply");
}

TEST(EmbeddedRegistry, RefusesNamesThatAreNone) {
  Script script;
  for (const std::string name : {"a%00", "a%0Ab", "__GLOBAL", "__EMPTY", ":.east:", "%FF"}) {
    script.refuse("POST /subjects/" + name + "/versions " + kInt, 42208);
  }
  script.post("a%2Fb%20%C3%A9", 1, kInt);
  script.expect("GET /subjects", 200, "[\"a/b \xc3\xa9\"]");
}

TEST(EmbeddedRegistry, LooksUpASchemaWithoutRegisteringIt) {
  Script script;
  script.post("a", 1, kInt);
  script.expect("POST /subjects/a " + posted(" \"int\""), 200,
                R"({"subject":"a","version":1,"id":1,"schema":"\"int\""})");
  script.refuse("POST /subjects/a " + kText, 40403, "Schema not found");
  script.refuse("POST /subjects/b " + kInt, 40401);
  script.refuse("POST /subjects/a " + posted("{"), 42201);
  script.expect("DELETE /subjects/a", 200, "[1]");
  script.refuse("POST /subjects/a " + kInt, 40401);
  script.expect("POST /subjects/a?deleted=true " + kInt, 200, R"(~"version":1)");
}

TEST(EmbeddedRegistry, RefusesAnIncompatibleSchema) {
  Script script;
  script.post("a", 1, posted(record("R", {})));
  const std::string wider = posted(record("R", {R"(a:"int")"}));
  script.refuse("POST /subjects/a/versions " + wider, 40901,
                "Schema being registered is incompatible with an earlier schema for subject \"a\", "
                "details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'");
  script.post("a", 2, posted(record("R", {R"(a:"int"=0)"})));
  script.expect("POST /subjects/a/versions?force=true " + posted(R"("int")"), 200, R"({"id":3})");
}

TEST(EmbeddedRegistry, ChecksCompatibilityWithoutRegistering) {
  Script script;
  script.post("a", 1, posted(record("R", {})));
  script.post("a", 2, posted(record("R", {R"(a:"int"=0)"})));
  const std::string wider = posted(record("R", {R"(a:"int")"}));
  const std::string to = "POST /compatibility/subjects/a/versions";
  script.expect(to + "/latest " + wider, 200, R"({"is_compatible":true})");
  script.expect(to + "/latest?verbose=true " + wider, 200,
                R"({"is_compatible":true,"messages":[]})");
  script.expect(to + "/1 " + wider, 200, R"({"is_compatible":false})");
  script.expect(to + "/1?verbose=true " + wider, 200,
                "~{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'");
  script.expect(to + "?verbose=true " + wider, 200, R"({"is_compatible":true,"messages":[]})");
  script.expect(R"(PUT /config/a {"compatibility":"BACKWARD_TRANSITIVE"})", 200, "~TRANSITIVE");
  script.expect(to + "?verbose=true " + wider, 200, "~{oldSchemaVersion: 1}");
  script.expect("POST /compatibility/subjects/b/versions/latest " + wider, 200,
                R"({"is_compatible":true})");
  script.expect("POST /compatibility/subjects/b/versions " + wider, 200,
                R"({"is_compatible":true})");
  script.refuse("POST /compatibility/subjects/b/versions/1 " + wider, 40401);
  script.refuse(to + "/7 " + wider, 40402);
  script.refuse(to + "/x " + wider, 42202);
  script.refuse(to + "/1 " + posted("{"), 42201);
  script.refuse(to + "/1 {}", 42201, "Empty schema");
}

TEST(EmbeddedRegistry, ComparesOnlyWithinACompatibilityGroup) {
  Script script;
  script.expect(R"(PUT /config/a {"compatibilityGroup":"major"})", 200, "~major");
  const auto of = [](const char* type, const char* major) {
    return posted(type, R"("metadata":{"properties":{"major":")" + std::string(major) + "\"}}");
  };
  script.expect("POST /subjects/a/versions " + of(R"("int")", "1"), 200, R"(~{"id":1)");
  script.expect("POST /subjects/a/versions " + of(R"("string")", "2"), 200, R"(~{"id":2)");
  script.refuse("POST /subjects/a/versions " + of(R"("boolean")", "2"), 40901);
}

TEST(EmbeddedRegistry, SaysWhatAnIdStandsForAndWhoUsesIt) {
  Script script;
  script.post("a", 1, kInt);
  script.post("b", 1, kInt);
  script.post(":.east:a", 1, kText);
  script.expect("GET /schemas/ids/1", 200, R"({"schema":"\"int\""})");
  script.expect("GET /schemas/ids/1/schema", 200, "\"int\"");
  script.expect("GET /schemas/ids/1/subjects", 200, R"(["a","b"])");
  script.expect("GET /schemas/ids/1/versions", 200,
                R"([{"subject":"a","version":1},{"subject":"b","version":1}])");
  script.refuse("GET /schemas/ids/2", 40403, "Schema 2 not found");
  script.refuse("GET /schemas/ids/2/subjects", 40403);
  script.refuse("GET /schemas/ids/2/versions", 40403);
  EXPECT_EQ(script.call("GET /schemas/ids/x").status, 404);
}

TEST(EmbeddedRegistry, FindsTheContextOfAnIdByASubject) {
  Script script;
  script.post("a", 1, kInt);
  script.post(":.east:b", 1, kText);
  script.post(":.east:b", 2, posted(R"("bytes")"));
  const std::string text = R"({"schema":"\"string\""})";
  script.expect("GET /schemas/ids/1?subject=:.east:", 200, text);
  script.expect("GET /schemas/ids/1?subject=:.east:b", 200, text);
  script.expect("GET /schemas/ids/1?subject=b", 200, text);  // a plain name in any context
  script.expect("GET /schemas/ids/1?subject=z", 200, R"({"schema":"\"int\""})");
  script.refuse("GET /schemas/ids/1?subject=:.east:z", 40403);
  script.refuse("GET /schemas/ids/2?subject=a", 40403);
  script.expect("GET /contexts/.east/schemas/ids/1", 200, text);
  script.expect("GET /schemas/ids/2?subject=:.east:&fetchMaxId=true", 200,
                R"({"schema":"\"bytes\"","maxId":2})");
  script.expect("GET /schemas/ids/1?fetchMaxId=true", 200, R"({"schema":"\"int\"","maxId":1})");
}

TEST(EmbeddedRegistry, ListsSubjectsByPrefixAndPage) {
  Script script;
  for (const char* name : {"a1", "a2", "b1", ":.east:a1", ":.west:b1"}) {
    script.call("POST /subjects/" + std::string(name) + "/versions " + kInt);
  }
  script.expect("DELETE /subjects/a2", 200, "[1]");
  script.expect("GET /subjects", 200, R"([":.east:a1",":.west:b1","a1","b1"])");
  script.expect("GET /subjects?subjectPrefix=:*:", 200, R"([":.east:a1",":.west:b1","a1","b1"])");
  script.expect("GET /subjects?subjectPrefix=:*:a", 200, R"([":.east:a1","a1"])");
  script.expect("GET /subjects?subjectPrefix=a&deleted=true", 200, R"(["a1","a2"])");
  script.expect("GET /subjects?subjectPrefix=:.east:", 200, R"([":.east:a1"])");
  script.expect("GET /subjects?subjectPrefix=", 200, R"(["a1","b1"])");
  script.expect("GET /subjects?deletedOnly=true", 200, R"(["a2"])");
  script.expect("GET /subjects?offset=1&limit=2", 200, R"([":.west:b1","a1"])");
  script.expect("GET /subjects?offset=9", 200, "[]");
  script.expect("GET /contexts/.east/subjects", 200, R"([":.east:a1"])");
}

TEST(EmbeddedRegistry, TakesAContextFromTheFrontOfAPath) {
  Script script;
  script.expect("POST /contexts/.east/subjects/a/versions " + kInt, 200, R"({"id":1})");
  script.expect("GET /contexts/:.east:/subjects/a/versions", 200, "[1]");
  script.expect("GET /subjects/:.east:a/versions", 200, "[1]");
  script.expect(R"(PUT /contexts/.east/mode {"mode":"READONLY"})", 200, R"({"mode":"READONLY"})");
  script.expect("GET /mode/:.east:", 200, R"({"mode":"READONLY"})");
  script.expect("POST /contexts/.east/compatibility/subjects/a/versions/1 " + kInt, 200,
                R"({"is_compatible":true})");
}

TEST(EmbeddedRegistry, FindsAPlainNameInAnyContext) {
  Script script;
  script.post(":.east:a", 1, kInt);
  script.expect("GET /subjects/a/versions/1", 200, R"(~"subject":":.east:a")");
  script.refuse("GET /subjects/a/versions", 40401);
}

TEST(EmbeddedRegistry, DeletesOnlyAnEmptyContext) {
  Script script;
  script.post(":.east:a", 1, kInt);
  script.refuse("DELETE /contexts/.east", 42211);
  script.expect("DELETE /subjects/:.east:a", 200, "[1]");
  script.expect("DELETE /subjects/:.east:a?permanent=true", 200, "[1]");
  script.expect("DELETE /contexts/.east", 204, "");
  script.expect("GET /contexts", 200, R"(["."])");
}

const std::string kAddress = R"({"type":"record","name":"x.Address","fields":[]})";

std::string referring(const std::string& subject, int version) {
  return posted(record("Person", {R"(home:"x.Address")"}),
                R"("references":[{"name":"x.Address","subject":")" + subject + R"(","version":)" +
                    std::to_string(version) + "}]");
}

TEST(EmbeddedRegistry, ResolvesReferences) {
  Script script;
  script.refuse("POST /subjects/person/versions " + referring("address", 1), 42201,
                "No schema reference found for subject \"address\" and version 1");
  script.post("address", 1, posted(kAddress));
  script.post("person", 2, referring("address", 1));
  script.refuse("POST /subjects/other/versions " + referring("address", 2), 42201);
  script.expect("GET /subjects/address/versions/1/referencedby", 200, "[2]");
  script.expect("GET /subjects/person/versions/1/referencedby", 200, "[]");
  script.expect("GET /schemas/ids/2", 200,
                R"(~"references":[{"name":"x.Address","subject":"address","version":1}])");
  // Of a reference of a reference the names are there, too.
  script.post("firm", 3,
              posted(record("Firm", {R"(owner:"Person")", R"(seat:"x.Address")"}),
                     R"("references":[{"name":"Person","subject":"person","version":1}])"));
}

TEST(EmbeddedRegistry, ResolvesAReferenceInTheContextOfWhoRefers) {
  Script script;
  script.post("address", 1, posted(kAddress));
  script.refuse("POST /subjects/:.east:person/versions " + referring("address", 1), 42201);
  script.post(":.east:address", 1, posted(kAddress));
  script.post(":.east:person", 2, referring("address", 1));
  script.expect("GET /subjects/:.east:address/versions/1/referencedby", 200, "[2]");
  script.expect("GET /subjects/address/versions/1/referencedby", 200, "[]");
  script.post("person", 2, referring(":.east:address", 1));
  script.expect("GET /subjects/:.east:address/versions/1/referencedby", 200, "[2]");
}

TEST(EmbeddedRegistry, SchemasThatDifferInAnyPartAreOthers) {
  Script script;
  script.post("address", 1, posted(kAddress));
  script.post("j", 2, posted("{}", R"("schemaType":"JSON")"));
  script.post("p", 3, posted("{}", R"("schemaType":"PROTOBUF")"));
  script.post("r", 4, posted(R"("int")", R"("references":[
      {"name":"x","subject":"address","version":1}])"));
  script.post("n", 5, kInt);
}

TEST(EmbeddedRegistry, IsAskedByManyThreadsAtOnce) {
  EmbeddedRegistry registry;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry, i] {
      for (int version = 0; version < 20; ++version) {
        const std::string name = "R" + std::to_string(i) + "_" + std::to_string(version);
        registry.answer(
            {"POST", "/subjects/" + name + "/versions", "", false, posted(record(name, {}))});
        registry.answer({"GET", "/subjects", "", false, ""});
      }
    });
  }
  threads.clear();
  const auto last = registry.answer({"GET", "/schemas/ids/80", "fetchMaxId=true", false, ""});
  EXPECT_EQ(last.status, 200);
  EXPECT_NE(last.body.find("\"maxId\":80"), std::string::npos);
}

}  // namespace
}  // namespace longspan::embedded
