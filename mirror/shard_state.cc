// What a Shard writes about itself, and when: positions, events, owners, offset syncs, snapshots.
#include <algorithm>

#include "lagcalc/lag.h"
#include "lagcalc/text.h"
#include "mirror/groups/mm2_formats.h"
#include "mirror/shard.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kRates{1000};
constexpr std::chrono::seconds kTroubleFades{10};
constexpr std::chrono::seconds kSomewhereAfter{2};
constexpr int kExactPerMinute = 20;

PartitionState state_of(const Partition& p) {
  if (p.is_paused) return PartitionState::paused;
  return p.is_parked() ? PartitionState::parked : PartitionState::active;
}

}  // namespace

void Shard::tick() {
  const auto now = ports_.clock.steady();
  next_tick_ = now + kTick;
  const bool measure_rates = now >= next_rates_;
  if (measure_rates) next_rates_ = now + kRates;
  write_heartbeat(now);
  bool has_more = false;
  for (auto at = slots_.begin(); at != slots_.end();) {
    Slot& slot = (at++)->second;  // progress_drop may remove it
    if (now - slot.owner_written_at >= kOwnerInterval && !slot.is_dropping && may_put())
      write_owner(slot, false);
    std::vector<Partition*> removed;
    for (auto& [source, p] : slot.partitions) {
      tick_partition(slot, *p, now);
      has_more = waits_here(*p, now) || has_more;
      if (measure_rates) {
        p->record_rate.add(ports_.clock.now(), p->records_total);
        p->byte_rate.add(ports_.clock.now(), p->bytes_total);
        // While a cluster does not answer nobody tells ends: what was read proves one.
        if (p->source_end) {
          p->source_rate.add(ports_.clock.now(), std::max(*p->source_end, p->next_fetch).value);
        }
      }
      if (p->is_removed && p->phase == Phase::closed && !p->is_dirty) removed.push_back(p.get());
    }
    for (Partition* p : removed) remove(slot, *p);
    if (slot.is_dropping) progress_drop(slot, now);
  }
  look_at_pace(has_more, now);
  traces_.tick(now);
  if (source_trouble_ && now - source_trouble_at_ > kTroubleFades) source_trouble_.reset();
  if (target_trouble_ && now - target_trouble_at_ > kTroubleFades) target_trouble_.reset();
  if (sink_ && !sink_is_dying_) free_retired_sources();
  const bool is_wanted = is_publication_wanted_.load();
  if (is_wanted || now >= next_publish_) {
    next_publish_ = now + kPublishEach;
    publish();
    if (is_wanted) is_publication_wanted_.store(false);
  }
}

void Shard::tick_partition(Slot& slot, Partition& p, Clock::Steady now) {
  if (p.phase == Phase::parked && now >= p.retry_at && !slot.is_dropping && !p.needs_acceptance()) {
    measure(p);
  }
  const auto oldest = p.ledger.oldest();
  const bool is_flowing = p.phase == Phase::running || p.phase == Phase::held;
  if (p.must_stop && is_flowing) {
    const auto stop = *std::exchange(p.must_stop, std::nullopt);
    stop_for(p, stop);
  }
  if (p.must_copy_again && is_flowing) settle(p, Phase::measuring);
  if (is_flowing && p.acked_somewhere > 0 && p.is_settled() && oldest &&
      now - oldest->fetched_at > kSomewhereAfter) {
    settle(p, Phase::measuring);
  }
  look_at_gate(p);
  hold_if_flooded(p);  // also while nothing is read because its own records are pending
  write_due_syncs(p, now);
  // Who reads the state topic must not take for true what has passed, where nothing moves since.
  p.is_dirty = p.is_dirty || (p.phase == Phase::running && p.reason.empty() && p.has_position &&
                              why_waiting(p) != p.written_reason);
  // What the next owner must know exactly is not left to the interval.
  const bool is_due = p.trial || now - p.written_at >= flow_.position_interval;
  if (p.is_dirty && !slot.outbox->is_full() && is_due) {
    if (is_exactly_once()) {
      // Positions go with the commit; one that is to come by its own clock is not hurried.
      if (!transaction_->is_used) transaction_->wants_commit = true;
    } else {
      write_position(slot, p);
    }
  }
}

