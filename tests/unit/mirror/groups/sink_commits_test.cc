#include "mirror/groups/sink_commits.h"

#include <gtest/gtest.h>

#include <stop_token>

#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

const TopicPartition kOrders{"east.orders", 0};
const TopicPartition kUsers{"east.users", 2};

class SinkCommitsTest : public testing::Test {
 protected:
  SinkCommitsTest()
      : commits_({clock_, std::make_unique<FakeWakeup>(clock_),
                  [this]() -> Result<std::unique_ptr<Admin>> {
                    ++admins_;
                    auto admin = std::make_unique<FakeAdmin>(cluster_);
                    admin_ = admin.get();
                    return std::unique_ptr<Admin>(std::move(admin));
                  }},
                 {}) {}
  static SinkReport report(const TopicPartition& partition, std::int64_t offset,
                           std::optional<TimestampMs> at = {}, const char* sink = "warehouse") {
    return {sink, partition, {offset}, at};
  }
  [[nodiscard]] Offset committed(const TopicPartition& partition) const {
    return cluster_.groups().at("sink:warehouse").at(partition);
  }

  FakeClock clock_;
  FakeCluster cluster_{"target", &clock_};
  FakeAdmin* admin_ = nullptr;
  int admins_ = 0;
  SinkCommits commits_;
};

TEST_F(SinkCommitsTest, AReportIsTheNextPositionOfItsGroup) {
  ASSERT_TRUE(commits_.add(report(kOrders, 6, TimestampMs{1'700'000'000'123})));
  ASSERT_TRUE(commits_.add(report(kUsers, 9)));
  EXPECT_EQ(commits_.turn(), SinkCommits::kEach);
  EXPECT_EQ(committed(kOrders), Offset{7});
  EXPECT_EQ(committed(kUsers), Offset{10});
  ASSERT_EQ(admin_->set_offsets.size(), 1u);
  const auto& positions = admin_->set_offsets[0].second;
  EXPECT_EQ(sink_time(positions.at(kOrders).metadata), TimestampMs{1'700'000'000'123});
  EXPECT_FALSE(sink_time(positions.at(kUsers).metadata));
}

TEST_F(SinkCommitsTest, WithoutReportsTheClusterIsLeftAlone) {
  EXPECT_EQ(commits_.turn(), SinkCommits::kEach);
  EXPECT_EQ(admins_, 0);
}

TEST_F(SinkCommitsTest, OfAPartitionTheNewestGoesOn) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(commits_.add(report(kOrders, i)));
  std::ignore = commits_.turn();
  ASSERT_EQ(admin_->set_offsets.size(), 1u);
  EXPECT_EQ(committed(kOrders), Offset{100});
}

TEST_F(SinkCommitsTest, WhatCouldNotBeCommittedIsTriedAgainBehindWhatCameSince) {
  cluster_.set_reachable(false);
  ASSERT_TRUE(commits_.add(report(kOrders, 1)));
  ASSERT_TRUE(commits_.add(report(kUsers, 1)));
  const LogCapture log;
  EXPECT_EQ(commits_.turn(), milliseconds(1'000));
  EXPECT_EQ(commits_.turn(), milliseconds(2'000));
  EXPECT_EQ(log.lines_with("sink_reports_not_handed_on").size(), 1u) << "said once";
  ASSERT_TRUE(commits_.add(report(kOrders, 5)));
  for (int i = 0; i < 10; ++i) EXPECT_LE(commits_.turn(), SinkCommits::kTryAgainMax);
  cluster_.set_reachable(true);
  EXPECT_EQ(commits_.turn(), SinkCommits::kEach);
  EXPECT_EQ(committed(kOrders), Offset{6});
  EXPECT_EQ(committed(kUsers), Offset{2});
}

TEST_F(SinkCommitsTest, AGroupThatIsRefusedKeepsNoOther) {
  ASSERT_TRUE(commits_.add(report(kOrders, 1, {}, "a")));
  std::ignore = commits_.turn();
  admin_->group_errors.emplace("sink:a", Error{Next::park_partition, 30, "not authorised", ""});
  ASSERT_TRUE(commits_.add(report(kOrders, 2, {}, "a")));
  ASSERT_TRUE(commits_.add(report(kOrders, 2, {}, "b")));
  EXPECT_EQ(commits_.turn(), SinkCommits::kEach);
  EXPECT_EQ(cluster_.groups().at("sink:b").at(kOrders), Offset{3});
  admin_->group_errors.clear();
  ASSERT_TRUE(commits_.add(report(kOrders, 3, {}, "a")));
  std::ignore = commits_.turn();
  EXPECT_EQ(cluster_.groups().at("sink:a").at(kOrders), Offset{4});
}

TEST_F(SinkCommitsTest, AStopIsNotKeptByThoseThatWait) {
  std::stop_source stop;
  ASSERT_TRUE(commits_.add(report(kOrders, 1)));
  stop.request_stop();
  std::ignore = commits_.turn(stop.get_token());
  EXPECT_EQ(admins_, 0);
}

TEST_F(SinkCommitsTest, TooManyAreNotTaken) {
  for (std::size_t i = 0; i < SinkCommits::kWaitingMax; ++i) {
    ASSERT_TRUE(commits_.add(report({"east.many", static_cast<std::int32_t>(i)}, 1)));
  }
  EXPECT_FALSE(commits_.add(report(kOrders, 1)));
  EXPECT_TRUE(commits_.add(report({"east.many", 7}, 2))) << "it takes the place of the one before";
  std::ignore = commits_.turn();
  EXPECT_TRUE(commits_.add(report(kOrders, 1)));
}

TEST(SinkTime, OnlyWhatWasWrittenIsRead) {
  EXPECT_EQ(sink_time(sink_metadata(TimestampMs{42})), TimestampMs{42});
  for (const char* rubbish : {"", "at_ms=", "at_ms=-1", "at_ms=12x", "at_ms=99999999999999999999",
                              "at_ms=999999999999999", "something else"}) {
    EXPECT_FALSE(sink_time(rubbish)) << rubbish;
  }
  EXPECT_TRUE(is_sink_group(sink_group("a")));
  EXPECT_FALSE(is_sink_group("a"));
}

}  // namespace
}  // namespace longspan
