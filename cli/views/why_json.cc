#include "cli/views/why_json.h"

#include <nlohmann/json.hpp>

#include "cli/views/why_text.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void add(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json evidence_json(const Evidence& evidence) {
  Json json;
  json["name"] = evidence.name;
  std::visit([&json](const auto& value) { json["value"] = value; }, evidence.value);
  return json;
}

Json diagnosis_json(const Diagnosis& diagnosis) {
  Json json;
  json["cause"] = name(diagnosis.cause);
  json["severity"] = name(diagnosis.severity);
  json["confidence"] = name(diagnosis.confidence);
  Json& scope = json["scope"];
  scope["kind"] = name(diagnosis.scope.kind);
  if (!diagnosis.scope.name.empty()) scope["name"] = diagnosis.scope.name;
  if (!diagnosis.scope.topic.empty()) scope["topic"] = diagnosis.scope.topic;
  json["what"] = diagnosis.what;
  json["next"] = next_text(diagnosis);
  add(json, "eta_ms", diagnosis.eta_ms);
  if (diagnosis.because_of) json["because_of"] = name(*diagnosis.because_of);
  if (diagnosis.more > 0) json["more"] = diagnosis.more;
  Json& evidence = json["evidence"] = Json::array();
  for (const Evidence& each : diagnosis.evidence) evidence.push_back(evidence_json(each));
  return json;
}

}  // namespace

void add_why(Json& json, const FlowSnapshot& flow) {
  add(json, "source_silent_ms", flow.source_silent_ms);
  add(json, "target_silent_ms", flow.target_silent_ms);
  add(json, "moving_slots", flow.moving_slots);
  add(json, "slots_moving_ms", flow.slots_moving_ms);
  add(json, "slots_total", flow.slots_total);
  add(json, "lost_partitions", flow.lost_partitions);
  if (!flow.causes_before.empty()) json["causes"] = causes_json(flow.causes_before);
  if (!flow.why) return;
  Json& why = json["why"] = Json::array();
  for (const Diagnosis& each : flow.why->found) why.push_back(diagnosis_json(each));
  Json& unknown = json["why_unknown"] = Json::array();
  for (const Cause cause : flow.why->unknown) unknown.push_back(name(cause));
}

Json causes_json(const std::vector<CauseSpan>& causes) {
  Json all = Json::array();
  for (const CauseSpan& span : causes) {
    Json scope{{"kind", name(span.scope.kind)}};
    if (!span.scope.name.empty()) scope["name"] = span.scope.name;
    if (!span.scope.topic.empty()) scope["topic"] = span.scope.topic;
    all.push_back({{"cause", name(span.cause)},
                   {"severity", name(span.severity)},
                   {"scope", std::move(scope)},
                   {"from_ms", span.first.value},
                   {"to_ms", span.last.value},
                   {"what", span.what}});
  }
  return all;
}

void add_load(Json& json, const LoadSnapshot& load) {
  LoadSnapshot copy = load;
  for (const LoadRatio& ratio : kLoadRatios) {
    add(json, (std::string(ratio.name) + "_ratio").c_str(), ratio.of(copy));
  }
  add(json, "in_flight_bytes", load.in_flight_bytes);
  add(json, "in_flight_bytes_max", load.in_flight_bytes_max);
  add(json, "window_reduced", load.is_window_reduced);
  add(json, "acknowledgement_ms", load.acknowledgement_ms);
  add(json, "best_acknowledgement_ms", load.best_acknowledgement_ms);
  add(json, "source_round_trip_ms", load.source_round_trip_ms);
  add(json, "target_round_trip_ms", load.target_round_trip_ms);
}

// What it does not wait for has no member; what it would wait for is known where "behind_ms" is.
void add_waits(Json& json, const Waits& waits) {
  const auto add_wait = [&json](const char* key, const std::optional<std::int64_t>& ms) {
    if (ms && *ms > 0) json[key] = *ms;
  };
  add(json, "behind_ms", waits.behind_ms);
  add(json, "source_records_per_second", waits.source_records_per_second);
  add_wait("open_transaction_ms", waits.open_transaction_ms);
  if (waits.behind_transaction && waits.behind_transaction->count > 0) {
    json["behind_transaction"] = waits.behind_transaction->count;
  }
  add_wait("unacknowledged_ms", waits.unacknowledged_ms);
  add_wait("schema_wait_ms", waits.schema_wait_ms);
  add_wait("source_leaderless_ms", waits.source_leaderless_ms);
  if (waits.is_throttled == true) json["throttled"] = true;
}

}  // namespace longspan
