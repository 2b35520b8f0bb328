#include "mirror/schemas/registry_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/schemas/fake_exchange.h"

namespace longspan {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = RegistryError::Kind;

Sent answer(int status, std::string body = "[]", std::string retry_after = {}) {
  return HttpResponse{status, std::move(body), std::move(retry_after), {}};
}

RegistrySettings settings(std::vector<std::string> urls, RegistryLogin login = {}) {
  RegistrySettings made;
  made.urls = std::move(urls);
  made.login = std::move(login);
  return made;
}

TEST(RegistryRequests, KeepsThePathOfTheUrl) {
  Fakes fakes;
  fakes.answers({answer(200)});
  RegistryRequests requests(settings({"https://r/apis/ccompat/v7/"}), fakes.ports(), {});
  const auto got = requests.send("GET", "/subjects");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "[]");
  EXPECT_EQ(got->where, "GET https://r/apis/ccompat/v7/subjects");
  EXPECT_EQ(fakes.line(0), got->where);
}

TEST(RegistryRequests, SaysWhatItSpeaks) {
  Fakes fakes;
  fakes.answers({answer(200), answer(200)});
  RegistrySettings cloud = settings({"https://r"}, BearerLogin{"token"});
  cloud.logical_cluster = "lsrc-1";
  cloud.identity_pool = "pool-2";
  RegistryRequests requests(cloud, fakes.ports(), {});
  ASSERT_TRUE(requests.send("GET", "/subjects"));
  ASSERT_TRUE(requests.send("PUT", "/mode", "{}"));
  EXPECT_EQ(fakes.header(0, "Confluent-Accept-Unknown-Properties"), "true");
  EXPECT_EQ(fakes.header(0, "target-sr-cluster"), "lsrc-1");
  EXPECT_EQ(fakes.header(0, "Confluent-Identity-Pool-Id"), "pool-2");
  EXPECT_EQ(fakes.header(0, "Authorization"), "Bearer token");
  EXPECT_EQ(fakes.header(0, "Content-Type"), "");
  EXPECT_EQ(fakes.header(1, "Content-Type"), "application/vnd.schemaregistry.v1+json");
  EXPECT_EQ(fakes.requests[1].body, "{}");
}

TEST(RegistryRequests, LogsInByUserAndPassword) {
  const std::string ann = "Basic YW5uOnA6dw==";  // ann:p:w
  for (const auto& with :
       {settings({"https://ann:p%3Aw@r"}), settings({"https://r"}, BasicLogin{"ann", "p:w"})}) {
    Fakes fakes;
    fakes.answers({lost()});
    fakes.answer = [](const HttpRequest&) { return answer(401, ""); };
    RegistryRequests requests(with, fakes.ports(), {});
    const auto got = requests.send("GET", "/subjects");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->where, "GET https://r/subjects");
    EXPECT_EQ(fakes.header(0, "Authorization"), ann);
    EXPECT_EQ(fakes.requests.size(), 2U) << "a 401 is not asked again";
  }
}

TEST(RegistryRequests, TriesTheUrlsInTurnAndStaysWithTheOneThatAnswers) {
  Fakes fakes;
  fakes.answer = [](const HttpRequest& request) {
    return request.url.starts_with("https://b") ? answer(404, "") : Sent(lost());
  };
  RegistryRequests requests(settings({"https://a", "https://b", "https://c"}), fakes.ports(), {});
  ASSERT_TRUE(requests.send("GET", "/1"));
  ASSERT_TRUE(requests.send("GET", "/2"));
  EXPECT_EQ(fakes.line(0), "GET https://a/1");
  EXPECT_EQ(fakes.line(1), "GET https://b/1");
  EXPECT_EQ(fakes.line(2), "GET https://b/2");
  EXPECT_TRUE(fakes.pauses.empty());
}

TEST(RegistryRequests, RetriesWithPausesAndThenGivesTheLastAnswer) {
  Fakes fakes;
  fakes.answers({lost(), answer(503, "", "7"), answer(429), answer(500),
                 answer(502, R"({"error_code":50003,"message":"no leader"})")});
  RegistryRequests requests(settings({"https://r"}), fakes.ports(), {});
  const auto got = requests.send("GET", "/subjects");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 502);
  EXPECT_EQ(refusal(*got).kind, Kind::unreachable);
  EXPECT_EQ(refusal(*got).code, 50003);
  EXPECT_THAT(fakes.pauses, ElementsAre(100ms, 7000ms, 400ms, 800ms));
}

