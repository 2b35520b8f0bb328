// Exactly once: how the slot of a Shard is fenced, read, written in transactions and begun anew.
#include <algorithm>

#include "mirror/refusal.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

constexpr std::chrono::seconds kRetryTransaction{1};
constexpr PartitionIndex kStateIndex = 0;  // the reader of the state reads nothing else
constexpr std::size_t kStateRecordsPerPoll = 2000;

}  // namespace

// --- the slot comes and goes ---

void Shard::want_slot(const TakeSlot& command) {
  SlotTransaction& tx = *transaction_;
  LONGSPAN_ASSERT(!tx.slot);
  tx.slot = command.slot;
  tx.generation = command.generation;
  if (tx.phase != TransactionPhase::absent) return;  // the former one's sink goes first
  tx.phase = TransactionPhase::waiting;
  tx.retry_at = ports_.clock.steady();
}

void Shard::unwant_slot(std::int32_t slot) {
  SlotTransaction& tx = *transaction_;
  if (tx.slot != slot) return;
  tx.slot.reset();
  for (const auto& [source, add] : tx.partitions) {
    groups_.leave(source, add.target);
    source_groups_.leave(source, add.target);
  }
  tx.partitions.clear();
  tx.replayed.clear();
  tx.covered = 0;
  tx.postponed.clear();
  tx.refused.clear();
  tx.left_out.clear();
  tx.kept.clear();
  tx.deaths.reset();
  tx.looked_at.clear();
  if (!slots_.contains(slot)) restart_transaction();
}

void Shard::postpone(ShardCommand command) {
  if (!is_exactly_once() || !transaction_->slot) return;
  if (transaction_->postponed.size() >= SlotTransaction::kReplayedMax) return;
  transaction_->postponed.push_back(std::move(command));
}

// True when the slot can be worked upon.
bool Shard::prepare_transaction() {
  SlotTransaction& tx = *transaction_;
  if (sink_is_dying_ && !tx.is_begun()) restart_transaction();
  switch (tx.phase) {
    case TransactionPhase::absent:
      break;
    case TransactionPhase::waiting:
      if (ports_.clock.steady() >= tx.retry_at) fence();
      break;
    case TransactionPhase::fencing:
      await_fencing();
      break;
    case TransactionPhase::reading:
      read_state();
      break;
    case TransactionPhase::resting:
      if (ports_.clock.steady() >= tx.rests_until) tx.phase = TransactionPhase::open;
      return true;
    default:
      return true;
  }
  return false;
}

void Shard::fence() {
  if (!open_sink()) return;
  LONGSPAN_ASSERT(sink_->transactions() != nullptr);
  sink_->transactions()->start(TransactionCall::initialise);
  transaction_->phase = TransactionPhase::fencing;
}

void Shard::await_fencing() {
  sink_->poll(*this);
  const auto answer = sink_->transactions()->poll();
  if (!answer) return;
  if (answer->error) return refuse_in_transaction(nullptr, *answer->error);
  // Nobody else writes any more, and what the former owner left open is aborted everywhere: what is
  // read from now on is what holds.
  start_reading_state();
}

void Shard::start_reading_state() {
  SlotTransaction& tx = *transaction_;
  auto made = read_target(8LL << 20);
  if (!made) return refuse_in_transaction(nullptr, made.error());
  tx.reader = std::move(*made);
  tx.state = {};
  tx.read_failure.reset();
  tx.is_read = false;
  tx.has_read_some = false;
  auto started = tx.reader->start(kStateIndex, {flow_.state_topic(), *tx.slot}, kLogStart, {});
  if (!started) return refuse_in_transaction(nullptr, started.error());
  tx.phase = TransactionPhase::reading;
}

void Shard::read_state() {
  SlotTransaction& tx = *transaction_;
  sink_->poll(*this);
  StateEvents events(tx);
  tx.has_read_some = tx.reader->poll(events, kStateRecordsPerPoll) > 0;
  if (tx.read_failure) return refuse_in_transaction(nullptr, *tx.read_failure);
  if (!tx.is_read || sink_is_dying_) return;
  tx.reader.reset();
  begin_slot();
}

void Shard::begin_slot() {
  SlotTransaction& tx = *transaction_;
  told_.settle(*tx.slot, tx.state.events());
  begin_transaction();
  TakeSlot command{*tx.slot, std::move(tx.state), tx.generation};
  take_slot(command);
  tx.wants_commit = true;  // nothing is read before it
  auto partitions = tx.partitions;
  for (auto& [source, add] : partitions) on_command(add);
  const auto visit = [this](auto& commands) {
    for (auto& each : commands) std::visit([this](auto& c) { on_command(c); }, each);
  };
  auto replayed = std::exchange(tx.replayed, {});
  tx.covered = 0;
  visit(replayed);
  auto postponed = std::exchange(tx.postponed, {});
  visit(postponed);
}

