#include "tests/unit/lagcalc/clocks/clock_simulation.h"

#include <cmath>
#include <utility>

namespace longspan {
namespace {

constexpr std::int64_t kStartUs = 1'790'000'000'000'000;  // in 2026
constexpr std::int64_t kCommitIntervalUs = 5'000'000;

}  // namespace

std::int64_t SimulatedClock::read(std::int64_t true_us) const {
  const double drift = static_cast<double>(true_us) * drift_ppm * 1e-6;
  const std::int64_t step = true_us >= stepped_at_us ? step_us : 0;
  return kStartUs + true_us + static_cast<std::int64_t>(std::floor(ahead_us + drift)) + step;
}

Stamp SimulatedClock::stamp(std::int64_t true_us) const {
  const std::int64_t shown = read(true_us);
  return {{shown - shown % resolution_us}, resolution_us};
}

ClockSimulation::ClockSimulation(std::uint64_t seed, Plan plan) : plan_(plan), random_(seed) {
  const ClockKind kinds[kClocks] = {ClockKind::database, ClockKind::connector,
                                    ClockKind::source_broker, ClockKind::target_broker};
  const auto make = [&](std::int32_t resolution_us) {
    SimulatedClock clock{uniform(-5e6, 5e6), uniform(-50, 50), INT64_MAX, 0, resolution_us};
    const double size = std::exp(uniform(std::log(5e3), std::log(5e6)));
    const double at = uniform(0.1, 0.9) * static_cast<double>(plan_.duration_us);
    const bool forward = uniform(0, 1) < 0.5;
    if (plan_.steps) {
      clock.stepped_at_us = static_cast<std::int64_t>(at);
      clock.step_us = static_cast<std::int64_t>(forward ? size : -size);
    }
    return clock;
  };
  clocks_ = {make(1), make(1), make(1000), make(1000)};
  host_ = make(1);
  const double far = uniform(20e3, 160e3);
  const double share = uniform(0.1, 0.9);
  const double near = uniform(300, 3e3);
  paths_[database] = paths_[source] = {far * share, far * (1 - share), 3e3};
  const double near_share = uniform(0.1, 0.9);
  paths_[target] = {near * near_share, near * (1 - near_share), 300};
  for (const ClockKind kind : kinds) {
    TrackerSettings settings =
        kind == ClockKind::connector ? settings_of_unasked_clock() : TrackerSettings{};
    settings.max_error = std::nullopt;
    trackers_.emplace_back(ClockId{kind, 1}, settings);
  }
  commit_phase_us_ = static_cast<std::int64_t>(uniform(0, kCommitIntervalUs));
  timeline_.emplace(host_reading(0));
}

void ClockSimulation::set_step(Clock which, std::int64_t at_us, std::int64_t size_us) {
  clocks_[which].stepped_at_us = at_us;
  clocks_[which].step_us = size_us;
}

double ClockSimulation::uniform(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random_);
}

// An exponential delay; one in fifty meets a queue that is twenty times as long.
std::int64_t ClockSimulation::after(double least_us, double mean_us) {
  const double mean = uniform(0, 1) < 0.02 ? 20 * mean_us : mean_us;
  return static_cast<std::int64_t>(least_us +
                                   std::exponential_distribution<double>(1 / mean)(random_));
}

// The steady clock drifts as the wall clock does, and is never set.
Reading ClockSimulation::host_reading(std::int64_t true_us) const {
  SimulatedClock steady = host_;
  steady.step_us = 0;
  return {host_.read(true_us), steady.read(true_us) - kStartUs};
}

Instant ClockSimulation::on_timeline(std::int64_t true_us) const {
  return timeline_->at(host_reading(true_us).steady_us);
}

void ClockSimulation::schedule(std::int64_t at_us, std::function<void()> act) {
  events_.push({at_us, std::move(act)});
}

void ClockSimulation::note(const std::optional<ClockStep>& step) {
  if (step) steps_.push_back(*step);
}

void ClockSimulation::probe(Clock which, std::int64_t at_us) {
  const SimulatedPath& path = paths_[which];
  const std::int64_t stamped = at_us + after(path.forth_us, path.queue_us);
  const std::int64_t answered = stamped + after(path.back_us, path.queue_us);
  const ClockSample sample{on_timeline(at_us), on_timeline(answered),
                           clocks_[which].stamp(stamped)};
  schedule(answered, [this, which, sample] { note(trackers_[which].add(sample)); });
}

