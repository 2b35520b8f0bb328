#include "mirror/marks/covered_time.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

TEST(CoveredTime, IsWhatAnySpanHolds) {
  for (const auto seed : test_seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](int most) { return static_cast<std::int64_t>(random() % most); };
    CoveredTime covered;
    std::set<std::int64_t> all;
    for (int i = 0; i < 12; ++i) {
      const auto from = below(100) - 50;
      const auto to = from + below(20) - 4;
      covered.add({from}, {to});
      for (auto ms = from; ms < to; ++ms) all.insert(ms);
      const auto low = below(120) - 60;
      const auto high = low + below(60);
      const auto expected = std::distance(all.lower_bound(low), all.lower_bound(high));
      EXPECT_EQ(covered.covered_ms({low}, {high}), expected) << low << " to " << high;
      std::int64_t left = 0;
      auto last = low - 1;
      for (const auto& [begin, end] : covered.left_of({low}, {high})) {
        EXPECT_LT(last, begin.value) << low << " to " << high;
        last = end.value;
        EXPECT_EQ(covered.covered_ms(begin, end), 0) << low << " to " << high;
        left += end - begin;
      }
      EXPECT_EQ(left, high - low - expected) << low << " to " << high;
    }
  }
}

TEST(CoveredTime, SpansThatTouchAreOne) {
  CoveredTime covered;
  for (std::int64_t ms = 0; ms < 1'000'000; ms += 10'000) covered.add({ms}, {ms + 10'000});
  EXPECT_EQ(covered.spans(), 1u);
}

}  // namespace
}  // namespace longspan
