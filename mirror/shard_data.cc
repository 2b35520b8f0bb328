// The data path of Shard: records in, acknowledgements back.
#include <algorithm>

#include "mirror/refusal.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

// One partition may hold this part of the sink: should its target stop answering, there must be
// room left for the others.
constexpr std::int64_t kShareQuarters = 3;
constexpr std::chrono::seconds kStuckAfter{1};
constexpr std::chrono::seconds kStuckInSmallWindow{5};
// A broker forgets a producer that was quiet for a day (producer.id.expiration.ms): long before
// that, a partition that was quiet is taken as new.
constexpr std::chrono::minutes kProofLasts{10};

// What may wait for first acknowledgements, as a part of the sink's memory.
constexpr std::int64_t kWaitingShare = 4;

std::int64_t cost_of_waiting(const Record& record) {
  return static_cast<std::int64_t>(record.payload_bytes()) + kRecordOverhead;
}

}  // namespace

void Shard::on_records(PartitionIndex index, std::span<Record> records) {
  Partition& p = *entries_[index].partition;
  if (p.phase != Phase::running) return;
  p.is_at_end = false;
  p.source_failures = 0;
  p.read_at = batch_at_;
  p.delivered_at = batch_at_;
  p.patience = Partition::kPatience;
  p.stopped_by.reset();
  p.end_acceptance();
  if (const auto epoch = records.back().leader_epoch) {
    p.leader_epoch = {*epoch, records.back().offset.next()};
  }
  if (!p.fingerprint_ahead) {
    p.fingerprint_ahead = {records.back().offset, fingerprint(records.back())};
  }
  if (p.is_gated) gate_->sit_down(p.seat, p.identity.source.topic, records.front());
  TopicClass& topics = class_of(p);
  traces_.batch(p.traces, records.front(), records.size(), batch_at_);
  for (Record& record : records) {
    const bool is_traced = TraceWatch::is_on(p.traces);
    const bool is_wanted = is_traced && traces_.fetched(p.traces, record, batch_at_);
    const bool is_sampled = hops_.fetched(p.hops, p.identity.source, record, batch_at_, is_wanted);
    if (is_traced && is_sampled) traces_.follow(p.traces, record, batch_at_);
    topics.bytes_of_poll += static_cast<std::int64_t>(record.payload_bytes());
    if (!topics.pending.empty() || !offer(p, record)) {
      topics.pending.push_back({index, std::move(record), {}, batch_at_});
      ++p.queued;
    }
  }
  // What is delivered waits here; no more of it until that is gone.
  if (p.one_by_one && p.queued > 0) stop_reading(p);
  hold_if_flooded(p);
}

bool Shard::offer(Partition& p, Record& record) {
  // What was stopped meanwhile is read again.
  if (record.offset < p.next_fetch || p.must_stop || p.phase != Phase::running || p.seat.wait) {
    return true;
  }
  if (p.tail) {
    if (const auto copy = p.tail->match(record)) {
      if (p.map.append(record.offset, *copy, 1) > 0) tell_twice(p, *copy, 1);
      groups_.copied(p.group_log, *copy, 1, record.timestamp);
      source_groups_.copied(p.source_group_log, record.offset, 1, record.timestamp);
      p.next_fetch = record.offset.next();
      p.last_timestamp = record.timestamp;
      p.is_dirty = true;
      return true;
    }
    end_tail(p);
    if (p.must_stop) return true;
  }
  if (p.is_gated && !goes_through_gate(p, record)) return true;
  if (!p.one_by_one && lacks_key(p, record)) go_one_by_one(p, record.offset.next());
  if (p.one_by_one) {
    if (waits_alone(p)) return false;
    if (record.offset < p.one_by_one->until) return offer_alone(p, record);
    close_single(p);
    p.one_by_one.reset();
  }
  const Offset offset = record.offset;
  const TimestampMs timestamp = record.timestamp;
  const auto bytes = static_cast<std::int64_t>(record.payload_bytes());
  if (p.ledger.empty() && batch_at_ - p.acked_at > kProofLasts) p.proven_on = 0;
  if (waits_for_proof(p)) return false;
  if (is_exactly_once() && !transaction_->takes_records()) return false;
  const bool is_above_share = weight(p.ledger) > sink_room(class_of(p)) / 4 * kShareQuarters;
  const bool has_room = !sink_is_dying_ && !is_above_share && has_sink_room(p);
  if (has_room) record.make_edits();
  if (!has_room || sink_->produce(p.index, record) == Accepted::full) {
    ++backpressure_total_;
    class_of(p).is_only_waiting = false;
    return false;
  }
  note_offered(p, offset);
  if (is_exactly_once()) transaction_->note_use(batch_at_);
  if (p.ledger.empty()) p.waits_since = ports_.clock.steady();
  p.ledger.add(offset, timestamp, bytes, batch_at_);
  hops_.produced(p.hops, offset);
  p.next_fetch = offset.next();
  return true;
}

