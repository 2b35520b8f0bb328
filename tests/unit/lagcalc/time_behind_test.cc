#include "lagcalc/time_behind.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Steady = TimeBehind::Steady;

Steady at(seconds time) { return Steady(std::chrono::hours(1) + time); }

TEST(TimeBehind, IsUnknownUntilAnEndIsTold) {
  EXPECT_EQ(TimeBehind().behind_ms({5}, at(seconds(1))), std::nullopt);
}

TEST(TimeBehind, IsZeroWhereEveryEndIsPassed) {
  TimeBehind behind;
  behind.end({10}, {10}, at(seconds(0)));
  EXPECT_EQ(behind.behind_ms({10}, at(seconds(9))), 0);
  behind.end({10}, {10}, at(seconds(9)));
  behind.end({20}, {10}, at(seconds(10)));
  EXPECT_EQ(behind.behind_ms({10}, at(seconds(13))), 4'000);
  EXPECT_EQ(behind.behind_ms({15}, at(seconds(13))), 3'500);
  EXPECT_EQ(behind.behind_ms({20}, at(seconds(13))), 0);
}

TEST(TimeBehind, GrowsWhileNothingIsRead) {
  TimeBehind behind;
  for (int s = 0; s <= 3'600; ++s) behind.end({100 + s}, {50}, at(seconds(s)));
  EXPECT_EQ(behind.behind_ms({50}, at(seconds(3'600))), 3'600'000);
}

TEST(TimeBehind, AnIdleLogIsNoLag) {
  TimeBehind behind;
  for (int s = 0; s <= 3'600; ++s) behind.end({100}, {100}, at(seconds(s)));
  behind.end({101}, {100}, at(seconds(3'601)));
  EXPECT_LE(behind.behind_ms({100}, at(seconds(3'601))), 1'000);
}

// Against every end that was told, of a log that grows evenly but for noise, and a reader that
// stops, catches up, and keeps up.
TEST(TimeBehind, IsNearTheTruth) {
  for (const auto seed : test_seeds(500)) {
    std::mt19937_64 random(seed);
    TimeBehind behind;
    std::vector<Offset> ends;
    std::int64_t end = 0;
    std::int64_t position = 0;
    for (int s = 0; s < 900; ++s) {
      end += std::uniform_int_distribution<std::int64_t>(40, 60)(random);
      const bool is_stalled = (s / 100) % 3 == 1;
      position = std::min(end, position + (is_stalled ? 5 : 90));
      ends.push_back({end});
      behind.end({end}, {position}, at(seconds(s)));
      std::int64_t truth = 0;  // by the first end beyond the position
      for (int i = 0; i <= s && truth == 0; ++i) {
        if (ends[static_cast<std::size_t>(i)].value > position) truth = (s - i) * 1'000;
      }
      const auto told = behind.behind_ms({position}, at(seconds(s)));
      ASSERT_TRUE(told);
      ASSERT_NEAR(static_cast<double>(*told), static_cast<double>(truth), 4'000)
          << "LONGSPAN_SEED=" << seed << " at " << s;
    }
  }
}

}  // namespace
}  // namespace longspan
