#include "mirror/why/facts_of.h"

#include <algorithm>
#include <map>

#include "lagcalc/why/diagnose.h"
#include "mirror/observe.h"

namespace longspan {
namespace {

// What a record tells of its way counts for so long.
constexpr std::int64_t kLatelyMs = 60'000;

SideFacts side_of(const FlowSnapshot& flow, const std::optional<std::string>& trouble,
                  const std::optional<std::int64_t>& silent_ms) {
  SideFacts out;
  // A process that runs tells how long the cluster is silent; other trouble is a broker's.
  const bool is_told = flow.has_counts && flow.running;
  out.answers = !silent_ms && (is_told || !trouble);
  if (trouble) out.trouble = *trouble;
  out.silent_ms = silent_ms;
  return out;
}

Standing standing_of(PartitionState state) {
  if (state == PartitionState::parked) return Standing::parked;
  return state == PartitionState::paused ? Standing::paused : Standing::active;
}

PartitionFacts partition_of(const PartitionSnapshot& p) {
  PartitionFacts out{p.source};
  out.standing = standing_of(p.state);
  out.reason = p.reason;
  out.offset_lag = p.offset_lag;
  out.behind_ms = p.waits.behind_ms;
  out.head_age_ms = p.head_age_ms;
  out.catch_up_ms = p.catch_up_ms;
  out.records_per_second = p.records_per_second;
  out.source_records_per_second = p.waits.source_records_per_second;
  out.open_transaction_ms = p.waits.open_transaction_ms;
  out.behind_transaction = p.waits.behind_transaction;
  out.unacknowledged_ms = p.waits.unacknowledged_ms;
  out.schema_wait_ms = p.waits.schema_wait_ms;
  out.source_leaderless_ms = p.waits.source_leaderless_ms;
  out.is_throttled = p.waits.is_throttled;
  // As its owner wrote it into the state topic.
  if (p.reason == text_of(HeldBack::throttled)) out.is_throttled = true;
  return out;
}

// The slowest of the newest records of its partitions.
std::vector<TopicFacts> topics_of(const FlowSnapshot& flow) {
  std::map<std::string, std::optional<std::int64_t>> slowest;
  for (const auto& p : flow.partitions) {
    const auto& latest = p.latest;
    if (!latest || !latest->commit || !latest->connector) continue;
    if (flow.at - latest->acked > kLatelyMs) continue;
    auto& most = slowest[p.source.topic];
    most = std::max(most, std::optional(*latest->connector - *latest->commit));
  }
  std::vector<TopicFacts> out;
  for (const auto& [topic, took] : slowest) out.push_back({topic, took});
  return out;
}

ConnectorFacts connector_of(const ConnectorSnapshot& connector, TimestampMs now) {
  ConnectorFacts out{connector.prefix, connector.liveness};
  if (connector.heartbeat_at) out.heartbeat_age_ms = now - *connector.heartbeat_at;
  out.heartbeat_interval_ms = connector.interval_ms;
  if (connector.newest_commit) {
    out.newest_commit_age_ms = now.value - connector.newest_commit->value / 1000;
  }
  return out;
}

GroupFacts group_of(const GroupSnapshot& group, TimestampMs now) {
  GroupFacts out{group.group, group.topic, group.state};
  // Of those where it is known: what waits there waits, whatever the others do.
  out.offset_lag = group.known_lag();
  if (group.waits_us) out.head_age_ms = *group.waits_us / 1000;
  out.catch_up_ms = group.catch_up_ms;
  out.worst_partition = group.worst_partition;
  std::optional<TimestampMs> newest;
  for (const auto& partition : group.partitions) newest = std::max(newest, partition.committed_at);
  if (newest) out.commit_age_ms = now - *newest;
  return out;
}

void add_load(FlowFacts& facts, const LoadSnapshot& load) {
  facts.shard_cpu_ratio = load.shard_cpu_ratio;
  facts.source_wait_ratio = load.source_wait_ratio;
  facts.target_wait_ratio = load.target_wait_ratio;
  facts.source.client_cpu_ratio = load.source.cpu_ratio;
  facts.source.throttle_ratio = load.source.throttle_ratio;
  facts.source.round_trip_ms = load.source_round_trip_ms;
  facts.target.client_cpu_ratio = load.target.cpu_ratio;
  facts.target.throttle_ratio = load.target.throttle_ratio;
  facts.target.round_trip_ms = load.target_round_trip_ms;
  facts.in_flight_bytes = load.in_flight_bytes;
  facts.in_flight_bytes_max = load.in_flight_bytes_max;
  facts.is_window_reduced = load.is_window_reduced;
  facts.acknowledgement_ms = load.acknowledgement_ms;
  facts.best_acknowledgement_ms = load.best_acknowledgement_ms;
}

// Of a flow that runs: slots without an owner that lives are on their way to somebody.
void add_moving(FlowFacts& facts, const FlowSnapshot& flow) {
  facts.moving_slots = 0;
  for (const SlotSnapshot& slot : flow.slots) {
    if (!slot.owner || is_alive(*slot.owner, flow.at)) continue;
    ++*facts.moving_slots;
    const std::int64_t since = flow.at - slot.owner->released_at.value_or(slot.owner->alive_at);
    facts.moving_ms = std::max(facts.moving_ms.value_or(since), since);
  }
}

void add_slots(FlowFacts& facts, const FlowSnapshot& flow) {
  facts.moving_slots = flow.moving_slots;
  facts.moving_ms = flow.slots_moving_ms;
  // Positions alone, without a process that knows it.
  if (!flow.has_counts && flow.running) add_moving(facts, flow);
  for (const SlotSnapshot& slot : flow.slots) {
    if (!slot.owner || slot.owner->released_at) continue;
    const std::int64_t ago = flow.at - slot.owner->taken_at;
    facts.moved_ago_ms = std::min(facts.moved_ago_ms.value_or(ago), ago);
  }
}

}  // namespace

FlowFacts facts_of(const FlowSnapshot& flow) {
  FlowFacts out;
  out.source = side_of(flow, flow.source_trouble, flow.source_silent_ms);
  out.target = side_of(flow, flow.target_trouble, flow.target_silent_ms);
  // A process that has no slots does not know whether others have them.
  if (flow.running || !flow.has_counts || flow.not_running_since) out.is_running = flow.running;
  if (flow.not_running_since) out.not_running_ms = flow.at - *flow.not_running_since;
  add_slots(out, flow);
  if (flow.load) add_load(out, *flow.load);
  for (const auto& partition : flow.partitions) {
    out.partitions.push_back(partition_of(partition));
    out.partitions.back().is_leaderless_longer = !flow.has_counts;
  }
  out.topics = topics_of(flow);
  for (const auto& each : flow.connectors) out.connectors.push_back(connector_of(each, flow.at));
  for (const auto& group : flow.groups) {
    if (group.side == EventSide::target) out.groups.push_back(group_of(group, flow.at));
  }
  for (const auto& clock : flow.clocks) {
    out.clocks.push_back({clock.clock, clock.stepped_ago_ms});
  }
  return out;
}

void add_why(FlowSnapshot& flow) { flow.why = diagnose(facts_of(flow)); }

}  // namespace longspan