// A broker takes any first request of a producer it does not know: were one refused while the next
// is on its way, that one would be written in its place. So the first record goes alone, and the
// others wait until it is acknowledged; from then on the broker itself keeps the order.
bool Shard::waits_for_proof(const Partition& p) const {
  return !is_exactly_once() && p.proven_on != sink_number_ && !p.ledger.empty();
}

void Shard::offer_pending(TopicClass& topics) {
  std::deque<TopicClass::Pending> waiting;
  auto& pending = topics.pending;
  topics.waiting_bytes = 0;
  while (!pending.empty()) {
    TopicClass::Pending& next = pending.front();
    Partition& p = *entries_[next.index].partition;
    batch_at_ = next.fetched_at;
    if (waits_for_proof(p) || waits_alone(p)) {
      if (next.record) topics.waiting_bytes += cost_of_waiting(*next.record);
      waiting.push_back(std::move(next));
      pending.pop_front();
      continue;
    }
    if (!next.record) {
      at_end(p, next.end);
    } else if (!offer(p, *next.record)) {
      break;
    }
    // It may have been dropped with the others of its partition.
    if (pending.empty() || entries_[pending.front().index].partition != &p) continue;
    pending.pop_front();
    p.queued = std::max<std::int64_t>(p.queued - 1, 0);
    const bool is_last = p.queued == 0;
    if (is_last && p.phase == Phase::running && !p.is_reading && !source_must_grow_) {
      start_reading(p);
    }
  }
  topics.is_only_waiting = pending.empty();
  for (; !waiting.empty(); waiting.pop_back()) pending.push_front(std::move(waiting.back()));
}

// While all that is pending waits for a first acknowledgement the others are read on, within
// bounds.
bool Shard::may_read(const TopicClass& topics) const {
  if (topics.pending.empty()) return true;
  return topics.is_only_waiting &&
         topics.waiting_bytes < config_.limits.sink_bytes_max / kWaitingShare;
}

void Shard::drop_pending_of(PartitionIndex index) {
  for (auto& topics : classes_) {
    std::erase_if(topics.pending, [index](const auto& p) { return p.index == index; });
  }
  if (Partition* p = entries_[index].partition) p->queued = 0;
}

void Shard::on_end_of_partition(PartitionIndex index, Offset next) {
  Partition& p = *entries_[index].partition;
  if (p.phase != Phase::running) return;
  if (auto& pending = class_of(p).pending; pending.empty()) {
    at_end(p, next);
  } else {
    pending.push_back({index, std::nullopt, next, batch_at_});
    ++p.queued;
  }
}

// The position moves over what cannot be read: trailing transaction markers, compacted records.
void Shard::at_end(Partition& p, Offset next) {
  if (p.must_stop) return;
  if (next > p.next_fetch) {
    p.next_fetch = next;
    p.is_dirty = true;
  }
  forget_what_was_here(p);
  p.is_at_end = true;
  p.source_end = next;
  source_trouble_.reset();
  p.source_failures = 0;
  if (p.tail) end_tail(p);
  if (p.ledger.empty()) recover(p);
}

