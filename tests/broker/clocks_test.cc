// The clocks of real brokers: one that shares the test's clock, and one whose clock is 5 s ahead.
// What is measured must hold what is true.

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "mirror/clocks/broker_probe.h"
#include "mirror/kafka/clients.h"
#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"

namespace longspan::harness {
namespace {

constexpr std::chrono::seconds kDeadline{60};
constexpr double kAheadS = 5;

class Clocks : public BrokerTest {
 protected:
  void TearDown() override {
    if (is_ahead_up_) clusters_command({"down"});
    BrokerTest::TearDown();
  }

  Finished clusters_command(std::vector<std::string> words) {
    words.insert(words.begin(), LONGSPAN_CLUSTERS_SCRIPT);
    words.insert(words.end(), {"--dir", (folder() / "clusters").string()});
    return run_command({.arguments = words, .folder = folder(), .name = "clusters"},
                       std::chrono::seconds(150));
  }
  // A cluster of its own whose only broker's clock is ahead; its bootstrap.
  std::string start_ahead() {
    is_ahead_up_ = true;
    const Finished up = clusters_command({"up", "target", "--clock-target", "+5s"});
    EXPECT_EQ(up.exit_code, 0) << up.err;
    return read_env_file(folder() / "clusters" / "env")["LONGSPAN_TARGET_BOOTSTRAP"];
  }

  // What `longspan lag --json` says of the clocks, by name; empty while it does not answer.
  std::map<std::string, nlohmann::json> clocks_of(const MirrorRun& run) {
    const Finished asked = run.lag({"--json"});
    std::map<std::string, nlohmann::json> out;
    if (asked.exit_code != 0) return out;
    const auto lag = nlohmann::json::parse(asked.out);
    for (const auto& clock : lag["flows"][0].value("clocks", nlohmann::json::array())) {
      out[clock["clock"]] = clock;
    }
    return out;
  }

  bool is_ahead_up_ = false;
};

bool holds(const nlohmann::json& clock, double truth) {
  return clock["low_s"] <= truth && truth <= clock["high_s"];
}

// The library's delivery report carries the LogAppendTime: nothing is read back.
TEST_F(Clocks, AnAcknowledgementTellsTheBrokersTime) {
  const auto clock = make_clock();
  ClusterConfig config;
  config.alias = "west";
  config.common = {{"bootstrap.servers", clusters().target}};
  const auto make_client = [&] {
    return make_probe_client(config, "clocks", std::chrono::seconds(10));
  };
  ClockWatch watch({}, *clock, {}, [](const ClockStep&) { ADD_FAILURE() << "a step"; });
  BrokerProbe probe({EventSide::target, true, [](std::string_view) { return true; }},
                    {*clock, make_wakeup(), make_client}, watch, {});
  const ClockId broker{ClockKind::target_broker, 1};
  const bool has_answered = eventually(kDeadline, [&] {
    probe.turn();
    watch.tick();
    return watch.table()->is_measured(broker);
  });
  ASSERT_TRUE(has_answered) << watch.snapshot().back().trouble;
  for (int i = 0; i < 50; ++i) probe.turn();
  watch.tick();
  const auto offset = watch.table()->offset_of(broker).bounds.interval();
  EXPECT_TRUE(offset.contains({0})) << offset.low->value << ".." << offset.high->value << " us";
  EXPECT_FALSE(offset.assumed);
  EXPECT_LT(offset.width()->value, 1'000'000);
  EXPECT_EQ(watch.table()->leader_of(EventSide::target, {kClockTopic, 0}), 1);
  std::cout << "offset " << offset.low->value << ".." << offset.high->value << " us\n";
}

TEST_F(Clocks, AMirrorTellsWhoseClockIsAhead) {
  Clusters here = clusters();
  here.target = start_ahead();
  ASSERT_FALSE(here.target.empty());
  const std::string topic = unique_name("clocks");
  Admin(here.source).create({.name = topic});
  const auto file = Properties(here, topic)
                        .of_flow(unique_name("east"))
                        .set("clock.probe.source", "true")
                        .set("clock.connector.max.error.ms", "none")
                        .write(folder());
  MirrorRun run(file);
  std::map<std::string, nlohmann::json> clocks;
  const bool are_measured = eventually(kMirrorDeadline, [&] {
    clocks = clocks_of(run);
    const auto is_measured = [&](const char* name) {
      return clocks.contains(name) && clocks[name]["probes_total"] >= 3;
    };
    return is_measured("target_broker-1") && is_measured("source_broker-1");
  });
  ASSERT_TRUE(are_measured) << nlohmann::json(clocks).dump(1) << run.last_lines();
  const auto& ahead = clocks["target_broker-1"];
  EXPECT_TRUE(holds(ahead, kAheadS)) << ahead;
  EXPECT_NEAR(ahead["point_s"].get<double>(), kAheadS, 0.5) << ahead;
  EXPECT_TRUE(ahead["assumed"].empty()) << ahead;
  EXPECT_TRUE(holds(clocks["source_broker-1"], 0)) << clocks["source_broker-1"];
  EXPECT_TRUE(clocks["source_broker-1"]["assumed"].empty());
  EXPECT_EQ(clocks["database"]["assumed"], nlohmann::json::array({"low", "high"}));
  EXPECT_FALSE(clocks["connector"].contains("high_s")) << "nothing is assumed of it";
  std::cout << ahead << "\n" << clocks["source_broker-1"] << "\n";
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// The source is not written to unasked.
TEST_F(Clocks, WithoutBeingAskedToOnlyTheTargetIsProbed) {
  const std::string topic = unique_name("clocks");
  Admin source(clusters().source);
  source.create({.name = topic});
  const auto records = [&] {
    return source.partitions(kClockTopic) == 0 ? 0 : source.records(kClockTopic);
  };
  const auto before = records();
  const auto file = Properties(clusters(), topic).of_flow(unique_name("east")).write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    auto clocks = clocks_of(run);
    return clocks.contains("target_broker-1") && clocks["target_broker-1"]["probes_total"] >= 3 &&
           clocks.contains("source_broker-1");
  })) << run.last_lines();
  const auto of_source = clocks_of(run)["source_broker-1"];
  EXPECT_EQ(of_source["probes_total"], 0);
  EXPECT_EQ(of_source["assumed"], nlohmann::json::array({"low", "high"}));
  EXPECT_EQ(records(), before);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Clocks, ATargetThatIsNotToBeAskedIsNotWrittenTo) {
  const std::string topic = unique_name("clocks");
  Admin(clusters().source).create({.name = topic});
  Admin target(clusters().target);
  const auto records = [&] {
    return target.partitions(kClockTopic) == 0 ? 0 : target.records(kClockTopic);
  };
  const auto before = records();
  const auto file = Properties(clusters(), topic)
                        .of_flow(unique_name("east"))
                        .set("clock.probe.target", "false")
                        .write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return clocks_of(run).contains("target_broker-1");
  })) << run.last_lines();
  const auto of_target = clocks_of(run)["target_broker-1"];
  EXPECT_EQ(of_target["probes_total"], 0);
  EXPECT_EQ(of_target["assumed"], nlohmann::json::array({"low", "high"}));
  EXPECT_EQ(records(), before);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

}  // namespace
}  // namespace longspan::harness
