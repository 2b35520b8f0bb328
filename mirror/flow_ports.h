// mirror/flow_ports.h - how a flow makes its clients: the real ones, or a demo's or a test's.
//
// Errors, Threads, Owns: see mirror/kafka/clients.h.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "mirror/clocks/database_probe.h"
#include "mirror/clocks/host_clock.h"
#include "mirror/kafka/clients.h"
#include "mirror/membership.h"
#include "mirror/schemas/registry.h"
#include "tracing/export/span_sink.h"
#include "tracing/pathways/pathway_sink.h"
#include "tracing/spans/messaging_names.h"

namespace longspan {

struct FlowPorts {
  std::function<std::unique_ptr<Wakeup>()> make_wakeup;
  std::function<Result<std::unique_ptr<Source>>(const ClusterConfig&, const std::string& client_id,
                                                const SourceLimits&, Wakeup&)>
      make_source;
  std::function<Result<std::unique_ptr<Sink>>(const ClusterConfig&, const std::string& client_id,
                                              const SinkLimits&, Wakeup&)>
      make_sink;
  std::function<Result<std::unique_ptr<Admin>>(const ClusterConfig&, const std::string& client_id,
                                               std::chrono::milliseconds timeout)>
      make_admin;
  std::function<Result<std::unique_ptr<Membership>>(
      const ClusterConfig&, const std::string& client_id, const MembershipConfig&, Wakeup&)>
      make_membership;
  Clock* clock = nullptr;  // outlives the flow
  std::function<Result<std::unique_ptr<Registry>>(const RegistrySettings&, std::stop_token)>
      make_registry = {};  // needed where a flow's clusters have schema registries
  // Without them nobody is asked for the time.
  std::function<Result<std::unique_ptr<ProbeClient>>(
      const ClusterConfig&, const std::string& client_id, std::chrono::milliseconds timeout)>
      make_probe_client = {};
  MakeDatabaseClock make_database_clock = {};
  HostClock read_host_clock = {};
  SpanSink* spans = nullptr;  // null: nobody wants any; outlives the flow
  NamesWanted span_names = NamesWanted::current;
  PathwaySink* pathways = nullptr;  // the same as of spans
};

// Everything on librdkafka and the system's clock.
[[nodiscard]] FlowPorts real_ports();

}  // namespace longspan