// The tail's comparison is over: all of it was ours, or somebody else's records begin.
void Shard::end_tail(Partition& p) {
  const TailMatch tail = std::move(*p.tail);
  p.tail.reset();
  if (tail.matched() > 0) {
    record_event(p, EventKind::tail_matched, tail.matched_from(), tail.unmatched_from(),
                 std::to_string(tail.matched()) +
                     " records behind the last position were on the target already");
  }
  if (tail.unmatched_from() < tail.to()) {
    const auto event = record_event(
        p, EventKind::tail_mismatch, tail.unmatched_from(), tail.to(),
        "target records behind the last position are not copies of the source's next ones");
    on_late_records(p);
    stop_by_policy(p, {event.number, event.kind, tail.unmatched_from(), tail.to()});
  }
  p.map.set_next_target(tail.to());
}

void Shard::hold_if_flooded(Partition& p) {
  if (p.phase != Phase::running) return;
  const auto held = weight(p.ledger);
  const auto oldest = p.ledger.oldest();
  const auto waits_since = oldest ? std::max(oldest->fetched_at, p.acked_at) : Clock::Steady{};
  const auto silent = ports_.clock.steady() - waits_since;
  const bool is_above = held > config_.limits.sink_bytes_max / 8 || waits_for_proof(p) ||
                        p.one_by_one ||
                        (silent > kStuckInSmallWindow && held > sink_room(class_of(p)) / 2);
  const bool is_stuck = oldest && silent > kStuckAfter && is_above;
  // A slow target is back-pressure for everybody; stopping a source over it would fetch the same
  // records again and again. Only one that has stopped answering is taken out of the others' way.
  if (!is_stuck) return;
  // What is pending of it is read again later.
  traces_.trouble(p.traces, {p.position(), p.next_fetch}, "longspan.hold",
                  "the target does not answer");
  drop_pending_of(p.index);
  stop_reading(p);
  p.ledger.count_in(held_in_flight_);
  log_info(log_, "partition_held",
           {{"topic", p.identity.source.topic},
            {"partition", p.identity.source.partition},
            {"text", "its target does not answer; what is in flight of it goes first"}});
  p.phase = Phase::held;
}

void Shard::on_acked(PartitionIndex index, Offset first_target, std::size_t count) {
  if (is_exactly_once() && sink_is_dying_) return;  // it will be aborted
  const Entry entry = entries_[index];
  target_trouble_.reset();
  target_down_.note(false, {});
  if (entry.outbox != nullptr) {
    entry.outbox->on_acked(count);
    if (entry.outbox == letters_.get()) return on_letter_written();
    return on_state_acked(*entry.outbox);
  }
  if (entry.partition == nullptr) return;
  // A sink that nobody may replace yet: we stood still, and may own nothing any more. What is where
  // shows when it is measured, by whoever does.
  if (sink_is_dying_ && ports_.clock.steady() < sink_retry_at_) {
    entry.partition->failed += static_cast<std::int64_t>(count);
    return settle(*entry.partition, Phase::measuring);
  }
  account(*entry.partition, first_target, static_cast<std::int64_t>(count));
}

