#include "lagcalc/slo_window.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

constexpr std::int64_t kStart = 1'795'222'800;  // a whole hour

TEST(SloWindow, OfNothingNothingIsCounted) {
  const SloWindow window;
  EXPECT_EQ(window.over(3'600, kStart), SloCounts{});
  EXPECT_FALSE(window.since_s());
}

TEST(SloWindow, CountsWhatIsInTheSpan) {
  SloWindow window;
  window.record(SloVerdict::good, 10, kStart);
  window.record(SloVerdict::bad, 2, kStart + 600);
  window.record(SloVerdict::undecided, 1, kStart + 660);
  EXPECT_EQ(window.over(300, kStart + 660), (SloCounts{0, 2, 1}));
  EXPECT_EQ(window.over(60, kStart + 660), (SloCounts{0, 0, 1}));
  EXPECT_EQ(window.over(3'600, kStart + 660), (SloCounts{10, 2, 1}));
  EXPECT_EQ(window.over(86'400, kStart + 660), (SloCounts{10, 2, 1}));
  EXPECT_EQ(window.over(300, kStart), (SloCounts{10, 0, 0})) << "what came later is not in it";
  EXPECT_EQ(window.since_s(), kStart);
}

TEST(SloWindow, KeepsHoursWhereMinutesAreGone) {
  SloWindow window;
  window.record(SloVerdict::bad, 5, kStart);
  window.record(SloVerdict::good, 7, kStart + 7 * 3'600);
  EXPECT_EQ(window.over(6 * 3'600, kStart + 7 * 3'600), (SloCounts{7, 0, 0}));
  EXPECT_EQ(window.over(86'400, kStart + 7 * 3'600), (SloCounts{7, 5, 0}));
  window.record(SloVerdict::good, 1, kStart + 32 * 86'400);
  EXPECT_EQ(window.since_s(), kStart + 32 * 86'400) << "after thirty-one days";
}

TEST(SloWindow, SinceIsWhenTheFirstWasCounted) {
  SloWindow window;
  window.record(SloVerdict::good, 1, kStart + 1'234);
  EXPECT_EQ(window.since_s(), kStart + 1'234);
  SloWindow earlier;
  earlier.record(SloVerdict::good, 1, kStart + 77);
  window.merge(earlier);
  EXPECT_EQ(window.since_s(), kStart + 77);
}

// What parts saw, in whatever order, is what one would have seen.
TEST(SloWindow, PartsMergeExactly) {
  for (const std::uint64_t seed : seeds(50)) {
    std::mt19937_64 random(seed);
    SloWindow whole;
    std::vector<SloWindow> parts(3);
    std::int64_t now = kStart;
    for (int i = 0; i < 400; ++i) {
      now += static_cast<std::int64_t>(random() % 300);
      const auto verdict = static_cast<SloVerdict>(random() % 3);
      const std::uint64_t count = 1 + random() % 5;
      whole.record(verdict, count, now);
      parts[random() % parts.size()].record(verdict, count, now);
    }
    SloWindow merged;
    for (std::size_t i = 0; i < parts.size(); ++i) merged.merge(parts[(i + seed) % parts.size()]);
    for (const std::int64_t span : {60, 300, 3'600, 21'600, 86'400, 30 * 86'400}) {
      EXPECT_EQ(merged.over(span, now), whole.over(span, now)) << "seed " << seed << " " << span;
    }
  }
}

}  // namespace
}  // namespace longspan
