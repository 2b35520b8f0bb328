#include "mirror/schemas/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/mirror/schemas/fake_exchange.h"

namespace longspan {
namespace {

using testing::HasSubstr;

const std::string kNoSchema = R"({"error_code":40403,"message":"Schema not found"})";
const std::string kJersey = R"({"error_code":404,"message":"HTTP 404 Not Found"})";

// A registry by what it answers to each path.
RegistryResult<Capabilities> probed(std::map<std::string, Sent> answers) {
  Fakes fakes;
  fakes.answer = [&](const HttpRequest& request) -> Sent {
    EXPECT_EQ(request.method, "GET");
    const auto found = answers.find(request.url.substr(std::string("http://r").size()));
    return found == answers.end() ? Sent(HttpResponse{404, kJersey, {}, {}}) : found->second;
  };
  RegistrySettings settings;
  settings.urls = {"http://r"};
  RegistryRequests requests(settings, fakes.ports(), {});
  return probe_capabilities(requests);
}

Sent ok(std::string body) { return HttpResponse{200, std::move(body), {}, {}}; }

TEST(Capabilities, SeesConfluent) {
  const auto seen = probed({
      {"/subjects", ok(R"(["a","b"])")},
      {"/contexts", ok(R"([".",".east"])")},
      {"/mode", ok(R"({"mode":"READWRITE"})")},
      {"/schemas/types", ok(R"(["JSON","PROTOBUF","AVRO"])")},
      {"/schemas/ids/1/versions", HttpResponse{404, kNoSchema, {}, {}}},
      {"/v1/metadata/id", ok(R"({"scope":{"path":[],"clusters":{}},"id":""})")},
  });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text(),
            "looks like Confluent; contexts: ., .east; modes; tells who uses an id; JSON, "
            "PROTOBUF, AVRO; 2 subjects");
}

TEST(Capabilities, SeesApicurio) {
  const auto seen = probed({
      {"/subjects", ok("[]")},
      {"/contexts", ok(R"([":.:"])")},
      {"/mode", HttpResponse{404, "", {}, {}}},
      {"/schemas/ids/1/versions", HttpResponse{404, kNoSchema, {}, {}}},
  });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text(),
            "looks like Apicurio; no contexts; no modes; tells who uses an id; 0 subjects");
}

TEST(Capabilities, SeesTheOthers) {
  const auto mode = ok(R"({"mode":"READWRITE"})");
  const auto product = [](const RegistryResult<Capabilities>& seen) {
    return seen ? seen->product : seen.error().text();
  };
  EXPECT_EQ(product(probed({{"/subjects", ok("null")},
                            {"/contexts", ok(R"(["."])")},
                            {"/v1/metadata/id", ok(R"({"id":"default-cluster"})")}})),
            "AxonOps");
  EXPECT_EQ(product(probed({{"/subjects", ok("[]")},
                            {"/mode", mode},
                            {"/schemas/types", ok(R"(["JSON","AVRO","PROTOBUF"])")}})),
            "Karapace");
  EXPECT_EQ(product(probed({{"/subjects", ok("[]")},
                            {"/mode", mode},
                            {"/schemas/types", ok(R"(["JSON","PROTOBUF","AVRO"])")}})),
            "Redpanda");
  EXPECT_EQ(product(probed({{"/subjects", ok("[]")}})), "");
}

TEST(Capabilities, AForbiddenCallIsNoneAndDoesNotEndTheProbe) {
  const auto seen = probed({
      {"/subjects", ok(R"(["a"])")},
      {"/mode", HttpResponse{403, "", {}, {}}},
      {"/contexts", HttpResponse{200, "<html>", {}, {}}},
  });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text(),
            "a schema registry; no contexts; no modes; does not tell who uses an id; 1 subject");
}

TEST(Capabilities, ARegistryThatIsDownOrIsNoneIsAnError) {
  const auto down = probed({{"/subjects", lost()}});
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().kind, RegistryError::Kind::unreachable);
  const auto later = probed({{"/subjects", ok("[]")}, {"/mode", HttpResponse{503, "", {}, {}}}});
  ASSERT_FALSE(later);
  EXPECT_THAT(later.error().where, HasSubstr("/mode"));
  EXPECT_FALSE(probed({{"/subjects", ok("<html>")}}));
  EXPECT_FALSE(probed({{"/subjects", HttpResponse{401, "", {}, {}}}}));
}

}  // namespace
}  // namespace longspan
