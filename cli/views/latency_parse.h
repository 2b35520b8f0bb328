// cli/views/latency_parse.h - latencies and consumer groups back out of JSON.
//
// Errors:  as in json_object.h.
// Threads: pure functions.
#pragma once

#include "mirror/snapshot.h"

namespace longspan {

class JsonObject;

void read_latency(JsonObject& object, TopicSnapshot& topic);
void read_group(JsonObject& object, GroupSnapshot& group);
void read_connector(JsonObject& object, ConnectorSnapshot& connector);
void read_slo(JsonObject& object, SloStatus& slo);

}  // namespace longspan
