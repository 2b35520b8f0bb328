#include "mirror/flow.h"

#include <algorithm>

#include "lagcalc/lag.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTurn{100};

bool is_settled_state(const StateKey& key) {
  return std::holds_alternative<CommandKey>(key) || std::holds_alternative<RemedyKey>(key) ||
         std::holds_alternative<SchemasKey>(key);
}

}  // namespace

void Flow::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!step()) wakeup_->wait(kTurn);
  }
}

// True: there is more to do at once.
bool Flow::step() {
  const auto now = ports_.clock->steady();
  alive_at_.store(now.time_since_epoch().count());
  // A shard that does not turn must cost this process its slots: then the group gives them away.
  const bool has_more = shards_turn() && membership_->poll(*this);
  take_notices();
  take_news();
  take_schema_news();
  tell_schemas_command();
  take_changes();
  tick_clocks();
  note_moving();
  if (!definition_ && !owned_.empty()) reconcile();
  if (is_stopping_.load() && releasing_.empty()) {
    std::vector<std::int32_t> all;
    for (const auto& [number, slot] : owned_) {
      if (!slot.is_leaving) all.push_back(number);
    }
    if (all.empty()) {
      has_released_all_.store(true);
    } else {
      give_up(all, false);
    }
  }
  return has_more;
}

bool Flow::shards_turn() const {
  const auto now = ports_.clock->steady();
  return std::all_of(shards_.begin(), shards_.end(), [&](const RunningShard& running) {
    const auto alive = running.shard->alive_at();
    return alive == Clock::Steady{} || now - alive < config_.session_timeout;
  });
}

void Flow::stop(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  stop_marks(patience);
  schema_stop_.request_stop();
  for (auto& thread : probe_threads_) thread.request_stop();
  for (auto& thread : commit_feed_threads_) thread.request_stop();
  sink_commits_thread_.request_stop();
  if (gate_thread_.joinable()) gate_thread_.join();  // it wakes the shards
  if (!thread_.joinable()) {
    if (marks_thread_.joinable()) marks_thread_.join();  // it looks at the shards
    shards_.clear();
    stop_clocks();
    return;
  }
  is_stopping_.store(true);
  wakeup_->notify();
  const auto waiting = ports_.make_wakeup();
  while (!has_released_all_.load() && std::chrono::steady_clock::now() < deadline) {
    waiting->wait(std::chrono::milliseconds(20));
  }
  thread_.request_stop();
  surveyor_thread_.request_stop();
  wakeup_->notify();
  surveyor_->wake();
  for (auto& running : shards_) {
    running.thread.request_stop();
    running.wakeup->notify();
  }
  thread_.join();
  for (auto& running : shards_) running.thread.join();
  stop_groups();
  if (marks_thread_.joinable()) marks_thread_.join();
  shards_.clear();  // no record goes out after this
  membership_->leave();
  surveyor_thread_.join();
  stop_clocks();
  if (schema_topic_thread_.joinable()) schema_topic_thread_.join();
  if (schema_thread_.joinable()) schema_thread_.join();
  log_info(log_, "flow_stopped", {{"released_all", has_released_all_.load()}});
}

bool Flow::is_alive() const {
  const Clock::Steady alive{Clock::Steady::duration(alive_at_.load())};
  return ports_.clock->steady() - alive < config_.session_timeout && shards_turn();
}

std::optional<Error> Flow::failed() const {
  const std::lock_guard lock(shown_mutex_);
  return shown_.failure;
}

void Flow::fail_with(Error error) {
  log_error(log_, "flow_failed", {{"error", error.text()}});
  const std::lock_guard lock(shown_mutex_);
  if (!shown_.failure) shown_.failure = std::move(error);
}

// --- ownership ---

void Flow::on_slots_assigned(const std::vector<std::int32_t>& slots) {
  for (const auto number : slots) {
    owned_[number] = {};
    owned_[number].generation = membership_->generation();
    log_debug(log_, "slot_assigned", {{"slot", number}});
  }
  {
    const std::lock_guard lock(shown_mutex_);
    shown_.lost_partitions = 0;
  }
  update_duty();  // also where there are none: then it is ready
}

void Flow::on_slots_revoked(const std::vector<std::int32_t>& slots) { give_up(slots, false); }