void Shard::account(Partition& p, Offset first_target, std::int64_t count) {
  p.proven_on = sink_number_;
  end_one(p);
  const Offset expected = p.map.next_target();
  // Copies without an offset stand in front of these.
  const bool is_cut = first_target - Records{p.acked_somewhere} < expected;
  if (is_cut) p.note_target_cut(first_target);
  // What is on the target already must go with all the rest: nothing less can be taken back.
  if (is_exactly_once() && is_cut) {
    return refuse_in_transaction(nullptr, {Next::retry, 0, "the target log was cut", ""});
  }
  const bool is_behind_marker = is_exactly_once() &&
                                !std::exchange(p.is_in_transaction, is_exactly_once()) &&
                                p.ends_with_marker();
  if (is_exactly_once()) transaction_->note_acked(ports_.clock.steady());
  // A record before these was refused, yet they were written (the broker had forgotten this
  // producer). None of them is where the position says, so none counts: measuring finds them, as
  // copies out of place.
  // The same where the target lost what it held.
  if (p.failed > 0 || is_cut) {
    p.failed += count;
    return settle(p, Phase::measuring);
  }
  if (p.acked_somewhere > 0) {
    if (first_target - expected != Records{p.acked_somewhere}) {
      p.failed += count;  // somewhere, too: only measuring can tell
      return settle(p, Phase::measuring);
    }
    count += std::exchange(p.acked_somewhere, 0);
    first_target = expected;
  }
  if (first_target > expected) {
    tell_foreign(p, is_behind_marker ? expected - Records{1} : expected, first_target);
  }
  Offset target = first_target;
  while (count > 0) {
    const Ledger::Run run = p.ledger.take(count);
    note_acked(p, run);
    const auto twice = p.map.append(run.source_start, target, run.length);
    if (twice > 0) tell_twice(p, target, twice);
    if (p.cadence && twice < run.length) {
      const Records known{twice};
      p.cadence->on_acked({run.source_start + known, target + known, run.length - twice});
    }
    observe(p, run, target);
    p.records_total += run.length;
    p.bytes_total += run.bytes;
    p.record_bytes.add(run.length, run.bytes);
    p.last_timestamp = run.timestamp;
    target = target + Records{run.length};
    count -= run.length;
  }
  p.is_dirty = true;
  p.acked_at = ports_.clock.steady();
  recover(p);
  if (p.fingerprint_ahead && p.fingerprint_ahead->offset < p.position()) {
    p.fingerprint_done = std::exchange(p.fingerprint_ahead, std::nullopt);
  }
  if (p.phase == Phase::settling && p.is_settled()) return finish_settling(p);
  if (p.phase == Phase::held && weight(p.ledger) < config_.limits.sink_bytes_max / 8) {
    start_reading(p);
  }
}

// Which of the offsets has the marker of our own transaction, if one was expected, nobody says.
void Shard::tell_foreign(Partition& p, Offset from, Offset to) {
  const bool has_ours = from < p.map.next_target();
  const std::string what =
      std::string("somebody else") + (has_ours ? "" : ", or a late request of a former owner,") +
      " wrote to the target partition" +
      (has_ours ? "; one of these offsets is the marker of our own transaction" : "");
  const auto number = record_range(p, EventKind::unexpected_target_offset, from, to, what);
  on_late_records(p);
  stop_by_policy(p, {number, EventKind::unexpected_target_offset, from, to});
}

void Shard::observe(Partition& p, const Ledger::Run& run, Offset target) {
  const std::string& name = p.identity.source.topic;
  sampled_.clear();
  const bool is_traced = TraceWatch::is_on(p.traces);
  const OffsetRange range{run.source_start, run.source_start + Records{run.length}};
  hops_.acked(p.hops, p.identity.source, range, groups_.is_on() || is_traced ? &sampled_ : nullptr);
  if (is_traced) traces_.acked(p.traces, range, target, sampled_);
  groups_.copied(p.group_log, target, run.length, run.timestamp);
  source_groups_.copied(p.source_group_log, run.source_start, run.length, run.timestamp);
  for (auto& [source, stands_for, times, trace] : sampled_) {
    if (stands_for == 0 && !trace) continue;
    groups_.copied(p.group_log, {source, target + (source - run.source_start), stands_for,
                                 std::move(times), 0, std::move(trace)});
  }
  TopicSnapshot& topic = topics_[name];
  const auto n = static_cast<std::uint64_t>(run.length);
  const std::chrono::duration<double> residence = ports_.clock.steady() - run.fetched_at;
  topic.residence.record(residence.count(), n);
  topic.mirror_latency.record(static_cast<double>(ports_.clock.now() - run.timestamp) / 1e3, n);
}

void Shard::on_acked_somewhere(PartitionIndex index, std::size_t count) {
  const Entry entry = entries_[index];
  if (entry.outbox != nullptr) {
    entry.outbox->on_acked(count);
    if (entry.outbox == letters_.get()) return on_letter_written();
    return on_state_acked(*entry.outbox);
  }
  if (entry.partition == nullptr) return;
  if (is_exactly_once()) {
    // Only reading would tell where it is.
    return refuse_in_transaction(nullptr, {Next::retry, 0, "a copy's offset was not told", ""});
  }
  entry.partition->proven_on = sink_number_;
  entry.partition->acked_somewhere += static_cast<std::int64_t>(count);
  if (entry.partition->phase == Phase::settling && entry.partition->is_settled()) {
    finish_settling(*entry.partition);
  }
}

