#include "mirror/clocks/clock_watch.h"

#include <chrono>
#include <utility>

namespace longspan {
namespace {

std::int64_t steady_us(Clock::Steady time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

// Both clocks one right after the other: the closest of a few pairs, for a thread may be stopped
// between two lines.
Reading reading_of(const Clock& clock) {
  constexpr int kTries = 3;
  Reading best;
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const std::int64_t before = steady_us(clock.steady());
    const std::int64_t wall = clock.now_us().value;
    const std::int64_t took = steady_us(clock.steady()) - before;
    if (took >= least) continue;
    least = took;
    best = {wall, before + took / 2};
  }
  return best;
}

// Nothing is assumed of it here: the table does that.
TrackerSettings settings_of_asked_clock() {
  TrackerSettings settings;
  settings.max_error.reset();
  return settings;
}

}  // namespace

ClockWatch::ClockWatch(ClockConfig config, const Clock& clock, HostClock read_host, Stepped stepped)
    : config_(std::move(config)),
      clock_(clock),
      read_host_(std::move(read_host)),
      stepped_(std::move(stepped)),
      timeline_(reading_of(clock)) {
  const std::lock_guard lock(mutex_);
  publish();
}

Instant ClockWatch::at(Clock::Steady time) const { return timeline_.at(steady_us(time)); }

ClockWatch::Asked* ClockWatch::asked(ClockId clock) {
  const auto found = asked_.find(clock);
  if (found != asked_.end()) return &found->second;
  if (asked_.size() >= kClocksMax) return nullptr;
  return &asked_.try_emplace(clock, clock, settings_of_asked_clock()).first->second;
}

void ClockWatch::answered(ClockId clock, const ClockSample& sample) {
  std::optional<ClockStep> step;
  {
    const std::lock_guard lock(mutex_);
    Asked* of = asked(clock);
    if (of == nullptr) return;
    step = of->tracker.add(sample);
    of->answered_at = sample.answered;
    of->last = of->tracker.offset(sample.answered).bounds;
    of->trouble.clear();
  }
  if (step) stepped_(*step);
}

void ClockWatch::failed(ClockId clock, const std::string& why) {
  const std::lock_guard lock(mutex_);
  Asked* of = asked(clock);
  if (of == nullptr) return;
  ++of->failures;
  of->trouble = why;
}

void ClockWatch::set_leaders(EventSide side, const ClusterView& view) {
  const Instant at = now();
  auto& known = side == EventSide::source ? source_ : target_;
  ClockTable::Leaders before;
  {
    const std::lock_guard lock(mutex_);
    before = known;
  }
  // A large cluster's take a while: nobody waits meanwhile.
  auto leaders = std::make_shared<const ClusterLeaders>(
      updated(before ? *before : ClusterLeaders(), view, at));
  const std::lock_guard lock(mutex_);
  known = std::move(leaders);
}

void ClockWatch::set_trouble(ClockKind kind, std::string why) {
  const std::lock_guard lock(mutex_);
  trouble_[kind] = std::move(why);
}

void ClockWatch::tick() {
  std::optional<ClockStep> step;
  const Reading reading = reading_of(clock_);
  const auto error = read_host_ ? read_host_() : std::nullopt;
  {
    const std::lock_guard lock(mutex_);
    step = timeline_.observe(reading);
    if (step) ++host_steps_;
    host_error_ = error;
    publish();
  }
  if (step) stepped_(*step);
}

// A broker that is down writes nothing any more: for what it wrote it is as it was.
bool ClockWatch::is_down(ClockId clock) const {
  const auto& cluster = clock.kind == ClockKind::source_broker ? source_ : target_;
  const bool is_broker =
      clock.kind == ClockKind::source_broker || clock.kind == ClockKind::target_broker;
  if (!is_broker || !cluster) return false;
  return !cluster->is_up(clock.number);
}

void ClockWatch::publish() {
  const Instant at = now();
  std::vector<ClockTable::Measured> measured;
  for (const auto& [clock, of] : asked_) {
    if (!of.answered_at) continue;
    ClockOffset offset = of.tracker.offset(at);
    const DurationUs age = at - *of.answered_at;
    OffsetBounds last = of.last;
    if (!is_down(clock)) {
      last = age > kLastKept ? OffsetBounds{}
                             : widened(last, drift_us(age.value, offset.drift_ppm_max));
    }
    measured.push_back({clock, std::move(offset), last});
  }
  auto made =
      std::make_shared<const ClockTable>(config_, at, std::move(measured), source_, target_);
  {
    const std::lock_guard lock(table_mutex_);
    table_.swap(made);
  }
  generation_.fetch_add(1);
}

std::shared_ptr<const ClockTable> ClockWatch::table() const {
  const std::lock_guard lock(table_mutex_);
  return table_;
}

std::vector<ClockId> ClockWatch::shown(const ClockTable& table) const {
  std::map<ClockId, bool> clocks{{{ClockKind::database, 0}, true},
                                 {{ClockKind::connector, 0}, true}};
  for (const auto& [clock, of] : asked_) clocks[clock] = true;
  for (const EventSide side : {EventSide::source, EventSide::target}) {
    const auto* cluster = table.leaders(side);
    if (cluster == nullptr) continue;
    for (const auto node : cluster->brokers) clocks[{brokers_of(side), node}] = true;
  }
  std::vector<ClockId> out;
  for (const auto& [clock, is_shown] : clocks) {
    if (out.size() < kClocksMax) out.push_back(clock);
  }
  return out;
}

// Another clock than ours is off from the timeline; ours is off from UTC, and that only the kernel
// knows. Nothing is concluded from it: of the other ends' hosts no kernel is asked.
ClockSnapshot ClockWatch::host_snapshot() const {
  ClockSnapshot out;
  out.clock = ClockId{ClockKind::host, 0}.text();
  out.steps_total = host_steps_;
  if (!host_error_) {
    out.trouble = "no time service disciplines the host's clock";
    return out;
  }
  const DurationUs error = error_max(*host_error_);
  out.offset = {-error, host_error_->offset, error, false};
  return out;
}

ClockSnapshot ClockWatch::snapshot_of(ClockId clock, const ClockTable& table) const {
  ClockSnapshot out;
  out.clock = clock.text();
  const ClockOffset offset = table.offset_of(clock);
  out.offset = offset.bounds.interval();
  out.low_is_assumed = offset.bounds.low && offset.bounds.low->assumed;
  out.high_is_assumed = offset.bounds.high && offset.bounds.high->assumed;
  const auto trouble = trouble_.find(clock.kind);
  if (trouble != trouble_.end()) out.trouble = trouble->second;
  const auto found = asked_.find(clock);
  if (found == asked_.end()) return out;
  const auto& [tracker, failures, answered_at, last, why] = found->second;
  out.is_in_doubt = tracker.is_in_doubt();
  out.probes_total = static_cast<std::int64_t>(tracker.counts().samples);
  out.steps_total = static_cast<std::int64_t>(tracker.counts().steps);
  out.failures_total = failures;
  if (answered_at) out.age_ms = (now() - *answered_at).value / 1000;
  if (out.trouble.empty()) out.trouble = why;
  return out;
}

std::vector<ClockSnapshot> ClockWatch::snapshot() const {
  const auto table = this->table();
  const std::lock_guard lock(mutex_);
  std::vector<ClockSnapshot> out{host_snapshot()};
  for (const ClockId clock : shown(*table)) out.push_back(snapshot_of(clock, *table));
  return out;
}

}  // namespace longspan
