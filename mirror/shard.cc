#include "mirror/shard.h"

#include <algorithm>

#include "lagcalc/lag.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::size_t kTailRecordsPerPoll = 2000;
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kHeldBackTick{10};
constexpr std::chrono::milliseconds kCommitTick{5};
constexpr std::chrono::milliseconds kRestTick{1};
constexpr std::chrono::milliseconds kDropPatience{2500};
constexpr int kQuietRetries = 6;
constexpr std::chrono::milliseconds kQuietRetry{500};

}  // namespace

Shard::Shard(const FlowConfig& flow, ShardConfig config, ShardPorts ports)
    : flow_(flow),
      config_(std::move(config)),
      ports_(std::move(ports)),
      log_{{"flow", flow.name()}, {"shard", config_.index}},
      budget_(ports_.budget == nullptr ? own_budget_ : *ports_.budget),
      trial_turn_(ports_.trial_turn == nullptr ? own_turn_ : *ports_.trial_turn),
      classes_{TopicClass(Priority::normal, config_.limits.sink_bytes_max),
               TopicClass(Priority::high, config_.limits.sink_bytes_max)},
      slos_(flow.objectives, flow.connector_heartbeat_tables),
      hops_(ports_.clock, StampReader(ports_.schemas, {}),
            {config_.limits.samples_per_second, flow.clocks, flow.connector_heartbeat_tables},
            ports_.clocks, &slos_),
      groups_(ports_.clock, hops_,
              {.side = EventSide::target,
               .is_on = config_.limits.watches_groups,
               .clocks = flow.clocks,
               .is_transactional = flow.delivery == Delivery::exactly_once,
               .before_processing = flow.latency_groups_before_processing},
              ports_.clocks, &slos_),
      source_groups_(ports_.clock, hops_,
                     {.side = EventSide::source,
                      .is_on = config_.limits.watches_source_groups,
                      .clocks = flow.clocks},
                     ports_.clocks),
      traces_(ports_.clock, hops_, ports_.spans, config_.traces, ports_.pathways) {
  groups_.set_traces(traces_);
  hops_.set_window(flow_.marks_interval + kPublishEach * 2);
  if (ports_.budget == nullptr) budget_.set(flow_, {}, ports_.clock.steady());
  if (ports_.gate != nullptr) gate_ = std::make_unique<ShardGate>(*ports_.gate);
  if (flow_.delivery == Delivery::exactly_once) transaction_ = std::make_unique<SlotTransaction>();
  if (flow_.emit_offset_syncs && flow_.offset_syncs_location == SyncsLocation::target) {
    syncs_ = make_outbox({flow_.naming.offset_syncs_topic_on_target(), 0});
  }
  if (flow_.emit_offset_syncs && flow_.offset_syncs_location == SyncsLocation::source) {
    source_syncs_ = std::make_unique<SourceSyncs>(
        TopicPartition{flow_.naming.offset_syncs_topic_on_source(), 0}, ports_.make_source_sink,
        ports_.clock);
  }
  if (flow_.emit_heartbeats) heartbeats_ = make_outbox({flow_.naming.target_heartbeats_topic(), 0});
}

std::unique_ptr<Outbox> Shard::make_outbox(TopicPartition target) {
  const auto index = take_index({});
  auto outbox = std::make_unique<Outbox>(index, std::move(target));
  entries_[index].outbox = outbox.get();
  // A dying sink may still report what a former owner of the same target gave it.
  if (sink_ && !sink_is_dying_) std::ignore = sink_->open(index, outbox->target());
  return outbox;
}

Shard::~Shard() {
  // The sink may hold messages lent by the source: it goes first, and what is pending before both.
  for (auto& topics : classes_) topics.pending.clear();
  sink_.reset();
  single_sink_.reset();
}

void Shard::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (step() > 0) continue;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(next_tick_ - ports_.clock.steady());
    ports_.wakeup.wait(std::clamp(left, std::chrono::milliseconds(1), longest_wait()));
  }
}

std::chrono::milliseconds Shard::longest_wait() const {
  if (is_exactly_once() && transaction_->phase == TransactionPhase::resting) return kRestTick;
  if (is_exactly_once() && transaction_->is_used) return kCommitTick;
  // What is held back is there already: nothing else would wake us.
  return classes_[0].is_held_back || classes_[1].is_held_back ? kHeldBackTick : kTick;
}

