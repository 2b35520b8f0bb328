#include "cli/views/lag_parse.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/views/json_object.h"
#include "cli/views/latency_parse.h"
#include "cli/views/partition_state.h"
#include "cli/views/why_json.h"

namespace longspan {

using Json = nlohmann::json;

// Found by the type of their second argument: see json_object.h.
static bool read(const Json& json, DurationUs& into) {
  constexpr double kMost = 1e11;  // beyond any time that Kafka can hold
  double seconds = 0;
  if (!read(json, seconds) || std::abs(seconds) > kMost) return false;
  into = DurationUs{std::llround(seconds * 1e6)};
  return true;
}
// Sides of an interval that are assumed.
struct AssumedSides {
  bool low = false;
  bool high = false;
};
static bool read(const Json& json, AssumedSides& into) {
  into.low = std::find(json.begin(), json.end(), "low") != json.end();
  into.high = std::find(json.begin(), json.end(), "high") != json.end();
  return json.is_array();
}
static bool read(const Json& json, TopicFraming& into) {
  const auto has = [&json](const char* form) {
    return std::find(json.begin(), json.end(), form) != json.end();
  };
  into.has_id_prefix = has("id");
  into.has_guid_prefix = has("guid");
  into.has_header = has("header");
  return json.is_array();
}
struct SchemaIds {
  std::set<std::int32_t>& into;
};
static bool read(const Json& json, SchemaIds& ids) {
  return json.is_array() && std::all_of(json.begin(), json.end(), [&ids](const Json& each) {
           std::int32_t id = 0;
           return read(each, id) && (ids.into.insert(id), true);
         });
}
static bool read(const Json& json, PartitionState& into) {
  const auto state = json.is_string() ? state_named(json.get<std::string>()) : std::nullopt;
  if (state) into = *state;
  return state.has_value();
}
static bool read(const Json& json, Priority& into) {
  for (const Priority priority : kPriorities) {
    if (!json.is_string() || json.get<std::string>() != name(priority)) continue;
    into = priority;
    return true;
  }
  return false;
}

namespace {

void read_slot(JsonObject& object, SlotSnapshot& slot) {
  object.required("slot", slot.slot);
  if (!object.has("owner")) return;
  JsonObject owner = object.member("owner");
  slot.owner.emplace();
  owner.required("process", slot.owner->process);
  owner.required("taken_at_ms", slot.owner->taken_at);
  owner.required("alive_at_ms", slot.owner->alive_at);
  owner.optional("released_at_ms", slot.owner->released_at);
}

void read_topic(JsonObject& object, TopicSnapshot& topic) {
  object.required("source", topic.source);
  object.required("target", topic.target);
  object.optional("reason", topic.reason);
  object.optional("refused_total", topic.refused_total);
  object.optional("bytes_lag_estimate", topic.bytes_lag_estimate);
  read_latency(object, topic);
  if (!object.has("schemas")) return;
  JsonObject schemas = object.member("schemas");
  topic.framing.emplace();
  SchemaIds ids{topic.framing->ids};
  schemas.required("ids", ids);
  schemas.required("forms", *topic.framing);
}

void read_clock(JsonObject& object, ClockSnapshot& clock) {
  object.required("clock", clock.clock);
  object.optional("low_s", clock.offset.low);
  object.optional("point_s", clock.offset.point);
  object.optional("high_s", clock.offset.high);
  AssumedSides assumed;
  object.optional("assumed", assumed);
  clock.low_is_assumed = assumed.low;
  clock.high_is_assumed = assumed.high;
  clock.offset.assumed = assumed.low || assumed.high;
  object.optional("in_doubt", clock.is_in_doubt);
  object.optional("probes_total", clock.probes_total);
  object.optional("failures_total", clock.failures_total);
  object.optional("steps_total", clock.steps_total);
  object.optional("age_ms", clock.age_ms);
  object.optional("trouble", clock.trouble);
  object.optional("stepped_ago_ms", clock.stepped_ago_ms);
}

void read_gate(JsonObject gate, GateSnapshot& into) {
  gate.required("waiting_partitions", into.waiting);
  gate.required("holds_total", into.holds_total);
  gate.required("unknown_records_total", into.unknown_total);
}

void read_partition(JsonObject& object, PartitionSnapshot& partition) {
  object.required("topic", partition.source.topic);
  object.required("partition", partition.source.partition);
  object.required("target_topic", partition.target_topic);
  object.required("slot", partition.slot);
  object.required("state", partition.state);
  object.optional("reason", partition.reason);
  object.optional("priority", partition.priority);
  object.required("next_source_offset", partition.next_source);
  object.required("next_target_offset", partition.next_target);
  object.optional("source_end_offset", partition.source_end);
  object.optional("offset_lag", partition.offset_lag);
  object.optional("bytes_lag_estimate", partition.bytes_lag_estimate);
  object.optional("head_age_ms", partition.head_age_ms);
  object.optional("catch_up_ms", partition.catch_up_ms);
  object.optional("records_per_second", partition.records_per_second);
  object.optional("bytes_per_second", partition.bytes_per_second);
  read_waits(object, partition.waits);
  object.optional("records_total", partition.records_total);
  object.optional("bytes_total", partition.bytes_total);
  object.optional("records_in_flight", partition.records_in_flight);
  object.optional("written_twice_total", partition.written_twice_total);
  object.optional("last_timestamp_ms", partition.last_timestamp);
  object.optional("position_written_at_ms", partition.position_written_at);
}

void read_events(JsonObject events, FlowSnapshot& flow) {
  for (const auto& row : kEventTable) {
    const std::string key(row.name);
    if (events.has(key.c_str())) events.required(key.c_str(), flow.events_total[row.kind]);
  }
}

void read_flow(JsonObject& object, FlowSnapshot& flow) {
  object.required("flow", flow.flow);
  object.required("at_ms", flow.at);
  object.required("running", flow.running);
  object.optional("not_running_since_ms", flow.not_running_since);
  object.optional("source_trouble", flow.source_trouble);
  object.optional("target_trouble", flow.target_trouble);
  object.optional("schema_trouble", flow.schema_trouble);
  read_why(object, flow);
  if (object.has("load")) read_load(object.member("load"), flow.load.emplace());
  if (object.has("schema_gate")) read_gate(object.member("schema_gate"), flow.gate.emplace());
  flow.has_counts = object.has("in_flight_bytes");
  object.optional("in_flight_bytes", flow.memory_in_flight_bytes);
  object.optional("backpressure_total", flow.backpressure_total);
  if (object.has("events_total")) read_events(object.member("events_total"), flow);
  if (object.has("clocks")) object.each("clocks", flow.clocks, read_clock);
  object.each("slots", flow.slots, read_slot);
  object.each("topics", flow.topics, read_topic);
  object.each("partitions", flow.partitions, read_partition);
  if (object.has("connectors")) object.each("connectors", flow.connectors, read_connector);
  if (object.has("slos")) object.each("slos", flow.slos, read_slo);
  if (object.has("groups")) object.each("groups", flow.groups, read_group);
}

void read_process(JsonObject& object, ProcessSnapshot& snapshot) {
  object.required("at_ms", snapshot.at);
  object.optional("longspan_version", snapshot.version);
  object.optional("started_at_ms", snapshot.started_at);
  object.required("ready", snapshot.ready);
  object.each("flows", snapshot.flows, read_flow);
}

Unexpected<Error> not_lag(const std::string& why) {
  return fail(Next::stop_process, "this is not the answer of longspan's /api/v1/lag: " + why);
}

}  // namespace

Result<ProcessSnapshot> lag_from_json(std::string_view text) {
  if (text.size() > kLagJsonMax) return not_lag("it is larger than 256 MiB");
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return not_lag("it is not JSON");
  std::string wrong;
  std::int64_t version = 0;
  JsonObject object(json, "", wrong);
  object.required("version", version);
  if (wrong.empty() && version != 1) {
    return not_lag("version " + std::to_string(version) + ", and this program reads version 1");
  }
  ProcessSnapshot snapshot;
  if (wrong.empty()) read_process(object, snapshot);
  if (!wrong.empty()) return not_lag(wrong);
  return snapshot;
}

}  // namespace longspan