void Flow::on_slots_lost(const std::vector<std::int32_t>& slots) {
  log_warn(log_, "slots_lost", {{"count", slots.size()}});
  // While we were away the flow may have been given another one.
  if (!definition_change_) definition_.reset();
  // The shards forget with their slots for how long the target has been away.
  std::int64_t down_ms = 0;
  for (const auto& running : shards_) {
    down_ms = std::max(down_ms, running.shard->snapshot().target_down_ms);
  }
  {
    const std::lock_guard lock(shown_mutex_);
    if (down_ms > 0) {
      shown_.target_silent.note(true, ports_.clock->steady() - std::chrono::milliseconds(down_ms));
    }
    for (const auto number : slots) {
      const auto found = owned_.find(number);
      if (found != owned_.end()) shown_.lost_partitions += std::ssize(found->second.added);
    }
  }
  give_up(slots, true);
}

void Flow::give_up(const std::vector<std::int32_t>& slots, bool is_lost) {
  for (const auto number : slots) {
    const auto found = owned_.find(number);
    if (found == owned_.end()) continue;
    releasing_.insert(number);
    OwnedSlot& slot = found->second;
    if (slot.is_leaving) continue;
    slot.is_leaving = true;
    if (slot.is_restored) {
      std::ignore = shards_[slot.shard].shard->post(DropSlot{number, is_lost});
    } else {
      owned_.erase(found);
    }
  }
  update_duty();
  watch_groups();
  finish_release();
}

// The group's rebalance goes on when every slot that was asked for is given up.
void Flow::finish_release() {
  if (releasing_.empty()) return;
  for (const auto number : releasing_) {
    if (owned_.contains(number)) return;
  }
  membership_->release({releasing_.begin(), releasing_.end()});
  releasing_.clear();
}

void Flow::on_state_record(std::int32_t number, std::string_view key,
                           std::optional<std::string_view> value) {
  const auto found = owned_.find(number);
  if (found == owned_.end() || found->second.is_refused) return;
  OwnedSlot& slot = found->second;
  if (!slot.is_restored) {
    if (auto applied = slot.state.apply(key, value); !applied) {
      slot.is_refused = true;
      log_error(log_, "slot_refused", {{"slot", number}, {"error", applied.error().text()}});
    }
    return;
  }
  // Ours come back, too; only what others write matters now.
  const auto decoded = decode_key(key);
  if (!decoded || !value || !is_settled_state(*decoded)) return;
  if (const auto* which = std::get_if<CommandKey>(&*decoded)) {
    if (auto command = decode_command(*value)) {
      std::ignore = shards_[slot.shard].shard->post(ApplyCommand{number, *which, *command});
    }
  } else if (const auto* of = std::get_if<RemedyKey>(&*decoded)) {
    if (auto remedy = decode_remedy(*value)) {
      std::ignore = shards_[slot.shard].shard->post(ApplyRemedy{number, of->source, *remedy});
    }
  } else if (auto command = decode_command(*value)) {
    take_schemas_command(*command);
  }
}

void Flow::on_slot_end(std::int32_t number, Offset) {
  const auto found = owned_.find(number);
  if (found == owned_.end()) return;
  OwnedSlot& slot = found->second;
  if (slot.is_restored || slot.is_refused || slot.is_leaving) return;
  restored(number, slot);
}

void Flow::restored(std::int32_t number, OwnedSlot& slot) {
  slot.is_restored = true;
  slot.taken_at = ports_.clock->now();
  std::vector<std::size_t> loads(shards_.size());
  for (const auto& [other, owned] : owned_) {
    if (owned.is_restored && other != number) ++loads[owned.shard];
  }
  if (config_.delivery == Delivery::exactly_once) {
    slot.shard = static_cast<std::size_t>(number);  // each slot has a shard of its own
  } else {
    slot.shard =
        static_cast<std::size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
  }
  if (number == 0) settle_definition(slot);
  if (number == slot_of_duty(kSchemasDuty, slots_total_)) restore_schemas_command(slot.state);
  std::ignore =
      shards_[slot.shard].shard->post(TakeSlot{number, std::move(slot.state), slot.generation});
  slot.state = {};
  if (number == 0 && definition_ && definition_->created_at == TimestampMs{}) {
    // Ours is the first: write it before any position.
    definition_->created_at = ports_.clock->now();
    std::ignore = shards_[slot.shard].shard->post(WriteDefinition{number, *definition_});
    Event started;
    started.kind = definition_change_ ? EventKind::definition_changed : EventKind::flow_started;
    started.text = definition_change_ ? "the definition was replaced: " + *definition_change_
                                      : "the flow's definition was written";
    definition_change_.reset();
    std::ignore = shards_[slot.shard].shard->post(WriteEvent{number, started});
  }
  update_duty();
  reconcile();
}