std::size_t Shard::step() {
  const auto now = ports_.clock.steady();
  // The group waits from the last heartbeat on, which may be older by a sixth.
  const std::chrono::milliseconds certain = flow_.session_timeout - flow_.session_timeout / 6;
  if (alive_at_.load() != 0 && now - alive_at() > certain) {
    // Frozen for about as long as the group waits: others may own our slots. Nothing queued may go
    // out, and what others wrote meanwhile is not for us to judge: had the group taken the slots
    // away, we would hear of it within a session timeout.
    log_warn(log_, "woke_up", {{"text", "the process stood still; what was in flight is dropped"}});
    sink_is_dying_ = true;
    if (is_exactly_once()) transaction_->is_in_doubt = true;
    if (!is_exactly_once()) sink_retry_at_ = now + flow_.session_timeout;
  }
  alive_at_.store(now.time_since_epoch().count());
  take_commands();
  look_at_high_priority();
  if (is_exactly_once() ? !prepare_transaction() : !open_sink()) {
    if (ports_.clock.steady() >= next_tick_) tick();
    return is_exactly_once() && transaction_->reads_on() ? 1 : 0;
  }
  sink_->poll(*this);
  if (single_sink_) single_sink_->poll(single_events_);
  if (sink_is_dying_) {
    is_exactly_once() ? restart_transaction() : mend_sink();
    if (ports_.clock.steady() >= next_tick_) tick();
    return 0;
  }
  for (const Priority priority : kPriorities) offer_pending(classes_[index_of(priority)]);
  look_at_gates();
  if (source_must_grow_) grow_source();
  const bool takes_records = !is_exactly_once() || transaction_->takes_records();
  std::size_t read = takes_records ? read_records() : 0;
  if (tail_source_) read += tail_source_->poll(tail_events_, kTailRecordsPerPoll);
  if (probe_source_) read += poll_probes();
  if (trial_run_ || !suspects_.empty()) step_trials();
  flush_outboxes();
  if (is_exactly_once()) advance_transaction();
  if (source_syncs_) source_syncs_->step();
  if (ports_.clock.steady() >= next_tick_) tick();
  return read;
}

bool Shard::post(ShardCommand command) {
  const bool posted = commands_.post(std::move(command));
  ports_.wakeup.notify();
  return posted;
}

void Shard::notify(ShardNotice notice) {
  if (!ports_.notices.post(std::move(notice))) {
    log_error(log_, "notice_dropped", {{"text", "the flow's thread does not keep up"}});
  }
  ports_.flow_wakeup.notify();
}

void Shard::take_commands() {
  for (auto& command : commands_.take_all()) {
    std::visit([this](auto& c) { on_command(c); }, command);
  }
}

PartitionIndex Shard::take_index(Entry entry) {
  PartitionIndex index = 0;
  if (free_indices_.empty()) {
    index = static_cast<PartitionIndex>(entries_.size());
    entries_.push_back(entry);
  } else {
    index = free_indices_.back();
    free_indices_.pop_back();
    entries_[index] = entry;
  }
  return index;
}

void Shard::on_command(TakeSlot& command) {
  if (is_exactly_once()) return want_slot(command);  // its state is read after the fencing
  take_slot(command);
}

void Shard::take_slot(TakeSlot& command) {
  LONGSPAN_ASSERT(!slots_.contains(command.slot));
  Slot& slot = slots_[command.slot];
  slot.number = command.slot;
  slot.epoch = std::max(command.state.epochs_end(), command.generation);
  slot.next_event = command.state.next_event();
  slot.commands = command.state.commands();
  slot.remedies = command.state.remedies();
  slot.state = std::move(command.state);
  slot.taken_at = ports_.clock.now();
  slot.outbox = make_outbox({flow_.state_topic(), slot.number});
  Event taken;
  taken.kind = EventKind::slot_taken;
  const auto& before = slot.state.owner();
  // Ours stay clear of the numbers of what comes late; SlotState leaves that out.
  if (before) slot.next_event += kEventsLeftToTheDead;
  slot.deaths = deaths_of(before, config_.process, config_.started_at);
  if (is_exactly_once()) {  // begun anew, it is still the same owner
    if (!transaction_->deaths) transaction_->deaths = slot.deaths;
    slot.deaths = *transaction_->deaths;
  }
  taken.text = "slot " + std::to_string(slot.number) + " taken";
  if (slot.deaths.died) taken.text += " from " + before->process + ", which did not release it";
  if (slot.deaths.is_repeated) {
    taken.text += ", nor did the one before: what has not moved since is read one at a time";
  }
  write_owner(slot, false);
  record_event(slot, std::move(taken));
}

