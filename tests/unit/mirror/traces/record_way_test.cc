#include "mirror/traces/record_way.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr std::int64_t kBase = 1'795'222'920'000'000;
constexpr std::int64_t kMs = 1'000;

Stamp at_ms(std::int64_t ms) { return {{kBase + ms * kMs}, 1}; }

ClockConfig exact_clocks() {
  ClockConfig out;
  out.source_max_error = DurationUs{0};
  out.target_max_error = DurationUs{0};
  out.connector_max_error = DurationUs{0};
  out.database_max_error = DurationUs{0};
  return out;
}

std::int64_t ms_of(const std::optional<Instant>& at) { return at ? (at->us - kBase) / kMs : -1; }

TEST(RecordWay, HopsGoAcrossWhatNobodyWroteDown) {
  const RecordWay way({at_ms(0), at_ms(10), {}, at_ms(100), {}}, exact_clocks());
  const auto hops = hops_of(way);
  ASSERT_EQ(hops.size(), 2U);
  EXPECT_EQ(hops[0].from, Waypoint::commit);
  EXPECT_EQ(hops[0].to, Waypoint::connector);
  EXPECT_EQ(hops[0].took.point->value, 10 * kMs);
  EXPECT_EQ(hops[1].from, Waypoint::connector);
  EXPECT_EQ(hops[1].to, Waypoint::target_append);
  EXPECT_EQ(hops[1].took.point->value, 90 * kMs);
  EXPECT_FALSE(way.at(Waypoint::fetched));
  EXPECT_EQ(way.contradictions(), 0);
}

TEST(RecordWay, BoundsAreNarrowedByTheOrder) {
  ClockConfig clocks = exact_clocks();
  clocks.database_max_error = DurationUs{50 * kMs};
  const RecordWay way({at_ms(0), at_ms(10), {}, {}, {}}, clocks);
  EXPECT_EQ(ms_of(way.at(Waypoint::commit)->low), -50);
  EXPECT_EQ(ms_of(way.at(Waypoint::commit)->high), 10) << "it was not after the connector";
}

TEST(RecordWay, NothingTakesLessThanNothing) {
  ClockConfig clocks = exact_clocks();
  clocks.connector_max_error = DurationUs{50 * kMs};
  clocks.source_max_error = DurationUs{50 * kMs};
  const RecordWay way({{}, at_ms(0), at_ms(10), {}, {}}, clocks);
  const auto took = way.between(Waypoint::connector, Waypoint::source_append);
  EXPECT_EQ(took->low->value, 0) << "the clocks alone would allow -90 ms";
  EXPECT_EQ(took->high->value, 110 * kMs + 1) << "a stamp is a microsecond wide";
}

TEST(RecordWay, ClocksThatContradictTheOrderLoseTheirSides) {
  const RecordWay way({at_ms(500), at_ms(10), {}, {}, {}}, exact_clocks());
  EXPECT_EQ(way.contradictions(), 1);
  EXPECT_FALSE(way.at(Waypoint::commit)->point);
  EXPECT_FALSE(way.at(Waypoint::connector)->point);
  EXPECT_TRUE(hops_of(way).empty() || !hops_of(way)[0].took.point);
}

TEST(RecordWay, AMarkBehindTheRecordBoundsItsAppend) {
  PassedRecord passed;
  passed.by.at = {kBase / kMs + 200};
  const RecordWay way({at_ms(0), {}, {}, {}, passed}, exact_clocks());
  const auto& append = way.at(Waypoint::target_append);
  ASSERT_TRUE(append);
  EXPECT_FALSE(append->point) << "it is known only to lie before the mark";
  EXPECT_EQ(ms_of(append->low), 0);
  EXPECT_EQ(ms_of(append->high), 201) << "a mark's time is floored";
  EXPECT_FALSE(way.is_followed());
}

TEST(RecordWay, AGroupIsDoneBetweenItsCommits) {
  const RecordWay way({{}, {}, {}, at_ms(100), {}}, exact_clocks());
  const auto done =
      sink_at(way, {at_ms(300), at_ms(200), CommitOrder::after_processing}, exact_clocks());
  ASSERT_TRUE(done);
  EXPECT_EQ(ms_of(done->low), 100);
  EXPECT_EQ(ms_of(done->point), 250);
  EXPECT_EQ(ms_of(done->high), 300);
  const auto before =
      sink_at(way, {at_ms(300), {}, CommitOrder::before_processing}, exact_clocks());
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->high) << "who commits first may still be at work";
  EXPECT_FALSE(sink_at(RecordWay({}, exact_clocks()), {at_ms(1), {}}, exact_clocks()));
}

}  // namespace
}  // namespace longspan