void Shard::on_failed(PartitionIndex index, std::size_t count, const Error& reported) {
  const Entry entry = entries_[index];
  const bool is_told = entry.partition != nullptr && !may_leave_out(reported);
  const Error error = is_told ? with_ways_out(reported, *entry.partition) : reported;
  if (is_exactly_once()) {
    if (entry.outbox != nullptr && entry.outbox == letters_.get()) return on_letter_failed(error);
    return refuse_in_transaction(entry.partition, error);
  }
  if (entry.outbox != nullptr) {
    // Our own records wait in the outbox for a new sink.
    if (error.next != Next::rebuild_client) {
      log_error(log_, "state_write_failed", {{"error", error.text()}});
    }
    target_trouble_ = error.text();
    entry.outbox->on_failed();
    sink_is_dying_ = true;
    return;
  }
  if (entry.partition == nullptr) return;
  Partition& p = *entry.partition;
  p.failed += static_cast<std::int64_t>(count);
  traces_.trouble(p.traces, {p.position(), p.next_fetch}, "longspan.retry", error.text());
  if (may_leave_out(error) || hides_one(p, error)) {
    go_one_by_one(p, p.next_fetch);
  } else if (error.next != Next::rebuild_client && !p.failure) {
    p.failure = error;
  }
  if (p.phase == Phase::settling) {
    if (p.failure && p.after_settling == Phase::measuring) p.after_settling = Phase::parked;
    if (p.is_settled()) finish_settling(p);
    return;
  }
  settle(p, p.failure ? Phase::parked : Phase::measuring);
}

void Shard::on_partition_truncated(PartitionIndex index, Offset end, const Error& error) {
  entries_[index].partition->truncated_to = end;
  on_partition_failed(index, error);
}

void Shard::on_partition_failed(PartitionIndex index, const Error& error) {
  Partition& p = *entries_[index].partition;
  p.is_reading = false;
  // Out of range, gone or not allowed: measuring finds out which, and parks with the reason.
  p.failure = error;
  p.source_failures += 1;
  settle(p, p.source_failures > 1 ? Phase::parked : Phase::measuring);
}

void Shard::on_source_trouble(const Error& error) {
  if (error.kafka_code == kAllBrokersDown) source_down_.note(true, ports_.clock.steady());
  source_trouble_ = error.text();
  source_trouble_at_ = ports_.clock.steady();
  log_warn(log_, "source_trouble", {{"error", error.text()}});
}

void Shard::on_sink_trouble(const Error& error) {
  if (error.kafka_code == kAllBrokersDown) target_down_.note(true, ports_.clock.steady());
  target_trouble_ = error.text();
  target_trouble_at_ = ports_.clock.steady();
  log_warn(log_, "target_trouble", {{"error", error.text()}});
  if (error.next == Next::rebuild_client) sink_is_dying_ = true;
}

void Shard::TailEvents::on_records(PartitionIndex index, std::span<Record> records) {
  Partition& p = *shard_.entries_[index].partition;
  if (p.phase != Phase::matching) return;
  p.read_at = shard_.ports_.clock.steady();
  for (const Record& record : records) {
    if (!p.tail->add(record)) return shard_.tail_read(p);
  }
}

void Shard::TailEvents::on_end_of_partition(PartitionIndex index, Offset next) {
  Partition& p = *shard_.entries_[index].partition;
  if (p.phase == Phase::matching && next >= p.tail->to()) shard_.tail_read(p);
}

void Shard::TailEvents::on_partition_failed(PartitionIndex index, const Error& error) {
  shard_.park(*shard_.entries_[index].partition, error);
}

void Shard::TailEvents::on_source_trouble(const Error& error) {
  shard_.target_trouble_ = error.text();
}

}  // namespace longspan
