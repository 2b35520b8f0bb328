// How a partition of a Shard starts, stops, waits and starts again.
#include <algorithm>

#include "lagcalc/text.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

constexpr std::chrono::minutes kBackoffMax{5};

// An abort would take back copies that count as written where it begins before our position.
std::string open_transaction_text(const Partition& p, Offset since) {
  const std::string open_at = std::to_string(since.value);
  const std::string out = "a transaction has been open on the target partition since offset " +
                          open_at + ": whether what stands there is ours shows when it ends";
  if (since < p.map.next_target()) {
    return out + "; do not abort it, for it holds copies that count as written";
  }
  return out +
         "; one that kafka-transactions.sh find-hanging names is ended by its abort --topic " +
         p.target.topic + " --partition " + std::to_string(p.target.partition) +
         " --start-offset " + open_at;
}

// The topic whose id was not known at first, or was told since.
bool may_be(const std::optional<TopicId>& told, const TopicId& asked) {
  return !told || *told == asked;
}

}  // namespace

// What was persisted of the partition, under this topic id or from before ids were known.
void Shard::restore(Partition& p, Slot& slot) {
  if (flow_.emit_offset_syncs) {
    p.cadence.emplace(SyncCadenceLimits{flow_.offset_lag_max, std::chrono::milliseconds(100)});
  }
  if (restore_removed(p, slot)) return;
  const auto& entries = slot.state.partitions();
  auto found = entries.find(p.identity);
  if (found == entries.end() && p.identity.topic_id == kNoTopicId) {
    found = std::find_if(entries.begin(), entries.end(), [&p](const auto& entry) {
      return entry.first.source == p.identity.source;
    });
    if (found != entries.end()) p.identity = found->first;
  }
  if (found == entries.end() && p.identity.topic_id != kNoTopicId) {
    found = entries.find(PartitionIdentity{p.identity.source, kNoTopicId});
    // What was removed since the slot was taken is newer than what was read then.
    const bool is_it = found != entries.end() && !slot.removed.contains(found->first) &&
                       may_be(found->second.position.source_id, p.identity.topic_id);
    if (is_it) p.identity = found->first;
    if (!is_it) found = entries.end();
  }
  if (found == entries.end()) {
    tell_recreated(p, slot);
    p.epoch = slot.epoch;
    p.map_writer = std::make_unique<MapWriter>(p.identity, p.epoch);
    return;
  }
  const PartitionEntry& entry = found->second;
  if (former_life(p, slot)) p.set_recreated();
  p.has_position = true;
  p.epoch = slot.epoch;
  p.stale_epochs = entry.stale_epochs;
  p.stale_epochs.push_back(entry.epoch);
  p.map = map_of(entry);
  p.named = slot.state.named_behind_position(p.identity.source);
  p.map_writer = std::make_unique<MapWriter>(p.identity, p.epoch, entry);
  p.next_fetch = entry.position.again_from.value_or(p.map.next_source());
  if (is_exactly_once()) p.committed = p.next_fetch;
  p.late = entry.position.late;
  p.leader_epoch = entry.position.leader_epoch;
  p.target_id = entry.position.target_id;
  p.source_id = entry.position.source_id;
  p.target_cut_to = entry.position.target_cut_to;
  p.last_timestamp = entry.position.last_timestamp;
  if (p.last_timestamp) hops_.resumed(p.identity.source, *p.last_timestamp);
  if (entry.position.fingerprint_offset) {
    p.fingerprint_done = {*entry.position.fingerprint_offset, entry.position.fingerprint};
  }
  p.written_next = entry.position.next_source;
  p.moved_at = entry.position.moved_at;
  p.written_reason = entry.position.reason;
  p.restored = entry.position;
  restore_stop(p, entry.position);
  restore_trial(p, slot, entry.position);
}

