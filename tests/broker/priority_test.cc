// What goes first and how fast, on real Kafka: a backlog beside a topic of high priority, a
// throttle that is changed while the mirror runs, files with errors in between.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr size_t kValueBytes = 1000;

class Priorities : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = orders_});
    source_->create({.name = logs_, .partitions = 4});
  }

  Properties flow(const std::string& topics) {
    return Properties(clusters(), topics)
        .of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1");
  }

  std::string mirrored(const std::string& topic) const { return alias_ + "." + topic; }
  int64_t copies(const std::string& topic) {
    try {
      return target_->records(mirrored(topic));
    } catch (const HarnessError&) {
      return 0;  // not created yet
    }
  }

  void write(const std::string& topic, int partitions, int count) {
    Writer writer({.bootstrap = clusters().source, .remember = false});
    write(writer, topic, partitions, count);
  }
  static void write(Writer& writer, const std::string& topic, int partitions, int count) {
    for (int i = 0; i < count; ++i) {
      std::string value = std::to_string(i);
      value.resize(kValueBytes, '.');
      writer.write(topic, {.partition = i % partitions, .key = "k", .value = std::move(value)});
    }
    writer.flush();
  }

  // Records of `topic` that reach the target in a second, over the next `count` of them.
  double rate_of(const std::string& topic, int64_t count) {
    const auto from = copies(topic);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually(kMirrorDeadline, [&] { return copies(topic) >= from + count; }));
    const auto to = copies(topic);
    return static_cast<double>(to - from) /
           Seconds(std::chrono::steady_clock::now() - begun).count();
  }

  static bool says(const MirrorRun& run, const std::string& text) {
    return eventually(kMirrorDeadline,
                      [&] { return run.output().find(text) != std::string::npos; });
  }

  const std::string alias_ = unique_name("east");
  const std::string orders_ = unique_name("orders");
  const std::string logs_ = unique_name("logs");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(Priorities, OrdersComeInTimeWhileABacklogOfLogsIsMirrored) {
  constexpr int kLogs = 600'000;
  constexpr Seconds kBound{3};
  write(logs_, 4, kLogs);
  write(orders_, 1, 1);
  const auto file = flow(orders_ + "," + logs_).set("priority.high", "orders.*").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return copies(logs_) > 0; })) << run.last_lines();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return copies(orders_) == 1; }));
  Writer writer({.bootstrap = clusters().source, .remember = false});
  Seconds worst{0};
  int orders = 1;
  for (; copies(logs_) < kLogs * 3 / 4; ++orders) {
    write(writer, orders_, 1, 1);
    const auto written = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return copies(orders_) == orders + 1; }));
    worst = std::max<Seconds>(worst, std::chrono::steady_clock::now() - written);
  }
  std::printf("%d orders beside the backlog, the slowest after %.3f s\n", orders, worst.count());
  EXPECT_GT(orders, 5);
  EXPECT_LT(worst, kBound);
  EXPECT_TRUE(run.wait_for_records(clusters().target, mirrored(logs_), kLogs)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Priorities, ABacklogOfOrdersGoesFirstAndTheLogsKeepTheirFloor) {
  constexpr int kOrders = 100'000;
  constexpr int kLogs = 100'000;
  write(logs_, 4, kLogs);
  write(orders_, 1, kOrders);
  // Ten seconds for the orders; without a bound the logs would be there before the orders begin.
  const auto file =
      flow(orders_ + "," + logs_)
          .set("priority.high", "orders.*")
          .set("throttle.bytes.per.second", std::to_string(kOrders * kValueBytes / 10))
          .write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return copies(orders_) > kOrders * 9 / 10; }))
      << run.last_lines();
  const auto logs = copies(logs_);
  std::printf("%lld logs beside %d orders\n", static_cast<long long>(logs), kOrders * 9 / 10);
  EXPECT_GT(logs, 0);
  EXPECT_LT(logs, kOrders / 3);  // 10 % of all are 10 000, and a second's worth may go first
  EXPECT_TRUE(run.wait_for_records(clusters().target, mirrored(logs_), kLogs)) << run.last_lines();
  EXPECT_TRUE(run.wait_for_records(clusters().target, mirrored(orders_), kOrders));
  const auto lag = ask_json("lag", file);
  for (const auto& one : lag.at("flows").at(0).at("partitions")) {
    EXPECT_EQ(one.value("priority", "normal"), one.at("topic") == orders_ ? "high" : "normal");
  }
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(read_topic(clusters().target, mirrored(orders_)).size(), size_t{kOrders});
}

TEST_F(Priorities, AHangupChangesTheThrottleAndAFileWithAnErrorChangesNothing) {
  write(logs_, 4, 150'000);
  const auto file = flow(logs_).set("throttle.bytes.per.second", "1MiB").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return copies(logs_) > 2000; }))
      << run.last_lines();
  const double before = rate_of(logs_, 4000);
  EXPECT_LT(before, 1500);
  EXPECT_GT(before, 500);
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto json = ask_json("lag", file);
    const auto& partitions = json.at("flows").at(0).at("partitions");
    return std::any_of(partitions.begin(), partitions.end(),
                       [](const auto& p) { return p.value("reason", "") == "throttled"; });
  }));

  flow(logs_).set("throttle.bytes.per.second", "fast").write(folder());
  run.signal(SIGHUP);
  ASSERT_TRUE(says(run, "config_not_reloaded")) << run.last_lines();
  EXPECT_LT(rate_of(logs_, 3000), 1500);

  flow(logs_).set("throttle.bytes.per.second", "4MiB").set("slots", "7").write(folder());
  run.signal(SIGHUP);
  ASSERT_TRUE(says(run, "needs a restart: slots")) << run.last_lines();
  ASSERT_TRUE(says(run, "event=config_reloaded flow=")) << run.last_lines();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto events = ask("events", file).out;
    return events.find("throttle.bytes.per.second=1MiB->4MiB") != std::string::npos;
  })) << run.last_lines();
  const double after = rate_of(logs_, 15'000);
  std::printf("%.0f records/s before, %.0f after\n", before, after);
  EXPECT_GT(after, before * 2);
  EXPECT_LT(after, 6000);

  flow(logs_).write(folder());
  run.signal(SIGHUP);
  EXPECT_TRUE(run.wait_for_records(clusters().target, mirrored(logs_), 150'000))
      << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

}  // namespace
}  // namespace longspan::harness