void Shard::write_position(Slot& slot, Partition& p) {
  if (!p.has_position) return;
  if (p.gone_unknown) tell_gone_unknown(p);
  write_range_events(slot, p);
  p.map.set_next_source(p.copied_up_to());
  Position position;
  position.target_topic = p.target.topic;
  position.target_id = p.target_id;
  position.source_id = p.source_id;
  if (p.target_cut_to && *p.target_cut_to < p.map.next_target()) {
    position.target_cut_to = p.target_cut_to;
  }
  position.next_source = p.copied_up_to();
  position.late = p.late;
  position.leader_epoch = p.leader_epoch;
  position.trial = p.trial;
  const Offset from = p.copy_again_from();
  if (from < position.next_source) position.again_from = from;
  position.next_target = p.map.next_target();
  position.state = state_of(p);
  position.reason = position.state == PartitionState::active ? why_waiting(p) : p.reason;
  p.written_reason = position.reason;
  position.written_at = ports_.clock.now();
  if (p.written_next != position.next_source) p.moved_at = position.written_at;
  p.written_next = position.next_source;
  position.moved_at = p.moved_at;
  position.last_timestamp = p.last_timestamp;
  if (const auto rate = p.record_rate.per_second()) {
    position.records_per_1000_s = static_cast<std::int64_t>(*rate * 1000);
  }
  if (p.fingerprint_done) {
    position.fingerprint_offset = p.fingerprint_done->offset;
    position.fingerprint = p.fingerprint_done->value;
  }
  p.note_remedies(position);
  for (auto& record : p.map_writer->take(p.map, position)) {
    put(slot, record.key, std::move(record.value));
  }
  const auto key = [&p](std::int32_t epoch) {
    return PositionKey{p.identity.source, p.identity.topic_id, epoch};
  };
  put(slot, key(p.epoch), encode(position));
  for (auto& record : p.map_writer->prune(p.source_start)) {
    put(slot, record.key, std::move(record.value));
  }
  for (const auto epoch : std::exchange(p.stale_epochs, {})) put(slot, key(epoch), std::nullopt);
  p.map.prune_below(p.map_writer->open_block_start());
  p.is_dirty = false;
  p.written_at = ports_.clock.steady();
}

void Shard::write_owner(Slot& slot, bool is_release) {
  Owner owner;
  owner.process = config_.process;
  owner.taken_at = slot.taken_at;
  owner.alive_at = ports_.clock.now();
  if (is_release) owner.released_at = owner.alive_at;
  owner.follows_death = slot.deaths.died;
  owner.epoch = slot.epoch;
  put(slot, OwnerKey{}, encode(owner));
  slot.owner_written_at = ports_.clock.steady();
}

void Shard::put(Slot& slot, const StateKey& key, std::optional<std::string> value) {
  slot.outbox->put({encode_key(key), std::move(value), ports_.clock.now(), {}});
}

Event Shard::record_event(Slot& slot, Event event) {
  event.number = slot.next_event++;
  event.at = ports_.clock.now();
  event.who = config_.process;
  if (is_exactly_once()) {
    told_.add_uncommitted({slot.number, event});
  } else {
    told_.add({slot.number, event});
  }
  Fields fields = {{"slot", slot.number}};
  if (event.partition) {
    fields.emplace_back("topic", event.partition->topic);
    fields.emplace_back("partition", event.partition->partition);
  }
  fields.emplace_back("from", event.from);
  fields.emplace_back("to", event.to);
  fields.emplace_back("text", event.text);
  log_info(log_, name(event.kind), fields);
  put_event(slot, event);
  return event;
}

void Shard::put_event(Slot& slot, const Event& event) { put(slot, key_of(event), encode(event)); }

// Exact ranges, one event each, as long as they are few; a noisy partition must not push the events
// of others out of the slot's ring, so what comes beyond kExactPerMinute grows into the last one.
std::int64_t Shard::record_range(Partition& p, EventKind kind, Offset from, Offset to,
                                 std::string text) {
  const auto now = ports_.clock.steady();
  Slot& slot = slots_.at(p.slot);
  write_range_events(slot, p);
  auto& last = p.range_events[kind];
  if (last.begun == 0 || now - last.since >= std::chrono::minutes(1)) last = {{}, {}, 0, 0, 0, now};
  // Not one that the ring has overwritten meanwhile.
  const auto kept = (is_kept_longer(kind) ? kLossesPerSlot : kEventsPerSlot) / 2;
  const bool is_there = last.begun > 0 && slot.next_event - last.event.number < kept;
  const bool is_next = is_there && last.event.to == from;
  if (is_next || (is_there && last.begun >= kExactPerMinute)) {
    last.ranges += is_next ? 0 : 1;
    last.offsets += (to - from).count;
    last.event.from = std::min(*last.event.from, from);
    last.event.to = std::max(*last.event.to, to);
    name_sources(last.event, p.map);
    last.has_grown = true;
    return last.event.number;
  }
  Event event;
  event.kind = kind;
  event.partition = p.identity.source;
  event.from = from;
  event.to = to;
  event.text = text;
  name_sources(event, p.map);
  last.event = record_event(slot, std::move(event));
  last.text = std::move(text);
  last.ranges = 1;
  last.offsets = (to - from).count;
  ++last.begun;
  return last.event.number;
}

