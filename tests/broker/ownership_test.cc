// Two processes of one flow share its slots; when one dies the other takes over, and nothing is
// lost.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int32_t kPartitions = 12;
constexpr std::chrono::milliseconds kSession{3000};
constexpr std::chrono::milliseconds kTakeOver = kSession + std::chrono::seconds(2);

class Ownership : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Admin(clusters().source).create({.name = topic_, .partitions = kPartitions});
    file_ = Properties(clusters(), topic_)
                .of_flow(alias_)
                .set("ownership.session.timeout.ms", std::to_string(kSession.count()))
                .write(folder());
  }

  // The processes that hold slots now, as `longspan lag` tells it from the state topic.
  std::set<std::string> owners() {
    std::set<std::string> processes;
    if (Admin(clusters().target).partitions(state_) == 0) return processes;  // not yet started
    const auto json = ask_json("lag", file_);
    for (const auto& slot : json.at("flows").at(0).at("slots")) {
      if (!slot.contains("owner") || slot["owner"].contains("released_at_ms")) continue;
      processes.insert(slot["owner"].at("process").get<std::string>());
    }
    return processes;
  }

  bool wait_for_owners(size_t count) {
    return eventually(kMirrorDeadline, [&] { return owners().size() == count; });
  }

  void produce_more() {
    const RecordMix mix{.seed = seed() + portions_++, .partitions = kPartitions};
    expected_ += static_cast<int64_t>(
        produce_mixed(
            {.bootstrap = clusters().source, .topic = topic_, .mix = mix, .records = 3000})
            .visible.size());
  }

  void write_to_every_partition() {
    Writer writer({.bootstrap = clusters().source});
    for (int32_t p = 0; p < kPartitions; ++p) {
      writer.write(topic_, {.partition = p, .value = "probe", .timestamp_ms = 1'700'000'000'000});
    }
    writer.flush();
    expected_ += kPartitions;
  }

  // Every partition compared; `difference` is empty when nothing is missing.
  Comparison compare() {
    Comparison total;
    for (int32_t p = 0; p < kPartitions && total.difference.empty(); ++p) {
      const Comparison one = compare_copies(
          read_partition({.bootstrap = clusters().source, .topic = topic_, .partition = p}),
          read_partition({.bootstrap = clusters().target, .topic = copy_, .partition = p}));
      total.difference = one.difference;
      total.written_twice += one.written_twice;
    }
    return total;
  }

  bool wait_until_equal() {
    return eventually(kMirrorDeadline, [&] { return compare().difference.empty(); });
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("shared");
  const std::string copy_ = alias_ + "." + topic_;
  const std::string state_ = "longspan." + alias_ + ".west.state.internal";
  std::filesystem::path file_;
  uint64_t portions_ = 0;
  int64_t expected_ = 0;
};

TEST_F(Ownership, TheOtherTakesOverWhenOneDies) {
  MirrorRun one(file_, "one");
  produce_more();
  ASSERT_TRUE(one.wait_for_records(clusters().target, copy_, expected_)) << one.last_lines();
  MirrorRun two(file_, "two");
  ASSERT_TRUE(wait_for_owners(2)) << one.last_lines() << two.last_lines();
  produce_more();
  ASSERT_TRUE(two.wait_for_records(clusters().target, copy_, expected_)) << two.last_lines();
  one.kill_hard();
  const auto killed_at = std::chrono::steady_clock::now();
  write_to_every_partition();
  ASSERT_TRUE(two.wait_for_records(clusters().target, copy_, expected_)) << two.last_lines();
  const auto taken_over = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - killed_at);
  EXPECT_LE(taken_over.count(), kTakeOver.count()) << two.last_lines();
  std::cout << "taken over in " << taken_over.count() << " ms\n";
  ASSERT_TRUE(wait_until_equal()) << compare().difference << "\n" << two.last_lines();
  EXPECT_TRUE(wait_for_owners(1));
  EXPECT_EQ(two.stop(), 0) << two.last_lines();
}

// A clean stop hands the slots over: nothing is lost and nothing is written twice.
TEST_F(Ownership, ACleanStopHandsOverWithoutSecondCopies) {
  auto one = std::make_unique<MirrorRun>(file_, "one");
  MirrorRun two(file_, "two");
  ASSERT_TRUE(wait_for_owners(2)) << one->last_lines() << two.last_lines();
  produce_more();
  EXPECT_EQ(one->stop(), 0) << one->last_lines();
  produce_more();
  ASSERT_TRUE(wait_until_equal()) << compare().difference << "\n" << two.last_lines();
  EXPECT_EQ(compare().written_twice, 0u);
  EXPECT_EQ(two.stop(), 0) << two.last_lines();
}

}  // namespace
}  // namespace longspan::harness
