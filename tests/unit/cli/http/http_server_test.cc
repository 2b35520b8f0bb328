#include "cli/http/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cli/http/sink_reports.h"
#include "tests/unit/cli/views/rich_snapshot.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

std::unique_ptr<HttpServer> started(HttpLimits limits = {},
                                    HttpViews views = {rich_snapshot, {}, {}}) {
  auto server = HttpServer::start("127.0.0.1:0", std::move(views), limits);
  EXPECT_TRUE(server) << server.error().text();
  return std::move(server).value();
}

std::string port_of(const HttpServer& server) {
  return server.url().substr(server.url().rfind(':') + 1);
}

// A client that says exactly what a test wants said.
class RawClient {
 public:
  explicit RawClient(const HttpServer& server) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int little = 64 * 1024;  // so that a client that does not read is soon full
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port_of(server))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  RawClient& say(const std::string& text) {
    (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    return *this;
  }
  // Everything until the server closes; gives up after 10 s.
  std::string hear() {
    std::string heard;
    pollfd one{fd_, POLLIN, 0};
    char buffer[65536];
    while (::poll(&one, 1, 10'000) > 0) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return heard;
      heard.append(buffer, static_cast<std::size_t>(got));
    }
    ADD_FAILURE() << "the server neither answers nor closes";
    return heard;
  }

 private:
  int fd_;
};

std::string get(const HttpServer& server, const std::string& path) {
  return RawClient(server).say("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").hear();
}

TEST(HttpServer, ServesPagesOnThePortItReports) {
  const auto server = started();
  EXPECT_THAT(server->url(), StartsWith("http://127.0.0.1:"));
  EXPECT_NE(port_of(*server), "0");
  const std::string health = get(*server, "/healthz");
  EXPECT_THAT(health, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(health, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(health, EndsWith("\r\n\r\n{\"status\":\"ok\"}"));
  EXPECT_THAT(get(*server, "/metrics"), HasSubstr("longspan_ready 1\n"));
  EXPECT_THAT(get(*server, "/api/v1/lag?flow=east-%3Ewest"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(*server, "/api/v1/lag?flow=x"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(*server, "/api/v1/lag?x=1"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(get(*server, "/"), HasSubstr("Content-Security-Policy: default-src 'none'"));
}

TEST(HttpServer, RunsNoScriptButItsOwnFiles) {
  const auto server = started();
  for (const char* path : {"/", "/api/v1/lag", "/page/main.js", "/nothing"}) {
    const std::string heard = get(*server, path);
    EXPECT_THAT(heard, HasSubstr("Content-Security-Policy: default-src 'none'; "
                                 "script-src 'self'; style-src 'self'; img-src 'self'; "
                                 "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                 "frame-ancestors 'none'\r\n"))
        << path;
    EXPECT_THAT(heard, HasSubstr("X-Content-Type-Options: nosniff\r\n")) << path;
    EXPECT_THAT(heard, HasSubstr("X-Frame-Options: DENY\r\n")) << path;
    EXPECT_THAT(heard, HasSubstr("Referrer-Policy: no-referrer\r\n")) << path;
  }
}

std::string get_with(const HttpServer& server, const std::string& path, const std::string& header) {
  return RawClient(server)
      .say("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n")
      .hear();
}

TEST(HttpServer, AFileOfThePageIsSentOnceAVersion) {
  const auto server = started();
  const std::string first = get(*server, "/page/main.js");
  EXPECT_THAT(first, HasSubstr("Cache-Control: no-cache\r\n"));
  const auto at = first.find("ETag: ") + 6;
  const std::string tag = first.substr(at, first.find("\r\n", at) - at);
  EXPECT_THAT(tag, testing::MatchesRegex("W/\"[0-9a-f]+\""));
  const std::string again = get_with(*server, "/page/main.js", "If-None-Match: " + tag);
  EXPECT_THAT(again, StartsWith("HTTP/1.1 304"));
  EXPECT_THAT(again, EndsWith("\r\n\r\n"));
  EXPECT_THAT(get_with(*server, "/page/main.js", "If-None-Match: W/\"0\""),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(*server, "/api/v1/lag"), HasSubstr("Cache-Control: no-store\r\n"));
}

TEST(HttpServer, CompressesForWhoCanRead) {
  const auto server = started();
  for (const char* path : {"/", "/page/main.js", "/api/v1/lag"}) {
    const std::string packed = get_with(*server, path, "Accept-Encoding: gzip");
    EXPECT_THAT(packed, HasSubstr("Content-Encoding: gzip\r\n")) << path;
    EXPECT_THAT(packed, HasSubstr("Vary: Accept, Accept-Encoding\r\n")) << path;
    EXPECT_LT(packed.size(), get(*server, path).size() / 2) << path;
  }
}

TEST(HttpServer, AnswersErrorsAsJson) {
  const auto server = started();
  EXPECT_THAT(get(*server, "/nothing"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(*server, "/nothing"), HasSubstr("{\"error\":"));
  EXPECT_THAT(RawClient(*server).say("nonsense\r\n\r\n").hear(), StartsWith("HTTP/1.1 400"));
}

std::string post(const HttpServer& server, const std::string& body,
                 const std::string& type = "application/json") {
  return RawClient(server)
      .say("POST /api/v1/sink HTTP/1.1\r\nHost: x\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)
      .hear();
}

TEST(HttpServer, TakesWhatSinksReport) {
  std::mutex mutex;
  std::vector<SinkReport> taken;
  HttpViews views{rich_snapshot, {}, {}};
  views.report = [&](const std::vector<SinkReport>& reports) {
    const std::lock_guard lock(mutex);
    taken.insert(taken.end(), reports.begin(), reports.end());
    return std::vector(reports.size(), SinkReportFate::taken);
  };
  const auto server = started({}, views);
  const std::string body =
      R"({"sink": "warehouse", "reports": [{"topic": "t", "partition": 1, "offset": 7}]})";
  const std::string answer = post(*server, body);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith("{\"taken\":1}"));
  EXPECT_THAT(post(*server, body, "text/plain"), StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(post(*server, "{}"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(post(*server, "{}"), HasSubstr("sink is missing"));
  EXPECT_THAT(post(*server, std::string(kSinkBodyMax + 1, ' ')), StartsWith("HTTP/1.1 413"));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].offset, Offset{7});
}

TEST(HttpServer, SaysWhenNothingIsMeasured) {
  HttpViews views{rich_snapshot, {}, {}};
  const std::string body =
      R"({"sink": "a", "reports": [{"topic": "t", "partition": 1, "offset": 7}]})";
  EXPECT_THAT(post(*started({}, views), body), StartsWith("HTTP/1.1 404"));
  views.report = [](const auto&) { return std::vector{SinkReportFate::is_off}; };
  EXPECT_THAT(post(*started({}, views), body), StartsWith("HTTP/1.1 409"));
}

TEST(HttpServer, IsReadOnly) {
  const auto server = started();
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const std::string request =
        std::string(method) + " /api/v1/lag HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
    const std::string refused = RawClient(*server).say(request).hear();
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 405")) << method;
    EXPECT_THAT(refused, HasSubstr("Allow: GET, HEAD")) << method;
  }
  const std::string head = RawClient(*server).say("HEAD /healthz HTTP/1.1\r\n\r\n").hear();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, SaysWhatToDoWhenThePortIsTaken) {
  const auto server = started();
  const std::string listen = "127.0.0.1:" + port_of(*server);
  const auto second = HttpServer::start(listen, {rich_snapshot, {}, {}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what, "cannot listen on " + listen +
                                     ": another process has this port; choose another in "
                                     "http.listen (port 0 takes any)");
}

TEST(HttpServer, RefusesAddressesThatAreNoneOfThisMachine) {
  for (const char* listen : {"192.0.2.1:0", "192.0.2.1:9464", "no-such-host.invalid:9464"}) {
    const auto server = HttpServer::start(listen, {rich_snapshot, {}, {}});
    ASSERT_FALSE(server) << listen;
    EXPECT_THAT(server.error().what, HasSubstr("no address of this machine")) << listen;
  }
  EXPECT_FALSE(HttpServer::start("9464", {rich_snapshot, {}, {}}));
}

TEST(HttpServer, APageThatThrowsIsA500AndALine) {
  LogCapture log;
  const auto server =
      started({}, {[]() -> ProcessSnapshot { throw std::runtime_error("boom"); }, {}, {}});
  EXPECT_THAT(get(*server, "/metrics"), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(get(*server, "/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(log.lines_with("event=http_page_failed path=/metrics error=boom").size(), 1U);
}

TEST(HttpServer, ClientsThatDripCannotKeepTheThreads) {
  HttpLimits limits;
  limits.threads = 2;
  limits.connection.read_time = 200ms;
  const auto server = started(limits);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(std::make_unique<RawClient>(*server));
    slow.back()->say("GET /metrics HTTP/1.1\r\nHost");
  }
  // A byte now and then, for as long as the quick client waits.
  std::jthread drip([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (auto& client : slow) client->say("x");
      std::this_thread::yield();
    }
  });
  EXPECT_THAT(get(*server, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, EndsARequestThatIsTooLong) {
  const auto server = started();
  RawClient client(*server);
  client.say("GET /healthz HTTP/1.1\r\n");
  for (int i = 0; i < 100; ++i)
    client.say("X-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n");
  client.say("\r\n");
  EXPECT_THAT(client.hear(), testing::Not(HasSubstr("200 OK")));
}

TEST(HttpServer, AClientThatDoesNotReadLosesItsConnection) {
  HttpLimits limits;
  limits.threads = 1;
  limits.connection.write_time = 200ms;
  Event event;
  event.text = std::string(std::size_t{6} << 20, 'x');  // more than the kernel buffers
  const auto events = [&] { return std::vector<ShownEvent>{{"f", 0, event}}; };
  const auto server = started(limits, {rich_snapshot, events, {}});
  RawClient deaf(*server);
  deaf.say("GET /api/v1/events HTTP/1.1\r\n\r\n");
  EXPECT_THAT(get(*server, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, StopsWithinASecondInSpiteOfOpenConnections) {
  HttpLimits limits;
  limits.threads = 12;
  const auto server = started(limits);
  std::vector<std::unique_ptr<RawClient>> open;
  for (int i = 0; i < 10; ++i) open.push_back(std::make_unique<RawClient>(*server));
  open[0]->say("GET /metrics HTT");
  EXPECT_THAT(get(*server, "/api/v1/flows"), StartsWith("HTTP/1.1"));
  const auto begin = Clock::now();
  server->stop();
  server->stop();
  EXPECT_LT(Clock::now() - begin, 1s);
  EXPECT_EQ(open[0]->hear(), "");
}

TEST(HttpServer, ServesManyClientsAtOnce) {
  const auto server = started();
  std::vector<std::jthread> clients;
  std::atomic<int> served = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int n = 0; n < 25; ++n)
        served += get(*server, "/api/v1/lag").starts_with("HTTP/1.1 200");
    });
  }
  clients.clear();
  EXPECT_EQ(served, 200);
}

}  // namespace
}  // namespace longspan
