// cli/views/why_json.h - why a flow is late, as JSON and back: what lag_json.h says of `why`,
// `why_unknown` and `load`.
//
// Errors:  of reading as in json_object.h; causes that this program does not know are passed over.
// Threads: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mirror/snapshot.h"

namespace longspan {

class JsonObject;

// "why", "why_unknown" and what they rest on beside what the flow's JSON has anyway.
void add_why(nlohmann::ordered_json& json, const FlowSnapshot& flow);
// As history_view.h says of `causes`.
[[nodiscard]] nlohmann::ordered_json causes_json(const std::vector<CauseSpan>& causes);
void add_load(nlohmann::ordered_json& json, const LoadSnapshot& load);
void add_waits(nlohmann::ordered_json& json, const Waits& waits);

void read_why(JsonObject& object, FlowSnapshot& flow);
void read_load(JsonObject object, LoadSnapshot& load);
void read_waits(JsonObject& object, Waits& waits);

}  // namespace longspan
