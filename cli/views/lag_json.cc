#include "cli/views/lag_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/views/latency_json.h"
#include "cli/views/partition_state.h"
#include "cli/views/topic_sums.h"
#include "cli/views/why_json.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t plain(std::int64_t value) { return value; }
std::int64_t plain(std::int32_t value) { return value; }
double plain(double value) { return value; }
const std::string& plain(const std::string& value) { return value; }
std::int64_t plain(Offset value) { return value.value; }
std::int64_t plain(Records value) { return value.count; }
std::int64_t plain(TimestampMs value) { return value.value; }

template <class T>
void add(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = plain(*value);
}

void add_text(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

Json slot_json(const SlotSnapshot& slot) {
  Json json;
  json["slot"] = slot.slot;
  if (!slot.owner) return json;
  Json& owner = json["owner"];
  owner["process"] = slot.owner->process;
  owner["taken_at_ms"] = slot.owner->taken_at.value;
  owner["alive_at_ms"] = slot.owner->alive_at.value;
  add(owner, "released_at_ms", slot.owner->released_at);
  return json;
}

Json framing_json(const TopicFraming& framing) {
  Json json;
  Json& forms = json["forms"] = Json::array();
  if (framing.has_id_prefix) forms.push_back("id");
  if (framing.has_guid_prefix) forms.push_back("guid");
  if (framing.has_header) forms.push_back("header");
  json["ids"] = framing.ids;
  return json;
}

Json topic_json(const TopicSnapshot& topic) {
  Json json;
  json["source"] = topic.source;
  json["target"] = topic.target;
  add_text(json, "reason", topic.reason);
  add(json, "bytes_lag_estimate", topic.bytes_lag_estimate);
  add_histogram(json, "mirror_latency", topic.mirror_latency);
  add_histogram(json, "residence", topic.residence);
  if (topic.refused_total > 0) json["refused_total"] = topic.refused_total;
  if (topic.framing) json["schemas"] = framing_json(*topic.framing);
  if (topic.hops) json["latency"] = hops_json(*topic.hops);
  if (topic.recent_hops) json["recent_latency"] = hops_json(*topic.recent_hops);
  return json;
}

Json gate_json(const GateSnapshot& gate) {
  Json json;
  json["waiting_partitions"] = gate.waiting;
  json["holds_total"] = gate.holds_total;
  json["unknown_records_total"] = gate.unknown_total;
  return json;
}

void add_counts(Json& json, const PartitionSnapshot& partition) {
  json["records_total"] = partition.records_total;
  json["bytes_total"] = partition.bytes_total;
  json["records_in_flight"] = partition.records_in_flight;
  json["written_twice_total"] = partition.written_twice_total;
}

void add_counts(Json& json, const FlowSnapshot& flow) {
  json["in_flight_bytes"] = flow.memory_in_flight_bytes;
  json["backpressure_total"] = flow.backpressure_total;
  Json& events = json["events_total"] = Json::object();
  for (const auto& [kind, count] : flow.events_total) events[std::string(name(kind))] = count;
}

Json partition_json(const PartitionSnapshot& partition, const FlowSnapshot& flow) {
  Json json;
  json["topic"] = partition.source.topic;
  json["partition"] = partition.source.partition;
  json["target_topic"] = partition.target_topic;
  json["slot"] = partition.slot;
  json["state"] = state_name(partition.state);
  add_text(json, "reason", partition.reason);
  if (partition.priority != Priority::normal) json["priority"] = name(partition.priority);
  json["next_source_offset"] = partition.next_source.value;
  json["next_target_offset"] = partition.next_target.value;
  add(json, "source_end_offset", partition.source_end);
  add(json, "offset_lag", partition.offset_lag);
  add(json, "bytes_lag_estimate", partition.bytes_lag_estimate);
  add(json, "head_age_ms", partition.head_age_ms);
  add(json, "catch_up_ms", partition.catch_up_ms);
  add(json, "records_per_second", partition.records_per_second);
  add(json, "bytes_per_second", partition.bytes_per_second);
  add_waits(json, partition.waits);
  if (flow.has_counts) add_counts(json, partition);
  add(json, "last_timestamp_ms", partition.last_timestamp);
  add(json, "position_written_at_ms", partition.position_written_at);
  return json;
}

template <class T, class F>
Json list(const std::vector<T>& values, F json_of) {
  Json json = Json::array();
  for (const T& value : values) json.push_back(json_of(value));
  return json;
}

// What both views say of a flow.
Json flow_head(const FlowSnapshot& flow) {
  Json json;
  json["flow"] = flow.flow;
  json["at_ms"] = flow.at.value;
  json["running"] = flow.running;
  add(json, "not_running_since_ms", flow.not_running_since);
  add(json, "source_trouble", flow.source_trouble);
  add(json, "target_trouble", flow.target_trouble);
  add(json, "schema_trouble", flow.schema_trouble);
  add_why(json, flow);
  if (flow.gate && flow.has_counts) json["schema_gate"] = gate_json(*flow.gate);
  if (flow.has_counts) add_counts(json, flow);
  return json;
}

Json clock_json(const ClockSnapshot& clock) {
  Json json;
  json["clock"] = clock.clock;
  const auto add_seconds = [&json](const char* key, const std::optional<DurationUs>& offset) {
    if (offset) json[key] = static_cast<double>(offset->value) / 1e6;
  };
  add_seconds("low_s", clock.offset.low);
  add_seconds("point_s", clock.offset.point);
  add_seconds("high_s", clock.offset.high);
  Json& assumed = json["assumed"] = Json::array();
  if (clock.low_is_assumed) assumed.push_back("low");
  if (clock.high_is_assumed) assumed.push_back("high");
  if (clock.is_in_doubt) json["in_doubt"] = true;
  json["probes_total"] = clock.probes_total;
  json["failures_total"] = clock.failures_total;
  json["steps_total"] = clock.steps_total;
  add(json, "age_ms", clock.age_ms);
  add_text(json, "trouble", clock.trouble);
  add(json, "stepped_ago_ms", clock.stepped_ago_ms);
  return json;
}

Json lag_of(const FlowSnapshot& flow) {
  Json json = flow_head(flow);
  if (flow.load) add_load(json["load"], *flow.load);
  if (!flow.clocks.empty()) json["clocks"] = list(flow.clocks, clock_json);
  json["slots"] = list(flow.slots, slot_json);
  json["topics"] = list(flow.topics, topic_json);
  json["partitions"] = list(
      flow.partitions, [&flow](const auto& partition) { return partition_json(partition, flow); });
  if (!flow.connectors.empty()) json["connectors"] = list(flow.connectors, connector_json);
  if (!flow.slos.empty()) json["slos"] = list(flow.slos, slo_json);
  if (!flow.groups.empty()) json["groups"] = list(flow.groups, group_json);
  return json;
}

Json sums_json(const TopicSums& sums) {
  Json json;
  for (std::size_t i = 0; i < kPartitionStates.size(); ++i) {
    if (sums.by_state[i] == 0) continue;
    json["partitions_by_state"][std::string(state_name(kPartitionStates[i]))] = sums.by_state[i];
  }
  json["unknown_lags"] = sums.unknown_lags;
  add(json, "offset_lag", sums.offset_lag);
  add(json, "head_age_ms", sums.head_age_ms);
  add(json, "catch_up_ms", sums.catch_up_ms);
  add(json, "records_per_second", sums.records_per_second);
  add(json, "bytes_per_second", sums.bytes_per_second);
  add(json, "source_records_per_second", sums.source_records_per_second);
  add(json, "worst_partition", sums.worst_partition);
  add(json, "worst_partition_offset_lag", sums.worst_lag);
  return json;
}

Json short_topic_json(const TopicSnapshot& topic) {
  Json json;
  json["source"] = topic.source;
  json["target"] = topic.target;
  add_text(json, "reason", topic.reason);
  add(json, "bytes_lag_estimate", topic.bytes_lag_estimate);
  if (topic.refused_total > 0) json["refused_total"] = topic.refused_total;
  if (topic.recent_hops) {
    json["recent_latency"] = whole_way_json(*topic.recent_hops);
  } else if (topic.hops) {
    json["latency"] = whole_way_json(*topic.hops);
  }
  return json;
}

// A topic that has partitions, but is in no list of topics, is shown, too.
Json topics_with_sums(const FlowSnapshot& flow) {
  Json json = Json::array();
  auto sums = topic_sums(flow);
  for (const TopicSnapshot& topic : flow.topics) {
    Json& shown = json.emplace_back(short_topic_json(topic));
    const auto found = sums.find(topic.source);
    if (found == sums.end()) continue;
    shown.update(sums_json(found->second));
    sums.erase(found);
  }
  for (const auto& [topic, sum] : sums) {
    Json& shown = json.emplace_back();
    shown["source"] = topic;
    shown.update(sums_json(sum));
  }
  return json;
}

void add_waiting(Json& json, const FlowSnapshot& flow) {
  std::vector<const PartitionSnapshot*> waiting;
  for (const auto& partition : flow.partitions) {
    const bool is_active = partition.state == PartitionState::active;
    if (!is_active || !partition.reason.empty()) waiting.push_back(&partition);
  }
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const auto* a, const auto* b) { return a->state > b->state; });
  const auto shown = std::min(waiting.size(), kTopicsPartitionsMax);
  json["partitions_not_shown"] = waiting.size() - shown;
  waiting.resize(shown);
  json["partitions"] =
      list(waiting, [&flow](const auto* partition) { return partition_json(*partition, flow); });
}

