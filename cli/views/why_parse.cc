#include <nlohmann/json.hpp>
#include <string>

#include "cli/views/json_object.h"
#include "cli/views/why_json.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {

using Json = nlohmann::json;

// Found by the type of their second argument: see json_object.h.
template <class Words, class Word>
static bool read_word(const Json& json, const Words& words, Word& into) {
  for (const Word word : words) {
    if (!json.is_string() || json.get<std::string>() != name(word)) continue;
    into = word;
    return true;
  }
  return false;
}
static bool read(const Json& json, Severity& into) { return read_word(json, kSeverities, into); }
static bool read(const Json& json, Confidence& into) { return read_word(json, kConfidences, into); }
static bool read(const Json& json, ScopeKind& into) { return read_word(json, kScopeKinds, into); }
static bool read(const Json& json, Evidence& into) {
  if (json.is_number_integer()) into.value = json.get<std::int64_t>();
  if (json.is_number_float()) into.value = json.get<double>();
  if (json.is_string()) into.value = json.get<std::string>();
  return json.is_number() || json.is_string();
}
struct UnknownCauses {
  std::vector<Cause>& into;
};
static bool read(const Json& json, UnknownCauses& causes) {
  if (!json.is_array()) return false;
  for (const Json& each : json) {
    const auto cause = each.is_string() ? cause_named(each.get<std::string>()) : std::nullopt;
    if (cause) causes.into.push_back(*cause);
  }
  return true;
}

namespace {

struct ReadDiagnosis {
  std::string cause;
  Diagnosis diagnosis;
};

void read_evidence(JsonObject& object, Evidence& evidence) {
  object.required("name", evidence.name);
  object.required("value", evidence);
}

void read_diagnosis(JsonObject& object, ReadDiagnosis& into) {
  Diagnosis& diagnosis = into.diagnosis;
  object.required("cause", into.cause);
  object.required("severity", diagnosis.severity);
  object.required("confidence", diagnosis.confidence);
  JsonObject scope = object.member("scope");
  scope.required("kind", diagnosis.scope.kind);
  scope.optional("name", diagnosis.scope.name);
  scope.optional("topic", diagnosis.scope.topic);
  object.required("what", diagnosis.what);
  object.optional("eta_ms", diagnosis.eta_ms);
  std::string because_of;
  object.optional("because_of", because_of);
  diagnosis.because_of = cause_named(because_of);
  object.optional("more", diagnosis.more);
  object.each("evidence", diagnosis.evidence, read_evidence);
}

}  // namespace

void read_why(JsonObject& object, FlowSnapshot& flow) {
  object.optional("source_silent_ms", flow.source_silent_ms);
  object.optional("target_silent_ms", flow.target_silent_ms);
  object.optional("moving_slots", flow.moving_slots);
  object.optional("slots_moving_ms", flow.slots_moving_ms);
  object.optional("slots_total", flow.slots_total);
  object.optional("lost_partitions", flow.lost_partitions);
  if (!object.has("why")) return;  // of an older program
  std::vector<ReadDiagnosis> all;
  object.each("why", all, read_diagnosis);
  flow.why.emplace();
  for (ReadDiagnosis& each : all) {
    const auto cause = cause_named(each.cause);
    if (!cause) continue;
    each.diagnosis.cause = *cause;
    flow.why->found.push_back(std::move(each.diagnosis));
  }
  UnknownCauses unknown{flow.why->unknown};
  object.optional("why_unknown", unknown);
}

void read_load(JsonObject object, LoadSnapshot& load) {
  for (const LoadRatio& ratio : kLoadRatios) {
    object.optional((std::string(ratio.name) + "_ratio").c_str(), ratio.of(load));
  }
  object.optional("in_flight_bytes", load.in_flight_bytes);
  object.optional("in_flight_bytes_max", load.in_flight_bytes_max);
  object.optional("window_reduced", load.is_window_reduced);
  object.optional("acknowledgement_ms", load.acknowledgement_ms);
  object.optional("best_acknowledgement_ms", load.best_acknowledgement_ms);
  object.optional("source_round_trip_ms", load.source_round_trip_ms);
  object.optional("target_round_trip_ms", load.target_round_trip_ms);
}

void read_waits(JsonObject& object, Waits& waits) {
  object.optional("behind_ms", waits.behind_ms);
  object.optional("source_records_per_second", waits.source_records_per_second);
  object.optional("open_transaction_ms", waits.open_transaction_ms);
  object.optional("behind_transaction", waits.behind_transaction);
  object.optional("unacknowledged_ms", waits.unacknowledged_ms);
  object.optional("schema_wait_ms", waits.schema_wait_ms);
  object.optional("source_leaderless_ms", waits.source_leaderless_ms);
  object.optional("throttled", waits.is_throttled);
}

}  // namespace longspan
