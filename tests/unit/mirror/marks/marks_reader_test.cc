#include "mirror/marks/marks_reader.h"

#include <gtest/gtest.h>

#include "mirror/marks/marks_feed.h"
#include "tests/unit/mirror/marks/marking_process.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

class MarksReaderTest : public MarksTest {
 protected:
  // The topic is made anew.
  void by_broker_time() {
    cluster_.delete_topic(kMarksTopic);
    cluster_.create_topic(kMarksTopic, 2, {{"message.timestamp.type", "LogAppendTime"}});
  }
  // One whose wall clock is fast by an hour, and one whose is not.
  void run_with_a_fast_clock(MarkingProcess& one) {
    FakeClock fast_clock;
    fast_clock.step_wall(std::chrono::hours(1));
    MarkingProcess fast(cluster_, fast_clock, "fast:2", 4);
    for (int i = 0; i < 300; ++i) {
      one.turn();
      fast.turn();
      clock_.advance(milliseconds(2'000));
      fast_clock.advance(milliseconds(2'000));
    }
    one.writer.finish();
  }
};

TEST_F(MarksReaderTest, AProcessWithAFastClockHidesNobody) {
  for (const bool is_by_broker : {false, true}) {
    SCOPED_TRACE(is_by_broker);
    if (is_by_broker) by_broker_time();
    const auto start = clock_.now();
    MarkingProcess one(cluster_, clock_, "one:1", 3);
    run_with_a_fast_clock(one);
    const auto history = read(start, {clock_.now().value + 1}, 600'000);
    std::int64_t records = 0;
    for (const auto& step : history.steps) records += step.records;
    EXPECT_EQ(records, one.flow.all_records());
    EXPECT_EQ(history.unreadable, 0);
  }
}

TEST_F(MarksReaderTest, ByTheBrokersTimeWhatIsLaterIsNotRead) {
  by_broker_time();
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(3'600'000));
  FakeWakeup wakeup(clock_);
  FakeSource source(cluster_, 1);
  Records read;
  Records all;
  const auto history =
      read_history({admin_, source, wakeup, clock_}, kMarksTopic,
                   {start_, {start_.value + 300'000}, 60'000}, [&](Records done, Records total) {
                     read = done;
                     all = total;
                   });
  ASSERT_TRUE(history);
  for (const auto& step : history->steps) EXPECT_GE(step.covered_ms, 55'000);
  EXPECT_GT(read.count, 0);
  EXPECT_LT(read.count, all.count * 3 / 4) << "of " << all.count;
}

TEST_F(MarksReaderTest, ABeginWithinAMinuteIsNotDamaged) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(900'000));
  for (const std::int64_t odd : {0, 1'000, 35'000, 59'999}) {
    const TimestampMs from{start_.value + 400'000 + odd};
    const auto history = read(from, {from.value + 60'000}, 60'000);
    EXPECT_EQ(history.unreadable, 0) << odd;
    EXPECT_EQ(history.points.size(), one.flow.now.partitions.size()) << odd;
    EXPECT_EQ(history.steps[0].covered_ms, 60'000) << odd;
  }
}

// Six hours in half minutes, of which the full sets are not read from the roll-ups.
TEST_F(MarksReaderTest, OfALongSpanAnHoursFullSetsAreKept) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  for (int i = 0; i < 6 * 360; ++i) {
    one.turn();
    clock_.advance(milliseconds(10'000));
  }
  one.writer.finish();
  const auto history = read(start_, {clock_.now().value + 1}, 30'000);
  std::int64_t records = 0;
  for (const auto& step : history.steps) records += step.records;
  for (const auto& gap : history.gaps) records += gap.records;
  EXPECT_EQ(records, one.flow.all_records());
  EXPECT_EQ(history.unreadable, 0);
  std::int64_t bytes = 0;
  std::int64_t sets = 0;
  for (const auto& record : cluster_.at({kMarksTopic, kMinutesPartition}).records) {
    const auto mark = decode_head(*record.data.value);
    ASSERT_TRUE(mark);
    if (!is_positions(*mark)) continue;
    bytes += std::ssize(*record.data.value);
    ++sets;
  }
  ASSERT_GE(sets, 6 * 60);
  EXPECT_GT(history.held_bytes_max, 0);
  EXPECT_LE(history.held_bytes_max, bytes * 63 / sets) << "an hour's, and of the slack";
  // In minutes nothing is kept at all.
  const auto minutes = read(start_, {clock_.now().value + 1}, 60'000);
  EXPECT_EQ(minutes.held_bytes_max, 0);
}

TEST_F(MarksReaderTest, ATopicOfOnePartitionIsSaidToBeSo) {
  cluster_.delete_topic(kMarksTopic);
  cluster_.create_topic(kMarksTopic, 1);
  FakeWakeup wakeup(clock_);
  FakeSource source(cluster_, 1);
  const auto history = read_history({admin_, source, wakeup, clock_}, kMarksTopic,
                                    {start_, {start_.value + 60'000}, 60'000});
  ASSERT_FALSE(history);
  EXPECT_NE(history.error().what.find("has 1 partition and needs 2"), std::string::npos)
      << history.error().text();
}

TEST_F(MarksReaderTest, TheLastMarkIsFoundAlsoBehindAFastClocks) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run_with_a_fast_clock(one);
  const auto stopped_at = clock_.now();
  FakeWakeup wakeup(clock_);
  FakeSource source(cluster_, 1);
  const auto last =
      last_mark_before({admin_, source, wakeup, clock_}, kMarksTopic, {stopped_at.value + 1});
  ASSERT_TRUE(last && *last);
  EXPECT_GT((*last)->value, stopped_at.value - 12'000);
}

// The set that a process wrote before its clock was set back comes before those after it.
TEST(MarksFeed, OrdersByBasesNotByTime) {
  constexpr TimestampMs kStart{1'795'222'920'000};
  const auto at = [](std::int64_t ms) { return TimestampMs{kStart.value + ms}; };
  const auto positions = [&](std::int64_t ms, std::optional<std::int64_t> base, std::int64_t n) {
    PositionsMark out{{"one:1", at(-1'000'000), at(ms), 10'000, false}, {}, {}};
    if (base) out.base = at(*base);
    PartitionMark mark;
    mark.next_source = mark.next_target = {n};
    mark.records = n;
    out.topics = {{base ? "" : "orders", 0, {mark}}};
    return encode(out).front();
  };
  HistoryFold fold({kStart, at(120'000), 120'000}, at(-120'000), false);
  MarksFeed feed(fold, at(180'000));
  feed.keep(positions(60'000, {}, 100));
  feed.keep(positions(65'000, {}, 500));  // set back from 115,000
  feed.add(positions(70'000, 60'000, 10));
  feed.add(positions(110'000, 60'000, 300));
  feed.add(positions(75'000, 65'000, 50));
  feed.add_rest();
  const auto history = fold.finish();
  EXPECT_EQ(history.unreadable, 0);
  EXPECT_EQ(history.points.at({"orders", 0}).mark.next_source, Offset{550});
  EXPECT_EQ(history.steps[0].records, 450);
  EXPECT_EQ(feed.held_bytes(), 0);
}

}  // namespace
}  // namespace longspan