void Shard::on_command(DropSlot& command) {
  if (is_exactly_once()) unwant_slot(command.slot);
  const auto found = slots_.find(command.slot);
  if (found == slots_.end()) {
    notify(SlotDropped{command.slot});
    return;
  }
  Slot& slot = found->second;
  slot.is_dropping = true;
  const auto now = ports_.clock.steady();
  // Lost: somebody else may write already, so nothing more may go, not even what is queued.
  slot.drop_deadline = command.is_lost ? now : now + kDropPatience;
  if (command.is_lost) sink_retry_at_ = std::min(sink_retry_at_, now);  // no longer in doubt
  for (auto& [source, p] : slot.partitions) settle(*p, Phase::closed);
  progress_drop(slot, now);
}

void Shard::on_command(TopicSettings& command) {
  topic_settings_ = std::move(command);
  if (sink_) {
    for (const auto& [topic, codec] : topic_settings_.compression) {
      sink_->set_compression(topic, codec);
    }
  }
  fit_batches(batch_bytes_max());
}

void Shard::on_command(AddPartition& command) {
  if (is_exactly_once() && transaction_->slot == command.slot) {
    transaction_->partitions[command.identity.source] = command;
    groups_.await(command.identity.source, command.target);
    source_groups_.await(command.identity.source, command.target);
  }
  const auto found = slots_.find(command.slot);
  if (found == slots_.end() || found->second.is_dropping) return;
  Slot& slot = found->second;
  if (const auto there = slot.partitions.find(command.identity.source);
      there != slot.partitions.end()) {
    // Its predecessor of the same name is being closed: it follows then.
    if (there->second->is_removed)
      there->second->successor = std::make_unique<AddPartition>(command);
    return;
  }
  auto owned = std::make_unique<Partition>();
  Partition& p = *owned;
  p.slot = command.slot;
  p.identity = command.identity;
  p.target = command.target;
  p.index = take_index({&p, nullptr});
  slot.partitions.emplace(command.identity.source, std::move(owned));
  const auto& name = command.identity.source.topic;
  const auto& [at, is_new] =
      topics_.try_emplace(name, TopicSnapshot{name, command.target.topic, {}, {}, {}});
  if (is_new) fit_batches(record_bytes_max(command.target.topic));
  p.start_from = command.start;
  traces_.open(p.traces, command.identity.source, p.target);
  groups_.open(p.group_log, command.identity.source, p.target);
  source_groups_.open(p.source_group_log, command.identity.source, p.target);
  set_priority(p);
  set_gate(p);
  restore(p, slot);
  if (const auto remedy = slot.remedies.find(command.identity.source);
      remedy != slot.remedies.end()) {
    apply(p, remedy->second);
  }
  if (is_exactly_once()) {
    restore_kept(p);
    go_on_one_by_one(p);
  }
  if (is_paused(slot, command.identity.source)) {
    p.is_paused = true;
    pause(p, "paused by command");
  } else if (p.needs_acceptance()) {
    if (!park_blamed(p)) stop_again(p);
  } else if (!park_blamed(p) && (!is_exactly_once() || !park_refused(p))) {
    measure(p);
  }
}

void Shard::on_command(RemovePartition& command) {
  if (is_exactly_once()) {
    transaction_->partitions.erase(command.source);
    transaction_->kept.erase(command.source);
  }
  Partition* p = find(command.slot, command.source);
  if (p == nullptr) return;
  log_info(log_, "partition_removed",
           {{"topic", command.source.topic},
            {"partition", command.source.partition},
            {"reason", command.reason}});
  p->is_removed = true;
  p->successor.reset();
  settle(*p, Phase::closed);
}

