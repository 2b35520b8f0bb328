#include "lagcalc/heartbeat_rhythm.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr TimestampMs kStart{1'795'222'800'000};
TimestampMs after(std::int64_t ms) { return {kStart.value + ms}; }

// Every ten seconds, 300 ms on their way, by a clock that is a minute behind.
HeartbeatRhythm regular(int beats) {
  HeartbeatRhythm rhythm;
  for (int i = 0; i < beats; ++i) rhythm.beat(after(i * 10'000 - 60'000), after(i * 10'000 + 300));
  return rhythm;
}

TEST(HeartbeatRhythm, OneHeartbeatIsNoRhythm) {
  EXPECT_EQ(HeartbeatRhythm().liveness(kStart, true), Liveness::unknown);
  EXPECT_EQ(regular(1).liveness(after(500), true), Liveness::unknown);
  EXPECT_FALSE(regular(1).interval_ms());
}

TEST(HeartbeatRhythm, ADeadConnectorIsKnownWithinTwoIntervals) {
  const HeartbeatRhythm rhythm = regular(4);  // the last at 30 s
  EXPECT_EQ(rhythm.interval_ms(), 10'000);
  EXPECT_EQ(rhythm.liveness(after(40'300), true), Liveness::alive);
  EXPECT_EQ(rhythm.liveness(after(41'400), true), Liveness::late);
  EXPECT_EQ(rhythm.liveness(after(51'400), true), Liveness::dead);
}

TEST(HeartbeatRhythm, WhatIsNotReadYetProvesNothing) {
  EXPECT_EQ(regular(4).liveness(after(300'000), false), Liveness::unknown);
  // The source was away for minutes, and is back for so long.
  EXPECT_EQ(regular(4).liveness(after(300'000), true, after(295'000)), Liveness::unknown);
  EXPECT_EQ(regular(4).liveness(after(300'000), true, after(285'000)), Liveness::late);
  EXPECT_EQ(regular(4).liveness(after(300'000), true, after(270'000)), Liveness::dead);
}

TEST(HeartbeatRhythm, OneLongPauseDoesNotChangeTheInterval) {
  HeartbeatRhythm rhythm = regular(4);
  rhythm.beat(after(600'000), after(660'300));
  EXPECT_EQ(rhythm.interval_ms(), 10'000);
  EXPECT_EQ(rhythm.liveness(after(690'000), true), Liveness::dead);
}

TEST(HeartbeatRhythm, AnotherIntervalIsLearned) {
  HeartbeatRhythm rhythm = regular(4);
  for (int i = 1; i <= 8; ++i) rhythm.beat(after(30'000 + i * 60'000), after(30'000 + i * 60'000));
  EXPECT_EQ(rhythm.interval_ms(), 60'000);
}

TEST(HeartbeatRhythm, OneFromTheFutureHidesNoneBehindIt) {
  HeartbeatRhythm rhythm = regular(4);
  rhythm.beat(after(4'000'000'000'000), after(40'300));
  rhythm.beat(after(50'000 - 60'000), after(50'300));
  rhythm.beat(after(60'000 - 60'000), after(60'300));
  EXPECT_EQ(rhythm.interval_ms(), 10'000);
  EXPECT_EQ(rhythm.liveness(after(65'000), true), Liveness::alive);
}

TEST(HeartbeatRhythm, TasksThatBeatTogetherAreOne) {
  HeartbeatRhythm rhythm;
  for (int i = 0; i < 8; ++i) {
    rhythm.beat(after(i * 10'000), after(i * 10'000));
    rhythm.beat(after(i * 10'000 + 1), after(i * 10'000 + 1));
  }
  EXPECT_EQ(rhythm.interval_ms(), 10'000);
  EXPECT_EQ(rhythm.liveness(after(76'000), true), Liveness::alive);
}

// A heartbeat query that deletes its row and inserts it anew: three records, of one heartbeat.
TEST(HeartbeatRhythm, ChangesOfOneHeartbeatAreOne) {
  HeartbeatRhythm rhythm;
  for (std::int64_t at = 0; at <= 100'000; at += 10'000) {
    for (const std::int64_t more : {0, 3, 40}) rhythm.beat({at + more}, {at + more});
  }
  EXPECT_EQ(rhythm.interval_ms(), 10'000);
  EXPECT_EQ(rhythm.newest(), TimestampMs{100'040});
  EXPECT_EQ(rhythm.liveness({109'000}, true), Liveness::alive);
  EXPECT_EQ(rhythm.liveness({122'000}, true), Liveness::dead);
}

}  // namespace
}  // namespace longspan
