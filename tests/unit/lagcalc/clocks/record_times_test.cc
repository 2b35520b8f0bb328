#include "lagcalc/clocks/record_times.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

constexpr std::int64_t kBase = 1'790'000'000'000'000;
enum : std::uint16_t { kDatabase, kConnector, kSource, kTarget, kSink };

ClockOffset known(std::int64_t low, std::int64_t high) {
  ClockOffset out;
  out.bounds = {OffsetBound{low}, OffsetBound{high}};
  out.as_of = {kBase};
  out.drift_ppm_max = 0;
  return out;
}

ClockStamp stamp(std::uint16_t clock, std::int64_t at, std::int32_t resolution = 1) {
  return {{{kBase + at}, resolution}, clock};
}

DurationInterval us(std::optional<std::int64_t> low, std::optional<std::int64_t> point,
                    std::optional<std::int64_t> high) {
  DurationInterval out;
  if (low) out.low = DurationUs{*low};
  if (point) out.point = DurationUs{*point};
  if (high) out.high = DurationUs{*high};
  return out;
}

class Times : public ::testing::Test {
 protected:
  // database 1 s ahead, connector 2 s behind, source within 10 ms, target 100 us to 300 us ahead
  std::array<ClockOffset, 5> offsets{known(999'000, 1'001'000), known(-2'000'500, -1'999'500),
                                     known(-10'000, 10'000), known(100, 300), known(0, 0)};
  RecordStamps whole() const {
    RecordStamps out;
    out.commit = stamp(kDatabase, 1'000'000);
    out.connector = stamp(kConnector, -1'950'000);  // at 50 ms
    out.source_append = stamp(kSource, 60'000, 1'000);
    out.fetched = Instant{kBase + 100'000};
    out.produced = Instant{kBase + 103'000};
    out.target_append = stamp(kTarget, 104'200);
    return out;
  }
  RecordTimes place(const RecordStamps& stamps) const { return RecordTimes(stamps, offsets); }
};

TEST_F(Times, AHopIsMeasuredBetweenTwoClocks) {
  const RecordTimes times = place(whole());
  EXPECT_EQ(times.between(Waypoint::commit, Waypoint::connector), us(48'499, 50'000, 51'501));
  EXPECT_EQ(times.between(Waypoint::source_append, Waypoint::fetched), us(29'000, 39'500, 50'001));
  EXPECT_EQ(times.between(Waypoint::fetched, Waypoint::produced), us(2'999, 3'000, 3'001));
  EXPECT_EQ(times.between(Waypoint::produced, Waypoint::target_append), us(899, 1'000, 1'101));
  EXPECT_EQ(times.contradictions(), 0);
}

TEST_F(Times, AMissingStampLeavesTheHopAcrossIt) {
  RecordStamps stamps = whole();
  stamps.source_append.reset();
  const RecordTimes times = place(stamps);
  EXPECT_FALSE(times.between(Waypoint::connector, Waypoint::source_append));
  EXPECT_FALSE(times.between(Waypoint::source_append, Waypoint::fetched));
  EXPECT_EQ(times.between(Waypoint::connector, Waypoint::fetched), us(49'499, 50'000, 50'501));
  EXPECT_FALSE(times.end_to_end());
  EXPECT_FALSE(place({}).between(Waypoint::commit, Waypoint::fetched));
}

TEST_F(Times, StampsOfOneClockNeedNoOffset) {
  offsets[kSource] = ClockOffset{};  // nothing is known of it
  RecordStamps stamps;
  stamps.connector = stamp(kSource, 0, 1'000);  // a connector on the broker's host
  stamps.source_append = stamp(kSource, 40'000, 1'000);
  EXPECT_EQ(place(stamps).between(Waypoint::connector, Waypoint::source_append),
            us(39'000, 40'000, 41'000));
  offsets[kSource].drift_ppm_max = 100;
  stamps.source_append = stamp(kSource, 10'000'000, 1'000);
  EXPECT_EQ(place(stamps).between(Waypoint::connector, Waypoint::source_append),
            us(9'998'000, 10'000'000, 10'002'000))
      << "a clock that is wrong by 100 ppm measures 10 s wrong by 1 ms";
}

TEST_F(Times, AClockThatWroteBackwardsIsNotMended) {
  RecordStamps stamps;
  stamps.connector = stamp(kSource, 40'000);
  stamps.source_append = stamp(kSource, 35'000);
  const RecordTimes times = place(stamps);
  EXPECT_EQ(times.between(Waypoint::connector, Waypoint::source_append),
            us(-5'001, -5'000, -4'999));
  EXPECT_EQ(times.at(Waypoint::connector)->width(), DurationUs{20'001});
}

TEST_F(Times, OldStampsAreKnownLessWell) {
  offsets[kSource].drift_ppm_max = 100;
  RecordStamps stamps;
  stamps.connector = stamp(kSource, -100'000'000);
  EXPECT_NEAR(static_cast<double>(place(stamps).at(Waypoint::connector)->width()->value),
              20'001 + 2 * 10'000, 2);
  stamps.connector = stamp(kSource, 0);
  stamps.source_append = stamp(kSource, 100'000'000);
  const std::optional<DurationUs> width = place(stamps).at(Waypoint::connector)->width();
  EXPECT_NEAR(static_cast<double>(width->value), 20'001 + 2 * 10'000, 2);
  EXPECT_EQ(place(stamps).at(Waypoint::source_append)->width(), width)
      << "one clock, one offset: they stay as far apart as they were written";
}

TEST_F(Times, ClocksThatAreNotKnownGiveWhatOrderTells) {
  offsets[kSource] = ClockOffset{};
  const RecordTimes times = place(whole());
  const auto append = times.at(Waypoint::source_append);
  ASSERT_TRUE(append);
  // Between the connector and the fetch, as far as stamps of a millisecond tell.
  EXPECT_EQ(append->low, Instant{kBase + 49'500 - 1'000});
  EXPECT_EQ(append->high, Instant{kBase + 100'000 + 1'001});
  EXPECT_TRUE(append->point);
}

TEST_F(Times, AnOpenSideLeavesNoPoint) {
  offsets[kDatabase] = ClockOffset{};
  const RecordTimes times = place(whole());
  const auto hop = times.between(Waypoint::commit, Waypoint::fetched);
  ASSERT_TRUE(hop);
  EXPECT_FALSE(hop->high) << "nothing says that it was not committed a year ago";
  EXPECT_FALSE(hop->point);
  EXPECT_TRUE(hop->low);
}

TEST_F(Times, WhatIsAssumedIsMarkedUntilOrderReplacesIt) {
  offsets[kDatabase].bounds.high->assumed = true;  // the commit's earliest time
  EXPECT_TRUE(place(whole()).between(Waypoint::commit, Waypoint::fetched)->assumed);
  EXPECT_FALSE(place(whole()).between(Waypoint::source_append, Waypoint::fetched)->assumed);
  offsets[kDatabase].bounds = {OffsetBound{0, true}, OffsetBound{1'001'000}};
  EXPECT_FALSE(place(whole()).between(Waypoint::commit, Waypoint::fetched)->assumed)
      << "the connector's time is closer";
}

TEST_F(Times, NegativePointsAreKept) {
  RecordStamps stamps = whole();
  stamps.source_append = stamp(kSource, 105'000);  // 5 ms after it was fetched, within the error
  const auto hop = place(stamps).between(Waypoint::source_append, Waypoint::fetched);
  ASSERT_TRUE(hop && hop->point);
  EXPECT_LT(hop->low->value, 0);
  EXPECT_GE(hop->high->value, 0);
  HopTally tally;
  tally.record(us(-20, -10, 0));
  tally.record(us(-20, 10, 40));
  tally.record(us({}, {}, 40));
  tally.record(us({}, {}, {}));
  tally.record(std::nullopt);
  EXPECT_EQ(tally.known, 2u);
  EXPECT_EQ(tally.negative, 1u);
  EXPECT_EQ(tally.one_sided, 1u);
  EXPECT_EQ(tally.absent, 2u);
}

TEST_F(Times, WhatContradictsTheOrderIsAbsent) {
  RecordStamps stamps = whole();
  stamps.source_append = stamp(kSource, 560'000);  // stepped by half a second
  const RecordTimes times = place(stamps);
  EXPECT_GT(times.contradictions(), 0);
  const auto before = times.between(Waypoint::connector, Waypoint::source_append);
  ASSERT_TRUE(before);
  EXPECT_TRUE(before->contains(DurationUs{10'000})) << "the truth";
  EXPECT_LT(before->high->value, 60'000) << "not half a second";
  const auto across = times.between(Waypoint::connector, Waypoint::fetched);
  EXPECT_EQ(across, us(49'499, 50'000, 50'501)) << "the others are as they were";
}

TEST_F(Times, AnAppendWithoutAStampLiesBetweenProducedAndAcked) {
  RecordStamps stamps = whole();
  stamps.target_append.reset();
  stamps.acked = Instant{kBase + 107'000};
  const RecordTimes times = place(stamps);
  EXPECT_EQ(times.at(Waypoint::target_append), centred(Instant{kBase + 103'000}, stamps.acked));
  EXPECT_EQ(times.between(Waypoint::produced, Waypoint::target_append), us(-1, 2'000, 4'000));
}

TEST_F(Times, AnAcknowledgementNarrowsTheAppend) {
  offsets[kTarget] = known(-50'000, 50'000);
  RecordStamps stamps = whole();
  stamps.acked = Instant{kBase + 105'000};
  const auto append = place(stamps).at(Waypoint::target_append);
  EXPECT_GE(append->low->us, kBase + 102'999);
  EXPECT_LE(append->high->us, kBase + 105'001);
}

TEST_F(Times, ASinkCommitBoundsWhatWasProcessed) {
  struct Row {
    const char* name;
    std::int64_t at;
    std::optional<std::int64_t> previous;
    CommitOrder order;
    DurationInterval expected;
  };
  using enum CommitOrder;
  const Row rows[] = {
      {"first_commit", 5'104'200, {}, after_processing, us(0, 2'500'000, 5'000'001)},
      {"the_one_before_places_the_point", 5'104'200, 4'104'200, after_processing,
       us(0, 4'500'000, 5'000'001)},
      {"the_one_before_came_before_the_append", 5'104'200, 4'200, after_processing,
       us(0, 2'500'000, 5'000'001)},
      {"committed_before_it_is_processed", 5'104'200, {}, before_processing, us(0, {}, {})},
  };
  for (const Row& row : rows) {
    RecordTimes times = place(whole());
    SinkCommit commit{stamp(kTarget, row.at), std::nullopt, row.order};
    if (row.previous) commit.previous = stamp(kTarget, *row.previous);
    times.set_sink_commit(commit, offsets);
    EXPECT_EQ(times.between(Waypoint::target_append, Waypoint::sink_commit), row.expected)
        << row.name;
    const auto whole_way = times.end_to_end();
    ASSERT_TRUE(whole_way);
    EXPECT_EQ(whole_way->low, DurationUs{102'899});
    EXPECT_EQ(whole_way->high.has_value(), row.expected.high.has_value()) << row.name;
  }
}

TEST_F(Times, ACommitOfAnotherBrokerBringsItsClock) {
  offsets[kSink] = known(-20'000, 20'000);
  RecordTimes times = place(whole());
  times.set_sink_commit({stamp(kSink, 504'000), std::nullopt}, offsets);
  const auto hop = times.between(Waypoint::target_append, Waypoint::sink_commit);
  EXPECT_EQ(hop->low, DurationUs{0});
  EXPECT_EQ(hop->high, DurationUs{504'000 + 20'001 - 103'900});
}

TEST_F(Times, ACommitBeforeItsAppendByOneClockContradicts) {
  RecordTimes times = place(whole());
  times.set_sink_commit({stamp(kTarget, 104'150), std::nullopt}, offsets);
  EXPECT_EQ(times.contradictions(), 1);
  EXPECT_EQ(times.between(Waypoint::target_append, Waypoint::sink_commit), us(0, {}, {}));
}

TEST_F(Times, AStepBetweenAppendAndCommitBringsTheOffsets) {
  RecordTimes times = place(whole());
  ClockOffset& target = offsets[kTarget];
  target = known(-499'900, -499'700);  // set back by half a second, after the append
  target.epoch = 1;
  times.set_sink_commit({stamp(kTarget, 604'000), std::nullopt}, offsets);
  const auto hop = times.between(Waypoint::target_append, Waypoint::sink_commit);
  EXPECT_TRUE(hop->contains(DurationUs{999'900})) << "not the half second between the stamps";
}

TEST_F(Times, ASinksOwnReportIsAStampLikeAnother) {
  RecordStamps stamps = whole();
  stamps.sink_report = stamp(kSink, 204'000);
  EXPECT_EQ(place(stamps).between(Waypoint::target_append, Waypoint::sink_commit),
            us(99'899, 100'000, 100'101));
}

TEST_F(Times, WithoutAnAppendACommitSaysNothing) {
  RecordStamps stamps = whole();
  stamps.target_append.reset();
  RecordTimes times = place(stamps);
  times.set_sink_commit({stamp(kTarget, 500'000), std::nullopt}, offsets);
  EXPECT_FALSE(times.at(Waypoint::sink_commit));
}

TEST_F(Times, ARecordFromBeforeAStepIsPlacedByWhatHeldThen) {
  ClockOffset& source = offsets[kSource];
  source = known(499'000, 501'000);
  source.as_of = {kBase + 2'000'000};
  source.since = Instant{kBase + 1'000'000};
  source.earlier = EarlierOffset{
      {OffsetBound{-1'000}, OffsetBound{1'000}}, Instant{kBase + 400'000}, std::nullopt};
  struct Row {
    const char* name;
    std::int64_t stamp;
    InstantInterval expected;
  };
  const auto at = [](std::int64_t low, std::int64_t high) {
    return centred(Instant{kBase + low}, Instant{kBase + high});
  };
  const Row rows[] = {
      {"before", 60'000, at(59'000, 61'001)},
      {"after", 2'500'000, at(1'999'000, 2'001'001)},
      {"between_the_two", 1'000'500, at(499'500, 1'001'501)},
  };
  for (const Row& row : rows) {
    RecordStamps stamps;
    stamps.source_append = stamp(kSource, row.stamp);
    const auto got = place(stamps).at(Waypoint::source_append);
    EXPECT_EQ(got, row.expected) << row.name << " " << got->low->us - kBase << " "
                                 << got->high->us - kBase;
  }
  source.earlier->since = Instant{kBase + 100'000};
  RecordStamps stamps;
  stamps.source_append = stamp(kSource, 60'000);
  EXPECT_EQ(place(stamps).at(Waypoint::source_append), InstantInterval{})
      << "older than the step before that one";
}

TEST_F(Times, WhatStandsForAnotherCoversIt) {
  RecordStamps later = whole();
  later.commit = stamp(kDatabase, 1'040'000);
  later.target_append = stamp(kTarget, 120'200);
  const RecordTimes first = place(whole());
  RecordTimes both = place(later);
  both.cover(first);
  EXPECT_EQ(both.between(Waypoint::connector, Waypoint::fetched),
            first.between(Waypoint::connector, Waypoint::fetched))
      << "the same in both";
  EXPECT_EQ(both.between(Waypoint::commit, Waypoint::target_append), us(62'899, 80'000, 121'101));
  const SinkCommit commit{stamp(kTarget, 150'200), std::nullopt};
  both.set_sink_commit(commit, offsets);
  const auto told = both.end_to_end();
  for (const RecordStamps& stamps : {whole(), later}) {
    RecordTimes each = place(stamps);
    each.set_sink_commit(commit, offsets);
    ASSERT_TRUE(told->low && told->high);
    EXPECT_LE(told->low, each.end_to_end()->low);
    EXPECT_GE(told->high, each.end_to_end()->high);
  }
  RecordTimes unknown = place(whole());
  later.commit.reset();
  unknown.cover(place(later));
  EXPECT_FALSE(unknown.at(Waypoint::commit));
}

// Of one clock, too: the exact difference of one record's stamps is not the other's.
TEST_F(Times, StampsOfOneClockThatStandForAnotherAreNotExact) {
  RecordStamps stamps;
  stamps.commit = stamp(kTarget, 0);
  stamps.target_append = stamp(kTarget, 10'000);
  const RecordTimes first = place(stamps);
  stamps.commit = stamp(kTarget, 7'000);
  RecordTimes both = place(stamps);
  both.cover(first);
  const SinkCommit commit{stamp(kTarget, 20'000), std::nullopt};
  both.set_sink_commit(commit, offsets);
  EXPECT_GE(both.end_to_end()->high, DurationUs{20'000});
  EXPECT_GE(both.between(Waypoint::commit, Waypoint::target_append)->high, DurationUs{10'000});
}

// Any stamps and any bounds, right or wrong: points add up, ends lie within the sum, nothing is
// inverted.
TEST(RecordTimes, HoldsTogetherWhateverTheStampsAre) {
  for (const std::uint64_t seed : test_seeds(seed_count(1000))) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t limit) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    };
    std::array<ClockOffset, 4> offsets;
    const std::int64_t spread = below(2) == 0 ? 50'000 : 5'000'000;
    for (ClockOffset& offset : offsets) {
      const std::int64_t low = below(2 * spread) - spread;
      offset = known(low, low + below(spread));
      offset.drift_ppm_max = 100;
      if (below(8) == 0) offset.bounds.low.reset();
      if (below(8) == 0) offset.bounds.high.reset();
    }
    const auto any = [&](Instant at) -> std::optional<ClockStamp> {
      if (below(10) == 0) return std::nullopt;
      if (below(50) == 0) return ClockStamp{{{static_cast<std::int64_t>(random())}, 1}, 0};
      const std::int64_t shown = at.us - kBase + below(spread) - spread / 2;
      return stamp(static_cast<std::uint16_t>(below(4)), shown, below(2) == 0 ? 1 : 1000);
    };
    RecordStamps stamps;
    Instant at{kBase};
    const auto next = [&] { return at = at + DurationUs{below(100'000)}; };
    stamps.commit = any(next());
    stamps.connector = any(next());
    stamps.source_append = any(next());
    if (below(10) > 0) stamps.fetched = next();
    if (below(10) > 0) stamps.produced = next();
    stamps.target_append = any(next());
    if (below(2) == 0) stamps.acked = next();
    RecordTimes times(stamps, offsets);
    const auto commit = any(next());
    if (commit) times.set_sink_commit({*commit, any(at)}, offsets);

    std::optional<Waypoint> last;
    std::optional<Waypoint> first;
    DurationInterval sum = us(0, 0, 0);
    for (std::size_t i = 0; i < kWaypoints; ++i) {
      const auto waypoint = static_cast<Waypoint>(i);
      if (!times.at(waypoint)) continue;
      if (last) {
        const auto hop = times.between(*last, waypoint);
        sum = sum + hop.value_or(us({}, {}, {}));
        if (hop && hop->low && hop->high) {
          EXPECT_LE(*hop->low, *hop->high);
        }
        if (hop && hop->point) {
          EXPECT_TRUE(hop->contains(*hop->point)) << i;
        }
      } else {
        first = waypoint;
      }
      last = waypoint;
    }
    if (!first || first == last) continue;
    const auto whole = times.between(*first, *last);
    if (sum.point) {
      EXPECT_EQ(whole->point, sum.point);
    }
    if (sum.low) {
      EXPECT_GE(*whole->low, *sum.low);
    }
    if (sum.high) {
      EXPECT_LE(*whole->high, *sum.high);
    }
  }
}

}  // namespace
}  // namespace longspan