void Shard::on_command(Measured& command) {
  Partition* p = find(command.slot, command.source);
  if (p == nullptr || p->phase != Phase::measuring || command.number != p->measure_number) return;
  // Nobody to write with: the next sink has it measured anew.
  if (!sink_ || sink_is_dying_) return;
  if (is_recreated(*p, command.source_id)) return;
  for (const auto* ends : {&command.source_ends, &command.target_ends}) {
    if (*ends) continue;
    if (ends->error().next != Next::retry || ++p->quiet_retries > kQuietRetries) {
      return park(*p, ends->error());
    }
    // A leader that is just being elected is no trouble yet.
    p->phase = Phase::parked;
    p->retry_at = ports_.clock.steady() + kQuietRetry;
    return;
  }
  p->quiet_retries = 0;
  if (is_exactly_once()) allow_for_marker(*p, *command.target_ends);
  p->source_end = command.source_ends->stable_end;
  p->source_start = command.source_ends->start;
  if (p->set_position) return carry_out_set(*p, command);
  if (!p->has_position) {
    p->target_id = command.target_id;
    return start_where_told(*p, p->start_from, *command.source_ends, *command.target_ends);
  }
  if (const auto before = std::exchange(p->restored, std::nullopt)) {
    tell_lost_deletes(*p, *before, command.source_ends->stable_end);
  }
  open_late_window(*p);
  if (!accept_source(*p, *command.source_ends)) return;
  if (!accept_target(*p, command)) return;
  if (p->must_probe && (!p->trial || p->trial->is_running)) return probe(*p);
  match_tail(*p, *command.target_ends);
}

// The topic of this name is another one now: its survey replaces this partition.
bool Shard::is_recreated(Partition& p, const std::optional<TopicId>& source_id) {
  if (!source_id || *source_id == kNoTopicId) return false;
  const TopicId known = p.known_source_id();
  if (known == kNoTopicId) {
    p.source_id = source_id;
    p.is_dirty = p.has_position;
  }
  if (known == kNoTopicId || *source_id == known) return false;
  p.phase = Phase::parked;
  p.retry_at = ports_.clock.steady() + kQuietRetry;
  notify(SurveyWanted{});
  return true;
}

void Shard::on_command(ApplyCommand& command) {
  const auto found = slots_.find(command.slot);
  if (found == slots_.end()) return postpone(command);
  Slot& slot = found->second;
  slot.commands[command.key] = command.command;
  for (auto& [source, p] : slot.partitions) {
    const bool should_pause = is_paused(slot, source);
    if (should_pause == p->is_paused || p->is_removed || slot.is_dropping) continue;
    p->is_paused = should_pause;
    record_event(*p, should_pause ? EventKind::paused : EventKind::resumed, p->position(), {},
                 (should_pause ? "paused by " : "resumed by ") + command.command.who +
                     (command.command.text.empty() ? "" : ": " + command.command.text));
    if (should_pause) {
      pause(*p, "paused by " + command.command.who);
    } else if (p->needs_acceptance()) {
      stop_again(*p);
    } else if (p->phase == Phase::paused || p->phase == Phase::parked) {
      p->reason.clear();
      measure(*p);
    } else if (p->phase == Phase::settling && p->after_settling == Phase::paused) {
      p->reason.clear();
      p->after_settling = Phase::measuring;
    }
  }
}

void Shard::on_command(WriteEvent& command) {
  if (is_exactly_once()) transaction_->replay_later(command);
  const auto found = slots_.find(command.slot);
  if (found != slots_.end()) record_event(found->second, std::move(command.event));
}

void Shard::on_command(WriteDefinition& command) {
  if (is_exactly_once()) transaction_->replay_later(command);
  const auto found = slots_.find(command.slot);
  if (found != slots_.end()) put(found->second, DefinitionKey{}, encode(command.definition));
}

Partition* Shard::find(std::int32_t slot, const TopicPartition& source) {
  const auto found = slots_.find(slot);
  if (found == slots_.end()) return nullptr;
  const auto p = found->second.partitions.find(source);
  return p == found->second.partitions.end() ? nullptr : p->second.get();
}

bool Shard::is_paused(const Slot& slot, const TopicPartition& source) const {
  for (const CommandKey& key :
       {CommandKey{}, CommandKey{source.topic, {}}, CommandKey{source.topic, source.partition}}) {
    const auto found = slot.commands.find(key);
    if (found != slot.commands.end() && found->second.kind == CommandKind::pause) return true;
  }
  return false;
}

}  // namespace longspan
