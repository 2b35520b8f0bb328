#include "cli/telemetry/http_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/telemetry/gzip.h"
#include "tests/unit/mirror/schemas/fake_exchange.h"
#include "tests/unit/mirror/schemas/loopback_server.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string inflated(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Gzip, IsWhatZlibReads) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(500'000, 'a')}) {
    EXPECT_EQ(inflated(gzip(text)), text);
  }
}

SendResult send(const std::string& url, const ExportSettings& settings = {},
                const ExportRequest& request = {{}, {{"Content-Type", "a/b"}}, "body", false}) {
  ExportRequest to = request;
  to.url = url;
  return make_http_transport(settings, "longspan/1", {})->send(to);
}

TEST(HttpTransport, PostsAndTellsTheAnswer) {
  httplib::Request seen;
  WebServer server([&](const httplib::Request& request, httplib::Response& response) {
    seen = request;
    response.status = 503;
    response.set_header("Retry-After", "7");
    response.set_content("{}", "application/json");
  });
  const auto answer = send(server.url() + "/v1/traces");
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->retry_after, "7");
  EXPECT_EQ(answer->content_type, "application/json");
  EXPECT_EQ(answer->body, "{}");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/v1/traces");
  EXPECT_EQ(seen.body, "body");
  EXPECT_EQ(seen.get_header_value("Content-Type"), "a/b");
  EXPECT_EQ(seen.get_header_value("User-Agent"), "longspan/1");
  EXPECT_FALSE(seen.has_header("Content-Encoding"));
}

TEST(HttpTransport, CompressesWhatIsAskedFor) {
  Fakes fakes;
  fakes.answers({HttpResponse{200, {}, {}, {}, {}}});
  HttpTransport transport(std::make_unique<FakeExchange>(fakes), "longspan/1");
  ASSERT_TRUE(transport.send({"http://x/", {}, std::string(1'000, 'a'), true}));
  EXPECT_EQ(fakes.header(0, "Content-Encoding"), "gzip");
  EXPECT_LT(fakes.requests[0].body.size(), 100U);
  EXPECT_EQ(inflated(fakes.requests[0].body), std::string(1'000, 'a'));
}

TEST(HttpTransport, KeepsItsConnection) {
  WebServer server([](const auto&, httplib::Response& response) { response.status = 200; });
  const auto transport = make_http_transport({}, "longspan/1", {});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(transport->send({server.url(), {}, "x", false}));
  EXPECT_EQ(server.requests(), 5);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpTransport, FollowsNobodyWithOurHeaders) {
  WebServer server([](const auto&, httplib::Response& response) {
    response.status = 307;
    response.set_header("Location", "/elsewhere");
  });
  const auto answer = send(server.url());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpTransport, TellsFailuresApart) {
  using Kind = HttpFailure::Kind;
  const std::pair<Kind, Next> rows[] = {{Kind::network, Next::retry},
                                        {Kind::tls, Next::retry},
                                        {Kind::stopped, Next::retry},
                                        {Kind::too_large, Next::stop_process},
                                        {Kind::unusable, Next::stop_process}};
  for (const auto& [kind, next] : rows) {
    Fakes fakes;
    fakes.answers({HttpFailure{kind, "it broke"}});
    HttpTransport transport(std::make_unique<FakeExchange>(fakes), "longspan/1");
    const auto answer = transport.send({"https://u:secret@x/in?key=secret", {}, "x", false});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().next, next);
    EXPECT_THAT(answer.error().text(), HasSubstr("it broke"));
    EXPECT_THAT(answer.error().text(), Not(HasSubstr("secret")));
  }
}

TEST(HttpTransport, EndsInTimeAndRefusesAnAnswerWithoutEnd) {
  RawServer silent([](int fd) { hear(fd); });
  ExportSettings settings;
  settings.timeout = std::chrono::milliseconds(100);
  const auto late = send(silent.url(), settings);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().next, Next::retry);
  WebServer endless([](const auto&, httplib::Response& response) {
    response.set_content(std::string(5 << 20, 'x'), "a/b");
  });
  const auto large = send(endless.url());
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().next, Next::stop_process);
}

TEST(HttpTransport, IsBrokenOffByAStop) {
  RawServer silent([](int fd) { hear(fd); });
  std::stop_source stop;
  const auto transport = make_http_transport({}, "longspan/1", stop.get_token());
  const std::jthread stopping([&] {
    while (silent.connections() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto answer = transport->send({silent.url(), {}, "x", false});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().next, Next::retry);
}

// The certificate of OTEL_EXPORTER_OTLP_CERTIFICATE, and ours for a server that wants one.
TEST(HttpTransport, SpeaksTlsByTheSettingsFiles) {
  std::string folder = testing::TempDir() + "/longspan-transport-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto file = [&](const std::string& name) { return folder + "/" + name; };
  const auto made = [&](const std::string& name, const std::string& more) {
    return std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
                        "-days 2 -nodes -subj /CN=" +
                        name + more + " -keyout " + file(name + ".key") + " -out " +
                        file(name + ".pem") + " >/dev/null 2>&1")
                           .c_str()) == 0;
  };
  const std::string by_ca = " -CA " + file("ca.pem") + " -CAkey " + file("ca.key");
  const bool is_made = made("ca", "") &&
                       made("server", " -addext subjectAltName=IP:127.0.0.1" + by_ca) &&
                       made("client", by_ca);
  if (!is_made) GTEST_SKIP() << "no openssl 3 to make certificates with";
  {
    WebServer server(
        [](const auto&, httplib::Response& response) { response.status = 200; },
        std::make_unique<httplib::SSLServer>(file("server.pem").c_str(), file("server.key").c_str(),
                                             file("ca.pem").c_str()),
        "https");
    ExportSettings settings;
    EXPECT_FALSE(send(server.url(), settings));
    settings.certificate_file = file("ca.pem");
    EXPECT_FALSE(send(server.url(), settings));  // it wants to know us, too
    settings.client_certificate_file = file("client.pem");
    settings.client_key_file = file("client.key");
    const auto answer = send(server.url(), settings);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->status, 200);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace longspan
