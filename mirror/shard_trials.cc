// How a Shard reads what its predecessors may have died of: one partition at a time.
#include <algorithm>

#include "mirror/shard.h"

namespace longspan {
namespace {

// A trial ends when the partition is read to its end, or when something still comes after this
// long: the deaths it may explain came at once.
constexpr std::chrono::seconds kTrialTime{2};
// One that gets nowhere makes room for the next, and has more time when it is tried again.
constexpr std::chrono::seconds kTrialTimeMax{30};
constexpr int kTrialsDoubled = 4;
// A process must have lived this long before it tries what another one died of: where processes are
// killed for other reasons a partition is not blamed twice.
constexpr int kTrialAgain = 4;  // times park.retry.ms, which makes twenty seconds

}  // namespace

// A mark that is found counts once: an owner that gives the slot up in order takes its own away.
void Shard::restore_trial(Partition& p, const Slot& slot, const Position& position) {
  const bool is_first =
      !is_exactly_once() || transaction_->looked_at.insert(p.identity.source).second;
  const bool is_new = slot.deaths.is_repeated && position.moved_at <= slot.deaths.since &&
                      position.state == PartitionState::active;
  if (!position.trial && !is_new) return;
  p.trial = position.trial.value_or(Trial{});
  if (std::exchange(p.trial->is_running, false)) {
    p.is_dirty = true;
    if (is_first && !slot.deaths.is_own) blame(p);
  }
  if (p.trial->deaths > 0) p.blame = blame_of(p);
}

void Shard::blame(Partition& p) {
  p.trial->deaths += 1;
  Stop stop{0, EventKind::partition_suspected, p.next_fetch, p.next_fetch};
  stop.event = record_event(p, stop.kind, stop.from, {},
                            "a process died while it read this partition alone from here on")
                   .number;
  p.stopped_by = stop;
}

Error Shard::blame_of(const Partition& p) {
  const std::string it = p.identity.source.text();
  const std::string why = " from offset " + std::to_string(p.next_fetch.value) +
                          " on: a batch there may inflate beyond the memory there is; ";
  if (!p.needs_acceptance()) {
    return {
        Next::retry, 0,
        "a process died while it read this partition alone" + why + "it is tried again by itself",
        ""};
  }
  return {Next::park_partition, 0,
          std::to_string(p.trial->deaths) + " processes died while they read this partition alone" +
              why + "to try it again: longspan resume FILE --partition " + it + " --accept-loss " +
              std::to_string(p.slot) + "/" + std::to_string(p.stopped_by->event) +
              "; to leave it out: longspan offsets set FILE --partition " + it + " --source OFFSET",
          ""};
}

// True: it waits, at first or for good.
bool Shard::park_blamed(Partition& p) {
  const auto blame = std::exchange(p.blame, std::nullopt);
  if (!blame) return false;
  p.backoff = flow_.park_retry * kTrialAgain / 2;  // doubled when it is parked
  park(p, *blame);
  return true;
}

// True: it is not read before its turn has come.
bool Shard::waits_for_trial(Partition& p) {
  if (!p.trial || p.trial->is_running) return false;
  if (p.accepted && p.accepted->kind == EventKind::partition_suspected) {
    p.accepted.reset();
    p.trial->deaths = std::min(p.trial->deaths, kDeathsForGood - 1);
  }
  if (p.trial->deaths == 0 && *p.source_end <= p.next_fetch) {
    p.trial.reset();
    p.is_dirty = true;
    return false;
  }
  p.phase = Phase::suspected;
  const SlotPartition name{p.slot, p.identity.source};
  const bool is_fresh = p.trial->deaths == 0 && p.fruitless_trials == 0;
  is_fresh ? suspects_.push_front(name) : suspects_.push_back(name);
  return true;
}

void Shard::step_trials() {
  if (trial_run_) look_at_trial();
  while (!trial_run_ && !suspects_.empty() && may_put()) {
    if (!trial_turn_.try_take()) return;
    const auto name = std::move(suspects_.front());
    suspects_.pop_front();
    Partition* p = find(name.first, name.second);
    if (p != nullptr && p->phase == Phase::suspected) {
      begin_trial(*p);
    } else {
      trial_turn_.give_back();
    }
  }
}

// The mark is on the target, and committed, before the first record is asked for.
void Shard::begin_trial(Partition& p) {
  trial_run_ = TrialRun{p.slot, p.identity.source, ports_.clock.steady(), {}, {}};
  p.trial->is_running = true;
  p.is_at_end = false;
  p.delivered_at = {};
  p.phase = Phase::measuring;
  start_at(p);
}

void Shard::look_at_trial() {
  TrialRun& run = *trial_run_;
  Partition* p = find(run.slot, run.source);
  if (p == nullptr) return end_trial();
  if (run.ended_put) return await_end_of_trial();
  if (!p->trial || !p->trial->is_running) return end_trial();
  const auto now = ports_.clock.steady();
  const bool is_read = p->phase == Phase::running && p->is_reading;
  if (is_read && !run.read_since) run.read_since = now;
  const bool is_read_on =
      run.read_since && (p->is_at_end || p->delivered_at >= *run.read_since + kTrialTime);
  const bool is_at_gate = p->seat.wait.has_value();  // what is behind it was not read
  const bool has_passed = p->phase == Phase::running && is_read_on && !is_at_gate;
  const bool is_under_way =
      p->phase == Phase::measuring || p->phase == Phase::matching || p->phase == Phase::running;
  const auto time = kTrialTimeMax * (1 << std::min(p->fruitless_trials, kTrialsDoubled));
  if (p->phase == Phase::probing || !may_put()) return;  // probing reads it, too
  if (!has_passed && is_under_way && !is_at_gate && now - run.begun < time) return;
  p->fruitless_trials = has_passed ? 0 : p->fruitless_trials + 1;
  if (has_passed) {
    p->trial.reset();
  } else {
    p->trial->is_running = false;
  }
  // Nobody else's turn before the mark is gone: two marks at once would name the wrong one, too.
  Slot& slot = slots_.at(run.slot);
  write_position(slot, *p);
  run.ended_put = slot.outbox->put_total();
  if (is_exactly_once()) transaction_->wants_commit = true;
  if (!has_passed && (is_under_way || p->phase == Phase::held)) settle(*p, Phase::measuring);
}

void Shard::await_end_of_trial() {
  const Slot& slot = slots_.at(trial_run_->slot);
  if (slot.outbox->acked_total() < *trial_run_->ended_put) return;
  // Acknowledged, then committed: the next transaction takes records.
  if (is_exactly_once() && (transaction_->wants_commit || !may_put())) return;
  end_trial();
}

void Shard::end_trial() {
  trial_run_.reset();
  trial_turn_.give_back();
}

}  // namespace longspan
