#include "tracing/pathways/pathway_stats.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

const PathwayEdge kEdge = std::make_shared<const std::vector<std::string>>(1, "direction:in");
constexpr TimestampMs kNow{1'700'000'001'234};

TEST(PathwayStats, CheckpointsOfAWayAreOnePoint) {
  PathwayStats stats;
  stats.add(kEdge, {7, 3}, {2'000, 500, 100}, kNow);
  stats.add(kEdge, {7, 3}, {4'000, 500, 300}, kNow);
  stats.add(kEdge, {8, 3}, {1, 1, 1}, kNow);
  EXPECT_FALSE(stats.take_if_over({kNow.value + 8'000}));
  const auto bucket = stats.take_if_over({kNow.value + 8'766});
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->start.value, 1'700'000'000'000) << "aligned";
  ASSERT_EQ(bucket->points.size(), 2U);
  const PathwayPoint& point = bucket->points[0].hash == 7 ? bucket->points[0] : bucket->points[1];
  EXPECT_EQ(point.parent, 3U);
  EXPECT_EQ(point.pathway_seconds.count(), 2U);
  EXPECT_DOUBLE_EQ(point.pathway_seconds.sum(), 6.0);
  EXPECT_DOUBLE_EQ(point.edge_seconds.sum(), 1.0);
  EXPECT_DOUBLE_EQ(point.payload_bytes.sum(), 400.0);
  EXPECT_FALSE(stats.take()) << "nothing is left";
  EXPECT_EQ(stats.counts().checkpoints, 3U);
}

TEST(PathwayStats, AClockThatGoesBackEndsTheBucket) {
  PathwayStats stats;
  stats.add(kEdge, {7, 3}, {1, 1, 1}, kNow);
  const auto bucket = stats.take_if_over({kNow.value - 10'000});
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->start.value, 1'700'000'000'000);
}

TEST(PathwayStats, NegativeLatenciesAreCountedAndTooManyWaysLeftOut) {
  PathwayStats stats;
  stats.add(kEdge, {1, 0}, {-5, 0, 1}, kNow);
  EXPECT_EQ(stats.counts().negative, 1U);
  for (std::uint64_t hash = 2; hash <= PathwayStats::kPointsMax + 3; ++hash) {
    stats.add(kEdge, {hash, 0}, {1, 1, 1}, kNow);
  }
  stats.add(kEdge, {1, 0}, {1, 1, 1}, kNow);
  EXPECT_EQ(stats.counts().left_out, 3U);
  EXPECT_EQ(stats.counts().checkpoints, PathwayStats::kPointsMax + 1);
  const auto bucket = stats.take();
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->points.size(), PathwayStats::kPointsMax);
}

}  // namespace
}  // namespace longspan