// Up to where the topic of this name was mirrored that was there before; of those before that one
// it was told then.
std::optional<Offset> Shard::former_life(const Partition& p, const Slot& slot) {
  std::optional<std::pair<TimestampMs, Offset>> last;
  const auto look = [&](const PartitionIdentity& identity, TimestampMs moved_at, Offset next) {
    if (identity.source != p.identity.source || identity.topic_id == p.identity.topic_id) return;
    last = std::max(last, std::optional(std::pair(moved_at, next)));
  };
  for (const auto& [identity, entry] : slot.state.partitions()) {
    if (slot.removed.contains(identity)) continue;  // as it was when the slot was taken
    look(identity, entry.position.moved_at, entry.position.next_source);
  }
  for (const auto& [identity, before] : slot.removed) {
    look(identity, before->moved_at, before->position());
  }
  if (!last) return std::nullopt;
  return last->second;
}

// What a former topic held beyond our position was never read.
void Shard::tell_recreated(Partition& p, const Slot& slot) {
  const auto mirrored = former_life(p, slot);
  if (!mirrored) return;
  p.set_recreated();
  record_event(p, EventKind::topic_recreated, *mirrored, {},
               "the source topic was deleted and created again; the former one was mirrored up "
               "to here, whether it held more is unknown");
}

// It was mirrored before, by this owner: it goes on where it stopped.
bool Shard::restore_removed(Partition& p, Slot& slot) {
  auto found = slot.removed.find(p.identity);
  if (found == slot.removed.end()) {
    found = slot.removed.find(PartitionIdentity{p.identity.source, kNoTopicId});
    if (found != slot.removed.end() && !may_be(found->second->source_id, p.identity.topic_id)) {
      found = slot.removed.end();
    }
  }
  if (found == slot.removed.end()) return false;
  Partition& before = *found->second;
  p.identity = before.identity;
  p.has_position = before.has_position;
  p.epoch = before.epoch;
  p.map = std::move(before.map);
  p.map_writer = std::move(before.map_writer);
  p.stale_epochs = std::move(before.stale_epochs);
  p.next_fetch = before.next_fetch;
  p.last_timestamp = before.last_timestamp;
  p.fingerprint_done = before.fingerprint_done;
  p.committed = before.committed;
  p.has_marker = before.has_marker;
  p.stopped_by = before.stop_to_keep();
  p.remedied_at = before.carried_out_at;
  p.carried_out_at = before.carried_out_at;
  p.late = before.late;
  p.leader_epoch = before.leader_epoch;
  p.target_id = before.target_id;
  p.source_id = before.source_id;
  p.target_cut_to = before.target_cut_to;
  p.trial = before.trial;
  p.written_next = before.written_next;
  p.moved_at = before.moved_at;
  slot.removed.erase(found);
  return true;
}

void Shard::measure(Partition& p) {
  LONGSPAN_ASSERT(p.ledger.empty() && !p.is_reading);
  p.phase = Phase::measuring;
  p.seat.wait.reset();
  p.measure_number = ++last_measure_;
  if (p.start_put) return;                      // begin_started() goes on
  if (!slots_.at(p.slot).is_announced) return;  // on_announced() goes on
  // While the sink dies its last requests may still land: what is measured now would be too little.
  if (sink_is_dying_) return;
  notify(Measure{config_.index, p.slot, p.identity.source, p.target, p.measure_number});
}

// The start is written before the first record: it goes on in begin_started(). What a topic holds
// that took the name of one that was mirrored is all new.
void Shard::start_where_told(Partition& p, StartFrom from, const PartitionEnds& source,
                             const PartitionEnds& target) {
  if (p.is_recreated) from = StartFrom::earliest;
  const Offset start = from == StartFrom::latest ? source.stable_end : source.start;
  // Under exactly once they may be those of a first transaction of ours that was aborted.
  if (target.end > target.start && !p.is_recreated && !is_exactly_once()) {
    record_event(p, EventKind::tail_mismatch, target.start, target.end,
                 "the target partition holds records already, and no position says of what: "
                 "mirroring begins behind them, and what they are copies of is copied once more");
  }
  p.has_position = true;
  p.next_fetch = start;
  p.map = OffsetMap({}, start, target.end);
  const bool is_doubtful = is_exactly_once() && target.end > target.start && !p.is_recreated;
  record_event(p, EventKind::partition_started, start, {},
               std::string("mirroring starts at the ") +
                   (from == StartFrom::latest ? "end" : "earliest record") +
                   (is_doubtful ? "; the target partition holds offsets " +
                                      range_text(target.start, target.end) +
                                      " already, and no position says of what: what they are "
                                      "copies of is copied once more"
                                : ""));
  start_at(p);
}

