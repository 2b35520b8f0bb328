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

const ClockTable::Measured* ClockTable::find(ClockId clock) const {
  const auto found =
      std::lower_bound(measured_.begin(), measured_.end(), clock,
                       [](const Measured& row, ClockId wanted) { return row.clock < wanted; });
  return found == measured_.end() || found->clock != clock ? nullptr : &*found;
}

ClockOffset ClockTable::offset_of(ClockId clock) const {
  ClockOffset out{{}, as_of_, TrackerSettings().drift_ppm_max, 0, {}, {}};
  const Measured* const known = find(clock);
  if (known != nullptr) out = known->offset;
  const bool is_too_old =
      known != nullptr && known->last.is_closed() && !known->offset.bounds.is_closed();
  // While a step is in doubt nothing is assumed of the clock.
  if (out.epoch) out.bounds = resolved(out.bounds, {}, config_.max_error(clock.kind));
  // What is assumed does not refute what it was.
  if (is_too_old) out.bounds = hull_of_all(out.bounds, known->last);
  return out;
}

OffsetBounds ClockTable::bounds_over_time(ClockId broker, bool is_up) const {
  const ClockOffset present = offset_of(broker);
  OffsetBounds out = present.bounds;
  const Measured* row = find(broker);
  if (row == nullptr) return out;
  // One that is down writes nothing any more: it is what it was.
  const bool is_too_old = row->last.is_closed() && !row->offset.bounds.is_closed();
  if (is_too_old && !is_up) out = row->last;
  // Stamps from before its step are among those that are placed.
  const bool has_stepped =
      present.earlier && present.since && as_of_ - *present.since < kStepRemembered;
  if (has_stepped) out = hull_of_all(out, present.earlier->bounds);
  return out;
}

ClockOffset ClockTable::hull_of(ClockKind kind) const {
  const bool is_source = kind == ClockKind::source_broker;
  const bool is_broker = is_source || kind == ClockKind::target_broker;
  const auto* cluster = is_source ? source_.get() : target_.get();
  if (!is_broker) return offset_of({kind, 0});
  // Of a cluster that was not seen it is any broker: none has this number.
  const ClockOffset any = offset_of({kind, -1});
  if (cluster == nullptr || cluster->known.empty()) return any;
  if (const auto only = cluster->only_broker()) return offset_of({kind, *only});
  std::optional<OffsetBounds> all;
  if (!cluster->are_all_known) all = any.bounds;
  for (const auto node : cluster->known) {
    const OffsetBounds one = bounds_over_time({kind, node}, cluster->is_up(node));
    all = all ? hull_of_all(*all, one) : one;
  }
  ClockOffset out = any;
  out.bounds = *all;
  out.epoch.reset();  // two stamps may be of two clocks
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
  if (const auto only = cluster->only_broker()) return ClockId{kind, *only};
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