void Flow::settle_definition(const OwnedSlot& slot) {
  if (!slot.state.definition() || definition_change_) {
    definition_ = ours_;
    return;
  }
  if (const auto differs = difference(*slot.state.definition(), ours_)) {
    fail_with({Next::stop_process, 0, "this file is not what the flow runs with: " + *differs,
               "flow=" + config_.name()});
    return;
  }
  definition_ = slot.state.definition();
}

// Slot 0's owner writes the definition; until it has, the others look for it.
bool Flow::definition_is_known() {
  constexpr std::chrono::seconds kLookInterval{1};
  if (definition_) return true;
  if (definition_change_) return false;  // slot 0, when it is ours, gets our definition
  const auto now = ports_.clock->steady();
  if (now < next_definition_look_) return false;
  next_definition_look_ = now + kLookInterval;
  auto found = read_definition();
  if (!found || !*found) return false;
  if (const auto differs = difference(**found, ours_)) {
    fail_with({Next::stop_process, 0, "this file is not what the flow runs with: " + *differs,
               "flow=" + config_.name()});
    return false;
  }
  definition_ = std::move(**found);
  return true;
}

void Flow::on_membership_trouble(const Error& error) {
  log_warn(log_, "ownership_trouble", {{"error", error.text()}});
  if (error.next == Next::stop_process) fail_with(error);
  const std::lock_guard lock(shown_mutex_);
  shown_.target_trouble = error.text();
}

bool Flow::has_duty(std::string_view duty) const {
  const auto slot = owned_.find(slot_of_duty(duty, slots_total_));
  return slot != owned_.end() && slot->second.is_restored && !slot->second.is_leaving;
}

void Flow::update_duty() {
  share_budget();
  const bool has_topics = has_duty(kTopicsDuty);
  surveyor_->set_duty(has_topics);
  if (has_topics) surveyor_->request_survey();
  if (schema_duty_) {
    schema_duty_->set_others(owned_.size() < static_cast<std::size_t>(slots_total_));
    schema_duty_->set_duty(has_duty(kSchemasDuty));
  }
  const bool is_ready = std::all_of(owned_.begin(), owned_.end(), [](const auto& at) {
    return at.second.is_restored || at.second.is_refused;
  });
  is_ready_.store(is_ready);
  const std::lock_guard lock(shown_mutex_);
  shown_.slots.clear();
  for (const auto& [number, slot] : owned_) {
    if (slot.is_restored) shown_.slots[number] = slot.taken_at;
  }
}

// --- partitions ---

void Flow::take_notices() {
  for (auto& notice : notices_.take_all()) {
    if (auto* measure = std::get_if<Measure>(&notice)) {
      if (!surveyor_->measure(std::move(*measure))) log_error(log_, "measure_dropped");
    } else if (const auto* dropped = std::get_if<SlotDropped>(&notice)) {
      owned_.erase(dropped->slot);
      finish_release();
      update_duty();
    } else if (std::holds_alternative<SurveyWanted>(notice)) {
      surveyor_->request_survey();
    }
  }
}

void Flow::take_news() {
  for (auto& news : news_.take_all()) {
    std::visit([this](auto& n) { on_news(n); }, news);
  }
}

