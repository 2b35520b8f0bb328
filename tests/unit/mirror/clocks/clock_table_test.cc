#include "mirror/clocks/clock_table.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr Instant kNow{1'000'000'000'000};
constexpr std::int32_t kMillisecond = 1'000;

ClockOffset measured(std::int64_t low, std::int64_t high) {
  return {{OffsetBound{low}, OffsetBound{high}}, kNow, 100, 0, {}, {}};
}

Stamp stamp(std::int64_t us_ago) { return {{kNow.us - us_ago}, kMillisecond}; }

class ClockTableTest : public testing::Test {
 protected:
  // Brokers 1 and 2 of the target are measured, 3 is not; orders-0 is led by 2 for 30 s.
  [[nodiscard]] ClockTable table(const std::vector<std::int32_t>& brokers,
                                 const ClockConfig& config = {}) const {
    ClusterLeaders leaders;
    leaders.brokers = brokers;
    leaders.known = brokers;
    leaders.topics["orders"] = {{2, kNow - DurationUs{30'000'000}}, {std::nullopt, {}}};
    return {config,
            kNow,
            {{{ClockKind::target_broker, 1}, measured(-1'000, 2'000)},
             {{ClockKind::target_broker, 2}, measured(4'000'000, 4'003'000)}},
            nullptr,
            std::make_shared<const ClusterLeaders>(leaders)};
  }
};