// Writes the position; what follows waits until it is on the target.
void Shard::start_at(Partition& p) {
  p.is_dirty = true;
  Slot& slot = slots_.at(p.slot);
  write_position(slot, p);
  p.start_put = slot.outbox->put_total();
  slot.starting.emplace_back(*p.start_put, p.identity.source);
  if (is_exactly_once()) transaction_->wants_commit = true;
}

// Under exactly once an acknowledgement proves nothing: await_commit() goes on.
void Shard::on_state_acked(const Outbox& outbox) {
  if (is_exactly_once()) return;
  for (auto& [number, slot] : slots_) {
    if (slot.outbox.get() != &outbox) continue;
    on_announced(slot);
    begin_started(slot);
    return;
  }
}

// What was put so far and is acknowledged is on the target for good.
void Shard::begin_started(Slot& slot) {
  while (!slot.starting.empty() && slot.starting.front().first <= slot.outbox->acked_total()) {
    const auto [put, source] = std::move(slot.starting.front());
    slot.starting.pop_front();
    Partition* p = find(slot.number, source);
    if (p == nullptr || p->start_put != put) continue;  // removed meanwhile
    p->start_put.reset();
    if (p->phase == Phase::measuring) measure(*p);
  }
}

// Who dies of what it reads has said before that it owns the slot: see mirror/trial.h.
void Shard::on_announced(Slot& slot) {
  if (std::exchange(slot.is_announced, true)) return;
  for (auto& [source, p] : slot.partitions) {
    if (p->phase == Phase::measuring) measure(*p);
  }
}

void Shard::match_tail(Partition& p, const PartitionEnds& target) {
  // Its cause is gone. But that the source was cut back only shows when it is read, by its epoch.
  const auto is_open = [&p](const std::optional<Stop>& event) {
    if (is_about_what_is_read(event)) return true;
    return event && event->kind == EventKind::source_truncated && p.leader_epoch;
  };
  if (!is_open(p.stopped_by)) p.stopped_by.reset();
  if (!is_open(p.accepted)) p.end_acceptance();
  Offset from = std::max(p.map.next_target(), target.start);
  if (from >= target.end) {
    p.map.set_next_target(target.end);
    return run_partition(p);
  }
  // A record of somebody else's may have come between our last one and our marker.
  if (is_exactly_once() && p.ends_with_marker()) from = std::max(from - Records{1}, target.start);
  if (target.stable_end < target.end) {
    return park(p, {Next::retry, 0, open_transaction_text(p, target.stable_end), ""});
  }
  if (!tail_source_) {
    auto made = read_target(16LL << 20);
    if (!made) return park(p, made.error());
    tail_source_ = std::move(*made);
  }
  p.tail.emplace(from, target.end, p.named);
  p.tail->allow_hops(p.traces.rule.ids);
  p.phase = Phase::matching;
  p.read_at = ports_.clock.steady();
  if (auto started = tail_source_->start(p.index, p.target, from, {}); !started)
    park(p, started.error());
}

void Shard::tail_read(Partition& p) {
  tail_source_->stop(p.index);
  run_partition(p);
}

void Shard::run_partition(Partition& p) {
  if (waits_for_trial(p)) return;
  if (auto opened = sink_->open(p.index, p.target); !opened) return park(p, opened.error());
  p.is_open = true;
  start_reading(p);
}

