#include "tests/unit/lagcalc/clocks/clock_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

struct Coverage {
  std::uint64_t known = 0;
  std::uint64_t one_sided = 0;
  std::uint64_t absent = 0;
  std::uint64_t missed = 0;      // the truth was outside
  std::uint64_t far_points = 0;  // off by more than half of the interval
  std::uint64_t negative = 0;
  double width_us = 0;

  void add(const std::optional<DurationInterval>& said, DurationUs truth) {
    if (!said) {
      ++absent;
      return;
    }
    if (!said->contains(truth)) ++missed;
    if (!said->point) {
      ++one_sided;
      return;
    }
    ++known;
    if (said->point->value < 0) ++negative;
    width_us += static_cast<double>(said->width()->value);
    const std::int64_t off = said->point->value - truth.value;
    if (std::max(off, -off) > said->width()->value / 2 + 1) ++far_points;
  }
  [[nodiscard]] std::uint64_t total() const { return known + one_sided + absent; }
  [[nodiscard]] double missed_part() const {
    return static_cast<double>(missed) / static_cast<double>(total());
  }
};

constexpr std::size_t kHops = kWaypoints - 1;

struct Coverages {
  std::array<Coverage, kHops> hops;
  Coverage end_to_end;
  std::uint64_t additions_off = 0;
  std::uint64_t ends_outside = 0;

  void add(const SimulatedRecord& record) {
    std::optional<DurationInterval> sum =
        DurationInterval{DurationUs{}, DurationUs{}, DurationUs{}};
    for (std::size_t i = 0; i < kHops; ++i) {
      const auto hop = record.times.between(static_cast<Waypoint>(i), static_cast<Waypoint>(i + 1));
      hops[i].add(hop, record.truth[i + 1] - record.truth[i]);
      sum = hop && sum ? std::optional(*sum + *hop) : std::nullopt;
    }
    const auto whole = record.times.end_to_end();
    end_to_end.add(whole, record.truth[kHops] - record.truth[0]);
    if (!sum || !whole) return;
    if (sum->point && sum->point != whole->point) ++additions_off;
    if (sum->low && (!whole->low || *whole->low < *sum->low)) ++ends_outside;
    if (sum->high && (!whole->high || *whole->high > *sum->high)) ++ends_outside;
  }
};

void print(const std::string& what, const Coverage& c) {
  const auto percent = [&](std::uint64_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(c.total());
  };
  std::printf(
      "%-30s %llu records: outside %.4f %%, point too far %.4f %%, one-sided %.3f %%, absent %.3f "
      "%%, negative %.3f %%, mean width %.3f ms\n",
      what.c_str(), static_cast<unsigned long long>(c.total()), percent(c.missed),
      percent(c.far_points), percent(c.one_sided), percent(c.absent), percent(c.negative),
      c.width_us / 1e3 / static_cast<double>(c.known));
}

std::string hop_name(std::size_t hop) {
  return std::string(name(static_cast<Waypoint>(hop))) + " -> " +
         std::string(name(static_cast<Waypoint>(hop + 1)));
}

// A step that is reported must have happened: to that clock, that much, then.
bool is_true_report(const ClockSimulation& simulation, const ClockStep& step) {
  for (const auto which : {ClockSimulation::database, ClockSimulation::connector,
                           ClockSimulation::source, ClockSimulation::target}) {
    if (simulation.tracker(which).clock() != step.clock) continue;
    const SimulatedClock& clock = simulation.clock(which);
    return step.size.contains(DurationUs{clock.step_us}) &&
           step.at >= simulation.on_timeline(clock.stepped_at_us);
  }
  return step.clock.kind == ClockKind::host;
}

bool is_reported(const ClockSimulation& simulation, ClockSimulation::Clock which) {
  const SimulatedClock& clock = simulation.clock(which);
  const Instant from = simulation.on_timeline(clock.stepped_at_us);
  for (const ClockStep& step : simulation.steps()) {
    if (step.clock == simulation.tracker(which).clock() && step.at >= from &&
        step.at - from <= DurationUs{2 * TrackerSettings{}.window_us}) {
      return true;
    }
  }
  return false;
}

