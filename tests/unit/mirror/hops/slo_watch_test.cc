#include "mirror/hops/slo_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr Instant kNow{1'795'222'800'000'000};

DurationInterval milliseconds(std::int64_t low, std::int64_t high) {
  constexpr std::int64_t kUs = 1'000;
  DurationInterval out;
  out.low = DurationUs{low * kUs};
  out.high = DurationUs{high * kUs};
  return out;
}

SloWatch watch_of(const std::vector<std::string>& texts) {
  auto objectives = make_objectives(texts);
  EXPECT_TRUE(objectives) << objectives.error().text();
  return SloWatch(std::move(*objectives));
}

TEST(SloWatch, JudgesTheTopicsThatAnObjectiveNames) {
  SloWatch watch = watch_of({"orders.*:p99<2s@30d"});
  watch.judge("orders.eu", "", milliseconds(10, 100), 3, kNow);
  watch.judge("orders.eu", "", milliseconds(1'900, 2'100), 2, kNow);
  watch.judge("orders.us", "", milliseconds(2'000, 2'100), 1, kNow);
  watch.judge("users", "", milliseconds(10, 20), 100, kNow);
  const auto seen = *watch.snapshot(kNow);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].objective, "orders.*:p99<2s@30d");
  EXPECT_EQ(seen[0].total, (SloCounts{3, 1, 2}));
  EXPECT_EQ(seen[0].window.over(60, kNow.us / 1'000'000), (SloCounts{3, 1, 2}));
}

TEST(SloWatch, EachGroupIsJudgedByItself) {
  SloWatch watch = watch_of({"orders:p50<1s@7d", "orders:p99<2s@7d"});
  watch.judge("orders", "a", milliseconds(10, 1'500), 1, kNow);
  watch.judge("orders", "b", milliseconds(1'500, 1'600), 1, kNow);
  std::vector<std::string> told;
  for (const auto& each : *watch.snapshot(kNow)) {
    told.push_back(each.objective + " " + each.group + " " + std::to_string(each.total.good) +
                   std::to_string(each.total.bad) + std::to_string(each.total.undecided));
  }
  EXPECT_THAT(told, testing::ElementsAre("orders:p50<1s@7d a 001", "orders:p50<1s@7d b 010",
                                         "orders:p99<2s@7d a 100", "orders:p99<2s@7d b 100"));
}

TEST(SloWatch, WhatHasNoLatencyIsNotJudged) {
  SloWatch watch = watch_of({"orders:p99<2s@30d"});
  watch.judge("orders", "", std::nullopt, 1, kNow);
  watch.judge("orders", "", DurationInterval{}, 1, kNow);
  const auto seen = watch.snapshot(kNow);
  ASSERT_EQ(seen->size(), 1u);
  EXPECT_EQ(seen->front().total.total(), 0u);
  EXPECT_EQ(seen->front().unmeasured, 2u);
  EXPECT_FALSE(status_of(seen->front(), 3).since_s) << "nothing was judged";
}

TEST(SloWatch, PartsOfAFlowAddUp) {
  SloWatch a = watch_of({"orders:p99<2s@30d"});
  SloWatch b = watch_of({"orders:p99<2s@30d"});
  a.judge("orders", "", milliseconds(1, 2), 4, kNow);
  b.judge("orders", "", milliseconds(3'000, 4'000), 1, kNow);
  b.judge("orders", "sink", milliseconds(1, 2), 1, kNow);
  std::vector<SloSnapshot> all;
  merge(all, *a.snapshot(kNow));
  merge(all, *b.snapshot(kNow));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].total, (SloCounts{4, 1, 0}));
  EXPECT_EQ(all[0].window.over(3'600, kNow.us / 1'000'000), (SloCounts{4, 1, 0}));
}

TEST(SloWatch, ASnapshotIsMadeOnceASecondAndOnlyOfWhatIsNew) {
  SloWatch watch = watch_of({"orders:p99<2s@30d"});
  watch.judge("orders", "", milliseconds(1, 2), 1, kNow);
  const auto first = watch.snapshot(kNow);
  EXPECT_EQ(watch.snapshot(kNow + DurationUs{5'000'000}), first) << "nothing is new";
  watch.judge("orders", "", milliseconds(1, 2), 1, kNow);
  EXPECT_EQ(watch.snapshot(kNow + DurationUs{500'000}), first) << "not yet";
  EXPECT_EQ(watch.snapshot(kNow + DurationUs{1'000'000})->at(0).total.good, 2u);
}

TEST(SloWatch, GroupsBeyondTheLimitAreLeftOut) {
  SloWatch watch = watch_of({"orders:p99<2s@30d"});
  for (std::size_t i = 0; i < SloWatch::kScopesMax + 5; ++i) {
    watch.judge("orders", std::to_string(i), milliseconds(1, 2), 1, kNow);
  }
  EXPECT_EQ(watch.snapshot(kNow)->size(), SloWatch::kScopesMax);
}

TEST(Objectives, AWrongOneIsNamed) {
  for (const char* text : {"orders", "or(ders:p99<2s@30d", "orders:p99<2s"}) {
    const auto made = make_objectives({"fine:p99<1s@1d", text});
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().text(), testing::HasSubstr("or")) << text;
  }
}

TEST(Objectives, OneThatIsThereTwiceIsRefused) {
  const auto made = make_objectives({"a:p99<1s@1d", "b:p99<1s@1d", "a:p99<1s@1d"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), testing::HasSubstr("'a:p99<1s@1d' stands there twice"));
}

TEST(SloWatch, WhatIsLeftOutNoPatternJudges) {
  auto objectives = make_objectives({".*:p99<2s@30d"});
  auto tables = NamePatterns::make({".*[.]debezium_heartbeat.*"}, "connector.heartbeat.tables");
  SloWatch watch(std::move(*objectives), std::move(*tables));
  const DurationInterval took{DurationUs{9'000'000}, DurationUs{9'000'000}, DurationUs{9'000'000}};
  watch.judge("shop.public.debezium_heartbeat", "", took, 1, {1'000'000});
  watch.judge("shop.public.debezium_heartbeat", "sink", took, 1, {1'000'000});
  EXPECT_TRUE(watch.snapshot({1'000'000})->empty());
  watch.judge("shop.public.orders", "", took, 1, {1'000'000});
  EXPECT_EQ(watch.snapshot({1'000'000})->size(), 1u);
}

}  // namespace
}  // namespace longspan