void merge(std::optional<TopicHops>& sum, const std::optional<TopicHops>& part) {
  if (!part) return;
  if (!sum) sum.emplace();
  sum->merge(*part);
}

void add_hops_of_all(Json& json, const FlowSnapshot& flow) {
  std::optional<TopicHops> recent;
  std::optional<TopicHops> all;
  for (const TopicSnapshot& topic : flow.topics) {
    merge(recent, topic.recent_hops);
    merge(all, topic.hops);
  }
  if (recent) {
    json["recent_latency"] = short_hops_json(*recent);
  } else if (all) {
    json["latency"] = short_hops_json(*all);
  }
}

Json topics_of(const FlowSnapshot& flow) {
  Json json = flow_head(flow);
  if (flow.load) add_load(json["load"], *flow.load);
  if (!flow.clocks.empty()) json["clocks"] = list(flow.clocks, clock_json);
  json["slots"] = list(flow.slots, slot_json);
  add_hops_of_all(json, flow);
  json["topics"] = topics_with_sums(flow);
  add_waiting(json, flow);
  if (!flow.connectors.empty()) json["connectors"] = list(flow.connectors, connector_json);
  if (!flow.slos.empty()) json["slos"] = list(flow.slos, slo_json);
  if (!flow.groups.empty()) json["groups"] = list(flow.groups, short_group_json);
  return json;
}