TEST(RegistryRequests, HonoursADateByTheWallClock) {
  Fakes fakes;
  fakes.answers({answer(429, "", "Tue, 14 Nov 2023 22:13:32 GMT"), answer(200)});
  RegistryRequests requests(settings({"https://r"}), fakes.ports(), {});
  EXPECT_TRUE(requests.send("GET", "/subjects"));
  EXPECT_THAT(fakes.pauses, ElementsAre(12'000ms));
}

TEST(RegistryRequests, AfterTheLastTryTheNetworksWordsAreTheError) {
  Fakes fakes;
  fakes.answer = [](const HttpRequest&) { return Sent(lost("connection reset")); };
  RegistryRequests requests(settings({"https://a", "https://ann:secret@b"}), fakes.ports(), {});
  const auto got = requests.send("GET", "/subjects");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Kind::unreachable);
  EXPECT_EQ(got.error().status, 0);
  EXPECT_EQ(got.error().message, "connection reset");
  EXPECT_EQ(got.error().where, "GET https://a/subjects");
  EXPECT_EQ(fakes.requests.size(), 5U);
  EXPECT_THAT(got.error().text(), Not(HasSubstr("secret")));
}

TEST(RegistryRequests, WhatCannotGoBetterIsNotRetried) {
  struct Row {
    HttpFailure::Kind failure;
    Kind error;
  };
  for (const Row& row : {Row{HttpFailure::Kind::tls, Kind::unreachable},
                         Row{HttpFailure::Kind::unusable, Kind::unreachable},
                         Row{HttpFailure::Kind::stopped, Kind::unreachable},
                         Row{HttpFailure::Kind::too_large, Kind::unintelligible}}) {
    Fakes fakes;
    fakes.answers({HttpFailure{row.failure, "because"}});
    RegistryRequests requests(settings({"https://a", "https://b"}), fakes.ports(), {});
    const auto got = requests.send("GET", "/subjects");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, row.error);
    EXPECT_EQ(got.error().message, "because");
    EXPECT_EQ(fakes.requests.size(), 1U);
  }
}

TEST(RegistryRequests, AStopDuringAPauseEndsTheCall) {
  Fakes fakes;
  std::stop_source stop;
  fakes.answer = [](const HttpRequest&) { return Sent(lost()); };
  fakes.on_pause = [&] { stop.request_stop(); };
  RegistryRequests requests(settings({"https://r"}), fakes.ports(), stop.get_token());
  const auto got = requests.send("GET", "/subjects");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Kind::unreachable);
  EXPECT_EQ(got.error().message, "stopped");
  EXPECT_EQ(fakes.requests.size(), 1U);
}

// An endpoint that gives t1, t2, ... and a registry that takes only the one named.
struct OauthBench {
  explicit OauthBench(std::string only_token) : taken(std::move(only_token)) {
    fakes.answer = [this](const HttpRequest& request) -> Sent {
      if (request.url == "https://id/token") {
        return answer(200, R"({"access_token":"t)" + std::to_string(++given) + R"("})");
      }
      for (const HttpHeader& header : request.headers) {
        if (header.name == "Authorization" && header.value == "Bearer " + taken) return answer(200);
      }
      return answer(401, "");
    };
  }
  Fakes fakes;
  std::string taken;
  int given = 0;
};

const OauthLogin kOauth{"https://id/token", "me", "secret", ""};

TEST(RegistryRequests, OneTokenServesManyCalls) {
  OauthBench bench("t1");
  RegistryRequests requests(settings({"https://r"}, kOauth), bench.fakes.ports(), {});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(requests.send("GET", "/x").value_or(RegistryAnswer{}).status, 200);
  EXPECT_EQ(bench.given, 1);
}

TEST(RegistryRequests, A401BringsOneNewTokenAndOneMoreTry) {
  OauthBench bench("t2");
  RegistryRequests requests(settings({"https://r"}, kOauth), bench.fakes.ports(), {});
  EXPECT_EQ(requests.send("GET", "/x").value_or(RegistryAnswer{}).status, 200);
  EXPECT_EQ(bench.given, 2);
  EXPECT_TRUE(bench.fakes.pauses.empty());

  OauthBench never("none");
  RegistryRequests refused(settings({"https://r"}, kOauth), never.fakes.ports(), {});
  EXPECT_EQ(refused.send("GET", "/x").value_or(RegistryAnswer{}).status, 401);
  EXPECT_EQ(never.given, 2);
}

TEST(RegistryRequests, ATokenEndpointThatIsDownIsAskedAgain) {
  OauthBench bench("t1");
  bench.fakes.answers({lost(), answer(503, "")});
  RegistryRequests requests(settings({"https://r"}, kOauth), bench.fakes.ports(), {});
  EXPECT_EQ(requests.send("GET", "/x").value_or(RegistryAnswer{}).status, 200);
  EXPECT_THAT(bench.fakes.pauses, ElementsAre(100ms, 200ms));
}

TEST(RegistryRequests, ATokenEndpointThatRefusesUsIsNot) {
  Fakes fakes;
  fakes.answers({answer(401, R"({"error":"invalid_client"})")});
  RegistryRequests requests(settings({"https://r"}, kOauth), fakes.ports(), {});
  const auto got = requests.send("GET", "/x");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Kind::forbidden);
  EXPECT_THAT(got.error().text(), HasSubstr("invalid_client"));
  EXPECT_EQ(fakes.requests.size(), 1U);
}

}  // namespace
}  // namespace longspan
