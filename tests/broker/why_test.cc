// Something goes wrong on real clusters: `longspan lag` must name it first within 30 s.

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/quota.h"
#include "tests/broker/harness/tcp_proxy.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/wall_clock.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr std::chrono::seconds kWithin{30};

class Why : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_, .partitions = 2});
  }
  Properties flow() { return flow_of(clusters()); }
  Properties flow_of(const Clusters& clusters) {
    return Properties(clusters, topic_).of_flow(alias_).set("latency.groups", group_);
  }
  static ProxyRoute route(const std::string& listen, const std::string& backend) {
    const auto port = [](const std::string& address) {
      return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    };
    return {.listen_port = port(listen), .backend_port = port(backend)};
  }
  [[nodiscard]] std::string copy() const { return alias_ + "." + topic_; }
  void write(int count) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      writer.write(topic_, {.partition = i % 2, .key = std::to_string(i), .value = "value"});
    }
    writer.flush();
  }

  // Its bytes are what a throttle counts.
  void write_bulk(int count, std::size_t bytes) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      writer.write(topic_, {.partition = i % 2, .key = std::to_string(i), .value = noise(bytes)});
    }
    writer.flush();
  }

  // What no codec makes smaller.
  std::string noise(std::size_t bytes) {
    std::mt19937_64 random(seed());
    std::string out(bytes, ' ');
    for (char& c : out) c = static_cast<char>(random());
    return out;
  }

  // What the running process is asked, and answers.
  nlohmann::json now(const MirrorRun& run) {
    const Finished asked = run.lag({"--json"});
    if (asked.exit_code != 0 || asked.out.empty()) return nlohmann::json::object();
    return nlohmann::json::parse(asked.out)["flows"][0];
  }
  nlohmann::json first(const MirrorRun& run) {
    const auto why = now(run).value("why", nlohmann::json());
    return why.empty() ? nlohmann::json() : why[0];
  }
  bool becomes(const MirrorRun& run, const std::string& cause) {
    return eventually(kWithin, [&] {
      const auto found = first(run);
      return found.is_object() && found["cause"] == cause;
    });
  }
  std::string all(const MirrorRun& run) { return run.lag({"--why"}).out + run.last_lines(); }

  // What its history says afterwards: where it began, or -1.
  static int64_t began(const std::filesystem::path& file, const std::string& cause) {
    const auto past = ask_json("lag", file, {"--since=10m"})["flows"][0];
    for (const auto& each : past.value("causes", nlohmann::json::array())) {
      if (each["cause"] == cause) return each["from_ms"];
    }
    return -1;
  }
  // And what it says of a second later, once that is over: --at takes no time to come.
  static bool knows_then(const std::filesystem::path& file, const std::string& cause) {
    int64_t from = -1;
    const bool over = eventually(kWithin, [&] {
      if (from < 0) from = began(file, cause);
      return from > 0 && from + 1000 < now_ms();
    });
    if (!over) return false;
    const auto flow = ask_json("lag", file, {"--at=" + std::to_string(from + 1000)})["flows"][0];
    for (const auto& each : flow.value("causes", nlohmann::json::array())) {
      if (each["cause"] == cause) return true;
    }
    return false;
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("orders");
  const std::string group_ = unique_name("sink");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(Why, ARecordThatTheTargetRefuses) {
  target_->create({.name = copy(), .partitions = 2, .configs = {{"max.message.bytes", "100000"}}});
  write(100);
  MirrorRun run(flow().set("sync.topic.configs.enabled", "false").write(folder()));
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  Writer writer({.bootstrap = clusters().source});
  writer.write(topic_, {.partition = 0, .key = "large", .value = noise(300'000)});
  writer.flush();
  ASSERT_TRUE(becomes(run, "parked_partition")) << all(run);
  EXPECT_EQ(first(run)["scope"]["name"], topic_ + ":0");
  EXPECT_EQ(first(run)["severity"], "critical");
  EXPECT_NE(run.lag({}).out.find("why: parked_partition: "), std::string::npos);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Why, ATransactionThatHangs) {
  write(100);
  const auto file = flow().set("marks.interval.ms", "500").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  Writer hung({.bootstrap = clusters().source, .transactional_id = unique_name("hung")});
  hung.begin();
  hung.write(topic_, {.partition = 0, .key = "k", .value = "never committed"});
  hung.flush();
  write(50);
  ASSERT_TRUE(becomes(run, "hung_transaction")) << all(run);
  EXPECT_EQ(first(run)["scope"]["name"], topic_ + ":0");
  hung.abort();
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_TRUE(knows_then(file, "hung_transaction"));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Why, ASinkWithoutMembers) {
  write(100);
  MirrorRun run(flow().write(folder()));
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 100)) << run.last_lines();
  target_->commit(group_, copy(), {{0, 20}, {1, 50}});
  ASSERT_TRUE(becomes(run, "sink_stopped")) << all(run);
  EXPECT_EQ(first(run)["scope"]["name"], group_);
  // Who has the file is told so, too: the process that listens where it says is asked.
  const auto listens = folder() / "listens";
  std::filesystem::create_directories(listens);
  const auto file =
      flow().set("http.listen", run.url().substr(sizeof "http://" - 1)).write(listens);
  const auto asked = ask_json("lag", file)["flows"][0];
  EXPECT_EQ(asked["why"][0]["cause"], "sink_stopped") << asked["why"];
  target_->commit(group_, copy(), {{0, 50}});
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// Nothing is closed and nothing is answered: what a line does that is gone.
TEST_F(Why, ASourceThatDoesNotAnswer) {
  TcpProxy line(route(clusters().source_proxy, clusters().source_backend));
  Clusters far = clusters();
  far.source = far.source_proxy;
  write(100);
  const auto file = flow_of(far).set("marks.interval.ms", "500").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  line.cut([](uint16_t) { return true; });
  ASSERT_TRUE(becomes(run, "source_unreachable")) << all(run);
  EXPECT_TRUE(knows_then(file, "source_unreachable"));
  line.restore();
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Why, ATargetThatDoesNotAnswer) {
  TcpProxy line(route(clusters().target_proxy, clusters().target_backend));
  Clusters far = clusters();
  far.target = far.target_proxy;
  write(100);
  const auto file = flow_of(far).set("marks.interval.ms", "500").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  line.cut([](uint16_t) { return true; });
  ASSERT_TRUE(becomes(run, "target_unreachable")) << all(run);
  // For some looks of its history, which can be written only afterwards.
  ASSERT_TRUE(eventually(kWithin, [&] { return now(run).value("target_silent_ms", 0) > 8000; }));
  line.restore();
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_TRUE(knows_then(file, "target_unreachable"));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Why, ASourceThatThrottlesUs) {
  MirrorRun run(flow().write(folder()));
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  const Quota quota(clusters().source, "consumer_byte_rate", 50'000, folder());
  write_bulk(3'000, 1'000);
  ASSERT_TRUE(becomes(run, "source_throttled")) << all(run);
}

// What comes at once is taken at once, and what comes then waits for it: there must be more than a
// producer has on its way.
TEST_F(Why, ATargetThatThrottlesUs) {
  MirrorRun run(flow().write(folder()));
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  const Quota quota(clusters().target, "producer_byte_rate", 50'000, folder());
  write_bulk(3'000, 10'000);
  ASSERT_TRUE(becomes(run, "target_throttled")) << all(run);
}

TEST_F(Why, AThrottleOfOurOwn) {
  MirrorRun run(flow().set("throttle.bytes.per.second", "50000").write(folder()));
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  write_bulk(3'000, 1'000);
  ASSERT_TRUE(becomes(run, "own_throttle")) << all(run);
}

TEST_F(Why, APartitionThatIsPaused) {
  write(100);
  const auto file = flow().write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_EQ(ask("pause", file, {"--topic", topic_}).exit_code, 0);
  write(10);
  ASSERT_TRUE(becomes(run, "paused")) << all(run);
  EXPECT_EQ(ask("resume", file, {"--topic", topic_}).exit_code, 0);
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(ask_json("lag", file)["flows"][0]["why"][0]["cause"], "not_running");
}

// Its heartbeats came each second, and end; the database's changes end with them.
TEST_F(Why, AConnectorThatDied) {
  const std::string beats = "__debezium-heartbeat." + topic_;
  source_->create({.name = beats, .partitions = 1});
  write(100);
  MirrorRun run(flow()
                    .set("mirror.debezium.heartbeats", "true")
                    .set(alias_ + "->west.topics", topic_ + "," + beats)
                    .write(folder()));
  ASSERT_TRUE(becomes(run, "keeping_up")) << all(run);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  Writer connector({.bootstrap = clusters().source});
  for (int ago = 5; ago >= 0; --ago) {
    const auto at = now - ago * 1'000;
    connector.write(
        beats,
        {.key = "{}", .value = "{\"ts_ms\":" + std::to_string(at) + "}", .timestamp_ms = at});
  }
  connector.flush();
  ASSERT_TRUE(becomes(run, "connector_dead")) << all(run);
  EXPECT_EQ(first(run)["scope"]["name"], topic_);
  source_->remove(beats);  // a flow that mirrors all of them would find it dead, too
}

}  // namespace
}  // namespace longspan::harness
