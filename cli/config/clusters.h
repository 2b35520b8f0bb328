// cli/config/clusters.h - one side of a flow: the client settings of its cluster, all scopes
// settled.
//
// Later scopes win, as in MM2: KEY < A.KEY < A->B.source.cluster.KEY for the connection;
// consumer.KEY < A->B.consumer.KEY < A.consumer.KEY < A->B.source.consumer.KEY for a client.
//
// Errors:  into Findings.
// Threads: free functions.
// Source:  Kafka's MirrorMakerConfig.clusterProps, MirrorConnectorConfig.sourceConsumerConfig.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/config/findings.h"
#include "cli/config/java_names.h"
#include "cli/config/property_set.h"
#include "mirror/flow_config.h"

namespace longspan {

// Asks the client library about every property, without connecting.
using CheckProperties = std::function<std::vector<Error>(const ClusterConfig&)>;

enum class Side : std::uint8_t { source, target };

struct FlowName {
  std::string source;
  std::string target;
  [[nodiscard]] std::string prefix() const { return source + "->" + target + "."; }
  [[nodiscard]] const std::string& alias(Side side) const {
    return side == Side::source ? source : target;
  }
};

// What the consumer (or producer) of that side is told, under the names of the file.
ClientSettings settle_client(PropertySet& properties, const FlowName& flow, Side side,
                             ClientRole role);

ClusterConfig build_cluster(PropertySet& properties, const FlowName& flow, Side side,
                            const CheckProperties& check, Findings& findings);

// bootstrap.servers, security.*, ssl.*, sasl.* and other names that fit every client.
[[nodiscard]] bool is_connection_key(std::string_view name);

}  // namespace longspan
