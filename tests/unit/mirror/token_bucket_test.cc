#include "mirror/token_bucket.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr TokenBucket::Steady kBegin{seconds(1000)};

TEST(TokenBucket, WithoutARateNothingIsBounded) {
  TokenBucket bucket;
  EXPECT_FALSE(bucket.level(kBegin));
  bucket.spend(1'000'000);
  EXPECT_FALSE(bucket.level(kBegin + seconds(1)));
}

TEST(TokenBucket, BeginsWithOneSecondsWorthAndHoldsNoMore) {
  TokenBucket bucket;
  bucket.set_rate(1000, kBegin);
  EXPECT_EQ(bucket.level(kBegin), 1000);
  EXPECT_EQ(bucket.level(kBegin + seconds(60)), 1000);
}

TEST(TokenBucket, WhatWasSpentTooMuchIsMadeUpFor) {
  TokenBucket bucket;
  bucket.set_rate(1000, kBegin);
  bucket.spend(3000);
  EXPECT_EQ(bucket.level(kBegin), -2000);
  EXPECT_EQ(bucket.level(kBegin + seconds(2)), 0);
  EXPECT_EQ(bucket.level(kBegin + milliseconds(2500)), 500);
}

TEST(TokenBucket, OverTimeTheRateHoldsWhateverIsSpentAtOnce) {
  TokenBucket bucket;
  bucket.set_rate(1000, kBegin);
  std::int64_t spent = 0;
  for (auto now = kBegin; now < kBegin + seconds(100); now += milliseconds(7)) {
    if (*bucket.level(now) <= 0) continue;
    bucket.spend(777);
    spent += 777;
  }
  EXPECT_NEAR(static_cast<double>(spent), 101'000, 800);
}

TEST(TokenBucket, ANewRateKeepsWhatIsThereUpToItsOwnSecond) {
  TokenBucket bucket;
  bucket.set_rate(1000, kBegin);
  bucket.set_rate(100, kBegin);
  EXPECT_EQ(bucket.level(kBegin), 100);
  bucket.set_rate(5000, kBegin);
  EXPECT_EQ(bucket.level(kBegin), 100);
  bucket.set_rate(0, kBegin);
  EXPECT_FALSE(bucket.level(kBegin));
}

TEST(TokenBucket, AClockThatStepsBackFillsNothing) {
  TokenBucket bucket;
  bucket.set_rate(1000, kBegin);
  bucket.spend(1000);
  EXPECT_EQ(bucket.level(kBegin - seconds(5)), 0);
  EXPECT_EQ(bucket.level(kBegin + milliseconds(100)), 100);
}

}  // namespace
}  // namespace longspan
