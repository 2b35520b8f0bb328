// cli/views/latency_json.h - latencies and consumer groups as JSON: what lag_json.h says of
// `latency`, `mirror_latency`, `residence` and `groups`.
//
// Errors:  none. A histogram that counts nothing has no member.
// Threads: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mirror/snapshot.h"

namespace longspan {

// As json[key]: how many, quantiles at an edge of their buckets, and all of it as `block`
// (lagcalc/histogram_block.h, Base64).
void add_histogram(nlohmann::ordered_json& json, const char* key, const Histogram& histogram,
                   Histogram::Edge edge = Histogram::Edge::middle);
[[nodiscard]] nlohmann::ordered_json hops_json(const TopicHops& hops);
// Without blocks; and the whole way alone.
[[nodiscard]] nlohmann::ordered_json short_hops_json(const TopicHops& hops);
[[nodiscard]] nlohmann::ordered_json whole_way_json(const TopicHops& hops);
[[nodiscard]] nlohmann::ordered_json group_json(const GroupSnapshot& group);
// Without blocks and partitions; what was since the start only where nothing came lately.
[[nodiscard]] nlohmann::ordered_json short_group_json(const GroupSnapshot& group);
[[nodiscard]] nlohmann::ordered_json connector_json(const ConnectorSnapshot& connector);
[[nodiscard]] nlohmann::ordered_json slo_json(const SloStatus& slo);

}  // namespace longspan