// Five clocks, up to 5 s wrong, drifting by up to 50 ppm, each set once an hour by 5 ms to 5 s: the
// truth lies within the interval at least 99.9 % of the time.
TEST(ClockSimulation, TruthLiesInTheInterval) {
  Coverages all;
  std::uint64_t reported = 0;
  std::uint64_t large_unreported = 0;
  double worst = 0;
  for (const std::uint64_t seed : test_seeds(seed_count(6))) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    ClockSimulation simulation(seed, {});
    Coverages one;
    simulation.run([&](const SimulatedRecord& record) {
      all.add(record);
      one.add(record);
    });
    for (const Coverage& hop : one.hops) worst = std::max(worst, 1e2 * hop.missed_part());
    for (const ClockStep& step : simulation.steps()) {
      EXPECT_TRUE(is_true_report(simulation, step)) << step.clock.text();
      ++reported;
    }
    for (const auto which :
         {ClockSimulation::database, ClockSimulation::source, ClockSimulation::target}) {
      const std::int64_t size = simulation.clock(which).step_us;
      if (std::max(size, -size) >= 500'000 && !is_reported(simulation, which)) ++large_unreported;
    }
  }
  for (std::size_t i = 0; i < kHops; ++i) print(hop_name(i), all.hops[i]);
  print("end to end", all.end_to_end);
  std::printf("steps reported: %llu; worst hop of a seed: outside %.2f %%\n",
              static_cast<unsigned long long>(reported), worst);
  EXPECT_EQ(large_unreported, 0u);
  EXPECT_EQ(all.additions_off, 0u) << "points of hops add up to the total";
  EXPECT_EQ(all.ends_outside, 0u) << "end to end lies within the sum of the hops";
  for (std::size_t i = 0; i < kHops; ++i) {
    SCOPED_TRACE(hop_name(i));
    const Coverage& hop = all.hops[i];
    EXPECT_LE(hop.missed * 1000, hop.total());
    EXPECT_LE((hop.one_sided + hop.absent) * 100, hop.total()) << "honest, but of no use";
    // The sink's point is placed by the commit before, not in the middle.
    if (i + 1 < kHops) {
      EXPECT_LE(hop.far_points * 1000, hop.total());
    }
  }
  EXPECT_LE(all.end_to_end.missed * 1000, all.end_to_end.total());
}

// Without other steps than the test's own.
ClockSimulation::Plan short_plan() {
  ClockSimulation::Plan plan;
  plan.duration_us = 200'000'000;
  plan.record_us = 100'000;
  plan.steps = false;
  return plan;
}

// Back, no order is contradicted: what is read between the step and the next sample is wrong.
TEST(ClockSimulation, AStepBackIsWrongForNoLongerThanAProbe) {
  for (const std::uint64_t seed : test_seeds(seed_count(3))) {
    for (const auto which : {ClockSimulation::source, ClockSimulation::target}) {
      SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
      ClockSimulation simulation(seed, short_plan());
      simulation.set_step(which, 100'000'000, -500'000);
      std::uint64_t late = 0;
      simulation.run([&](const SimulatedRecord& record) {
        Coverages one;
        one.add(record);
        const bool is_right = std::all_of(one.hops.begin(), one.hops.end(),
                                          [](const Coverage& hop) { return hop.missed == 0; });
        const std::int64_t after = record.committed_us - 100'000'000;
        if (!is_right && (after < -1'000'000 || after > 2'000'000)) ++late;
      });
      EXPECT_EQ(late, 0u);
      EXPECT_TRUE(is_reported(simulation, which));
    }
  }
}

// Half a second: every interval holds the truth from the first record on, so no value is absurd,
// and the step is told within two windows.
TEST(ClockSimulation, AStepOfABrokerGivesNoAbsurdLatency) {
  for (const std::uint64_t seed : test_seeds(seed_count(6))) {
    for (const auto which : {ClockSimulation::source, ClockSimulation::target}) {
      SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
      ClockSimulation simulation(seed, short_plan());
      simulation.set_step(which, 100'000'000, 500'000);
      Coverages all;
      simulation.run([&](const SimulatedRecord& record) { all.add(record); });
      ASSERT_EQ(simulation.steps().size(), 1u);
      EXPECT_TRUE(is_reported(simulation, which));
      EXPECT_TRUE(simulation.steps()[0].size.contains(DurationUs{500'000}));
      for (std::size_t i = 0; i < kHops; ++i) EXPECT_EQ(all.hops[i].missed, 0u) << hop_name(i);
      EXPECT_EQ(all.end_to_end.missed, 0u);
    }
  }
}

}  // namespace
}  // namespace longspan