// All that is in memory of the slot is in doubt: it is begun again from what was committed.
void Shard::restart_transaction() {
  SlotTransaction& tx = *transaction_;
  const bool is_fenced = sink_ && sink_->transactions()->is_fenced();
  forget_slots();
  tx.reader.reset();
  sink_.reset();
  drop_single_sink();
  sink_is_dying_ = false;
  sink_deadline_ = {};
  entries_.clear();
  free_indices_.clear();
  retired_indices_.clear();
  if (syncs_) syncs_ = make_outbox(syncs_->target());
  if (heartbeats_) heartbeats_ = make_outbox(heartbeats_->target());
  tx.is_used = false;
  tx.wants_commit = false;
  tx.covered = 0;
  const auto now = ports_.clock.steady();
  tx.phase = tx.slot ? TransactionPhase::waiting : TransactionPhase::absent;
  tx.retry_at = std::max(now, sink_made_at_ + kRetryTransaction);
  // Another owner fenced us, or may have been put in our place. We do not fence it in turn: had the
  // group taken the slot away, we would hear of it within a session timeout.
  if (std::exchange(tx.is_in_doubt, false) || is_fenced) tx.retry_at = now + flow_.session_timeout;
  if (!tx.slot) return;
  log_warn(log_, "transaction_restarted",
           {{"slot", *tx.slot},
            {"fenced", is_fenced},
            {"text", "what was not committed is read and written again"}});
}

void Shard::forget_slots() {
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      stop_side_reading(*p);
      stop_reading(*p);
      forget_times(*p, !slot.is_dropping);
      transaction_->kept[source] = {p->records_total, p->bytes_total, p->target_cut_to};
    }
    if (slot.is_dropping) notify(SlotDropped{number});
  }
  for (auto& topics : classes_) topics.pending.clear();
  slots_.clear();
  suspects_.clear();
  if (trial_run_) end_trial();
}

// --- the transaction ---

void Shard::begin_transaction() {
  SlotTransaction& tx = *transaction_;
  tx.is_used = false;
  tx.wants_commit = false;
  tx.phase = TransactionPhase::open;
  if (auto begun = sink_->transactions()->begin(); !begun) {
    refuse_in_transaction(nullptr, begun.error());
  }
}

void Shard::flush_outboxes() {
  if (is_exactly_once()) {
    // A transaction that is drained waits for the letters of its records.
    if (letters_ && transaction_->is_begun() && !letters_->is_empty()) letters_->flush(*sink_);
    if (!transaction_->takes_state()) return;
    if (has_state_to_write()) transaction_->note_use(ports_.clock.steady());
  }
  for (auto& [number, slot] : slots_) slot.outbox->flush(*sink_);
  if (syncs_) syncs_->flush(*sink_);
  if (heartbeats_) heartbeats_->flush(*sink_);
  if (letters_ && single_sink_) letters_->flush(*single_sink_);
}

void Shard::advance_transaction() {
  if (sink_is_dying_) return;
  const auto now = ports_.clock.steady();
  switch (transaction_->phase) {
    case TransactionPhase::open:
      if (!is_commit_due(now)) return;
      transaction_->phase = TransactionPhase::draining;
      [[fallthrough]];
    case TransactionPhase::draining:
      if (!is_drained()) return;
      put_positions();
      transaction_->phase = TransactionPhase::writing;
      flush_outboxes();
      return;
    case TransactionPhase::writing:
      if (!has_state_to_write()) ask_commit();
      return;
    case TransactionPhase::committing:
      return await_commit();
    default:
      return;
  }
}

bool Shard::is_commit_due(Clock::Steady now) const {
  const SlotTransaction& tx = *transaction_;
  return tx.wants_commit || (tx.is_used && now - tx.used_at >= flow_.commit_interval);
}

bool Shard::is_drained() const {
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      if (!p->ledger.empty()) return false;
    }
  }
  return true;
}

bool Shard::has_state_to_write() const {
  const auto has_some = [](const auto& outbox) { return outbox && !outbox->is_empty(); };
  return has_some(syncs_) || has_some(heartbeats_) || has_some(letters_) ||
         std::any_of(slots_.begin(), slots_.end(),
                     [&](const auto& at) { return has_some(at.second.outbox); });
}

bool Shard::is_all_committed() const {
  const SlotTransaction& tx = *transaction_;
  if (tx.phase != TransactionPhase::open || tx.is_used || has_state_to_write()) return false;
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      if (p->is_dirty && p->has_position) return false;
    }
  }
  return true;
}

// The commit's marker takes the offset behind the last copy of every partition written to; the
// position says so before it is there, for it holds only if it comes.
void Shard::put_positions() {
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (std::exchange(p->is_in_transaction, false)) {
        p->map.set_next_target(p->map.next_target().next());
        p->has_marker = true;
        p->is_dirty = true;
      }
      if (p->is_dirty) write_position(slot, *p);
      if (p->has_position) p->committing = p->position();
    }
  }
}

