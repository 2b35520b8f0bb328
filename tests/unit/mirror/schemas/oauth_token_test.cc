#include "mirror/schemas/oauth_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/mirror/schemas/fake_exchange.h"

namespace longspan {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using Kind = RegistryError::Kind;

const OauthLogin kLogin{"https://id/token", "me:1", "top secret", "read write"};

struct Bench {
  Fakes fakes;
  FakeExchange exchange{fakes};
  FakeTiming timing{fakes};
  OauthToken token{kLogin, exchange, timing};
};

Sent token_of(const std::string& text, const std::string& life = "100") {
  return HttpResponse{
      200, R"({"access_token":")" + text + R"(","expires_in":)" + life + "}", {}, {}};
}

TEST(OauthToken, AsksByClientCredentials) {
  Bench bench;
  bench.fakes.answers({token_of("first")});
  ASSERT_EQ(bench.token.get().value_or(""), "first");
  EXPECT_EQ(bench.fakes.line(0), "POST https://id/token");
  EXPECT_EQ(bench.fakes.requests[0].body, "grant_type=client_credentials&scope=read%20write");
  EXPECT_EQ(bench.fakes.header(0, "Authorization"),
            "Basic bWUlM0ExOnRvcCUyMHNlY3JldA==");  // me%3A1:top%20secret
  EXPECT_EQ(bench.fakes.header(0, "Content-Type"), "application/x-www-form-urlencoded");
}

TEST(OauthToken, IsRenewedBeforeItEnds) {
  Bench bench;
  bench.fakes.answers({token_of("first"), token_of("second", "\"100\"")});
  EXPECT_EQ(bench.token.get().value_or(""), "first");
  bench.fakes.steady += 79s;
  EXPECT_EQ(bench.token.get().value_or(""), "first");
  bench.fakes.steady += 1s;
  EXPECT_EQ(bench.token.get().value_or(""), "second");
  bench.fakes.steady += 79s;
  EXPECT_EQ(bench.token.get().value_or(""), "second");
  EXPECT_EQ(bench.fakes.requests.size(), 2U);
}

TEST(OauthToken, IsUsedToItsEndWhereRenewalFails) {
  Bench bench;
  bench.fakes.answers({token_of("first"), lost(), lost()});
  EXPECT_EQ(bench.token.get().value_or(""), "first");
  bench.fakes.steady += 99s;
  EXPECT_EQ(bench.token.get().value_or(""), "first");
  bench.fakes.steady += 1s;
  const auto ended = bench.token.get();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, Kind::unreachable);
}

TEST(OauthToken, ARefusedOneIsRenewedOnce) {
  Bench bench;
  bench.fakes.answers({token_of("first"), token_of("second")});
  EXPECT_EQ(bench.token.get().value_or(""), "first");
  bench.token.refuse("first");
  EXPECT_EQ(bench.token.get().value_or(""), "second");
  bench.token.refuse("first");  // who asked with the first one hears of it late
  EXPECT_EQ(bench.token.get().value_or(""), "second");
  EXPECT_EQ(bench.fakes.requests.size(), 2U);
}

TEST(OauthToken, OneRenewalServesAllWhoWait) {
  Bench bench;
  bench.fakes.answers({token_of("only")});
  std::vector<std::jthread> callers;
  std::atomic<int> served = 0;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { served += bench.token.get().value_or("") == "only" ? 1 : 0; });
  }
  callers.clear();
  EXPECT_EQ(served, 8);
  EXPECT_EQ(bench.fakes.requests.size(), 1U);
}

TEST(OauthToken, AnUnsaidLifeIsShort) {
  for (const char* body : {R"({"access_token":"t"})", R"({"access_token":"t","expires_in":null})",
                           R"({"access_token":"t","expires_in":-5})"}) {
    Bench bench;
    bench.fakes.answers({HttpResponse{200, body, {}, {}}, token_of("second")});
    EXPECT_EQ(bench.token.get().value_or(""), "t") << body;
    bench.fakes.steady += 5min;
    EXPECT_EQ(bench.token.get().value_or(""), "second") << body;
  }
}

TEST(OauthToken, SaysWhyThereIsNoneAndNoSecret) {
  struct Row {
    Sent sent;
    Kind kind;
    const char* words;
  };
  for (const Row& row : {
           Row{lost("cannot resolve id"), Kind::unreachable, "cannot resolve id"},
           Row{HttpResponse{503, "", {}, {}}, Kind::unreachable, "gives no token"},
           Row{HttpResponse{401, R"({"error":"invalid_client"})", {}, {}}, Kind::forbidden,
               "invalid_client"},
           Row{HttpResponse{400, "<html>", {}, {}}, Kind::forbidden, "gives no token"},
           Row{HttpResponse{200, "<html>", {}, {}}, Kind::unintelligible, "no access_token"},
           Row{HttpResponse{200, "[]", {}, {}}, Kind::unintelligible, "no access_token"},
           Row{HttpResponse{200, R"({"access_token":"a\r\nb"})", {}, {}}, Kind::unintelligible,
               "no access_token"},
       }) {
    Bench bench;
    bench.fakes.answers({row.sent});
    const auto none = bench.token.get();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, row.kind) << row.words;
    EXPECT_THAT(none.error().text(), HasSubstr(row.words));
    EXPECT_THAT(none.error().text(), HasSubstr("POST https://id/token"));
    EXPECT_THAT(none.error().text(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace longspan
