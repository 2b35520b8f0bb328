// tests/unit/lagcalc/clocks/clock_simulation.h - records and probes between five clocks that are
// wrong, drift and step, over a network with asymmetric, random delays; and the truth beside it.
//
// Units:   microseconds; `true_us` is a time that none of the clocks shows.
// Threads: one simulation, one thread; the seed decides everything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/clocks/record_times.h"
#include "lagcalc/clocks/timeline.h"

namespace longspan {

struct SimulatedClock {
  double ahead_us = 0;
  double drift_ppm = 0;
  std::int64_t stepped_at_us = INT64_MAX;
  std::int64_t step_us = 0;
  std::int32_t resolution_us = 1000;

  [[nodiscard]] std::int64_t read(std::int64_t true_us) const;
  [[nodiscard]] Stamp stamp(std::int64_t true_us) const;
};

struct SimulatedPath {
  double forth_us = 0;  // at least
  double back_us = 0;
  double queue_us = 0;  // mean, each way
};

// What one record was said to take, and took.
struct SimulatedRecord {
  RecordTimes times;
  std::array<Instant, kWaypoints> truth;  // on longspan's timeline
  std::int64_t committed_us = 0;          // true
};

class ClockSimulation {
 public:
  enum Clock : std::uint16_t { database, connector, source, target, kClocks };

  struct Plan {
    std::int64_t duration_us = 3'600'000'000;
    std::int64_t probe_us = 1'000'000;
    std::int64_t record_us = 1'000'000;
    bool steps = true;  // each clock, and the host's wall clock, once
  };

  ClockSimulation(std::uint64_t seed, Plan plan);

  // Before run(): the step of one clock instead of what the seed says.
  void set_step(Clock clock, std::int64_t at_us, std::int64_t size_us);
  void run(const std::function<void(const SimulatedRecord&)>& on_record);

  [[nodiscard]] const SimulatedClock& clock(Clock which) const { return clocks_[which]; }
  [[nodiscard]] const std::vector<ClockStep>& steps() const { return steps_; }
  [[nodiscard]] const ClockTracker& tracker(Clock which) const { return trackers_[which]; }
  [[nodiscard]] Instant on_timeline(std::int64_t true_us) const;

 private:
  struct Event {
    std::int64_t at_us = 0;
    std::function<void()> act;
    friend bool operator>(const Event& a, const Event& b) { return a.at_us > b.at_us; }
  };
  struct Way {  // of a record, true times
    std::array<std::int64_t, kWaypoints> at{};
    std::int64_t acked = 0;
    std::int64_t committed = 0;  // the group's position behind it
  };

  void schedule(std::int64_t at_us, std::function<void()> act);
  void probe(Clock which, std::int64_t at_us);
  void record(std::int64_t at_us, const std::function<void(const SimulatedRecord&)>& on_record);
  [[nodiscard]] Way way_of_record(std::int64_t at_us);
  void note(const std::optional<ClockStep>& step);
  void learn(const Way& way);
  [[nodiscard]] std::array<ClockOffset, kClocks> offsets(std::int64_t at_us) const;
  [[nodiscard]] RecordStamps stamps(const Way& way) const;
  [[nodiscard]] Reading host_reading(std::int64_t true_us) const;
  double uniform(double low, double high);
  std::int64_t after(double least_us, double mean_us);

  Plan plan_;
  std::mt19937_64 random_;
  std::array<SimulatedClock, kClocks> clocks_;
  std::array<SimulatedPath, kClocks> paths_;
  SimulatedClock host_;  // longspan's wall clock
  std::vector<ClockTracker> trackers_;
  std::optional<Timeline> timeline_;
  std::vector<ClockStep> steps_;
  std::int64_t commit_phase_us_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace longspan
