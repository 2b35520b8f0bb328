// Batches of a megabyte that inflate to hundreds: the process that reads one is killed for its
// memory, is started again as a supervisor does, and finds out which partition it was.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int kPlain = 50;   // records in front of a bomb
constexpr int kBehind = 10;  // and behind it
constexpr size_t kRecordBytes = 100'000;
// What the process may hold more than at rest: less than any of the deadly ones inflates to.
constexpr int64_t kMemoryMib = 240;
constexpr auto kLivesMax = 14;
constexpr auto kDeadline = std::chrono::minutes(5);

struct Bomb {
  const char* name;
  const char* codec;
  int records;     // in the batch
  bool is_deadly;  // snappy makes a megabyte out of no more than twenty
};
const std::vector<Bomb> kBombs = {
    {"none", "none", 0, false},       {"gzip", "gzip", 3000, true}, {"lz4", "lz4", 2800, true},
    {"snappy", "snappy", 150, false}, {"zstd", "zstd", 3000, true},
};

class BombTest : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 0);  // else what was freed counts, too
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_,
                     .partitions = static_cast<int32_t>(kBombs.size()),
                     .configs = {{"max.message.bytes", "1500000"}}});
    for (size_t p = 0; p < kBombs.size(); ++p) {
      write(p, "none", kPlain, 100);
      if (kBombs[p].records > 0) write(p, kBombs[p].codec, kBombs[p].records, kRecordBytes);
      write(p, "none", kBehind, 100);
    }
  }
  // The first alone: a partition that the writer came to know only while it flushes would get the
  // others in several batches, none of which kills. Then one batch.
  void write(size_t partition, const std::string& codec, int count, size_t bytes) {
    Writer writer({.bootstrap = clusters().source,
                   .codec = codec,
                   .extra = {{"linger.ms", "30000"},
                             {"batch.size", "1000000000"},
                             {"batch.num.messages", "100000"},
                             {"message.max.bytes", "1000000000"},
                             {"queue.buffering.max.kbytes", "2000000"}},
                   .remember = false});
    const std::string zeros(bytes, '\0');
    for (int i = 0; i < count; ++i) {
      writer.write(topic_, {.partition = static_cast<int32_t>(partition), .value = zeros});
      if (i == 0) writer.flush();
    }
    writer.flush();
  }
  std::string copy() const { return alias_ + "." + topic_; }
  int64_t copies(size_t p) {
    const auto number = static_cast<int32_t>(p);
    return number < target_->partitions(copy()) ? target_->range(copy(), number).end : 0;
  }
  int64_t wanted(size_t p) { return kPlain + kBombs[p].records + kBehind; }

  // As the kernel: whatever holds too much is killed at once, also while somebody is being asked.
  void start() {
    run_.emplace(file_, "longspan-" + std::to_string(lives_));
    // Until then it is a copy of this test, which held the bombs.
    eventually(kMirrorDeadline, [&] { return !run_->output().empty(); });
    const auto most = run_->memory_kib().value_or(0) + kMemoryMib * 1024;
    killer_ = std::jthread([this, most](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (run_->peak_memory_kib().value_or(0) > most) return void(::kill(run_->pid(), SIGKILL));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  void end() {
    killer_ = {};
    run_.reset();
  }
  // As a supervisor: what died is started. False: it was not so before the deadline, or within so
  // many lives.
  bool lives_until(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    auto look_at = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < until) {
      if (!run_) {
        if (++lives_ > kLivesMax) return false;
        start();
      }
      if (!run_->running()) {
        end();
        continue;
      }
      if (std::chrono::steady_clock::now() >= look_at) {
        if (condition()) return true;
        look_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("bombs");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
  std::filesystem::path file_;
  std::optional<MirrorRun> run_;
  std::jthread killer_;
  int lives_ = 0;
};

TEST_F(BombTest, TheOthersGoOnAndTheDeadlyPartitionsAreNamed) {
  file_ = Properties(clusters(), topic_)
              .of_flow(alias_)
              .set("ownership.session.timeout.ms", "3000")
              .set("park.retry.ms", "500")
              .set("memory.limit", "128MiB")
              .write(folder());
  std::map<size_t, std::string> reasons;
  const auto is_over = [&] {
    for (size_t p = 0; p < kBombs.size(); ++p) {
      if (!kBombs[p].is_deadly && copies(p) < wanted(p)) return false;
    }
    const auto answer = ask_json("lag", file_);
    reasons.clear();
    for (const auto& one : answer.at("flows").at(0).at("partitions")) {
      if (one.at("topic") != topic_ || one.at("state") != "parked") continue;
      reasons[one.at("partition")] = one.at("reason");
    }
    for (size_t p = 0; p < kBombs.size(); ++p) {
      if (!kBombs[p].is_deadly) continue;
      if (reasons[p].find("2 processes died while they read this") == std::string::npos) {
        return false;
      }
    }
    return true;
  };
  ASSERT_TRUE(lives_until(is_over)) << "lives: " << lives_ << "\n"
                                    << (run_ ? run_->last_lines() : "");
  std::cout << "named in life " << lives_ << "\n";
  // Two deaths before anything is suspected, two for each of the three.
  EXPECT_LE(lives_ - 1, 2 + 2 * 3 + 2);
  for (const auto& [p, reason] : reasons) {
    EXPECT_TRUE(kBombs[p].is_deadly) << kBombs[p].name << ": " << reason;
    std::cout << kBombs[p].name << ": " << reason << "\n";
    EXPECT_NE(reason.find("--accept-loss"), std::string::npos);
    EXPECT_LT(copies(p), wanted(p)) << kBombs[p].name;
  }
  // What is left out of the copy is said, and the rest goes on.
  std::map<size_t, int64_t> before;
  for (size_t p = 0; p < kBombs.size(); ++p) {
    if (!kBombs[p].is_deadly) continue;
    before[p] = copies(p);
    const auto set = ask("offsets set", file_,
                         {"--partition", topic_ + ":" + std::to_string(p), "--source",
                          std::to_string(kPlain + kBombs[p].records)});
    ASSERT_EQ(set.exit_code, 0) << set.out << set.err;
  }
  const int lives = lives_;
  EXPECT_TRUE(lives_until([&] {
    for (size_t p = 0; p < kBombs.size(); ++p) {
      if (kBombs[p].is_deadly && copies(p) < before[p] + kBehind) return false;
    }
    return true;
  })) << run_->last_lines();
  EXPECT_EQ(lives_, lives);
  EXPECT_EQ(run_->stop(), 0);
}

}  // namespace
}  // namespace longspan::harness