// Before the position that lies behind them.
void Shard::write_range_events(Slot& slot, Partition& p) {
  for (auto& [kind, last] : p.range_events) {
    if (!std::exchange(last.has_grown, false)) continue;
    last.event.text = last.text;
    if (last.ranges > 1) {
      last.event.offsets = last.offsets;
      last.event.text += " (" + std::to_string(last.ranges) + " ranges, " +
                         std::to_string(last.offsets) + " offsets of these)";
    }
    put_event(slot, last.event);
    told_.grow({slot.number, last.event});
  }
}

Event Shard::record_event(const Partition& p, EventKind kind, std::optional<Offset> from,
                          std::optional<Offset> to, std::string text) {
  Event event;
  event.kind = kind;
  event.partition = p.identity.source;
  event.from = from;
  event.to = to;
  event.text = std::move(text);
  name_sources(event, p.map);
  return record_event(slots_.at(p.slot), std::move(event));
}

void Shard::write_due_syncs(Partition& p, Clock::Steady now) {
  if (!p.cadence || !may_put()) return;
  if (syncs_ ? syncs_->is_full() : !source_syncs_ || source_syncs_->is_full()) return;
  if (const auto pair = p.cadence->take_due(now)) write_sync(p, *pair);
  // MM2 writes the newest pair when its offsets are flushed; ours are with the position.
  if (p.is_dirty && now - p.written_at >= flow_.position_interval) {
    if (const auto pair = p.cadence->flush(now)) write_sync(p, *pair);
  }
}

void Shard::write_sync(Partition& p, const OffsetPair& pair) {
  auto record = encode(OffsetSync{p.identity.source, pair.source, pair.target});
  if (!record) return;
  OwnedRecord owned{std::move(record->key), std::move(record->value), ports_.clock.now(), {}};
  if (syncs_) {
    syncs_->put(std::move(owned));
  } else {
    source_syncs_->put(std::move(owned));
  }
}

// As if MM2's heartbeat of the source cluster had been mirrored: its clients find the source by it.
void Shard::write_heartbeat(Clock::Steady now) {
  if (!may_put() || !heartbeats_ || now < next_heartbeat_ || heartbeats_->size() > 10) return;
  if (!slots_.contains(slot_of_duty("heartbeats", config_.slots))) return;
  next_heartbeat_ = now + flow_.emit_heartbeats_interval;
  const TimestampMs at = ports_.clock.now();
  auto record = encode(Heartbeat{flow_.source.alias, flow_.target.alias, at});
  if (record) heartbeats_->put({std::move(record->key), std::move(record->value), at, {}});
}

// Closed partitions get their last position, the slot its release; then it is let go.
void Shard::progress_drop(Slot& slot, Clock::Steady now) {
  const bool is_late = now >= slot.drop_deadline;
  const bool is_closed = std::all_of(slot.partitions.begin(), slot.partitions.end(),
                                     [](auto& at) { return at.second->phase == Phase::closed; });
  if (!is_closed && !is_late) return;
  if (!is_late && !slot.said_last_words) {
    for (auto& [source, p] : slot.partitions) {
      if (p->trial && std::exchange(p->trial->is_running, false)) p->is_dirty = true;
      if (p->is_dirty && !is_exactly_once()) write_position(slot, *p);
    }
    write_owner(slot, true);
    slot.said_last_words = true;
    if (is_exactly_once()) {
      transaction_->wants_commit = true;
    } else if (sink_ && !sink_is_dying_) {
      slot.outbox->flush(*sink_);
    }
  }
  if (!is_late && !slot.outbox->is_empty()) return;
  if (!is_late && is_exactly_once() && !is_all_committed()) return;
  // Whatever is still in flight must not go out under our name later.
  const bool has_requests = slot.outbox->in_flight() > 0;
  if (!is_closed || has_requests) {
    sink_is_dying_ = true;
    if (sink_) sink_->purge();
    if (single_sink_) single_sink_->purge();
  }
  for (auto& [source, p] : slot.partitions) {
    stop_reading(*p);
    stop_side_reading(*p);
    drop_pending_of(p->index);
    if (p->is_open && sink_) sink_->close(p->index);
    close_single(*p);
    forget_times(*p);
    entries_[p->index] = {};
    (p->ledger.empty() ? free_indices_ : retired_indices_).push_back(p->index);
  }
  if (sink_) sink_->close(slot.outbox->index());
  entries_[slot.outbox->index()] = {};
  (has_requests ? retired_indices_ : free_indices_).push_back(slot.outbox->index());
  const auto number = slot.number;
  slots_.erase(number);
  if (is_exactly_once()) sink_is_dying_ = true;  // the next owner fences it anyway
  notify(SlotDropped{number});
}

void Shard::forget_times(Partition& p, bool comes_back) {
  hops_.forget(p.hops);
  traces_.forget(p.traces);
  groups_.forget(p.group_log, comes_back);
  source_groups_.forget(p.source_group_log, comes_back);
}

