#include "mirror/schemas/registry_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/schemas/fake_exchange.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = RegistryError::Kind;

Sent answer(int status, std::string body) { return HttpResponse{status, std::move(body), {}, {}}; }
Sent no(int code) { return answer(404, "{\"error_code\":" + std::to_string(code) + "}"); }

const Subject kPlain{".", "a/b"};
const Subject kEast{".east", "a b"};
const Schema kSchema{"AVRO", "x", {}, "", ""};

struct Bench {
  Bench() { settings.urls = {"http://r"}; }
  RegistryClient& with(std::vector<Sent> next) {
    fakes.answers(std::move(next));
    client = std::make_unique<RegistryClient>(settings, fakes.ports(), std::stop_token());
    return *client;
  }
  Fakes fakes;
  RegistrySettings settings;
  std::unique_ptr<RegistryClient> client;
};

struct CallRow {
  const char* line;  // of the request, with its body
  std::function<bool(RegistryClient&)> call;
  const char* answer;
};
using Client = RegistryClient;
const char* const kText = R"({"id":1,"version":2,"schema":"x","mode":"IMPORT"})";

const std::vector<CallRow> kSchemaCalls = {
    {"GET http://r/contexts", [](Client& r) { return r.contexts().has_value(); }, R"(["."])"},
    {"GET http://r/subjects?deleted=true&subjectPrefix=%3A%2A%3A",
     [](Client& r) { return r.subjects(true).has_value(); }, R"(["a"])"},
    {"GET http://r/subjects?deleted=false&subjectPrefix=%3A%2A%3A",
     [](Client& r) { return r.subjects(false).has_value(); }, R"(["a"])"},
    {"GET http://r/subjects/a%2Fb/versions",
     [](Client& r) { return r.versions(kPlain, false).has_value(); }, "[1]"},
    {"GET http://r/subjects/%3A.east%3Aa%20b/versions?deleted=true",
     [](Client& r) { return r.versions(kEast, true).has_value(); }, "[1]"},
    {"GET http://r/subjects/%3A.east%3Aa%20b/versions/2?deleted=true",
     [](Client& r) {
       return r.version({kEast, 2}).has_value();
     },
     kText},
    {"GET http://r/schemas/ids/7", [](Client& r) { return r.schema(7, kPlain).has_value(); },
     kText},
    {"GET http://r/schemas/ids/7?subject=%3A.east%3A",
     [](Client& r) { return r.schema(7, kEast).has_value(); }, kText},
    {"GET http://r/schemas/guids/a9e1-11",
     [](Client& r) { return r.schema_by_guid("a9e1-11").has_value(); }, kText},
    {"GET http://r/schemas/ids/7/versions?deleted=true",
     [](Client& r) { return r.users(7, kPlain).has_value(); }, "[]"},
    {"GET http://r/schemas/ids/7/versions?deleted=true&subject=%3A.east%3A",
     [](Client& r) { return r.users(7, kEast).has_value(); }, "[]"},
    {"GET http://r/schemas/ids/7?fetchMaxId=true&subject=%3A.east%3A",
     [](Client& r) { return r.max_id(7, kEast).has_value(); }, kText},
    {"POST http://r/subjects/a%2Fb/versions?normalize=false "
     "{\"id\":7,\"schema\":\"x\",\"version\":3}",
     [](Client& r) {
       return r.import_schema({kPlain, 3, 7, kSchema}).has_value();
     },
     kText},
    {"DELETE http://r/subjects/a%2Fb/versions/3",
     [](Client& r) {
       return r.soft_delete({kPlain, 3}).has_value();
     },
     "3"},
    {"POST http://r/compatibility/subjects/a%2Fb/versions?verbose=true {\"schema\":\"x\"}",
     [](Client& r) { return r.check_compatibility(kPlain, kSchema).has_value(); },
     R"({"is_compatible":true})"},
};

const std::vector<CallRow> kScopeCalls = {
    {"GET http://r/mode", [](Client& r) { return r.mode({}).has_value(); }, kText},
    {"GET http://r/mode/a%2Fb", [](Client& r) { return r.mode(kPlain).has_value(); }, kText},
    {"GET http://r/mode/%3A.east%3A",
     [](Client& r) {
       return r.mode({".east", ""}).has_value();
     },
     kText},
    {"PUT http://r/mode/a%2Fb?force=true {\"mode\":\"IMPORT\"}",
     [](Client& r) { return r.set_mode(kPlain, "IMPORT").has_value(); }, kText},
    {"PUT http://r/mode?force=true {\"mode\":\"IMPORT\"}",
     [](Client& r) { return r.set_mode({}, "IMPORT").has_value(); }, ""},
    {"DELETE http://r/mode/a%2Fb", [](Client& r) { return r.unset_mode(kPlain).has_value(); },
     "\"IMPORT\""},
    {"GET http://r/config/a%2Fb", [](Client& r) { return r.config(kPlain).has_value(); }, "{}"},
    {"PUT http://r/config/a%2Fb {\"compatibility\":\"NONE\"}",
     [](Client& r) { return r.set_config(kPlain, R"({"compatibility":"NONE"})").has_value(); },
     "{}"},
    {"DELETE http://r/config", [](Client& r) { return r.unset_config({}).has_value(); }, "{}"},
};

TEST(RegistryClient, AsksEachCallAsTheApiWantsIt) {
  std::vector<CallRow> rows = kSchemaCalls;
  rows.insert(rows.end(), kScopeCalls.begin(), kScopeCalls.end());
  for (const CallRow& row : rows) {
    Bench bench;
    EXPECT_TRUE(row.call(bench.with({answer(200, row.answer)}))) << row.line;
    const std::string& body = bench.fakes.requests[0].body;
    EXPECT_EQ(bench.fakes.line(0) + (body.empty() ? "" : " " + body), row.line);
    EXPECT_EQ(bench.fakes.requests.size(), 1U);
  }
}

