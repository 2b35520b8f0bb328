#include "lagcalc/recent_mean.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(RecentMean, IsAbsentUntilSomethingCame) {
  RecentMean mean;
  EXPECT_FALSE(mean.mean());
  mean.add(0, 500);
  EXPECT_FALSE(mean.mean());
}

TEST(RecentMean, OfAFewIsTheirMean) {
  RecentMean mean;
  mean.add(3, 300);
  mean.add(1, 500);
  EXPECT_DOUBLE_EQ(*mean.mean(), 200);
}

TEST(RecentMean, WhatCameLatelyWeighsMore) {
  RecentMean mean;
  for (int i = 0; i < 1'000; ++i) mean.add(100, 100 * 50);
  EXPECT_NEAR(*mean.mean(), 50, 1e-6);
  for (int i = 0; i < 100; ++i) mean.add(100, 100 * 1'000);
  EXPECT_NEAR(*mean.mean(), 1'000 - 950 * 0.37, 10) << "a window of others";
  for (int i = 0; i < 900; ++i) mean.add(100, 100 * 1'000);
  EXPECT_NEAR(*mean.mean(), 1'000, 1);
  mean.add(10 * RecentMean::kWindow, 0);
  EXPECT_EQ(*mean.mean(), 0) << "nothing of before is lately";
}

}  // namespace
}  // namespace longspan