ClockSimulation::Way ClockSimulation::way_of_record(std::int64_t at_us) {
  Way way;
  const SimulatedPath& far = paths_[source];
  const SimulatedPath& near = paths_[target];
  way.at[0] = at_us;
  way.at[1] = way.at[0] + after(2e3, 20e3);
  way.at[2] = way.at[1] + after(500, 3e3);
  way.at[3] = way.at[2] + after(far.back_us, far.queue_us + 2e3);
  way.at[4] = way.at[3] + after(20, 500);
  way.at[5] = way.at[4] + after(near.forth_us, near.queue_us);
  way.acked = way.at[5] + after(near.back_us, near.queue_us);
  way.at[6] = way.at[5] + after(1e3, 30e3);
  const std::int64_t interval = (way.at[6] - commit_phase_us_) / kCommitIntervalUs + 1;
  way.committed = commit_phase_us_ + interval * kCommitIntervalUs;
  return way;
}

std::array<ClockOffset, ClockSimulation::kClocks> ClockSimulation::offsets(
    std::int64_t at_us) const {
  std::array<ClockOffset, kClocks> out;
  for (std::size_t i = 0; i < kClocks; ++i) out[i] = trackers_[i].offset(on_timeline(at_us));
  return out;
}

RecordStamps ClockSimulation::stamps(const Way& way) const {
  const auto stamp = [&](Clock which, std::int64_t at) {
    return ClockStamp{clocks_[which].stamp(at), which};
  };
  RecordStamps out;
  out.commit = stamp(database, way.at[0]);
  out.connector = stamp(connector, way.at[1]);
  out.source_append = stamp(source, way.at[2]);
  out.fetched = on_timeline(way.at[3]);
  out.produced = on_timeline(way.at[4]);
  out.target_append = stamp(target, way.at[5]);
  out.acked = on_timeline(way.acked);
  return out;
}

// Orders of events that the record itself shows.
void ClockSimulation::learn(const Way& way) {
  const Instant fetched = on_timeline(way.at[3]);
  for (const Clock which : {database, connector, source}) {
    const Stamp stamp = clocks_[which].stamp(way.at[which]);
    note(trackers_[which].add_order(written_not_after(stamp, fetched), fetched));
  }
  note(trackers_[target].add(
      {on_timeline(way.at[4]), on_timeline(way.acked), clocks_[target].stamp(way.at[5])}));
}

void ClockSimulation::record(std::int64_t at_us,
                             const std::function<void(const SimulatedRecord&)>& on_record) {
  const Way way = way_of_record(at_us);
  schedule(way.acked, [this, way, on_record] {
    learn(way);
    SimulatedRecord out{RecordTimes(stamps(way), offsets(way.acked)), {}, way.at[0]};
    for (std::size_t i = 0; i < kWaypoints; ++i) out.truth[i] = on_timeline(way.at[i]);
    schedule(way.committed + 5'000, [this, way, on_record, out]() mutable {
      SinkCommit commit;
      commit.at = {clocks_[target].stamp(way.committed), target};
      commit.previous =
          ClockStamp{clocks_[target].stamp(way.committed - kCommitIntervalUs), target};
      out.times.set_sink_commit(commit, offsets(way.committed + 5'000));
      on_record(out);
    });
  });
}

void ClockSimulation::run(const std::function<void(const SimulatedRecord&)>& on_record) {
  for (std::int64_t at = 0; at < plan_.duration_us; at += plan_.probe_us) {
    schedule(at, [this, at] {
      note(timeline_->observe(host_reading(at)));
      for (const Clock which : {database, source, target}) probe(which, at);
    });
  }
  // The first records come when each clock was asked at least once.
  const auto random_part = static_cast<double>(plan_.record_us);
  for (std::int64_t at = 2'000'000; at < plan_.duration_us; at += plan_.record_us) {
    const std::int64_t start = at + static_cast<std::int64_t>(uniform(0, random_part));
    schedule(start, [this, start, &on_record] { record(start, on_record); });
  }
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    event.act();
  }
}

}  // namespace longspan
