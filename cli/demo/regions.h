// cli/demo/regions.h - the demo's two regions: an embedded cluster and a schema registry each, and
// the line between them.
//
// The mirror runs in eu-west, beside its target: it reaches us-east over the line only. What is
// local to us-east (the database's connector) goes straight to its broker.
//
// Errors:  start() says what could not be started.
// Threads: see EmbeddedCluster and WanLink.
// Owns:    both clusters and the line; clients must go before it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/demo/registries.h"
#include "cli/demo/wan_link.h"
#include "mirror/flow_config.h"
#include "mirror/flow_ports.h"
#include "mirror/kafka/embedded_cluster.h"

namespace longspan::demo {

inline constexpr std::chrono::milliseconds kRoundTrip{80};
inline constexpr const char* kSourceAlias = "us-east";
inline constexpr const char* kTargetAlias = "eu-west";

class Regions {
 public:
  // Both clusters up, the shop's topics created at the source.
  static Result<std::unique_ptr<Regions>> start();

  [[nodiscard]] EmbeddedCluster& source() { return *source_; }
  [[nodiscard]] EmbeddedCluster& target() { return *target_; }
  [[nodiscard]] WanLink& link() { return *link_; }

  // What `run` would make of a file with these two clusters and topics = shop\..*
  [[nodiscard]] Result<FlowConfig> flow_config() const;
  // The real clients, with the Admin of an embedded cluster.
  [[nodiscard]] FlowPorts ports();

 private:
  Regions() = default;
  [[nodiscard]] ClusterConfig cluster(const std::string& alias, std::uint16_t port) const;

  std::unique_ptr<EmbeddedCluster> source_;
  std::unique_ptr<EmbeddedCluster> target_;
  std::unique_ptr<WanLink> link_;
  std::unique_ptr<Registries> registries_;
};

}  // namespace longspan::demo
