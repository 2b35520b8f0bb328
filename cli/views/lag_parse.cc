#include "cli/views/lag_parse.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/views/partition_state.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

bool read(const Json& json, bool& into) {
  if (json.is_boolean()) into = json.get<bool>();
  return json.is_boolean();
}
bool read(const Json& json, std::string& into) {
  if (json.is_string()) into = json.get<std::string>();
  return json.is_string();
}
bool read(const Json& json, double& into) {
  if (json.is_number()) into = json.get<double>();
  return json.is_number();
}
bool read(const Json& json, std::int64_t& into) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_number_integer()) return false;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > kMost) return false;
  into = json.get<std::int64_t>();
  return true;
}
bool read(const Json& json, std::int32_t& into) {
  std::int64_t value = 0;
  if (!read(json, value) || !std::in_range<std::int32_t>(value)) return false;
  into = static_cast<std::int32_t>(value);
  return true;
}
bool read(const Json& json, Offset& into) { return read(json, into.value); }
bool read(const Json& json, Records& into) { return read(json, into.count); }
bool read(const Json& json, TimestampMs& into) { return read(json, into.value); }
bool read(const Json& json, DurationUs& into) {
  constexpr double kMost = 1e11;  // beyond any time that Kafka can hold
  double seconds = 0;
  if (!read(json, seconds) || std::abs(seconds) > kMost) return false;
  into = DurationUs{std::llround(seconds * 1e6)};
  return true;
}
bool read(const Json& json, TopicFraming& into) {
  const auto has = [&json](const char* form) {
    return std::find(json.begin(), json.end(), form) != json.end();
  };
  into.has_id_prefix = has("id");
  into.has_guid_prefix = has("guid");
  into.has_header = has("header");
  return json.is_array();
}
bool read(const Json& json, std::set<std::int32_t>& into) {
  return json.is_array() && std::all_of(json.begin(), json.end(), [&into](const Json& each) {
           std::int32_t id = 0;
           return read(each, id) && (into.insert(id), true);
         });
}
bool read(const Json& json, PartitionState& into) {
  const auto state = json.is_string() ? state_named(json.get<std::string>()) : std::nullopt;
  if (state) into = *state;
  return state.has_value();
}
bool read(const Json& json, Priority& into) {
  for (const Priority priority : kPriorities) {
    if (!json.is_string() || json.get<std::string>() != name(priority)) continue;
    into = priority;
    return true;
  }
  return false;
}

// One JSON object and where it stands. The first thing that is wrong with any object of the text
// is kept in `wrong`.
class Object {
 public:
  Object(const Json& json, std::string path, std::string& wrong)
      : json_(json), path_(std::move(path)), wrong_(wrong) {
    if (!json_.is_object()) complain("", "is not an object");
  }

  template <class T>
  void required(const char* key, T& into) {
    if (const Json* member = find(key)) {
      if (!read(*member, into)) complain(key, "has the wrong type or is out of range");
    } else {
      complain(key, "is missing");
    }
  }
  template <class T>
  void optional(const char* key, T& into) {
    if (has(key)) required(key, into);
  }
  template <class T>
  void optional(const char* key, std::optional<T>& into) {
    if (has(key)) required(key, into.emplace());
  }
  // `read_one(Object&, element)` for each element of the array `key`.
  template <class T, class F>
  void each(const char* key, std::vector<T>& into, F read_one) {
    const Json* member = find(key);
    if (member == nullptr || !member->is_array()) return complain(key, "is not an array");
    into.reserve(member->size());
    for (std::size_t i = 0; i < member->size() && wrong_.empty(); ++i) {
      Object element((*member)[i], place(key) + "[" + std::to_string(i) + "]", wrong_);
      read_one(element, into.emplace_back());
    }
  }
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }
  [[nodiscard]] Object member(const char* key) {
    const Json* found = find(key);
    return {found == nullptr ? json_ : *found, place(key), wrong_};
  }

 private:
  [[nodiscard]] const Json* find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string place(const std::string& key) const {
    return path_.empty() || key.empty() ? path_ + key : path_ + "." + key;
  }
  void complain(const std::string& key, const char* problem) {
    if (!wrong_.empty()) return;
    const std::string where = place(key);
    wrong_ = (where.empty() ? "the text" : where) + " " + problem;
  }

  const Json& json_;
  std::string path_;
  std::string& wrong_;
};