void Flow::on_news(SurveyReport& report) {
  const auto told = std::exchange(told_, {});
  for (const auto& action : report.plan.actions) {
    const bool is_gone =
        action.kind == TopicActionKind::vanished || action.kind == TopicActionKind::recreated;
    if (!is_gone) continue;
    const auto [what, is_new] = told_.insert(action.source_topic + ": " + action.reason);
    if (!is_new || told.contains(*what)) continue;
    Event vanished;
    vanished.kind = action.kind == TopicActionKind::recreated ? EventKind::topic_recreated
                                                              : EventKind::topic_vanished;
    vanished.partition = TopicPartition{action.source_topic, 0};
    vanished.text = action.reason;
    report.events.push_back(std::move(vanished));
  }
  tell_events(kTopicsDuty, std::move(report.events));
  {
    const std::lock_guard lock(shown_mutex_);
    shown_.warnings = report.warnings;
    shown_.refused.clear();
    shown_.topics.clear();
    for (const auto& ready : report.plan.ready) {
      shown_.topics.insert(shown_.topics.end(), ready.source.topic);
    }
    for (const auto& action : report.plan.actions) {
      if (action.kind == TopicActionKind::create || action.kind == TopicActionKind::grow) continue;
      shown_.refused[action.source_topic] = {
          action.source_topic, action.target_topic, action.reason, {}, {}};
    }
  }
  Surveyor::Watched watched;
  for (const auto& ready : report.plan.ready) {
    if (owned_.contains(slot_of(ready.source, slots_total_)))
      watched.emplace_back(ready.source, ready.target);
  }
  surveyor_->watch(std::move(watched));
  if (!survey_ || survey_->settings != report.settings) {
    for (auto& running : shards_) std::ignore = running.shard->post(report.settings);
  }
  survey_ = std::move(report);
  reconcile();
}

void Flow::on_news(MeasureAnswer& answer) {
  const auto shard = static_cast<std::size_t>(answer.shard);
  std::ignore = shards_[shard].shard->post(std::move(answer.measured));
}

void Flow::on_news(LogEndsReport& report) {
  for (auto& running : shards_) std::ignore = running.shard->post(report.ends);
}

void Flow::on_news(ClusterTrouble& trouble) {
  const auto now = ports_.clock->steady();
  source_outages_.note("the source cluster " + config_.source.alias, trouble.source, now);
  target_outages_.note("the target cluster " + config_.target.alias, trouble.target, now);
  // A target that was away for longer than the session took the duty with it.
  if (has_duty(kTopicsDuty)) {
    tell_events(kTopicsDuty, source_outages_.take());
    tell_events(kTopicsDuty, target_outages_.take());
  }
  note_silence(trouble);
  const std::lock_guard lock(shown_mutex_);
  shown_.source_trouble = trouble.source;
  shown_.target_trouble = trouble.target;
}

void Flow::tell_events(std::string_view duty, std::vector<Event> events) {
  const auto slot = slot_of_duty(duty, slots_total_);
  const auto owner = owned_.find(slot);
  if (owner == owned_.end() || !owner->second.is_restored) return;
  for (auto& event : events) {
    std::ignore = shards_[owner->second.shard].shard->post(WriteEvent{slot, std::move(event)});
  }
}

// What is ready and ours is handed to its shard; what was recreated is handed over anew.
void Flow::reconcile() {
  if (!survey_) return;
  // Another process writes the definition: what it will say is not known yet. It is read on this
  // thread, which must turn: only where a slot was read just now, so that the target answers.
  const bool has_slot = std::any_of(owned_.begin(), owned_.end(), [](const auto& at) {
    return at.second.is_restored && !at.second.is_leaving;
  });
  if (!has_slot || !definition_is_known()) return watch_groups();
  for (const auto& ready : survey_->plan.ready) {
    const auto number = slot_of(ready.source, slots_total_);
    const auto found = owned_.find(number);
    if (found == owned_.end() || !found->second.is_restored || found->second.is_leaving) continue;
    add(number, found->second, ready);
  }
  watch_groups();
}

void Flow::add(std::int32_t number, OwnedSlot& slot, const ReadyPartition& ready) {
  Shard& shard = *shards_[slot.shard].shard;
  const auto there = slot.added.find(ready.source);
  if (there != slot.added.end()) {
    if (there->second == ready.source_id || ready.source_id == kNoTopicId) return;
    std::ignore =
        shard.post(RemovePartition{number, ready.source, "the source topic was recreated"});
  }
  slot.added[ready.source] = ready.source_id;
  AddPartition command;
  command.slot = number;
  command.identity = {ready.source, ready.source_id};
  command.target = ready.target;
  command.start = start_of(ready.source);
  std::ignore = shard.post(std::move(command));
}

StartFrom Flow::start_of(const TopicPartition& source) const {
  const auto& initial = definition_->initial_partitions;
  const auto found = initial.find(source.topic);
  const bool was_there = found != initial.end() && source.partition < found->second;
  return was_there ? StartFrom::latest : StartFrom::earliest;
}

}  // namespace longspan
