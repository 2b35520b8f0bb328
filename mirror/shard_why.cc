// What a Shard tells of itself to whoever asks why its partitions are late.
#include "mirror/shard.h"

namespace longspan {

namespace {

std::int64_t ms_of(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

// With each report of the source's ends.
void Shard::watch_waits(Partition& p, const PartitionEnds& log, Clock::Steady asked_at) {
  p.waits.time_behind.end(log.stable_end, p.position(), asked_at);
  p.waits.behind_transaction = log.end - log.stable_end;
}

Waits Shard::waits_of(const Partition& p) const {
  const auto now = ports_.clock.steady();
  Waits out;
  out.behind_ms = p.waits.time_behind.behind_ms(p.committed.value_or(p.position()), now);
  if (p.waits.behind_transaction) {
    const auto& open = p.open_transaction;
    // Where the source does not answer nobody knows whether it still is.
    out.open_transaction_ms = open ? ms_of(open->seen_at - open->since) : 0;
    out.behind_transaction = open ? *p.waits.behind_transaction : Records{0};
  }
  const bool is_awaited = !p.ledger.empty();
  out.unacknowledged_ms = is_awaited ? ms_of(now - std::max(p.waits_since, p.acked_at)) : 0;
  out.schema_wait_ms = p.waits.schema.lasts_ms(now);
  out.source_leaderless_ms = p.waits.leaderless.lasts_ms(now);
  out.is_throttled = why_waiting(p) == text_of(HeldBack::throttled);
  out.source_records_per_second = p.source_rate.per_second();
  return out;
}

// Whether the source has more of a partition than it has delivered; at each tick.
bool Shard::waits_here(Partition& p, Clock::Steady now) {
  p.waits.schema.note(p.seat.wait.has_value(), now);
  return p.phase == Phase::running && p.is_reading && p.source_end && *p.source_end > p.next_fetch;
}

void Shard::look_at_pace(bool has_more_at_source, Clock::Steady now) {
  Pace::Look seen;
  for (const TopicClass& topics : classes_) {
    if (!may_read(topics)) seen.waits_for_target = true;
    if (topics.source && topics.drained_at > paced_at_) seen.waits_for_source = has_more_at_source;
  }
  seen.waits_for_source = seen.waits_for_source && !seen.waits_for_target;
  paced_at_ = now;
  pace_.look(seen, now);
}

LoadSnapshot Shard::load() const {
  const auto now = ports_.clock.steady();
  LoadSnapshot out;
  out.shard_cpu_ratio = pace_.ratios().cpu;
  out.source_wait_ratio = pace_.ratios().source_wait;
  out.target_wait_ratio = pace_.ratios().target_wait;
  for (const TopicClass& topics : classes_) {
    if (topics.source) out.source.merge(topics.source->load(now));
  }
  if (sink_) out.target = sink_->load(now);
  // Of the priority that has more of it on its way.
  const auto& [normal, high] = classes_;
  const TopicClass& busier = weight(high.in_flight) > weight(normal.in_flight) ? high : normal;
  out.in_flight_bytes = weight(busier.in_flight);
  out.in_flight_bytes_max = sink_room(busier);
  out.is_window_reduced = busier.window.bytes() < config_.limits.sink_bytes_max;
  if (const auto took = busier.window.newest()) out.acknowledgement_ms = ms_of(*took);
  if (const auto best = busier.window.best()) out.best_acknowledgement_ms = ms_of(*best);
  out.source_round_trip_ms = config_.limits.source_round_trip.count() / 1000;
  out.target_round_trip_ms = config_.limits.target_round_trip.count() / 1000;
  return out;
}

}  // namespace longspan
