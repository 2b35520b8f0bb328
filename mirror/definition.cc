#include "mirror/definition.h"

namespace longspan {
Definition definition_of(const FlowConfig& flow, const ClusterIds& ids) {
  Definition definition;
  definition.keys = {
      {"topics", flow.topics.include_text()},
      {"topics.exclude", flow.topics.exclude_text()},
      {"mirror.debezium.heartbeats", flow.mirror_debezium_heartbeats ? "true" : "false"},
      {"replication.policy",
       flow.naming.policy() == NamingPolicy::identity ? "identity" : "prefixed"},
      {"replication.policy.separator", flow.naming.separator()},
      {"delivery", flow.delivery == Delivery::exactly_once ? "exactly_once" : "at_least_once"},
      {"source.cluster.id", ids.source},
      {"target.cluster.id", ids.target},
  };
  return definition;
}

std::optional<std::string> difference(const Definition& running, const Definition& ours) {
  for (const auto& [key, value] : ours.keys) {
    const auto found = running.keys.find(key);
    if (found == running.keys.end() || found->second == value) continue;
    return key + " is '" + value + "' here, but '" + found->second +
           "' in the definition that the flow runs with";
  }
  return std::nullopt;
}

}  // namespace longspan