TEST_F(ClockTableTest, WhatNobodyMeasuresIsAssumedByItsOwnOption) {
  ClockConfig config;
  config.database_max_error = DurationUs{7'000};
  config.connector_max_error.reset();
  const auto of = table({1}, config);
  const auto database = of.offset_of({ClockKind::database, 0}).bounds;
  EXPECT_EQ(database.low, (OffsetBound{-7'000, true}));
  EXPECT_EQ(database.high, (OffsetBound{7'000, true}));
  EXPECT_EQ(of.offset_of({ClockKind::connector, 0}).bounds, OffsetBounds());
  EXPECT_EQ(of.offset_of({ClockKind::target_broker, 1}).bounds.low, (OffsetBound{-1'000, false}));
}

TEST_F(ClockTableTest, AHullReachesOverAllBrokersOfTheCluster) {
  const auto both = table({1, 2}).hull_of(ClockKind::target_broker);
  EXPECT_EQ(both.bounds.low, (OffsetBound{-1'000, false}));
  EXPECT_EQ(both.bounds.high, (OffsetBound{4'003'000, false}));
  EXPECT_FALSE(both.epoch) << "two stamps may be of two clocks";
  const auto all = table({1, 2, 3}).hull_of(ClockKind::target_broker);
  EXPECT_EQ(all.bounds.low, (OffsetBound{-100'000, true})) << "3 is not measured";
  EXPECT_EQ(all.bounds.high, (OffsetBound{4'003'000, true})) << "3 may be further ahead";
  EXPECT_EQ(table({1}).hull_of(ClockKind::source_broker).bounds.high, (OffsetBound{100'000, true}))
      << "a cluster that was never seen";
  EXPECT_TRUE(table({1}).hull_of(ClockKind::target_broker).epoch) << "one clock";
}

TEST_F(ClockTableTest, AHullOfAClockThatSteppedHoldsWhatItWas) {
  ClockOffset stepped = measured(900'000, 901'000);
  stepped.since = kNow - DurationUs{60'000'000};
  stepped.earlier = EarlierOffset{{OffsetBound{-500}, OffsetBound{500}}, *stepped.since, {}};
  ClusterLeaders leaders;
  leaders.brokers = {1, 2};
  leaders.known = {1, 2};
  const ClockTable of({}, kNow,
                      {{{ClockKind::target_broker, 1}, stepped},
                       {{ClockKind::target_broker, 2}, measured(899'000, 902'000)}},
                      nullptr, std::make_shared<const ClusterLeaders>(leaders));
  EXPECT_EQ(of.hull_of(ClockKind::target_broker).bounds.low, (OffsetBound{-500, false}));
}

TEST_F(ClockTableTest, AStampIsOfTheLeaderOfItsTime) {
  const auto of = table({1, 2});
  // Its clock is 4 s ahead: what it wrote 20 s ago carries a stamp of 16 s ago.
  const auto now = of.appender(EventSide::target, {"orders", 0}, stamp(16'000'000));
  EXPECT_EQ(now, (ClockId{ClockKind::target_broker, 2}));
  EXPECT_EQ(of.offset_at(EventSide::target, {"orders", 0}, stamp(16'000'000)).bounds.low->us,
            4'000'000);
  // It may have been written before 2 was seen to lead.
  EXPECT_FALSE(of.appender(EventSide::target, {"orders", 0}, stamp(28'000'000)));
  EXPECT_EQ(of.offset_at(EventSide::target, {"orders", 0}, stamp(28'000'000)).bounds.low->us,
            -1'000);
  EXPECT_FALSE(of.appender(EventSide::target, {"orders", 1}, stamp(0))) << "nobody leads it";
  EXPECT_FALSE(of.appender(EventSide::source, {"orders", 0}, stamp(0)));
  EXPECT_EQ(table({2}).appender(EventSide::target, {"other", 5}, stamp(1'000'000'000)),
            (ClockId{ClockKind::target_broker, 2}))
      << "there is no other broker";
}

TEST_F(ClockTableTest, OneOfSeveralThatIsLeftIsNotTheOnlyOne) {
  const auto leaders = updated(updated({}, {{1, 2}, {}}, {100}), {{2}, {}}, {200});
  EXPECT_EQ(leaders.brokers, (std::vector<std::int32_t>{2}));
  EXPECT_EQ(leaders.known, (std::vector<std::int32_t>{1, 2}));
  EXPECT_FALSE(leaders.only_broker());
  const ClockTable of({}, kNow, {{{ClockKind::target_broker, 2}, measured(4'000'000, 4'003'000)}},
                      nullptr, std::make_shared<const ClusterLeaders>(leaders));
  EXPECT_FALSE(of.appender(EventSide::target, {"orders", 0}, stamp(0)));
  EXPECT_EQ(of.offset_at(EventSide::target, {"orders", 0}, stamp(0)).bounds.low,
            (OffsetBound{-100'000, true}));
}

// It is up, and nobody has measured it for long: it may have been set since.
TEST_F(ClockTableTest, WhatWasMeasuredLongAgoIsHeldTogetherWithWhatIsAssumed) {
  ClusterLeaders leaders;
  leaders.brokers = {1, 2};
  leaders.known = {1, 2};
  const ClockOffset nothing{{}, kNow, 100, 0, {}, {}};
  const ClockTable of(
      {}, kNow,
      {{{ClockKind::target_broker, 1}, measured(-1'000, 2'000)},
       {{ClockKind::target_broker, 2}, nothing, {OffsetBound{4'000'000}, OffsetBound{4'003'000}}}},
      nullptr, std::make_shared<const ClusterLeaders>(leaders));
  const auto hull = of.hull_of(ClockKind::target_broker).bounds;
  EXPECT_EQ(hull.low, (OffsetBound{-100'000, true}));
  EXPECT_EQ(hull.high, (OffsetBound{4'003'000, true}));
}

TEST_F(ClockTableTest, MoreBrokersThanAreKeptAreAssumed) {
  ClusterView view;
  for (std::int32_t i = 0; i <= static_cast<std::int32_t>(kKnownBrokersMax); ++i) {
    view.brokers.push_back(i);
  }
  const auto leaders = updated({}, view, {100});
  EXPECT_EQ(leaders.known.size(), kKnownBrokersMax);
  EXPECT_FALSE(leaders.are_all_known);
  EXPECT_FALSE(updated(leaders, {{1}, {}}, {200}).are_all_known);
}

TEST_F(ClockTableTest, LeadersKeepTheTimeTheyWereFirstSeen) {
  ClusterView view{{1, 2}, {{"orders", {1, 2}}}};
  auto leaders = updated({}, view, {100});
  view.topics["orders"] = {1, 1, 2};
  leaders = updated(leaders, view, {200});
  EXPECT_EQ(leaders.find({"orders", 0})->since, Instant{100});
  EXPECT_EQ(leaders.find({"orders", 1})->since, Instant{200});
  EXPECT_EQ(leaders.find({"orders", 1})->node, 1);
  view.topics.clear();
  EXPECT_EQ(updated(leaders, view, {300}).find({"orders", 0}), nullptr);
}

TEST_F(ClockTableTest, OrdersNarrowWhatIsMeasuredAndNeverContradictIt) {
  const TrackerSettings settings = settings_of_unasked_clock();
  const auto ordered = [&](std::int64_t low_us) {
    ClockTracker orders({ClockKind::database, 0}, settings);
    orders.add_order({OffsetBound{low_us}, std::nullopt}, kNow);
    return orders;
  };
  const auto low_of = [&](const ClockOffset& known, std::int64_t low_us) {
    return narrowed(known, ordered(low_us), DurationUs{100'000}, kNow).bounds.low;
  };
  EXPECT_EQ(low_of(measured(-40'000, 40'000), -10'000), (OffsetBound{-10'000, false}));
  EXPECT_EQ(low_of(measured(-40'000, 40'000), -90'000), (OffsetBound{-40'000, false}));
  EXPECT_EQ(low_of(measured(-40'000, 40'000), 90'000), (OffsetBound{-40'000, false}))
      << "it was set, or the record lies";
  const ClockOffset assumed{resolved({}, {}, DurationUs{100'000}), kNow, 100, 0, {}, {}};
  const auto out = narrowed(assumed, ordered(-10'000), DurationUs{100'000}, kNow).bounds;
  EXPECT_EQ(out.low, (OffsetBound{-10'000, false}));
  EXPECT_EQ(out.high, (OffsetBound{100'000, true}));
}

}  // namespace
}  // namespace longspan
