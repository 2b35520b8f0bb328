#include "mirror/clocks/clock_table.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

constexpr DurationUs kStepRemembered{3'600'000'000};

OffsetBounds without_assumed(const OffsetBounds& bounds) {
  OffsetBounds out = bounds;
  if (out.low && out.low->assumed) out.low.reset();
  if (out.high && out.high->assumed) out.high.reset();
  return out;
}

// A side of the hull rests on every side below it.
OffsetBounds hull_of_all(const OffsetBounds& a, const OffsetBounds& b) {
  OffsetBounds out = hull(a, b);
  if (out.low) out.low->assumed = a.low->assumed || b.low->assumed;
  if (out.high) out.high->assumed = a.high->assumed || b.high->assumed;
  return out;
}

}  // namespace

ClockTable::ClockTable(ClockConfig config, Instant as_of, std::vector<Measured> measured,
                       Leaders source, Leaders target)
    : config_(std::move(config)),
      as_of_(as_of),
      measured_(std::move(measured)),
      source_(std::move(source)),
      target_(std::move(target)) {}

const ClockOffset* ClockTable::find(ClockId clock) const {
  const auto found =
      std::lower_bound(measured_.begin(), measured_.end(), clock,
                       [](const Measured& row, ClockId wanted) { return row.clock < wanted; });
  return found == measured_.end() || found->clock != clock ? nullptr : &found->offset;
}

ClockOffset ClockTable::offset_of(ClockId clock) const {
  ClockOffset out{{}, as_of_, TrackerSettings().drift_ppm_max, 0, {}, {}};
  if (const ClockOffset* known = find(clock)) out = *known;
  // While a step is in doubt nothing is assumed of the clock.
  if (out.epoch) out.bounds = resolved(out.bounds, {}, config_.max_error(clock.kind));
  return out;
}

ClockOffset ClockTable::hull_of(ClockKind kind) const {
  const bool is_source = kind == ClockKind::source_broker;
  const bool is_broker = is_source || kind == ClockKind::target_broker;
  const auto* cluster = is_source ? source_.get() : target_.get();
  if (!is_broker) return offset_of({kind, 0});
  // Of a cluster that was not seen it is any broker: none has this number.
  if (cluster == nullptr || cluster->brokers.empty()) return offset_of({kind, -1});
  ClockOffset out = offset_of({kind, cluster->brokers.front()});
  if (cluster->brokers.size() == 1) return out;
  for (const auto node : cluster->brokers) {
    const ClockOffset one = offset_of({kind, node});
    out.bounds = hull_of_all(out.bounds, one.bounds);
    // Stamps from before its step are among those that the hull places.
    const bool has_stepped = one.earlier && one.since && as_of_ - *one.since < kStepRemembered;
    if (has_stepped) out.bounds = hull_of_all(out.bounds, one.earlier->bounds);
    out.drift_ppm_max = std::max(out.drift_ppm_max, one.drift_ppm_max);
  }
  out.as_of = as_of_;
  out.epoch.reset();  // two stamps may be of two clocks
  out.since.reset();
  out.earlier.reset();
  return out;
}

std::optional<std::int32_t> ClockTable::leader_of(EventSide side,
                                                  const TopicPartition& partition) const {
  const auto* cluster = leaders(side);
  const Leader* leader = cluster == nullptr ? nullptr : cluster->find(partition);
  return leader == nullptr ? std::nullopt : leader->node;
}

std::optional<ClockId> ClockTable::appender(EventSide side, const TopicPartition& partition,
                                            Stamp stamp) const {
  const auto* cluster = leaders(side);
  if (cluster == nullptr) return std::nullopt;
  const ClockKind kind = brokers_of(side);
  if (cluster->brokers.size() == 1) return ClockId{kind, cluster->brokers.front()};
  const Leader* leader = cluster->find(partition);
  if (leader == nullptr) return std::nullopt;
  const ClockId clock{kind, *leader->node};
  const auto bounds = offset_of(clock).bounds;
  // Written at the earliest: stamp - the most that the clock can be ahead.
  const std::int64_t ahead = bounds.high ? bounds.high->us : 0;
  if (stamp.at.value - ahead < leader->since.us) return std::nullopt;
  return clock;
}

ClockOffset ClockTable::offset_at(EventSide side, const TopicPartition& partition,
                                  Stamp stamp) const {
  const auto clock = appender(side, partition, stamp);
  return clock ? offset_of(*clock) : hull_of(brokers_of(side));
}

ClockOffset narrowed(const ClockOffset& known, const ClockTracker& orders,
                     std::optional<DurationUs> max_error, Instant now) {
  const OffsetBounds measured = without_assumed(known.bounds);
  if (!measured.low && !measured.high && known.epoch) return orders.offset(now);
  ClockOffset out = known;
  if (!known.epoch) return out;
  out.bounds = resolved(measured, {}, max_error);
  if (orders.is_in_doubt()) return out;
  const OffsetBounds both = resolved(measured, orders.by_order(now), max_error);
  if (!both.is_empty()) out.bounds = both;
  return out;
}

}  // namespace longspan
