#include "mirror/observe.h"

#include <algorithm>
#include <map>

#include "lagcalc/lag.h"
#include "lagcalc/why/rules.h"
#include "mirror/topics/topic_filter.h"

namespace longspan {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{50};
constexpr milliseconds kElection{1000};
// From a record's append to the position that counts it, of a mirror that keeps up.
constexpr milliseconds kMirrorLatency{2000};
// A partition that moves has its position written each second, each few where very many move.
constexpr milliseconds kPositionOverdue = kOwnerInterval;

void add_owners(FlowSnapshot& flow, const FlowState& state) {
  std::optional<TimestampMs> last_sign;
  for (std::size_t slot = 0; slot < state.slots.size(); ++slot) {
    const auto& owner = state.slots[slot].owner();
    flow.slots.push_back({static_cast<std::int32_t>(slot), owner});
    if (!owner) continue;
    flow.running = flow.running || is_alive(*owner, flow.at);
    last_sign = std::max(last_sign, std::optional(owner->released_at.value_or(owner->alive_at)));
  }
  if (!flow.running) flow.not_running_since = last_sign;
}

// Why a command holds the partition; the widest scope speaks first.
std::string pause_reason(const SlotState& slot, const TopicPartition& source) {
  const std::pair<CommandKey, std::string> scopes[] = {
      {{"", std::nullopt}, "the flow is paused"},
      {{source.topic, std::nullopt}, "the topic is paused"},
      {{source.topic, source.partition}, "the partition is paused"}};
  for (const auto& [key, says] : scopes) {
    const auto found = slot.commands().find(key);
    if (found == slot.commands().end() || found->second.kind != CommandKind::pause) continue;
    const auto& command = found->second;
    return says + " by " + command.who + (command.text.empty() ? "" : ": " + command.text);
  }
  return "paused";
}

// Positions are written while a partition moves: an owner that gave a sign of life two intervals
// after the last one saw it standing still.
bool stands_still(const SlotState& slot, const Position& position) {
  return slot.owner() &&
         slot.owner()->alive_at - position.written_at > 2 * milliseconds(kOwnerInterval).count();
}

PartitionSnapshot partition_of(const SlotState& slot, const TopicPartition& source,
                               const PartitionEntry& entry, TimestampMs now) {
  const auto& position = entry.position;
  PartitionSnapshot out;
  out.source = source;
  out.target_topic = position.target_topic;
  out.next_source = position.again_from.value_or(position.next_source);
  out.next_target = position.next_target;
  out.last_timestamp = position.last_timestamp;
  out.position_written_at = position.written_at;
  out.is_suspected = position.trial && is_blamed(*position.trial);
  // Commands are the truth about pauses: a dead owner could not write that it obeyed.
  if (slot.is_paused(source)) {
    out.state = PartitionState::paused;
    out.reason = pause_reason(slot, source);
  } else if (position.state == PartitionState::parked) {
    out.state = PartitionState::parked;
    out.reason = position.reason;
  }
  // Of an owner that gave no sign when it should have, a rate is of the past.
  if (!slot.owner() || !is_alive(*slot.owner(), now) || is_silent(*slot.owner(), now)) return out;
  // A position from before the partition was resumed says why it was paused.
  const bool is_of_active = position.state == PartitionState::active;
  if (out.state == PartitionState::active && is_of_active) out.reason = position.reason;
  if (out.state != PartitionState::active || stands_still(slot, position)) {
    out.records_per_second = 0;
  } else if (position.records_per_1000_s) {
    out.records_per_second = static_cast<double>(*position.records_per_1000_s) / 1000;
  }
  return out;
}

// Of a topic that was created anew at the source the state knows several lives; the last counts.
std::map<TopicPartition, std::pair<std::int32_t, const PartitionEntry*>> latest_entries(
    const FlowState& state) {
  std::map<TopicPartition, std::pair<std::int32_t, const PartitionEntry*>> latest;
  for (std::size_t slot = 0; slot < state.slots.size(); ++slot) {
    for (const auto& [identity, entry] : state.slots[slot].partitions()) {
      auto& known = latest[identity.source];
      if (known.second != nullptr &&
          known.second->position.written_at > entry.position.written_at) {
        continue;
      }
      known = {static_cast<std::int32_t>(slot), &entry};
    }
  }
  return latest;
}

void add_partitions(FlowSnapshot& flow, const FlowState& state) {
  for (const auto& [source, found] : latest_entries(state)) {
    const auto& slot = state.slots[static_cast<std::size_t>(found.first)];
    flow.partitions.push_back(partition_of(slot, source, *found.second, flow.at));
    flow.partitions.back().slot = found.first;
    // A position is written more often than an owner's sign of life.
    if (flow.not_running_since) {
      flow.not_running_since = std::max(*flow.not_running_since, found.second->position.written_at);
    }
    const auto& target = found.second->position.target_topic;
    if (flow.topics.empty() || flow.topics.back().source != source.topic) {
      flow.topics.push_back({source.topic, target, {}, {}, {}});
    }
  }
}

std::vector<std::string> split(const std::string& patterns) {
  std::vector<std::string> out(1);
  for (const char c : patterns) {
    if (c == ',') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// What the definition that the flow runs with selects; absent: it is not known.
std::optional<TopicFilter> filter_of(const FlowState& state) {
  const auto* definition = state.definition();
  if (definition == nullptr) return std::nullopt;
  const auto& keys = definition->keys;
  const auto include = keys.find("topics");
  const auto exclude = keys.find("topics.exclude");
  const auto debezium = keys.find("mirror.debezium.heartbeats");
  if (include == keys.end() || exclude == keys.end()) return std::nullopt;
  auto filter = TopicFilter::make(split(include->second), split(exclude->second),
                                  debezium == keys.end() || debezium->second == "true");
  if (!filter) return std::nullopt;
  return std::move(*filter);
}

// Topics that the flow once mirrored and that another definition has left out since: their
// positions stay in the state, and nobody moves them. Heartbeats pass without being selected.
void set_apart_unselected(FlowSnapshot& flow, const FlowState& state) {
  const auto filter = filter_of(state);
  if (!filter) return;
  for (auto& topic : flow.topics) {
    const auto verdict = filter->verdict(topic.source);
    if (verdict.passes || topic.source.ends_with("heartbeats")) continue;
    const auto count = std::erase_if(
        flow.partitions, [&](const auto& each) { return each.source.topic == topic.source; });
    topic.reason = "the flow's topics do not select it any more (" + verdict.reason + "); " +
                   std::to_string(count) + (count == 1 ? " position is" : " positions are") +
                   " kept";
  }
}

// Topics whose last word is that they are refused.
void add_refused(FlowSnapshot& flow, const FlowState& state) {
  std::map<std::string, Event> last;
  for (const auto& slot : state.slots) {
    for (auto& event : slot.events()) {
      const bool is_word = event.kind == EventKind::topic_refused ||
                           event.kind == EventKind::topic_accepted ||
                           event.kind == EventKind::topic_created;
      if (!is_word || !event.partition) continue;
      auto& word = last[event.partition->topic];
      if (word.at <= event.at) word = std::move(event);
    }
  }
  for (const auto& [topic, event] : last) {
    if (event.kind != EventKind::topic_refused) continue;
    // What was cured while nobody could say so.
    const bool is_mirrored = std::any_of(
        flow.partitions.begin(), flow.partitions.end(),
        [&](const auto& p) { return p.source.topic == topic && p.position_written_at > event.at; });
    const bool is_told = std::any_of(flow.topics.begin(), flow.topics.end(), [&](const auto& t) {
      return t.source == topic && !t.reason.empty();
    });
    if (is_mirrored || is_told) continue;
    flow.topics.push_back({topic, {}, event.text, {}, {}});
  }
}

// The last word about the schema registries.
void add_schema_trouble(FlowSnapshot& flow, const FlowState& state) {
  std::optional<Event> last;
  for (const auto& slot : state.slots) {
    for (auto& event : slot.events()) {
      const bool is_word =
          event.kind == EventKind::schemas_differ || event.kind == EventKind::schemas_equal;
      if (is_word && (!last || last->at <= event.at)) last = std::move(event);
    }
  }
  if (last && last->kind == EventKind::schemas_differ) flow.schema_trouble = last->text;
}

void set_lag(PartitionSnapshot& partition, const PartitionEnds& ends) {
  // An open transaction may hold the readable end below what was read before it was opened.
  const auto end = std::max(ends.stable_end, std::min(partition.next_source, ends.end));
  partition.source_end = end;
  // Since when one is open nobody says here.
  partition.waits.behind_transaction = ends.end - end;
  if (ends.end == ends.stable_end) partition.waits.open_transaction_ms = 0;
  const auto lag = compute_lag({partition.next_source, ends.start, end});
  partition.offset_lag = lag.records;
  if (lag.state == LagState::ahead_of_end) {
    partition.reason = "the source log ends at " + std::to_string(ends.end.value) +
                       ", before the position: it was truncated or the topic created anew";
  } else if (lag.state == LagState::expired && partition.reason.empty()) {
    partition.reason = "the source no longer has the offsets " +
                       std::to_string(partition.next_source.value) + " to " +
                       std::to_string(ends.start.value - 1) + ": they expired unread";
  }
  if (lag.records == Records{0}) partition.head_age_ms = 0;
}

std::vector<TopicPartition> names_of(const std::vector<PartitionSnapshot*>& partitions) {
  std::vector<TopicPartition> names;
  for (const auto* partition : partitions) names.push_back(partition->source);
  return names;
}

std::vector<PartitionSnapshot*> all_of(FlowSnapshot& flow) {
  std::vector<PartitionSnapshot*> out;
  for (auto& partition : flow.partitions) out.push_back(&partition);
  return out;
}

using Ends = std::map<TopicPartition, Result<PartitionEnds>>;

std::vector<TopicPartition> without_leader(const Ends& ends) {
  std::vector<TopicPartition> out;
  for (const auto& [partition, answer] : ends) {
    if (!answer && answer.error().next == Next::retry) out.push_back(partition);
  }
  return out;
}

// A leader that is just being elected is no trouble.
void ask_again(FlowSnapshot& flow, Ends& ends, const SourceSide& side, const Clock& clock) {
  const auto asked = clock.steady();
  const auto leaderless = without_leader(ends);
  if (leaderless.empty() || side.wakeup == nullptr) return;
  for (auto left = kElection; left.count() > 0;) {
    side.wakeup->wait(left);
    left = kElection - std::chrono::duration_cast<milliseconds>(clock.steady() - asked);
  }
  auto again = side.admin->ends(leaderless);
  if (!again) return;
  for (auto& [partition, answer] : *again) ends.insert_or_assign(partition, std::move(answer));
  const auto since = std::chrono::duration_cast<milliseconds>(clock.steady() - asked).count();
  const auto still = without_leader(*again);
  for (auto* partition : all_of(flow)) {
    const bool is_still = std::binary_search(still.begin(), still.end(), partition->source);
    if (is_still) partition->waits.source_leaderless_ms = since;
  }
}

bool add_ends(FlowSnapshot& flow, const SourceSide& side, const Clock& clock) {
  auto ends = side.admin->ends(names_of(all_of(flow)));
  if (!ends) {
    flow.source_trouble = side.explain(ends.error());
    return false;
  }
  ask_again(flow, *ends, side, clock);
  for (auto& partition : flow.partitions) {
    const auto found = ends->find(partition.source);
    if (found != ends->end() && found->second) {
      set_lag(partition, *found->second);
      partition.waits.source_leaderless_ms = 0;
    } else if (partition.reason.empty()) {
      partition.reason =
          found == ends->end() ? "the source does not tell its end" : found->second.error().text();
    }
  }
  return true;
}

// The partitions behind that can be read, the furthest first.
std::vector<PartitionSnapshot*> lagging(FlowSnapshot& flow, std::size_t at_most) {
  std::vector<PartitionSnapshot*> out;
  for (auto& partition : flow.partitions) {
    if (partition.is_suspected) continue;
    if (partition.offset_lag.value_or(Records{0}).count > 0) out.push_back(&partition);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto* a, const auto* b) { return *a->offset_lag > *b->offset_lag; });
  if (out.size() > at_most) out.resize(at_most);
  return out;
}

// Takes the time of the first record of each partition, and nothing else.
class Heads final : public SourceEvents {
 public:
  Heads(std::vector<PartitionSnapshot*> partitions, const Clock& clock)
      : partitions_(std::move(partitions)), clock_(clock), open_(partitions_.size(), false) {}

  void on_records(PartitionIndex i, std::span<Record> records) override {
    if (!open_[i] || records.empty()) return;
    if (records.front().timestamp_kind != TimestampKind::none) {
      // As old as it is now: it may be younger than the snapshot. A clock that is ahead of ours
      // says nothing of an age.
      partitions_[i]->head_age_ms =
          std::max<std::int64_t>(0, clock_.now() - records.front().timestamp);
    }
    finished_.push_back(i);
    open_[i] = false;
  }
  // Only markers are left: nothing that could be mirrored.
  void on_end_of_partition(PartitionIndex i, Offset) override {
    if (!open_[i]) return;
    partitions_[i]->offset_lag = Records{0};
    partitions_[i]->head_age_ms = 0;
    finished_.push_back(i);
    open_[i] = false;
  }
  void on_batch_unreadable(PartitionIndex i, std::optional<Offset>, const Error& error) override {
    on_partition_failed(i, error);
  }
  void on_partition_failed(PartitionIndex i, const Error& error) override {
    if (!open_[i]) return;
    if (partitions_[i]->reason.empty()) partitions_[i]->reason = error.text();
    finished_.push_back(i);
    open_[i] = false;
  }
  void on_source_trouble(const Error& error) override { trouble_ = error; }

  void start(Source& source) {
    for (PartitionIndex i = 0; i < partitions_.size(); ++i) {
      const auto& partition = *partitions_[i];
      // The position, or the log start where retention overtook it.
      const auto from = *partition.source_end - *partition.offset_lag;
      open_[i] = source.start(i, partition.source, from, {}).has_value();
    }
  }
  void stop_finished(Source& source) {
    for (const auto i : finished_) source.stop(i);
    finished_.clear();
  }
  void stop_all(Source& source) {
    for (PartitionIndex i = 0; i < open_.size(); ++i) {
      if (open_[i]) source.stop(i);
    }
  }
  [[nodiscard]] bool is_done() const {
    return std::find(open_.begin(), open_.end(), true) == open_.end();
  }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  std::vector<PartitionSnapshot*> partitions_;
  const Clock& clock_;
  std::vector<bool> open_;
  std::vector<PartitionIndex> finished_;  // not stopped yet: no calls inside an event
  std::optional<Error> trouble_;
};

void add_head_ages(FlowSnapshot& flow, const SourceSide& side, const Clock& clock,
                   const ObserveLimits& limits) {
  Heads heads(lagging(flow, limits.heads_max), clock);
  heads.start(*side.source);
  const auto until = clock.steady() + limits.deadline;
  while (!heads.is_done() && clock.steady() < until) {
    const auto count = side.source->poll(heads, limits.heads_max);
    heads.stop_finished(*side.source);
    if (count == 0 && !heads.is_done()) side.wakeup->wait(kWait);
  }
  if (!heads.is_done() && heads.trouble()) flow.source_trouble = side.explain(*heads.trouble());
  heads.stop_all(*side.source);
}

// All that is not mirrored came about when the position was written, or after that, and nothing
// holds it back.
bool keeps_up(const PartitionSnapshot& partition, TimestampMs now) {
  if (!partition.head_age_ms || !partition.position_written_at) return false;
  if (!partition.reason.empty()) return false;
  if (now - *partition.position_written_at > kPositionOverdue.count()) return false;
  return partition.records_per_second.value_or(0) > 0 &&
         *partition.head_age_ms <= now - *partition.position_written_at + kMirrorLatency.count();
}

// What waits should have been mirrored, and its position told so: the rate is of the past.
bool is_overdue(const PartitionSnapshot& partition, TimestampMs now) {
  if (!partition.head_age_ms || !partition.position_written_at) return false;
  const auto overdue = kPositionOverdue.count();
  return partition.state == PartitionState::active && partition.reason.empty() &&
         *partition.head_age_ms > overdue && now - *partition.position_written_at > overdue;
}

// How fast the source grows, by the offset its log had one window ago.
void add_catch_up(FlowSnapshot& flow, Admin& admin, const ObserveLimits& limits) {
  for (auto& partition : flow.partitions) {
    if (partition.state != PartitionState::active) continue;
    if (partition.records_per_second > 0 && is_overdue(partition, flow.at)) {
      partition.records_per_second.reset();
    }
    if (partition.offset_lag == Records{0} || keeps_up(partition, flow.at)) {
      partition.catch_up_ms = 0;
    }
  }
  const auto behind = lagging(flow, limits.heads_max);
  if (behind.empty()) return;
  const TimestampMs window_start{flow.at.value - milliseconds(kGrowthWindow).count()};
  const auto then = admin.offsets_for_time(names_of(behind), window_start);
  if (!then) return;
  for (auto* partition : behind) {
    const auto found = then->find(partition->source);
    if (found == then->end() || !partition->source_end || partition->catch_up_ms) continue;
    if (partition->state != PartitionState::active) continue;
    const auto first = found->second.value_or(*partition->source_end);
    const auto grown = std::max(Records{0}, *partition->source_end - first);
    const auto window_s = static_cast<double>(kGrowthWindow.count());
    const double rate = static_cast<double>(grown.count) / window_s;
    partition->waits.source_records_per_second = rate;
    const auto& mirrored = partition->records_per_second;
    partition->catch_up_ms = catch_up_time(*partition->offset_lag, mirrored, rate);
    if (!partition->catch_up_ms && partition->reason.empty() &&
        passes_within(*partition->offset_lag, mirrored, rate, why::kLateMs)) {
      partition->catch_up_ms = 0;  // it keeps pace
    }
  }
}

}  // namespace

bool is_alive(const Owner& owner, TimestampMs now) {
  return !owner.released_at && now - owner.alive_at <= 3 * milliseconds(kOwnerInterval).count();
}

bool is_silent(const Owner& owner, TimestampMs now) {
  return !owner.released_at && now - owner.alive_at > 2 * milliseconds(kOwnerInterval).count();
}

FlowSnapshot observe_positions(const std::string& flow, const FlowState& state, TimestampMs now) {
  FlowSnapshot out;
  out.flow = flow;
  out.at = now;
  out.has_counts = false;
  add_owners(out, state);
  add_partitions(out, state);
  set_apart_unselected(out, state);
  add_refused(out, state);
  add_schema_trouble(out, state);
  return out;
}

FlowSnapshot observe_flow(const std::string& flow, const FlowState& state, const SourceSide& source,
                          const Clock& clock, const ObserveLimits& limits) {
  FlowSnapshot out = observe_positions(flow, state, clock.now());
  if (source.admin == nullptr) {
    out.source_trouble = source.trouble;
    return out;
  }
  if (out.partitions.empty() || !add_ends(out, source, clock)) return out;
  if (source.source != nullptr) add_head_ages(out, source, clock, limits);
  add_catch_up(out, *source.admin, limits);
  return out;
}

}  // namespace longspan
