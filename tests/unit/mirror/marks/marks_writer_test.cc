#include "mirror/marks/marks_writer.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/fakes/seed.h"
#include "tests/unit/mirror/marks/marking_process.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using MarksWriterTest = MarksTest;

TEST_F(MarksWriterTest, WhatIsReadIsExactlyWhatWasMirroredByAllProcesses) {
  for (const auto seed : test_seeds(3)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    cluster_.delete_topic(kMarksTopic);
    cluster_.create_topic(kMarksTopic, 2);
    const auto start = clock_.now();
    MarkingProcess one(cluster_, clock_, "one:1", seed);
    MarkingProcess two(cluster_, clock_, "two:2", seed + 100);
    run({&one, &two}, milliseconds(400'000));
    one.writer.finish();
    run({&two}, milliseconds(100'000));
    two.writer.finish();
    const auto history = read(start, {clock_.now().value + 1}, 1'000'000'000);
    auto latencies = one.flow.all_latencies();
    const auto others = two.flow.all_latencies();
    latencies.mirror_latency.merge(others.mirror_latency);
    latencies.residence.merge(others.residence);
    latencies.hops.merge(others.hops);
    EXPECT_EQ(history.steps[0].latencies, latencies);
    EXPECT_EQ(history.steps[0].records, one.flow.all_records() + two.flow.all_records());
    EXPECT_EQ(history.unreadable, 0);
    EXPECT_FALSE(history.is_running) << "both stopped in order";
    EXPECT_EQ(one.writer.status().dropped_total, 0);
    // The last position of each partition is the one of the process that wrote last.
    for (const auto& partition : two.flow.now.partitions) {
      const auto point = history.points.find(partition.source);
      ASSERT_NE(point, history.points.end());
      EXPECT_EQ(point->second.mark.next_source, partition.next_source);
      EXPECT_EQ(point->second.mark.next_target, partition.next_target);
      EXPECT_EQ(point->second.mark.latest, partition.latest);
    }
  }
}

TEST_F(MarksWriterTest, StepsAddUpToTheWholeAndMinutesToTheSame) {
  MarkingProcess one(cluster_, clock_, "one:1", 7);
  run({&one}, milliseconds(2 * 3'600'000 + 600'000));
  one.writer.finish();
  const TimestampMs end{clock_.now().value + 1};
  const auto whole = read_all();
  for (const std::int64_t step_ms : {60'000, 30'000}) {
    const auto steps = read(start_, end, step_ms);  // the first from roll-ups
    StepLatencies sum;
    std::int64_t records = 0;
    for (const auto& step : steps.steps) {
      records += step.records;
      sum.merge(
          {"", {}, step.latencies.mirror_latency, step.latencies.residence, step.latencies.hops});
      if (step.from.value > start_.value + 60'000 && step.to < end) {
        EXPECT_EQ(step.covered_ms, step_ms);
      }
    }
    EXPECT_EQ(sum, whole.steps[0].latencies) << step_ms;
    EXPECT_EQ(records, one.flow.all_records()) << step_ms;
  }
}

TEST_F(MarksWriterTest, AnOutageIsCountedAndWhatHappenedInItIsToldAfterIt) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(45'000));
  one.broken = true;
  cluster_.break_partition({kMarksTopic, 0}, Error{Next::retry, 7, "no answer", ""});
  cluster_.break_partition({kMarksTopic, 1}, Error{Next::retry, 7, "no answer", ""});
  run({&one}, milliseconds(120'000));
  EXPECT_GE(one.writer.status().dropped_total, 10);
  EXPECT_GT(one.sinks, 2u);
  EXPECT_LE(one.sinks, 8u) << "each try after twice the time";
  one.broken = false;
  cluster_.break_partition({kMarksTopic, 0}, std::nullopt);
  cluster_.break_partition({kMarksTopic, 1}, std::nullopt);
  run({&one}, milliseconds(90'000));
  one.writer.finish();
  const auto history = read_all();
  EXPECT_EQ(history.steps[0].latencies, one.flow.all_latencies());
  EXPECT_EQ(history.steps[0].records, one.flow.all_records());
}

// What is found while the target cannot be written is told after it, by the minute, too.
TEST_F(MarksWriterTest, WhyItWasLateIsToldAlsoOfAnOutageOfTheTarget) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  const DiagnosisScope target{ScopeKind::target, "", ""};
  const auto find = [&](Cause cause, const std::string& what) {
    one.flow.now.why =
        Diagnoses{{{cause, Severity::critical, Confidence::certain, target, what}}, {}};
  };
  find(Cause::keeping_up, "all is well");
  run({&one}, milliseconds(45'000));
  const auto begun = clock_.now();
  find(Cause::target_unreachable, "no answer");
  one.broken = true;
  cluster_.break_partition({kMarksTopic, 0}, Error{Next::retry, 7, "no answer", ""});
  cluster_.break_partition({kMarksTopic, 1}, Error{Next::retry, 7, "no answer", ""});
  run({&one}, milliseconds(120'000));
  const auto over = clock_.now();
  find(Cause::keeping_up, "all is well");
  one.broken = false;
  cluster_.break_partition({kMarksTopic, 0}, std::nullopt);
  cluster_.break_partition({kMarksTopic, 1}, std::nullopt);
  run({&one}, milliseconds(90'000));
  one.writer.finish();
  const TimestampMs end{clock_.now().value + 1};
  for (const std::int64_t back : {600'000, 4 * 3'600'000}) {
    const auto history = read({end.value - back}, end, 60'000);
    ASSERT_EQ(history.causes.size(), 1u) << back;
    const auto& found = history.causes[0];
    EXPECT_EQ(found.cause, Cause::target_unreachable);
    EXPECT_EQ(found.what, "no answer");
    EXPECT_GE(found.first, begun);
    EXPECT_LE(found.first - begun, 10'000);
    EXPECT_LE(found.last, over);
    EXPECT_LE(over - found.last, 10'000);
  }
}

// A standby that takes over while its first set cannot be written.
TEST_F(MarksWriterTest, WhoJoinsSaysSoUntilItIsWritten) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  MarkingProcess standby(cluster_, clock_, "two:2", 4);
  const auto partitions = std::exchange(standby.flow.now.partitions, {});
  const auto slots = std::exchange(standby.flow.now.slots, {});
  for (const auto until = clock_.steady() + milliseconds(3'600'000); clock_.steady() < until;) {
    one.turn();
    standby.writer.turn();
    clock_.advance(milliseconds(2'000));
  }
  standby.flow.now.partitions = partitions;
  standby.flow.now.slots = slots;
  standby.unprepared = Error{Next::retry, 7, "no answer", ""};
  run({&one, &standby}, milliseconds(12'000));
  standby.unprepared.reset();
  run({&one, &standby}, milliseconds(120'000));
  EXPECT_GE(standby.writer.status().dropped_total, 1);
  const auto history = read(start_, {clock_.now().value + 1}, 600'000);
  EXPECT_TRUE(history.gaps.empty()) << "the other was there all the time";
  for (const auto& step : history.steps) EXPECT_FALSE(step.is_incomplete);
}

// Without its slots a process shows no topics; what it has added up goes on with them.
TEST_F(MarksWriterTest, WhoGetsItsSlotsBackTellsNothingTwice) {
  for (const auto out : {milliseconds(30'000), milliseconds(300'000)}) {
    for (const bool has_slots : {false, true}) {
      MarkingProcess one(cluster_, clock_, "one:" + std::to_string(out.count() + has_slots), 3);
      const auto begin = clock_.now();
      run({&one}, milliseconds(90'000));
      const auto whole = one.flow.now;
      one.flow.now.partitions.clear();
      one.flow.now.topics.clear();
      if (!has_slots) one.flow.now.slots.clear();
      for (const auto until = clock_.steady() + out; clock_.steady() < until;) {
        one.writer.turn();
        clock_.advance(milliseconds(2'000));
      }
      one.flow.now = whole;
      run({&one}, milliseconds(90'000));
      one.writer.finish();
      const auto history = read(begin, {clock_.now().value + 1}, 1'000'000'000);
      EXPECT_EQ(history.steps[0].latencies, one.flow.all_latencies()) << has_slots;
      clock_.advance(milliseconds(3'600'000));
    }
  }
}

TEST_F(MarksWriterTest, ASetThatIsNotAcknowledgedIsSaid) {
  const LogCapture log;
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(25'000));
  one.sink->hold_acks = true;
  run({&one}, milliseconds(60'000));
  EXPECT_EQ(log.lines_with("event=marks_not_written").size(), 1u) << "once";
  EXPECT_GE(one.writer.status().dropped_total, 3);
  one.sink->hold_acks = false;
  run({&one}, milliseconds(30'000));
  EXPECT_EQ(log.lines_with("event=marks_written_again").size(), 1u);
}

TEST_F(MarksWriterTest, AProcessThatWasKilledLosesWhatItHadNotWritten) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(61'000));
  const auto killed_at = clock_.now();
  clock_.advance(milliseconds(600'000));
  MarkingProcess again(cluster_, clock_, "one:1", 4);
  run({&again}, milliseconds(61'000));
  again.writer.finish();
  const auto history = read(start_, {clock_.now().value + 1}, 60'000);
  std::int64_t records = 0;
  for (const auto& step : history.steps) {
    records += step.records;
    const bool is_between = step.from > killed_at && step.to.value < killed_at.value + 600'000;
    if (is_between) {
      EXPECT_EQ(step.covered_ms, 0);
    }
  }
  EXPECT_LE(records, one.flow.all_records() + again.flow.all_records());
  EXPECT_GT(records, again.flow.all_records()) << "what was before counts, too";
  const auto then = read({killed_at.value}, {killed_at.value + 60'000}, 60'000);
  EXPECT_FALSE(then.is_running);
  EXPECT_FALSE(then.points.empty());
}

TEST_F(MarksWriterTest, ATopicThatIsNotThereIsTriedAgainWithOneLineForEachCause) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  one.unprepared = Error{Next::retry, 29, "may not be made", ""};
  const LogCapture capture([this] { return clock_.now(); });
  run({&one}, milliseconds(600'000));
  EXPECT_EQ(one.sinks, 0u);
  EXPECT_GE(one.prepared, 600u / 60) << "each minute at least";
  EXPECT_LE(one.prepared, 600u / 60 + 6);
  one.unprepared = Error{Next::retry, 0, "has 1 partition and needs 2", ""};
  run({&one}, milliseconds(300'000));
  one.unprepared.reset();
  run({&one}, milliseconds(90'000));
  const auto count = [&capture](const std::string& text) {
    return capture.lines_with(text).size();
  };
  EXPECT_EQ(count("marks_not_written"), 2u);
  EXPECT_EQ(count("may not be made"), 1u);
  EXPECT_EQ(count("needs 2"), 1u);
  EXPECT_EQ(count("marks_written_again"), 1u);
  one.writer.finish();
  const auto history = read_all();
  EXPECT_EQ(history.steps[0].records, one.flow.all_records());
  EXPECT_EQ(history.steps[0].latencies, one.flow.all_latencies());
}

TEST_F(MarksWriterTest, WhatHappenedBeforeAProcessHadPartIsNoGap) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  const auto flow = one.flow.now;
  one.flow.now.slots.clear();
  one.flow.now.partitions.clear();
  for (int i = 0; i < 100; ++i) {
    one.writer.turn();
    clock_.advance(milliseconds(2'000));
  }
  one.flow.now = flow;
  const auto joined_at = clock_.now();
  run({&one}, milliseconds(100'000));
  one.writer.finish();
  const auto history = read(start_, {clock_.now().value + 1}, 60'000);
  std::int64_t records = 0;
  for (const auto& step : history.steps) {
    records += step.records;
    if (step.to < joined_at) {
      EXPECT_EQ(step.covered_ms, 0);
    }
    EXPECT_FALSE(step.latencies_since);
    EXPECT_FALSE(step.latencies_elsewhere);
  }
  EXPECT_TRUE(history.gaps.empty());
  EXPECT_EQ(records, one.flow.all_records());
}

// Back within the minute, and to the time of the last set.
TEST_F(MarksWriterTest, AWallClockThatIsSetBackLosesNothing) {
  for (const auto seed : test_seeds(5)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    cluster_.delete_topic(kMarksTopic);
    cluster_.create_topic(kMarksTopic, 2);
    const auto start = clock_.now();
    MarkingProcess one(cluster_, clock_, "one:1", seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10; ++i) {
      run({&one}, milliseconds(50'000));
      const auto back = i % 2 == 0 ? 10'000 : static_cast<std::int64_t>(random() % 45'000);
      clock_.step_wall(milliseconds(-back));
    }
    run({&one}, milliseconds(61'000));
    one.writer.finish();
    const auto history = read(start, {start.value + 1'000'000}, 1'000'000'000);
    EXPECT_EQ(history.unreadable, 0);
    EXPECT_EQ(history.steps[0].records, one.flow.all_records());
    EXPECT_EQ(history.steps[0].latencies, one.flow.all_latencies());
    for (const auto& partition : one.flow.now.partitions) {
      EXPECT_EQ(history.points.at(partition.source).mark.next_source, partition.next_source);
    }
  }
}

TEST_F(MarksWriterTest, ItsLastSetIsNotWaitedForBeyondWhatTheFlowWaits) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(20'000));
  one.sink->hold_acks = true;
  one.writer.turn();
  const auto before = clock_.steady();
  one.writer.stop_by(before + milliseconds(150));
  one.writer.finish();
  EXPECT_LE(clock_.steady() - before, milliseconds(150));
  EXPECT_GT(clock_.steady() - before, milliseconds(0)) << "nothing was on its way";
}

TEST_F(MarksWriterTest, ItsStopIsNotHeldUp) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  one.broken = true;
  run({&one}, milliseconds(20'000));
  const auto before = clock_.steady();
  one.writer.finish();
  EXPECT_LE(clock_.steady() - before, MarksWriter::kStopPatience + milliseconds(200));
}

TEST_F(MarksWriterTest, WithoutPartInTheFlowNothingIsWritten) {
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  one.flow.now.slots.clear();
  one.flow.now.partitions.clear();
  for (int i = 0; i < 100; ++i) {
    one.writer.turn();
    clock_.advance(milliseconds(2'000));
  }
  EXPECT_EQ(cluster_.at({kMarksTopic, 0}).records.size(), 0u);
  EXPECT_EQ(one.writer.status().dropped_total, 0);
}

TEST_F(MarksWriterTest, TheLastMarkBeforeATimeIsFound) {
  FakeWakeup wakeup(clock_);
  FakeSource source(cluster_, 1);
  const StateReader reader{admin_, source, wakeup, clock_};
  auto none = last_mark_before(reader, kMarksTopic, clock_.now());
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, std::nullopt);
  MarkingProcess one(cluster_, clock_, "one:1", 3);
  run({&one}, milliseconds(61'000));
  const auto stopped_at = clock_.now();
  clock_.advance(milliseconds(3'600'000));
  const auto last = last_mark_before(reader, kMarksTopic, clock_.now());
  ASSERT_TRUE(last && *last);
  EXPECT_LE(**last, stopped_at);
  EXPECT_GT((*last)->value, stopped_at.value - 13'000);
}

TEST_F(MarksWriterTest, WithoutTheTopicThereIsNoHistory) {
  cluster_.delete_topic(kMarksTopic);
  FakeWakeup wakeup(clock_);
  FakeSource source(cluster_, 1);
  const auto history = read_history({admin_, source, wakeup, clock_}, kMarksTopic,
                                    {start_, {start_.value + 60'000}, 60'000});
  ASSERT_FALSE(history);
  EXPECT_NE(history.error().what.find("there is no history"), std::string::npos)
      << history.error().text();
}

}  // namespace
}  // namespace longspan