void read_slot(Object& object, SlotSnapshot& slot) {
  object.required("slot", slot.slot);
  if (!object.has("owner")) return;
  Object owner = object.member("owner");
  slot.owner.emplace();
  owner.required("process", slot.owner->process);
  owner.required("taken_at_ms", slot.owner->taken_at);
  owner.required("alive_at_ms", slot.owner->alive_at);
  owner.optional("released_at_ms", slot.owner->released_at);
}

void read_topic(Object& object, TopicSnapshot& topic) {
  object.required("source", topic.source);
  object.required("target", topic.target);
  object.optional("reason", topic.reason);
  object.optional("refused_total", topic.refused_total);
  if (!object.has("schemas")) return;
  Object schemas = object.member("schemas");
  topic.framing.emplace();
  schemas.required("ids", topic.framing->ids);
  schemas.required("forms", *topic.framing);
}

// Sides that are assumed.
struct Assumed {
  bool low = false;
  bool high = false;
};
bool read(const Json& json, Assumed& into) {
  into.low = std::find(json.begin(), json.end(), "low") != json.end();
  into.high = std::find(json.begin(), json.end(), "high") != json.end();
  return json.is_array();
}

void read_clock(Object& object, ClockSnapshot& clock) {
  object.required("clock", clock.clock);
  object.optional("low_s", clock.offset.low);
  object.optional("point_s", clock.offset.point);
  object.optional("high_s", clock.offset.high);
  Assumed assumed;
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
}

void read_gate(Object gate, GateSnapshot& into) {
  gate.required("waiting_partitions", into.waiting);
  gate.required("holds_total", into.holds_total);
  gate.required("unknown_records_total", into.unknown_total);
}

void read_partition(Object& object, PartitionSnapshot& partition) {
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
  object.optional("head_age_ms", partition.head_age_ms);
  object.optional("catch_up_ms", partition.catch_up_ms);
  object.optional("records_per_second", partition.records_per_second);
  object.optional("bytes_per_second", partition.bytes_per_second);
  object.optional("records_total", partition.records_total);
  object.optional("bytes_total", partition.bytes_total);
  object.optional("records_in_flight", partition.records_in_flight);
  object.optional("written_twice_total", partition.written_twice_total);
  object.optional("last_timestamp_ms", partition.last_timestamp);
  object.optional("position_written_at_ms", partition.position_written_at);
}

void read_events(Object events, FlowSnapshot& flow) {
  for (const auto& row : kEventTable) {
    const std::string key(row.name);
    if (events.has(key.c_str())) events.required(key.c_str(), flow.events_total[row.kind]);
  }
}

void read_flow(Object& object, FlowSnapshot& flow) {
  object.required("flow", flow.flow);
  object.required("at_ms", flow.at);
  object.required("running", flow.running);
  object.optional("not_running_since_ms", flow.not_running_since);
  object.optional("source_trouble", flow.source_trouble);
  object.optional("target_trouble", flow.target_trouble);
  object.optional("schema_trouble", flow.schema_trouble);
  if (object.has("schema_gate")) read_gate(object.member("schema_gate"), flow.gate.emplace());
  flow.has_counts = object.has("in_flight_bytes");
  object.optional("in_flight_bytes", flow.memory_in_flight_bytes);
  object.optional("backpressure_total", flow.backpressure_total);
  if (object.has("events_total")) read_events(object.member("events_total"), flow);
  if (object.has("clocks")) object.each("clocks", flow.clocks, read_clock);
  object.each("slots", flow.slots, read_slot);
  object.each("topics", flow.topics, read_topic);
  object.each("partitions", flow.partitions, read_partition);
}

void read_process(Object& object, ProcessSnapshot& snapshot) {
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
  Object object(json, "", wrong);
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