TEST(RegistryClient, WhatIsNotThereIsAnAnswer) {
  Bench b;
  EXPECT_THAT(b.with({no(40401)}).versions(kPlain, true).value(), IsEmpty());
  EXPECT_FALSE(b.with({no(40401)}).version({kPlain, 1}).value());
  EXPECT_FALSE(b.with({no(40402)}).version({kPlain, 1}).value());
  EXPECT_FALSE(b.with({no(40403)}).schema(7, kPlain).value());
  EXPECT_THAT(b.with({no(40403)}).users(7, kPlain).value(), IsEmpty());
  EXPECT_FALSE(b.with({no(40403)}).max_id(7, kPlain).value());
  EXPECT_FALSE(b.with({no(40409)}).mode(kPlain).value());
  EXPECT_FALSE(b.with({no(40401)}).mode(kPlain).value());
  EXPECT_FALSE(b.with({no(40408)}).config(kPlain).value());
  EXPECT_TRUE(b.with({no(40409)}).unset_mode(kPlain));
  EXPECT_TRUE(b.with({no(40408)}).unset_config(kPlain));
  for (const int code : {40401, 40402, 40404, 40406}) {  // an answer was lost before
    EXPECT_TRUE(b.with({no(code)}).soft_delete({kPlain, 1})) << code;
  }
  EXPECT_TRUE(b.with({no(40401)}).check_compatibility(kPlain, kSchema).value().is_compatible);
}

TEST(RegistryClient, ApicuriosModesAreAbsent) {
  Bench b;
  EXPECT_FALSE(b.with({answer(404, "")}).mode({}).value());
  EXPECT_FALSE(b.with({answer(204, "")}).mode(kPlain).value());
  EXPECT_TRUE(b.with({answer(204, "")}).set_mode(kPlain, "IMPORT"));
}

TEST(RegistryClient, ACallThatTheRegistryDoesNotHaveIsUnsupported) {
  const std::string jersey = R"({"error_code":404,"message":"HTTP 404 Not Found"})";
  Bench b;
  EXPECT_EQ(b.with({answer(404, jersey)}).mode(kPlain).error().kind, Kind::unsupported);
  EXPECT_EQ(b.with({answer(404, jersey)}).set_mode(kPlain, "X").error().kind, Kind::unsupported);
  EXPECT_EQ(b.with({answer(405, "")}).unset_mode(kPlain).error().kind, Kind::unsupported);
  EXPECT_EQ(b.with({answer(404, "")}).users(7, kPlain).error().kind, Kind::unsupported);
  EXPECT_EQ(b.with({answer(404, "")}).config(kPlain).error().kind, Kind::unsupported);
  EXPECT_EQ(b.with({answer(404, "nginx")}).subjects(true).error().kind, Kind::unsupported);
}

TEST(RegistryClient, ARefusalHasTheRegistrysWords) {
  Bench b;
  const auto refused =
      b.with({answer(422, R"({"error_code":42205,"message":"not in import mode"})")})
          .import_schema({kPlain, 1, 7, kSchema});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::refused);
  EXPECT_EQ(refused.error().code, kOperationNotPermitted);
  EXPECT_EQ(refused.error().message, "not in import mode");
  EXPECT_EQ(refused.error().where, "POST http://r/subjects/a%2Fb/versions?normalize=false");
  EXPECT_EQ(b.with({no(40401)}).set_mode(kPlain, "IMPORT").error().kind, Kind::refused);
  EXPECT_EQ(b.with({answer(200, "")}).import_schema({kPlain, 1, 7, kSchema}).error().kind,
            Kind::unintelligible);
}

TEST(RegistryClient, AnEmptyListingIsAskedForOnceMoreWithoutThePrefix) {
  Bench b;
  EXPECT_THAT(b.with({answer(200, "[]"), answer(200, R"(["a"])")}).subjects(true).value(),
              ElementsAre(Subject{".", "a"}));
  EXPECT_EQ(b.fakes.line(1), "GET http://r/subjects?deleted=true");
  Bench empty;
  EXPECT_THAT(empty.with({answer(200, "null"), answer(200, "null")}).subjects(true).value(),
              IsEmpty());
}

TEST(RegistryClient, OpensOnlyWithSettingsThatCanWork) {
  const auto none = open_registry({}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().next, Next::stop_process);
  RegistrySettings settings;
  settings.urls = {"http://127.0.0.1:1"};
  EXPECT_TRUE(open_registry(settings, {}));
}

// All lists of versions are cut at one length, or none is.
TEST(RegistryClient, AListOfVersionsShorterThanOneCanBeIsNotReadOn) {
  const std::string twelve = "[1,2,3,4,5,6,7,8,9,10,11,12]";
  Bench b;
  auto& client = b.with({answer(200, "[1,2,3]"), answer(200, twelve), answer(200, "[12]"),
                         answer(200, "[1,2,3,4,5,6,7,8,9,10,11]")});
  EXPECT_EQ(client.versions(kPlain, true)->size(), 3U);
  EXPECT_EQ(b.fakes.requests.size(), 1U);
  EXPECT_EQ(client.versions(kPlain, true)->size(), 12U);
  EXPECT_EQ(b.fakes.requests.size(), 3U) << "it may have been cut off";
  EXPECT_EQ(client.versions(kPlain, true)->size(), 11U);
  EXPECT_EQ(b.fakes.requests.size(), 4U);
}

}  // namespace
}  // namespace longspan
