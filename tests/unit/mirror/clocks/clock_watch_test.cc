#include "mirror/clocks/clock_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <tuple>

#include "mirror/clocks/database_probe.h"
#include "tests/fakes/fake_clock.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ClockId kDatabase{ClockKind::database, 0};

// A database whose clock is `ahead`, half the time of an answer away.
struct FakeDatabase {
  milliseconds ahead{0};
  milliseconds takes{4};
  bool is_up = true;
  bool is_standby = false;
  int connects = 0;
};

class FakeDatabaseClock final : public DatabaseClock {
 public:
  FakeDatabaseClock(FakeDatabase& of, FakeClock& clock) : of_(of), clock_(clock) {}
  Result<void> connect(const std::stop_token&) override {
    ++of_.connects;
    if (!of_.is_up) return fail(Next::retry, "connection refused");
    return {};
  }
  Result<Stamp> ask(const std::stop_token&) override {
    if (!of_.is_up) return fail(Next::retry, "it went away");
    if (of_.is_standby) return fail(Next::park_partition, "db:5432 is a standby");
    clock_.advance(of_.takes / 2);
    const Stamp out{{(clock_.now().value + of_.ahead.count()) * 1000}, 1};
    clock_.advance(of_.takes / 2);
    return out;
  }

 private:
  FakeDatabase& of_;
  FakeClock& clock_;
};

class ClockWatchTest : public testing::Test {
 protected:
  void run_for(milliseconds time) {
    const auto end = clock_.steady() + time;
    while (clock_.steady() < end) {
      clock_.advance(probe_.turn({}));
      watch_.tick();
    }
  }
  [[nodiscard]] ClockSnapshot shown(const std::string& clock) const {
    for (const auto& each : watch_.snapshot()) {
      if (each.clock == clock) return each;
    }
    ADD_FAILURE() << clock;
    return {};
  }

  FakeClock clock_;
  FakeDatabase database_;
  std::optional<HostError> host_;
  std::vector<ClockStep> steps_;
  ClockWatch watch_{{},
                    clock_,
                    [this] { return host_; },
                    [this](const ClockStep& step) { steps_.push_back(step); }};
  DatabaseProbe probe_{std::make_unique<FakeDatabaseClock>(database_, clock_), clock_, watch_,
                       LogContext{}};
};

TEST_F(ClockWatchTest, ADatabaseThatIsAskedIsMeasured) {
  database_.ahead = milliseconds(-250);
  run_for(seconds(20));
  const auto offset = watch_.table()->offset_of(kDatabase).bounds.interval();
  EXPECT_TRUE(offset.contains({-250'000}));
  EXPECT_LE(offset.width()->value, 4'300);
  EXPECT_FALSE(offset.assumed);
  EXPECT_EQ(database_.connects, 1);
}

TEST_F(ClockWatchTest, AnOutageOfTheDatabaseLeavesItsBoundsToAgeAndEnds) {
  run_for(seconds(20));
  database_.is_up = false;
  run_for(seconds(300));
  const auto lost = shown("database");
  EXPECT_EQ(lost.trouble, "connection refused");
  EXPECT_LE(database_.connects, 12) << "1, 2, 4, ... 60 s between two tries";
  EXPECT_GT(watch_.table()->offset_of(kDatabase).bounds.width_us(), 4'100);
  run_for(seconds(700));
  EXPECT_TRUE(shown("database").offset.assumed) << "what was measured is too old";
  database_.is_up = true;
  run_for(seconds(120));
  EXPECT_FALSE(shown("database").offset.assumed);
  EXPECT_TRUE(shown("database").trouble.empty());
}

TEST_F(ClockWatchTest, AStandbyIsToldOnceAndNothingOfItIsKept) {
  const LogCapture log([this] { return clock_.now(); });
  database_.is_standby = true;
  run_for(seconds(600));
  EXPECT_FALSE(watch_.table()->is_measured(kDatabase));
  EXPECT_TRUE(shown("database").offset.assumed);
  EXPECT_EQ(shown("database").probes_total, 0);
  EXPECT_EQ(shown("database").trouble, "db:5432 is a standby");
  EXPECT_EQ(log.lines_with("event=clock_database_refused").size(), 1u);
  database_.is_standby = false;  // it was promoted
  run_for(seconds(120));
  EXPECT_FALSE(shown("database").offset.assumed);
}

TEST_F(ClockWatchTest, ADatabaseThatWasSetIsAStep) {
  run_for(seconds(20));
  database_.ahead = milliseconds(90);
  run_for(seconds(4));
  ASSERT_EQ(steps_.size(), 1u);
  EXPECT_EQ(steps_[0].clock, kDatabase);
  EXPECT_TRUE(steps_[0].size.contains({90'000}));
}

// The timeline goes on as before: what the others' clocks are off from it does not move.
TEST_F(ClockWatchTest, AStepOfTheHostsWallClockIsToldAndMovesNothing) {
  run_for(seconds(20));
  const auto before = watch_.now();
  clock_.step_wall(milliseconds(-3'000));
  database_.ahead = milliseconds(3'000);  // it did not take part
  EXPECT_EQ(watch_.now(), before);
  run_for(seconds(4));
  ASSERT_EQ(steps_.size(), 1u);
  EXPECT_EQ(steps_[0].clock, (ClockId{ClockKind::host, 0}));
  EXPECT_TRUE(steps_[0].size.contains({-3'000'000}));
  EXPECT_EQ(shown("host").steps_total, 1);
  EXPECT_TRUE(watch_.table()->offset_of(kDatabase).bounds.interval().contains({0}));
}

TEST_F(ClockWatchTest, TheHostsErrorIsShownWhereItsKernelKnowsIt) {
  run_for(seconds(1));
  EXPECT_FALSE(shown("host").offset.low);
  EXPECT_FALSE(shown("host").trouble.empty());
  host_ = HostError{{-50}, {400}, {200}};
  run_for(seconds(2));
  EXPECT_EQ(shown("host").offset, (DurationInterval{{{-550}}, {{-50}}, {{550}}, false}));
  EXPECT_TRUE(shown("host").trouble.empty());
}

// A clock that, as it is read, does what a shard may do at any time.
class ReentrantClock final : public Clock {
 public:
  [[nodiscard]] TimestampMs now() const override { return clock.now(); }
  [[nodiscard]] Steady steady() const override {
    if (meanwhile) meanwhile();
    return clock.steady();
  }
  FakeClock clock;
  std::function<void()> meanwhile;
};

TEST(ClockWatch, ATableIsToBeHadWhileTheNextIsMade) {
  ReentrantClock clock;
  ClockWatch watch({}, clock, {}, [](const ClockStep&) {});
  int taken = 0;
  clock.meanwhile = [&] { taken += watch.table() != nullptr ? 1 : 0; };
  watch.tick();
  EXPECT_GE(taken, 1);
}

// Leaders of half a million partitions: of tables as many are taken as if nothing happened.
TEST_F(ClockWatchTest, EachTickIsANewTable) {
  const auto first = watch_.table();
  const auto number = watch_.generation();
  watch_.tick();
  EXPECT_NE(watch_.generation(), number);
  EXPECT_NE(watch_.table(), first) << "who has the old one keeps it";
  EXPECT_LE(first->as_of(), watch_.table()->as_of());
}

}  // namespace
}  // namespace longspan
