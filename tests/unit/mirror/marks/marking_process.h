// tests/unit/mirror/marks/marking_process.h - processes that mirror and write marks into a cluster
// of fakes, and what is read of them.
//
// Threads: one.
#pragma once

#include <gtest/gtest.h>

#include "mirror/marks/marks_reader.h"
#include "mirror/marks/marks_writer.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/fake_source.h"
#include "tests/unit/mirror/marks/moving_flow.h"

namespace longspan {

inline const std::string kMarksTopic = "longspan.east.west.marks.internal";

// A process that mirrors and writes marks into the cluster that all of them share.
struct MarkingProcess {
  MarkingProcess(FakeCluster& cluster, FakeClock& clock, const std::string& name,
                 std::uint64_t seed)
      : flow(3, 4, seed),
        clock_(clock),
        writer(
            {kMarksTopic, name, clock.now(), std::chrono::milliseconds(10'000)},
            [this] {
              flow.now.at = clock_.now();
              return flow.now;
            },
            [this, &cluster, seed](const SinkLimits&, Wakeup&) -> Result<std::unique_ptr<Sink>> {
              ++sinks;
              auto made = std::make_unique<FakeSink>(cluster, seed + sinks);
              sink = made.get();
              if (broken) {
                for (std::int32_t p = 0; p < 2; ++p) {
                  made->fail_always({kMarksTopic, p}, Error{Next::retry, 7, "no answer", ""});
                }
              }
              return std::unique_ptr<Sink>(std::move(made));
            },
            clock, std::make_unique<FakeWakeup>(clock), {},
            [this]() -> Result<void> {
              ++prepared;
              if (unprepared) return *unprepared;
              return {};
            }) {}

  void turn() {
    const auto index = flow.random() % flow.now.partitions.size();
    flow.mirror(index, clock_.now(), static_cast<std::int64_t>(flow.random() % 200));
    for (int i = 0; i < 5; ++i) writer.turn();  // acknowledgements come one by one
  }

  MovingFlow flow;
  FakeClock& clock_;
  bool broken = false;
  std::optional<Error> unprepared;  // what keeps the topic from being there
  FakeSink* sink = nullptr;         // the last one
  std::uint64_t sinks = 0;
  std::uint64_t prepared = 0;
  MarksWriter writer;
};

class MarksTest : public testing::Test {
 protected:
  MarksTest() { cluster_.create_topic(kMarksTopic, 2); }

  void run(std::vector<MarkingProcess*> processes, std::chrono::milliseconds time) {
    for (const auto until = clock_.steady() + time; clock_.steady() < until;) {
      for (auto* process : processes) process->turn();
      clock_.advance(std::chrono::milliseconds(2'000));
    }
  }
  History read(TimestampMs from, TimestampMs to, std::int64_t step_ms) {
    FakeWakeup wakeup(clock_);
    FakeSource source(cluster_, 1);
    const auto history =
        read_history({admin_, source, wakeup, clock_}, kMarksTopic, {from, to, step_ms});
    EXPECT_TRUE(history) << history.error().text();
    return history ? *history : History();
  }
  // In one step from the start until now.
  History read_all() { return read(start_, {clock_.now().value + 1}, 1'000'000'000); }

  FakeClock clock_;
  const TimestampMs start_ = clock_.now();
  FakeCluster cluster_{"target", &clock_};
  FakeAdmin admin_{cluster_};
};

}  // namespace longspan