void Shard::ask_commit() {
  SlotTransaction& tx = *transaction_;
  if (!tx.is_used) {  // nothing was due after all
    tx.wants_commit = false;
    tx.phase = TransactionPhase::open;
    return;
  }
  tx.covered = tx.replayed.size();
  told_.begin_commit();
  tx.phase = TransactionPhase::committing;
  sink_->transactions()->start(TransactionCall::commit);
}

void Shard::await_commit() {
  SlotTransaction& tx = *transaction_;
  const auto answer = sink_->transactions()->poll();
  if (!answer) return;
  if (answer->error) return refuse_in_transaction(nullptr, *answer->error);
  tx.replayed.erase(tx.replayed.begin(),
                    tx.replayed.begin() + static_cast<std::ptrdiff_t>(tx.covered));
  tx.covered = 0;
  told_.commit();
  for (auto& [number, slot] : slots_) {
    on_announced(slot);
    begin_started(slot);
    for (auto& [source, p] : slot.partitions) {
      if (!p->committing) continue;
      if (p->committed && *p->committed < *p->committing) tx.refused.erase(source);
      p->committed = std::exchange(p->committing, std::nullopt);
      const auto known = tx.left_out.find(source);
      if (known != tx.left_out.end() && *p->committed >= known->second.until) {
        tx.left_out.erase(known);
      }
    }
  }
  begin_transaction();
  if (!sink_is_dying_) tx.rest_after_commit(ports_.clock.steady());
}

// Nothing of the transaction will be committed. `p` had the record that was refused, if one was.
void Shard::refuse_in_transaction(const Partition* p, const Error& error) {
  const bool is_left_out = p != nullptr && (may_leave_out(error) || hides_one(*p, error));
  if (is_left_out) note_refused(*p, error);
  if (sink_is_dying_) return;  // what follows from the first trouble
  sink_is_dying_ = true;
  target_trouble_ = error.text();
  target_trouble_at_ = ports_.clock.steady();
  log_warn(log_, "transaction_refused", {{"error", error.text()}});
  const bool is_for_good = error.next == Next::park_partition || error.next == Next::refuse_record;
  if (p == nullptr || is_left_out || !is_for_good) return;
  auto& refused = transaction_->refused[p->identity.source];
  refused.error = error;
  refused.backoff = p->backoff;
}

// The next transaction goes on without this record, or finds out which one it is.
void Shard::note_refused(const Partition& p, const Error& error) {
  auto& known = transaction_->left_out[p.identity.source];
  known.until = std::max(known.until, p.next_fetch);
  if (p.ledger.records() != 1) return;
  known.offset = p.ledger.oldest()->source_start;
  known.error = error;
}

void Shard::go_on_one_by_one(Partition& p) {
  const auto found = transaction_->left_out.find(p.identity.source);
  if (found == transaction_->left_out.end()) return;
  go_one_by_one(p, found->second.until);
  p.one_by_one->refused = found->second.offset;
  p.one_by_one->why = found->second.error;
}

// True: its records ended a transaction; it waits while the others go on.
bool Shard::park_refused(Partition& p) {
  const auto found = transaction_->refused.find(p.identity.source);
  if (found == transaction_->refused.end()) return false;
  auto& refused = found->second;
  p.backoff = refused.backoff;
  if (std::exchange(refused.is_parked, true)) p.reason = refused.error.text();  // told already
  park(p, refused.error);
  refused.backoff = p.backoff;
  return true;
}

// A commit is answered before its markers are written.
void Shard::allow_for_marker(const Partition& p, PartitionEnds& target) const {
  if (p.has_marker && target.end.next() == p.map.next_target()) target.end = p.map.next_target();
}

void Shard::restore_kept(Partition& p) {
  const auto found = transaction_->kept.find(p.identity.source);
  if (found == transaction_->kept.end()) return;
  p.records_total = found->second.records;
  p.bytes_total = found->second.bytes;
  if (const auto cut = std::exchange(found->second.target_cut_to, std::nullopt)) {
    p.note_target_cut(*cut);
  }
}

// --- the state, read after the fencing ---

void Shard::StateEvents::on_records(PartitionIndex, std::span<Record> records) {
  for (const Record& record : records) {
    auto applied = transaction_.state.apply(record.key.value_or(std::string_view{}), record.value);
    if (!applied && !transaction_.read_failure) transaction_.read_failure = applied.error();
  }
}

void Shard::StateEvents::on_end_of_partition(PartitionIndex, Offset) {
  transaction_.is_read = true;
}

void Shard::StateEvents::on_partition_failed(PartitionIndex, const Error& error) {
  transaction_.read_failure = error;
}

void Shard::StateEvents::on_source_trouble(const Error& error) {
  log_warn("state_not_readable", {{"error", error.text()}});
}

}  // namespace longspan
