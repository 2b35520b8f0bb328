// What `longspan lag --at` and `--since` tell of the past: while the flow runs, after it stopped,
// and of several processes.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/wall_clock.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

using nlohmann::json;

constexpr int64_t kCommitAgoMs = 300;

std::string rfc3339(int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ms % 1000));
  return std::string(text) + fraction;
}

class History : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
  }

  std::filesystem::path flow(const std::string& topic) {
    return Properties(clusters(), topic)
        .of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1")
        .set("marks.interval.ms", "200")
        .write(folder());
  }

  // Changes of Debezium's envelope that were committed a while ago, round the partitions.
  void write(const std::string& topic, int count) {
    Writer writer({.bootstrap = clusters().source});
    const int32_t partitions = source_->partitions(topic);
    for (int i = 0; i < count; ++i) {
      const int64_t now = now_ms();
      const json change = {{"before", nullptr},
                           {"after", {{"id", i}}},
                           {"source", {{"ts_ms", now - kCommitAgoMs}, {"txId", i}}},
                           {"op", "c"},
                           {"ts_ms", now - kCommitAgoMs / 2}};
      writer.write(topic, {.partition = i % partitions,
                           .key = std::to_string(i),
                           .value = change.dump(),
                           .timestamp_ms = now});
    }
    writer.flush();
  }

  static json at(const std::filesystem::path& file, const std::string& time) {
    return ask_json("lag", file, {"--at=" + time}).at("flows").at(0);
  }
  static int64_t mirrored(const json& flow) {
    int64_t sum = 0;
    for (const auto& one : flow.at("partitions")) {
      sum += one.at("next_source_offset").get<int64_t>();
    }
    return sum;
  }
  // Absent where nothing is known yet.
  static int64_t mirrored_now(const std::filesystem::path& file) {
    const auto answer = ask("lag", file, {"--json", "--at=-0s"});
    return answer.exit_code == 0 ? mirrored(json::parse(answer.out).at("flows").at(0)) : -1;
  }
  static json since(const std::filesystem::path& file, const std::vector<std::string>& flags) {
    std::vector<std::string> all = {"--since=10m"};
    all.insert(all.end(), flags.begin(), flags.end());
    return ask_json("lag", file, all).at("flows").at(0);
  }
  static int64_t records(const json& flow) {
    int64_t sum = 0;
    for (const auto& step : flow.at("steps")) sum += step.value("records", int64_t{0});
    // On a slow machine sets may be missing.
    for (const auto& gap : flow.value("gaps", json::array())) {
      sum += gap.at("records").get<int64_t>();
    }
    return sum;
  }

  const std::string alias_ = unique_name("east");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(History, IsWhatWasMirroredAlsoWhenNothingRuns) {
  const std::string topic = unique_name("past");
  source_->create({.name = topic});
  write(topic, 500);
  const auto file = flow(topic);
  int64_t first = 0;
  {
    MirrorRun run(file);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return mirrored_now(file) == 500; }))
        << run.last_lines();
    first = now_ms();
    EXPECT_TRUE(at(file, rfc3339(first)).at("running"));
    write(topic, 300);
    // What is acknowledged between the last set and the end of the drain is in none.
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return mirrored_now(file) == 800; }))
        << run.last_lines();
    ASSERT_EQ(run.stop(), 0) << run.last_lines();
  }

  const auto then = at(file, rfc3339(first));
  EXPECT_EQ(then.at("at_ms"), first);
  EXPECT_TRUE(then.at("running"));
  EXPECT_EQ(mirrored(then), 500);
  EXPECT_EQ(then.at("partitions").at(0).at("next_target_offset"), 500);
  const auto& latency =
      then.at("topics").at(0).at("latency").at("hops").at("commit_to_target_append");
  EXPECT_GE(latency.at("high").at("p50_s").get<double>(), kCommitAgoMs / 1000.0);

  const auto now = at(file, "-0s");
  EXPECT_FALSE(now.at("running"));
  EXPECT_GE(now.at("not_running_since_ms").get<int64_t>(), first);
  EXPECT_EQ(mirrored(now), 800);

  const auto history = since(file, {"--step=10s", "--topic", topic});
  EXPECT_EQ(records(history), 800);
  int64_t followed = 0;
  for (const auto& step : history.at("steps")) {
    if (!step.contains("commit_to_target")) continue;
    const auto& way = step.at("commit_to_target");
    followed += way.at("count").get<int64_t>();
    for (const std::string q : {"p50", "p99", "max"}) {
      EXPECT_LE(way.at(q + "_low_s").get<double>(), way.at(q + "_high_s").get<double>());
    }
    // A latency may be told in the step behind that in which the record was acknowledged.
    if (!step.contains("worst")) continue;
    EXPECT_EQ(step.at("worst").at("topic"), topic);
    EXPECT_GE(step.at("worst").value("latency_ms", kCommitAgoMs), kCommitAgoMs);
  }
  EXPECT_NEAR(static_cast<double>(followed), 800, 40) << "some stand for others";
  EXPECT_EQ(history.at("steps").at(0).at("covered_ms"), 0) << "nothing ran ten minutes ago";
  EXPECT_FALSE(history.at("steps").at(0).contains("records"));

  const auto before = ask("lag", file, {"--at=" + rfc3339(first - 3'600'000)});
  EXPECT_EQ(before.exit_code, 1);
  EXPECT_NE(before.err.find("nothing is known"), std::string::npos) << before.err;
  const auto table = ask("lag", file, {"--since=10m", "--step=1m"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("before the first mark"), std::string::npos) << table.out;
  const auto wrong = ask("lag", file, {"--at=25:00"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("is no time"), std::string::npos) << wrong.err;
  EXPECT_EQ(ask("lag", file, {"--since=2h", "--topic", topic + "x"}).exit_code, 2);
}

TEST_F(History, OfTwoProcessesIsThatOfTheFlow) {
  const std::string topic = unique_name("shared");
  source_->create({.name = topic, .partitions = 8});
  const auto file = flow(topic);
  MirrorRun one(file, "one");
  MirrorRun two(file, "two");
  const auto owners = [&] {
    std::set<std::string> names;
    const auto answer = ask("lag", file, {"--json"});
    if (answer.exit_code != 0) return names.size();  // nothing is there yet
    const auto seen = json::parse(answer.out).at("flows").at(0);
    for (const auto& slot : seen.at("slots")) {
      if (slot.contains("owner")) names.insert(slot.at("owner").at("process"));
    }
    return names.size();
  };
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return owners() == 2; })) << one.last_lines();
  write(topic, 4000);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return mirrored_now(file) == 4000; }))
      << one.last_lines() << two.last_lines();
  EXPECT_EQ(records(since(file, {"--step=1m"})), 4000);
  two.kill_hard();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return owners() == 1; })) << one.last_lines();
  write(topic, 1000);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return mirrored_now(file) == 5000; }))
      << one.last_lines();
  EXPECT_EQ(one.stop(), 0) << one.last_lines();
  EXPECT_EQ(records(since(file, {"--step=1m"})), 5000);
}

}  // namespace
}  // namespace longspan::harness