void Shard::remove(Slot& slot, Partition& p) {
  entries_[p.index] = {};
  free_indices_.push_back(p.index);
  forget_times(p, p.successor != nullptr);
  const TopicPartition source = p.identity.source;
  auto successor = std::move(p.successor);
  auto gone = slot.partitions.extract(source);
  slot.removed.insert_or_assign(p.identity, std::move(gone.mapped()));
  const bool has_more = std::any_of(slots_.begin(), slots_.end(), [&source](const auto& at) {
    const auto next = at.second.partitions.lower_bound({source.topic, 0});
    return next != at.second.partitions.end() && next->first.topic == source.topic;
  });
  if (!has_more) {
    topics_.erase(source.topic);
    hops_.forget(source.topic);
    groups_.forget(source.topic);
    source_groups_.forget(source.topic);
  }
  if (successor) on_command(*successor);
}

void Shard::publish() {
  ShardSnapshot next;
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      if (p->is_removed) continue;
      next.partitions.push_back(snapshot_of(*p));
      next.in_flight_bytes += p->ledger.bytes();
    }
  }
  if (is_exactly_once() && transaction_->slot && !transaction_->is_begun()) {
    const std::lock_guard lock(published_mutex_);
    next.partitions = published_.partitions;  // as they were committed
  }
  next.topics = topics_;
  for (auto& [name, topic] : next.topics) {
    topic.hops = hops_.of(name);
    topic.recent_hops = hops_.recent_of(name);
    topic.heartbeats = hops_.heartbeats(name);
  }
  next.events_total = told_.totals();
  next.recent_events.assign(told_.recent().begin(), told_.recent().end());
  next.backpressure_total = backpressure_total_;
  for (const Priority priority : kPriorities) {
    next.priorities[index_of(priority)] = snapshot_of(priority);
  }
  next.load = load();
  next.source_down_ms = source_down_.lasts_ms(ports_.clock.steady());
  next.target_down_ms = target_down_.lasts_ms(ports_.clock.steady());
  next.source_trouble = source_trouble_;
  if (source_syncs_ && source_syncs_->trouble()) {
    next.source_trouble = "offset syncs wait: " + *source_syncs_->trouble();
  }
  next.target_trouble = target_trouble_;
  if (gate_) add_gate(next);
  next.groups = groups_.snapshot();
  next.source_groups = source_groups_.snapshot();
  next.slos = slos_.snapshot(hops_.now());
  next.source_brokers = hops_.source_brokers();
  const bool wants_traces = ports_.spans != nullptr || ports_.pathways != nullptr;
  if (wants_traces && flow_.traces.is_on()) next.traces = traces_.figures();
  next.examples = traces_.examples();
  const std::lock_guard lock(published_mutex_);
  published_ = std::move(next);
}

PartitionSnapshot Shard::snapshot_of(const Partition& p) const {
  PartitionSnapshot s;
  s.source = p.identity.source;
  s.target_topic = p.target.topic;
  s.slot = p.slot;
  s.state = state_of(p);
  s.reason = p.reason;
  if (s.reason.empty() && p.open_transaction && p.open_transaction->is_told) {
    s.reason = "an open transaction at the source holds back what is behind offset " +
               std::to_string(p.open_transaction->at.value);
  }
  s.priority = p.priority;
  if (s.reason.empty()) s.reason = why_waiting(p);
  s.next_source = p.committed.value_or(p.position());
  s.next_target = p.map.next_target();
  s.records_in_flight = p.ledger.records();
  s.records_total = p.records_total;
  s.bytes_total = p.bytes_total;
  s.written_twice_total = p.written_twice_total;
  s.records_per_second = p.record_rate.per_second();
  s.bytes_per_second = p.byte_rate.per_second();
  s.last_timestamp = p.last_timestamp;
  s.latest = p.hops.latest;
  s.slowest = hops_.slowest(p.hops);
  s.waits = waits_of(p);
  if (p.source_end) {
    s.source_end = std::max(*p.source_end, p.next_fetch);
    s.offset_lag = *s.source_end - s.next_source;
    s.bytes_lag_estimate = bytes_lag_estimate(*s.offset_lag, p.record_bytes.mean());
    s.catch_up_ms = s.offset_lag->count == 0 ? std::optional<std::int64_t>(0)
                                             : catch_up_time(*s.offset_lag, s.records_per_second,
                                                             p.source_rate.per_second());
    const auto oldest = p.ledger.oldest();
    s.head_age_ms =
        head_age(ports_.clock.now(), oldest ? std::optional(oldest->timestamp) : std::nullopt,
                 s.offset_lag->count == 0);
  }
  return s;
}

ShardSnapshot Shard::snapshot() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

}  // namespace longspan
