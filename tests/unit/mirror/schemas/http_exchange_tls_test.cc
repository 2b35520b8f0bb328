#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "mirror/schemas/http_exchange.h"
#include "mirror/schemas/registry_client.h"
#include "tests/unit/mirror/schemas/loopback_server.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;
using Sent = Result<HttpResponse, HttpFailure>;

// An authority, a server for 127.0.0.1 and a client with an encrypted key, made by `openssl`.
class HttpExchangeTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = testing::TempDir() + "/longspan-tls-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return;
    folder = pattern;
    const std::string key =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 ";
    const std::string by_ca = " -CA " + file("ca.pem") + " -CAkey " + file("ca.key");
    is_made = made(key + "-nodes -subj /CN=ca" + out("ca")) &&
              made(key + "-nodes -subj /CN=other" + out("other")) &&
              made(key + "-nodes -subj /CN=server -addext subjectAltName=IP:127.0.0.1" + by_ca +
                   out("server")) &&
              made(key + "-passout pass:key-secret -subj /CN=client" + by_ca + out("client"));
  }
  static void TearDownTestSuite() {
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  void SetUp() override {
    if (!is_made) GTEST_SKIP() << "no openssl 3 to make certificates with";
  }

  static std::string file(const std::string& name) { return folder + "/" + name; }
  static std::string out(const std::string& name) {
    return " -keyout " + file(name + ".key") + " -out " + file(name + ".pem");
  }
  static bool made(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
  }
  static std::unique_ptr<WebServer> server(const std::string& client_ca = {}) {
    return std::make_unique<WebServer>(
        [](const auto&, httplib::Response& response) { response.set_content("[]", "x/y"); },
        std::make_unique<httplib::SSLServer>(file("server.pem").c_str(), file("server.key").c_str(),
                                             client_ca.empty() ? nullptr : client_ca.c_str()),
        "https");
  }
  static Sent ask(const std::string& url, TlsFiles tls) {
    HttpExchange exchange(std::move(tls), {}, {});
    return exchange.send({"GET", url, {}, {}});
  }
  static void expect_tls(const Sent& sent, const char* words) {
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, HttpFailure::Kind::tls) << sent.error().message;
    EXPECT_THAT(sent.error().message, HasSubstr(words));
    EXPECT_THAT(sent.error().message, Not(HasSubstr("key-secret")));
  }

 private:
  static inline std::string folder;
  static inline bool is_made = false;
};

TEST_F(HttpExchangeTls, TrustsTheAuthorityItIsTold) {
  const auto one = server();
  const auto sent = ask(one->url(), {file("ca.pem"), "", "", ""});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->status, 200);
}

TEST_F(HttpExchangeTls, TrustsNobodyElse) {
  const auto one = server();
  expect_tls(ask(one->url(), {}), "certificate");
  expect_tls(ask(one->url(), {file("other.pem"), "", "", ""}), "certificate");
  expect_tls(ask(one->url(), {file("missing.pem"), "", "", ""}), "missing.pem");
}

TEST_F(HttpExchangeTls, TheHostNameMustBeTheCertificates) {
  const auto one = server();
  expect_tls(ask(one->url("localhost"), {file("ca.pem"), "", "", ""}), "localhost");
}

TEST_F(HttpExchangeTls, ShowsAClientCertificate) {
  const auto one = server(file("ca.pem"));
  const auto sent =
      ask(one->url(), {file("ca.pem"), file("client.pem"), file("client.key"), "key-secret"});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->status, 200);
  EXPECT_FALSE(ask(one->url(), {file("ca.pem"), "", "", ""}));
  expect_tls(ask(one->url(), {file("ca.pem"), file("client.pem"), file("client.key"), "wrong"}),
             "client.key");
}

TEST_F(HttpExchangeTls, ARegistryIsReadThroughIt) {
  const auto one = server();
  RegistrySettings settings;
  settings.urls = {one->url() + "/apis/ccompat/v7"};
  settings.tls.ca_file = file("ca.pem");
  const auto registry = open_registry(settings, {});
  ASSERT_TRUE(registry) << registry.error().text();
  const auto subjects = registry.value()->subjects(true);
  ASSERT_TRUE(subjects) << subjects.error().text();
  EXPECT_EQ(one->requests(), 2);
  EXPECT_EQ(one->connections(), 1U);
}

}  // namespace
}  // namespace longspan
