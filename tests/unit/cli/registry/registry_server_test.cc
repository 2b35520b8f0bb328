#include "cli/registry/registry_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

constexpr const char* kType = "application/vnd.schemaregistry.v1+json";
const std::string kInt = R"({"schema":"\"int\""})";

class RegistryServerTest : public testing::Test {
 protected:
  void start(const std::vector<std::string>& faults = {}, const RegistryAccess& access = {}) {
    ASSERT_TRUE(registry_.set_faults(faults));
    auto server = RegistryServer::start(registry_, access);
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(server).value();
  }
  [[nodiscard]] int port() const {
    return std::stoi(server_->url().substr(server_->url().rfind(':') + 1));
  }
  [[nodiscard]] std::unique_ptr<httplib::Client> client() const {
    return std::make_unique<httplib::Client>("127.0.0.1", port());
  }

  embedded::EmbeddedRegistry registry_;
  std::unique_ptr<RegistryServer> server_;
};

class Connection {
 public:
  explicit Connection(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void say(const std::string& text) const {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // What comes until `end` was received, or the connection is closed.
  std::string hear(const std::string& end) const {
    std::string heard;
    char byte = 0;
    while (!heard.ends_with(end) && ::recv(fd_, &byte, 1, 0) == 1) heard.push_back(byte);
    return heard;
  }

 private:
  int fd_;
};

TEST_F(RegistryServerTest, ServesOneRequestAfterTheOtherOnAConnection) {
  start();
  const Connection connection(port());
  for (int i = 0; i < 20; ++i) {
    connection.say("GET /subjects HTTP/1.1\r\nHost: registry\r\n\r\n");
    const std::string answer = connection.hear("[]");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n")) << i;
    EXPECT_THAT(answer, HasSubstr(kType));
  }
  // Two at once are answered in turn.
  const std::string twice = "GET /mode HTTP/1.1\r\nHost: registry\r\n\r\n";
  connection.say(twice + twice);
  EXPECT_THAT(connection.hear("\"}"), HasSubstr("READWRITE"));
  EXPECT_THAT(connection.hear("\"}"), HasSubstr("READWRITE"));
}

TEST_F(RegistryServerTest, CarriesSchemasOfMegabytes) {
  start();
  const auto there = client();
  const std::string text(4 * 1024 * 1024, 'x');
  const auto answer = there->Post("/subjects/s/versions",
                                  R"({"schemaType":"PROTOBUF","schema":")" + text + "\"}", kType);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, R"({"id":1})");
  EXPECT_EQ(there->Get("/schemas/ids/1/schema")->body, text);
}

TEST_F(RegistryServerTest, ServesManyConnectionsAtOnce) {
  start();
  std::vector<std::unique_ptr<Connection>> all;
  for (std::size_t i = 0; i < kRegistryThreads; ++i) {
    all.push_back(std::make_unique<Connection>(port()));
  }
  for (const auto& one : all) one->say("GET /contexts HTTP/1.1\r\nHost: registry\r\n\r\n");
  for (const auto& one : all) EXPECT_THAT(one->hear("]"), StartsWith("HTTP/1.1 200"));
}

TEST_F(RegistryServerTest, TakesSubjectsAsTheyAreEncoded) {
  start();
  const auto there = client();
  for (const char* subject : {"%3A.ctx%3Aname", ":.ctx:other", "a%2Fb%20c", "a%2Bb", "d%3Fe"}) {
    const auto answer = there->Post("/subjects/" + std::string(subject) + "/versions", kInt, kType);
    ASSERT_TRUE(answer) << subject;
    EXPECT_EQ(answer->status, 200) << answer->body;
  }
  EXPECT_EQ(there->Get("/subjects?subjectPrefix=%3A*%3A")->body,
            R"([":.ctx:name",":.ctx:other","a+b","a/b c","d?e"])");
  EXPECT_EQ(there->Get("/subjects?subjectPrefix=:.ctx:&limit=1")->body, R"([":.ctx:name"])");
  EXPECT_EQ(there->Delete("/subjects/a%2Fb%20c")->body, "[1]");
}

TEST_F(RegistryServerTest, ShowsMoreToThoseWhoAcceptIt) {
  start();
  const auto there = client();
  ASSERT_EQ(there->Post("/subjects/s/versions", kInt, kType)->status, 200);
  EXPECT_THAT(there->Get("/subjects/s/versions/1")->body, testing::Not(HasSubstr("guid")));
  const httplib::Headers all{{"Confluent-Accept-Unknown-Properties", "true"}};
  EXPECT_THAT(there->Get("/subjects/s/versions/1", all)->body, HasSubstr("\"guid\":\""));
}

TEST_F(RegistryServerTest, DropsTheConnectionAfterTheChangeWasMade) {
  start({"drop_after_commit=1"});
  const auto there = client();
  EXPECT_FALSE(there->Post("/subjects/s/versions", kInt, kType));
  EXPECT_EQ(there->Get("/subjects/s/versions")->body, "[1]");
  const Connection connection(port());
  connection.say("DELETE /subjects/s HTTP/1.1\r\nHost: registry\r\n\r\n");
  EXPECT_EQ(connection.hear("\n"), "");
  EXPECT_EQ(there->Get("/subjects?deletedOnly=true")->body, R"(["s"])");
}

TEST_F(RegistryServerTest, SaysWhenToTryAgain) {
  start({"too_many_requests=1"});
  const auto answer = client()->Get("/subjects");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->get_header_value("Retry-After"), "1");
}

TEST_F(RegistryServerTest, WaitsAsLongAsItIsToldTo) {
  start({"slow=50"});
  const auto before = Clock::now();
  ASSERT_TRUE(client()->Get("/subjects"));
  EXPECT_GE(Clock::now() - before, std::chrono::milliseconds(50));
}

TEST_F(RegistryServerTest, AsksForAPasswordIfItHasOne) {
  start({}, {.port = 0, .user = "mirror", .password = "s3cret"});
  const auto there = client();
  const auto stranger = there->Get("/subjects");
  ASSERT_TRUE(stranger);
  EXPECT_EQ(stranger->status, 401);
  EXPECT_EQ(stranger->body, R"({"error_code":401,"message":"User cannot access the resource."})");
  EXPECT_THAT(stranger->get_header_value("WWW-Authenticate"), StartsWith("Basic"));
  there->set_basic_auth("mirror", "wrong");
  EXPECT_EQ(there->Get("/subjects")->status, 401);
  there->set_basic_auth("mirror", "s3cret");
  EXPECT_EQ(there->Get("/subjects")->status, 200);
}

TEST_F(RegistryServerTest, SaysThatThePortIsTaken) {
  start();
  const auto second =
      RegistryServer::start(registry_, {.port = static_cast<std::uint16_t>(port())});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("another process has this port"));
}

TEST_F(RegistryServerTest, EndsIdleConnectionsAtOnce) {
  start();
  const Connection idle(port());
  const Connection used(port());
  used.say("GET /subjects HTTP/1.1\r\nHost: registry\r\n\r\n");
  EXPECT_THAT(used.hear("[]"), StartsWith("HTTP/1.1 200"));
  const auto before = Clock::now();
  server_->stop();
  EXPECT_LT(Clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(used.hear("\n"), "");
}

}  // namespace
}  // namespace longspan