std::optional<Records> total_lag(const FlowSnapshot& flow) {
  Records sum;
  for (const auto& partition : flow.partitions) {
    if (!partition.offset_lag) return std::nullopt;
    sum += *partition.offset_lag;
  }
  return sum;
}

std::optional<std::int64_t> greatest_age(const FlowSnapshot& flow) {
  std::optional<std::int64_t> age;
  for (const auto& partition : flow.partitions) age = std::max(age, partition.head_age_ms);
  return age;
}

Json overview_of(const FlowSnapshot& flow) {
  Json json = flow_head(flow);
  Json& states = json["partitions_by_state"];
  for (const PartitionState state : kPartitionStates) {
    states[std::string(state_name(state))] =
        std::count_if(flow.partitions.begin(), flow.partitions.end(),
                      [&](const auto& partition) { return partition.state == state; });
  }
  add(json, "offset_lag", total_lag(flow));
  add(json, "head_age_ms", greatest_age(flow));
  json["slots_owned"] = std::count_if(
      flow.slots.begin(), flow.slots.end(),
      [](const SlotSnapshot& slot) { return slot.owner && !slot.owner->released_at; });
  json["topics_not_mirrored"] =
      std::count_if(flow.topics.begin(), flow.topics.end(),
                    [](const TopicSnapshot& topic) { return !topic.reason.empty(); });
  return json;
}

template <class F>
std::string process_json(const ProcessSnapshot& snapshot, JsonForm form, F json_of_flow) {
  Json json;
  json["version"] = 1;
  json["at_ms"] = snapshot.at.value;
  add_text(json, "longspan_version", snapshot.version);
  if (snapshot.started_at.value > 0) json["started_at_ms"] = snapshot.started_at.value;
  json["ready"] = snapshot.ready;
  json["flows"] = list(snapshot.flows, json_of_flow);
  return json.dump(form == JsonForm::compact ? -1 : 2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string lag_json(const ProcessSnapshot& snapshot, JsonForm form) {
  return process_json(snapshot, form, lag_of);
}

std::string topics_json(const ProcessSnapshot& snapshot, JsonForm form) {
  return process_json(snapshot, form, topics_of);
}

std::string flows_json(const ProcessSnapshot& snapshot, JsonForm form) {
  return process_json(snapshot, form, overview_of);
}

}  // namespace longspan
