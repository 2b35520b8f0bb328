#include "mirror/schemas/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "tests/unit/mirror/schemas/loopback_server.h"

namespace longspan {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
using Sent = Result<HttpResponse, HttpFailure>;

HttpRequest get(const std::string& url) { return {"GET", url, {}, {}}; }

int status_of(const Sent& sent) { return sent ? sent->status : 0; }

void expect_failure(const Sent& sent, HttpFailure::Kind kind, const char* words) {
  ASSERT_FALSE(sent) << sent->status;
  EXPECT_EQ(sent.error().kind, kind) << sent.error().message;
  EXPECT_THAT(sent.error().message, HasSubstr(words));
}

TEST(HttpExchange, SendsWhatItIsTold) {
  WebServer server([](const httplib::Request& request, httplib::Response& response) {
    response.status = 422;
    response.set_header("Retry-After", "7");
    response.set_content(request.method + " " + request.target + " " +
                             request.get_header_value("X-Test") + " " +
                             request.get_header_value("Content-Type") + " " + request.body,
                         "text/plain");
  });
  HttpExchange exchange({}, {}, {});
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    const bool has_body = method == std::string("PUT") || method == std::string("POST");
    HttpRequest request{method, server.url() + "/a%2Fb/%2E%2E/c?d=%3A", {{"X-Test", "x"}}, {}};
    request.headers.push_back({"Content-Type", "my/type"});
    if (has_body) request.body = std::string("b\0dy", 4);
    const auto sent = exchange.send(request);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->status, 422);
    EXPECT_EQ(sent->retry_after, "7");
    EXPECT_EQ(sent->body, std::string(method) + " /a%2Fb/%2E%2E/c?d=%3A x my/type " + request.body);
  }
}

TEST(HttpExchange, ALargeBodyGoesWithoutAsking) {
  WebServer server([](const httplib::Request& request, httplib::Response& response) {
    response.set_content(std::to_string(request.body.size()) + request.get_header_value("Expect"),
                         "text/plain");
  });
  HttpExchange exchange({}, {}, {});
  const auto sent =
      exchange.send({"POST", server.url(), {{"Content-Type", "x/y"}}, std::string(3'000'000, 'x')});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->body, "3000000");
}

TEST(HttpExchange, OneCallerNeedsOneConnection) {
  WebServer server([](const auto&, httplib::Response&) {});
  HttpExchange exchange({}, {}, {});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(status_of(exchange.send(get(server.url()))), 200);
  EXPECT_EQ(server.requests(), 50);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpExchange, ManyCallersShareABoundedNumber) {
  for (const std::size_t connections_max : {std::size_t{16}, std::size_t{3}}) {
    WebServer server([](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.path, "text/plain");
    });
    ExchangeLimits limits;
    limits.connections_max = connections_max;
    HttpExchange exchange({}, limits, {});
    std::atomic<int> right = 0;
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 16; ++caller) {
      callers.emplace_back([&, caller] {
        const std::string path = "/" + std::to_string(caller);
        for (int i = 0; i < 5; ++i) {
          const auto sent = exchange.send(get(server.url() + path));
          right += sent && sent->body == path ? 1 : 0;
        }
      });
    }
    callers.clear();
    EXPECT_EQ(right, 16 * 5);
    EXPECT_LE(server.connections(), connections_max);
  }
}

TEST(HttpExchange, ARedirectIsNotFollowed) {
  WebServer other([](const auto&, httplib::Response&) {});
  WebServer server([&](const auto&, httplib::Response& response) {
    response.set_redirect(other.url() + "/elsewhere");
  });
  HttpExchange exchange({}, {}, {});
  const auto sent = exchange.send({"GET", server.url(), {{"Authorization", "Basic c2VjcmV0"}}, {}});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->status, 302);
  EXPECT_EQ(sent->location, other.url() + "/elsewhere");
  EXPECT_EQ(other.requests(), 0);
}

TEST(HttpExchange, NobodyListens) {
  const std::string url = RawServer([](int) {}).url();
  HttpExchange exchange({}, {}, {});
  expect_failure(exchange.send(get(url)), HttpFailure::Kind::network, "127.0.0.1");
}