void Shard::start_reading(Partition& p) {
  if (p.seat.wait) {  // begins when that is over
    p.ledger.count_in(class_of(p).in_flight);
    p.phase = Phase::running;
    return;
  }
  if (!open_source(p.priority)) {
    return park(p, {Next::retry, 0, source_trouble_.value_or("no source client"), ""});
  }
  if (source_must_grow_) {  // started with all others on the new handle
    p.phase = Phase::running;
    return;
  }
  // The epoch is known of what was read, not of the markers and aborted records behind it.
  Offset from = p.next_fetch;
  std::optional<std::int32_t> leader_epoch;
  if (p.leader_epoch && p.leader_epoch->up_to >= p.source_start) {
    from = std::min(from, p.leader_epoch->up_to);
    leader_epoch = p.leader_epoch->number;
  }
  auto& source = *class_of(p).source;
  if (auto started = source.start(p.index, p.identity.source, from, leader_epoch); !started) {
    return park(p, started.error());
  }
  p.ledger.count_in(class_of(p).in_flight);  // no longer held
  p.phase = Phase::running;
  p.is_reading = true;
  p.read_at = ports_.clock.steady();
}

void Shard::stop_reading(Partition& p) {
  if (auto& source = class_of(p).source; p.is_reading && source) source->stop(p.index);
  p.is_reading = false;
}

// Leads to `after` once every record in flight has its outcome.
void Shard::settle(Partition& p, Phase after) {
  if (p.phase == Phase::settling) {
    // The stronger wish wins: closed over paused over parked over measuring.
    p.after_settling = std::max(p.after_settling, after);
    if (p.is_settled()) finish_settling(p);
    return;
  }
  stop_side_reading(p);
  stop_reading(p);
  drop_pending_of(p.index);
  p.tail.reset();
  p.phase = Phase::settling;
  p.after_settling = after;
  if (p.is_settled()) finish_settling(p);
}

void Shard::finish_settling(Partition& p) {
  const Offset position = p.position();
  p.next_fetch = position;
  p.ledger.clear();
  p.failed = 0;
  p.acked_somewhere = 0;
  p.fingerprint_ahead.reset();
  end_one(p);
  close_single(p);
  if (p.is_open && sink_) sink_->close(p.index);
  p.is_open = false;
  const bool stays_paused = p.is_paused && p.after_settling == Phase::measuring;
  const Phase after = stays_paused ? Phase::paused : p.after_settling;
  const auto failure = std::exchange(p.failure, std::nullopt);
  if (after == Phase::measuring) return measure(p);
  if (after == Phase::parked) {
    return park(p, failure.value_or(Error{Next::retry, 0, "stopped", ""}));
  }
  p.phase = after;
}

void Shard::park(Partition& p, const Error& error) {
  stop_side_reading(p);
  if (!p.ledger.empty() || p.is_reading || p.is_open) {
    p.failure = error;
    return settle(p, Phase::parked);
  }
  p.tail.reset();
  p.phase = Phase::parked;
  p.backoff = p.backoff.count() == 0
                  ? flow_.park_retry
                  : std::min<std::chrono::milliseconds>(p.backoff * 2, kBackoffMax);
  p.retry_at = ports_.clock.steady() + p.backoff;
  if (p.reason != error.text()) {
    p.reason = error.text();
    record_event(p, EventKind::partition_parked, p.position(), {}, error.text());
  }
  p.is_dirty = p.has_position;
  p.written_at = {};
}

// Records arrive at the target again after trouble. Reading them alone says nothing: the target may
// refuse the same one again, and the waits between retries would never grow.
void Shard::recover(Partition& p) {
  if (p.reason.empty()) return;
  record_event(p, EventKind::partition_resumed, p.position(), {}, "records flow again");
  p.reason.clear();
  p.backoff = {};
  p.is_dirty = true;
}

void Shard::pause(Partition& p, std::string reason) {
  p.reason = std::move(reason);
  p.is_dirty = p.has_position;
  p.written_at = {};
  if (p.phase == Phase::parked || p.phase == Phase::measuring) {
    p.phase = Phase::paused;
  } else {
    settle(p, Phase::paused);
  }
}

}  // namespace longspan
