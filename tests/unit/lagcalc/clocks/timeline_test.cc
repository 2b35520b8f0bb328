#include "lagcalc/clocks/timeline.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr std::int64_t kWall = 1'790'000'000'000'000;

TEST(Timeline, BeginsAtTheWallClockAndFollowsTheSteadyOne) {
  const Timeline timeline({kWall, 500});
  EXPECT_EQ(timeline.at(500), Instant{kWall});
  EXPECT_EQ(timeline.at(1'500), Instant{kWall + 1'000});
  EXPECT_EQ(timeline.at(0), Instant{kWall - 500});
}

TEST(Timeline, TellsAStepOfTheWallClockOnceItIsConfirmed) {
  Timeline timeline({kWall, 0});
  EXPECT_FALSE(timeline.observe({kWall + 1'000'000, 1'000'000}));
  EXPECT_FALSE(timeline.observe({kWall + 4'000'000, 2'000'000})) << "not yet";
  const auto step = timeline.observe({kWall + 5'000'000, 3'000'000});
  ASSERT_TRUE(step);
  EXPECT_EQ(step->clock, (ClockId{ClockKind::host, 0}));
  EXPECT_EQ(step->at, Instant{kWall + 2'000'000});
  EXPECT_TRUE(step->size.contains(DurationUs{2'000'000}));
  EXPECT_FALSE(step->size.contains(DurationUs{0}));
  EXPECT_EQ(timeline.wall_offset(), DurationUs{2'000'000});
  EXPECT_FALSE(timeline.observe({kWall + 6'000'000, 4'000'000})) << "told once";
  EXPECT_EQ(timeline.at(4'000'000), Instant{kWall + 4'000'000}) << "the timeline did not step";
}

TEST(Timeline, AReaderThatWasHeldUpIsNoStep) {
  Timeline timeline({kWall, 0});
  EXPECT_FALSE(timeline.observe({kWall + 1'000'000, 1'300'000})) << "between the two clocks";
  EXPECT_FALSE(timeline.observe({kWall + 2'000'000, 2'000'000}));
  EXPECT_FALSE(timeline.observe({kWall + 3'000'000, 3'600'000}));
  EXPECT_FALSE(timeline.observe({kWall + 4'000'000, 4'200'000})) << "each by another time";
  EXPECT_FALSE(timeline.observe({kWall + 5'000'000, 5'000'000}));
  EXPECT_EQ(timeline.wall_offset(), DurationUs{0});
}

TEST(Timeline, ASlowAdjustmentIsFollowed) {
  Timeline timeline({kWall, 0});
  for (std::int64_t second = 1; second <= 100; ++second) {
    EXPECT_FALSE(timeline.observe({kWall + second * 1'000'500, second * 1'000'000}));
  }
  EXPECT_EQ(timeline.wall_offset(), DurationUs{50'000});
}

}  // namespace
}  // namespace longspan