TEST(HttpExchange, AnAddressThatIsNoneIsUnusable) {
  HttpExchange exchange({}, {}, {});
  expect_failure(exchange.send(get("http://a b/")), HttpFailure::Kind::unusable, "");
  expect_failure(exchange.send(get("file:///etc/passwd")), HttpFailure::Kind::unusable, "file");
}

TEST(HttpExchange, AnAnswerThatDoesNotComeTimesOut) {
  RawServer server([](int) {});
  ExchangeLimits limits;
  limits.total_timeout = 100ms;
  HttpExchange exchange({}, limits, {});
  expect_failure(exchange.send(get(server.url())), HttpFailure::Kind::network, "timed out");
}

TEST(HttpExchange, AnAnswerThatDripsTimesOut) {
  RawServer server([](int fd) {
    hear(fd);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
  });
  ExchangeLimits limits;
  limits.total_timeout = 100ms;
  HttpExchange exchange({}, limits, {});
  expect_failure(exchange.send(get(server.url())), HttpFailure::Kind::network, "timed out");
}

TEST(HttpExchange, ATooLargeAnswerEndsAtTheLimit) {
  WebServer body([](const httplib::Request& request, httplib::Response& response) {
    response.set_content(std::string(std::stoul(request.path.substr(1)), 'x'), "text/plain");
  });
  RawServer headers([](int fd) {
    hear(fd);
    say(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1'000; ++i) say(fd, "X: " + std::string(1'000, 'x') + "\r\n");
  });
  ExchangeLimits limits;
  limits.answer_bytes_max = 65'536;
  HttpExchange exchange({}, limits, {});
  const auto too_large = HttpFailure::Kind::too_large;
  expect_failure(exchange.send(get(body.url() + "/1000000")), too_large, "65536 bytes");
  expect_failure(exchange.send(get(headers.url())), too_large, "65536 bytes");
  EXPECT_EQ(status_of(exchange.send(get(body.url() + "/60000"))), 200);
}

TEST(HttpExchange, AConnectionThatIsLostIsTheNetworks) {
  for (const std::string said :
       {"", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"}) {
    RawServer server([&](int fd) {
      hear(fd);
      say(fd, said);
      hang_up(fd);
    });
    HttpExchange exchange({}, {}, {});
    const auto sent = exchange.send(get(server.url()));
    ASSERT_FALSE(sent) << said << " gives " << sent->status << sent->body;
    EXPECT_EQ(sent.error().kind, HttpFailure::Kind::network) << sent.error().message;
  }
}

TEST(HttpExchange, WhatIsNoHttpIsNoAnswer) {
  RawServer server([](int fd) {
    hear(fd);
    say(fd, "SSH-2.0-OpenSSH\r\n");
    hang_up(fd);
  });
  HttpExchange exchange({}, {}, {});
  expect_failure(exchange.send(get(server.url())), HttpFailure::Kind::unusable, "HTTP/0.9");
}

TEST(HttpExchange, AKeptConnectionThatHasDiedIsMadeAnew) {
  RawServer server([](int fd) {
    hear(fd);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    hang_up(fd);
  });
  HttpExchange exchange({}, {}, {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(exchange.send(get(server.url()))), 200) << i;
  EXPECT_EQ(server.connections(), 3);
}

// A registry that takes a request and is silent for ever.
TEST(HttpExchange, AStopEndsAllWhoWait) {
  std::promise<void> heard;
  RawServer server([&](int fd) {
    hear(fd);
    heard.set_value();
  });
  std::stop_source stop;
  ExchangeLimits limits;
  limits.total_timeout = 10min;
  limits.connections_max = 1;
  HttpExchange exchange({}, limits, stop.get_token());
  const auto ask = [&] { return exchange.send(get(server.url())); };
  auto first = std::async(std::launch::async, ask);
  heard.get_future().wait();
  auto second = std::async(std::launch::async, ask);  // waits for the one connection
  const auto began = Clock::now();
  stop.request_stop();
  expect_failure(first.get(), HttpFailure::Kind::stopped, "stopped");
  expect_failure(second.get(), HttpFailure::Kind::stopped, "stopped");
  EXPECT_LT(Clock::now() - began, 1s);
  expect_failure(ask(), HttpFailure::Kind::stopped, "stopped");
}

}  // namespace
}  // namespace longspan
