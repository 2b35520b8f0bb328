#include "lagcalc/slo.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

DurationInterval latency(std::optional<std::int64_t> low, std::optional<std::int64_t> high) {
  DurationInterval out;
  if (low) out.low = DurationUs{*low};
  if (high) out.high = DurationUs{*high};
  return out;
}

const Slo kSlo{"orders", 0.99, {2'000'000}, 30 * 86'400};

TEST(Slo, IsReadFromText) {
  struct Row {
    const char* text;
    const char* topics;
    double objective;
    std::int64_t target_us;
    std::int64_t window_s;
  };
  const Row rows[] = {
      {"orders.*:p99<2s@30d", "orders.*", 0.99, 2'000'000, 30 * 86'400},
      {"orders:p99.9<500ms@7d", "orders", 0.999, 500'000, 7 * 86'400},
      {"a,b:p50<250us@12h", "a,b", 0.5, 250, 12 * 3'600},
      {"(?:x|y):p95<1m@4w", "(?:x|y)", 0.95, 60'000'000, 28 * 86'400},
      {"(?<n>a)@b:p0.5<1h@90m", "(?<n>a)@b", 0.005, 3'600'000'000, 5'400},
      {"a:p99<3s:p9<1s@1d", "a:p99<3s", 0.09, 1'000'000, 86'400},
  };
  for (const Row& row : rows) {
    const auto slo = parse_slo(row.text);
    ASSERT_TRUE(slo) << slo.error().text();
    EXPECT_EQ(slo->topics, row.topics);
    EXPECT_DOUBLE_EQ(slo->objective, row.objective) << row.text;
    EXPECT_EQ(slo->target.value, row.target_us) << row.text;
    EXPECT_EQ(slo->window_s, row.window_s) << row.text;
  }
}

TEST(Slo, SaysWhichPartCannotBeRead) {
  struct Row {
    const char* text;
    const char* about;
  };
  const Row rows[] = {
      {"", "no @WINDOW"},
      {"orders:p99<2s", "no @WINDOW"},
      {"orders:p99@30d", "no <DURATION"},
      {"orders<2s@30d", "no :pN"},
      {"orders:99<2s@30d", "no :pN"},
      {":p99<2s@30d", "no topics"},
      {"a:p<2s@30d", "percentile"},
      {"a:p0<2s@30d", "percentile"},
      {"a:p100<2s@30d", "percentile"},
      {"a:p-9<2s@30d", "percentile"},
      {"a:p9.9.9<2s@30d", "percentile"},
      {"a:p99.<2s@30d", "percentile"},
      {"a:pnan<2s@30d", "percentile"},
      {"a:p1e1<2s@30d", "percentile"},
      {"a:p99<@30d", "duration"},
      {"a:p99<2@30d", "duration"},
      {"a:p99<2 s@30d", "space"},
      {"a:p99<-2s@30d", "duration"},
      {"a:p99<0s@30d", "duration"},
      {"a:p99<1.5s@30d", "duration"},
      {"a:p99<2d@30d", "duration"},
      {"a:p99<99999999999999999999h@30d", "duration"},
      {"a:p99<2s@", "window"},
      {"a:p99<2s@30", "window"},
      {"a:p99<2s@30s", "window"},
      {"a:p99<2s@30d ", "space"},
  };
  for (const Row& row : rows) {
    const auto slo = parse_slo(row.text);
    ASSERT_FALSE(slo) << row.text;
    EXPECT_NE(slo.error().what.find(row.about), std::string::npos) << slo.error().what;
    EXPECT_EQ(slo.error().next, Next::stop_process);
  }
}

TEST(Slo, RubbishIsRefusedOrHasSense) {
  for (const std::uint64_t seed : seeds(20)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 500; ++i) {
      std::string text = "a.*:p99.9<250ms@30d";
      for (std::uint64_t edits = random() % 4; edits > 0; --edits) {
        text[random() % text.size()] = static_cast<char>(random());
      }
      const auto slo = parse_slo(text.substr(0, text.size() - random() % 3));
      if (!slo) continue;
      EXPECT_FALSE(slo->topics.empty());
      EXPECT_TRUE(slo->objective > 0 && slo->objective < 1);
      EXPECT_GT(slo->target.value, 0);
      EXPECT_GT(slo->window_s, 0);
    }
  }
}

TEST(Slo, JudgesOnlyWhatTheBoundsDecide) {
  struct Row {
    const char* name;
    DurationInterval latency;
    SloVerdict verdict;
  };
  const Row rows[] = {
      {"all_below", latency(100, 1'999'999), SloVerdict::good},
      {"target_itself_is_not_below", latency(100, 2'000'000), SloVerdict::undecided},
      {"all_from_the_target_on", latency(2'000'000, 9'000'000), SloVerdict::bad},
      {"straddles", latency(1'999'999, 2'000'001), SloVerdict::undecided},
      {"negative", latency(-300, -100), SloVerdict::good},
      {"no_low", latency({}, 1'000), SloVerdict::good},
      {"no_low_and_high_above", latency({}, 3'000'000), SloVerdict::undecided},
      {"no_high", latency(2'500'000, {}), SloVerdict::bad},
      {"no_high_and_low_below", latency(0, {}), SloVerdict::undecided},
      {"nothing", latency({}, {}), SloVerdict::undecided},
  };
  for (const Row& row : rows) EXPECT_EQ(judge(row.latency, kSlo.target), row.verdict) << row.name;
}

TEST(Slo, CountsLieBetweenBounds) {
  SloCounts counts;
  for (int i = 0; i < 970; ++i) counts.record(SloVerdict::good);
  for (int i = 0; i < 20; ++i) counts.record(SloVerdict::bad);
  for (int i = 0; i < 10; ++i) counts.record(SloVerdict::undecided);
  const auto good = compliance(counts);
  ASSERT_TRUE(good);
  EXPECT_DOUBLE_EQ(good->low, 0.97);
  EXPECT_DOUBLE_EQ(*good->point, 970.0 / 990);
  EXPECT_DOUBLE_EQ(good->high, 0.98);
  const auto burn = burn_rate(kSlo, counts);
  EXPECT_NEAR(burn->low, 2, 1e-9);
  EXPECT_NEAR(*burn->point, 20.0 / 990 / 0.01, 1e-9);
  EXPECT_NEAR(burn->high, 3, 1e-9);
  const auto left = budget_left(kSlo, counts);
  EXPECT_NEAR(left->low, -2, 1e-9);
  EXPECT_NEAR(left->high, -1, 1e-9);
}

TEST(Slo, NothingCountedIsAbsent) {
  EXPECT_FALSE(compliance({}));
  EXPECT_FALSE(burn_rate(kSlo, {}));
  EXPECT_FALSE(budget_left(kSlo, {}));
  const auto undecided = compliance({0, 0, 5});
  EXPECT_EQ(undecided->low, 0);
  EXPECT_FALSE(undecided->point);
  EXPECT_EQ(undecided->high, 1);
}

TEST(Slo, AWindowIsADifferenceOfCounts) {
  EXPECT_EQ(counts_between({10, 5, 3}, {4, 5, 1}), (SloCounts{6, 0, 2}));
  EXPECT_EQ(counts_between({3, 5, 3}, {4, 5, 1}), std::nullopt) << "counted anew";
}

TEST(Slo, BurnsAsTheWorkbookSays) {
  EXPECT_NEAR(burn_limit(kSlo, kBurnRules[0]), 14.4, 1e-9);
  EXPECT_NEAR(burn_limit(kSlo, kBurnRules[1]), 6, 1e-9);
  EXPECT_NEAR(burn_limit(kSlo, kBurnRules[2]), 3, 1e-9);
  EXPECT_NEAR(burn_limit(kSlo, kBurnRules[3]), 1, 1e-9);
  const SloCounts bad{850, 150, 0};
  const SloCounts fine{1000, 0, 0};
  const SloCounts unclear{850, 0, 150};
  EXPECT_TRUE(burns(kSlo, kBurnRules[0], bad, bad));
  EXPECT_FALSE(burns(kSlo, kBurnRules[0], bad, fine)) << "it is over";
  EXPECT_FALSE(burns(kSlo, kBurnRules[0], fine, bad)) << "too short to matter";
  EXPECT_FALSE(burns(kSlo, kBurnRules[0], unclear, unclear)) << "nobody is woken by a clock";
  EXPECT_FALSE(burns(kSlo, kBurnRules[0], bad, {})) << "nothing came";
}

}  // namespace
}  // namespace longspan
