// Nothing is wrong on real clusters, for a while: traffic, a sink that follows, a connector that
// beats; then the same while processes are restarted in turn. Nobody may be woken: no cause above
// `info`, whichever process is asked, and no record is late or lost.
//
// LONGSPAN_CALM_SECONDS (default 30): how long each of the two lasts.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/group_member.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/wall_clock.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int32_t kPartitions = 4;
constexpr std::chrono::milliseconds kTick{100};
constexpr int kRecordsATick = 20;
constexpr int kTicksABeat = 10;
constexpr std::chrono::seconds kBetweenRestarts{8};

std::chrono::seconds calm_time() {
  const char* given = std::getenv("LONGSPAN_CALM_SECONDS");
  return std::chrono::seconds(given == nullptr ? 30 : std::stoll(given));
}

class Calm : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    source_->create({.name = topic_, .partitions = kPartitions});
    source_->create({.name = beats_, .partitions = 1});
    file_ = Properties(clusters(), topic_ + "," + beats_)
                .of_flow(alias_)
                .set("mirror.debezium.heartbeats", "true")
                .set("latency.groups", group_)
                .write(folder());
    traffic_ = std::jthread([this](const std::stop_token& stop) { write_until(stop); });
    start(0);
    start(1);
  }
  // A flow that mirrors all heartbeat topics would find their connector dead, later.
  void TearDown() override {
    if (!source_) return;
    traffic_.request_stop();
    if (traffic_.joinable()) traffic_.join();
    source_->remove(beats_);
    if (failure_) std::rethrow_exception(failure_);
  }

  void start(std::size_t i) {
    runs_[i] = std::make_unique<MirrorRun>(file_, "longspan-" + std::to_string(++started_));
  }

  // As a connector that is well does, changes and a heartbeat each second.
  void write_until(const std::stop_token& stop) {
    try {
      Writer writer({.bootstrap = clusters().source, .remember = false});
      auto next = Steady::now();
      for (std::int64_t tick = 0; !stop.stop_requested(); ++tick, next += kTick) {
        for (int i = 0; i < kRecordsATick; ++i, ++written_) {
          writer.write(topic_, {.partition = static_cast<std::int32_t>(written_ % kPartitions),
                                .key = std::to_string(written_),
                                .value = std::string(500, 'v')});
        }
        if (tick % kTicksABeat == 0) {
          const std::int64_t at = now_ms();
          writer.write(
              beats_,
              {.key = "{}", .value = "{\"ts_ms\":" + std::to_string(at) + "}", .timestamp_ms = at});
        }
        writer.flush();
        std::this_thread::sleep_until(next);
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  // Of one process, or of the flow as its file alone shows it; absent: no answer.
  std::optional<nlohmann::json> causes(const Finished& asked) {
    if (asked.exit_code != 0 || asked.out.empty()) return std::nullopt;
    return nlohmann::json::parse(asked.out)["flows"][0].value("why", nlohmann::json::array());
  }

  void look() {
    look_at("longspan lag FILE", ask("lag", file_, {"--json"}));
    for (const auto& run : runs_) {
      if (run->url().empty()) continue;  // just started
      look_at("process " + std::to_string(run->pid()), run->lag({"--json"}));
    }
  }

  void look_at(const std::string& whom, const Finished& asked) {
    const auto found = causes(asked);
    ++looks_;
    if (!found) {
      ADD_FAILURE() << whom << " does not answer: " << asked.err;
      return;
    }
    for (const auto& cause : *found) {
      ++told_[cause.at("cause").get<std::string>()];
      if (cause.at("severity") == "info") continue;
      ADD_FAILURE() << whom << " after " << (Steady::now() - begun_) / std::chrono::seconds(1)
                    << " s: " << cause;
    }
  }

  [[nodiscard]] bool is_flowing() {
    return eventually(kMirrorDeadline, [&] {
      const auto found = causes(runs_[0]->lag({"--json"}));
      const auto is_grave = [](const auto& cause) { return cause.at("severity") != "info"; };
      return found && std::none_of(found->begin(), found->end(), is_grave) &&
             sink_->records_read() > 0;
    });
  }

  void be_calm(bool with_restarts) {
    sink_.emplace(clusters().target, group_, alias_ + "." + topic_);
    ASSERT_TRUE(is_flowing()) << ask("lag", file_, {"--why"}).out << runs_[0]->last_lines();
    told_.clear();
    begun_ = Steady::now();
    auto restart_at = begun_ + kBetweenRestarts / 2;
    std::size_t victim = 0;
    while (Steady::now() < begun_ + calm_time()) {
      look();
      if (with_restarts && Steady::now() >= restart_at) {
        ASSERT_EQ(runs_[victim]->stop(), 0) << runs_[victim]->last_lines();
        start(victim);
        victim = 1 - victim;
        restart_at = Steady::now() + kBetweenRestarts;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    traffic_.request_stop();
    traffic_.join();
    EXPECT_TRUE(eventually(kMirrorDeadline, [&] { return sink_->records_read() >= written_; }))
        << sink_->records_read() << " of " << written_;
    std::cout << "looks: " << looks_ << ", processes: " << started_ << ", records: " << written_
              << ", told:";
    for (const auto& [name, times] : told_) std::cout << ' ' << name << '=' << times;
    std::cout << '\n';
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("orders");
  const std::string beats_ = "__debezium-heartbeat." + topic_;
  const std::string group_ = unique_name("sink");
  std::filesystem::path file_;
  std::optional<Admin> source_;
  std::array<std::unique_ptr<MirrorRun>, 2> runs_;
  std::optional<GroupMember> sink_;
  std::jthread traffic_;
  std::exception_ptr failure_;
  std::atomic<std::int64_t> written_{0};
  Steady::time_point begun_;
  std::map<std::string, int> told_;  // by cause: in how many looks
  int started_ = 0;
  int looks_ = 0;
};

TEST_F(Calm, HealthyTraffic) { be_calm(false); }

TEST_F(Calm, RollingRestarts) { be_calm(true); }

}  // namespace
}  // namespace longspan::harness
