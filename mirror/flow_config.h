// mirror/flow_config.h - everything one flow is told, after files, secrets and defaults are
// settled.
//
// A flow is an ordered pair of clusters, "east->west". The command line builds this value once
// (cli/config); nothing below it reads files or environment.
//
// Units:   std::chrono durations; bytes.
// Errors:  none here; a FlowConfig is valid by construction.
// Threads: a value; whoever runs on it has a copy, of which only the LiveSettings change.
// Source:  MirrorMaker 2's properties (KIP-382); names of our own keys stand in cli/OPTIONS.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mirror/clocks/clock_config.h"
#include "mirror/hops/objective.h"
#include "mirror/live_settings.h"
#include "mirror/schemas/registry_settings.h"
#include "mirror/schemas/subject_rules.h"
#include "mirror/topics/circle.h"
#include "mirror/topics/naming.h"
#include "mirror/topics/topic_filter.h"
#include "mirror/traces/trace_settings.h"

namespace longspan {

// librdkafka properties in the order given; later ones win. Java names are already mapped.
using ClientProperties = std::vector<std::pair<std::string, std::string>>;

struct ClusterConfig {
  std::string alias;
  ClientProperties common;    // bootstrap.servers, security, ...
  ClientProperties consumer;  // common does not repeat here; used over common
  ClientProperties producer;
  ClientProperties admin;
  RegistrySettings registry;  // without URLs: there is none
};

enum class StartFrom : std::uint8_t { earliest, latest };
enum class SyncsLocation : std::uint8_t { target, source };
enum class Delivery : std::uint8_t { at_least_once, exactly_once };
// What becomes of a record that the target refuses for what it is.
enum class OnRefused : std::uint8_t { stop, dead_letter, skip };

struct FlowConfig : LiveSettings {
  ClusterConfig source;
  ClusterConfig target;

  TopicFilter topics;
  Naming naming;
  std::vector<KeepingFlow> keeping_flows;  // of the file, if this one keeps the names of topics too
  std::vector<std::string> config_properties_exclude;  // regexes, whole name
  SubjectConfig schemas;
  std::int32_t replication_factor = -1;           // new mirrored topics; -1: broker's default
  std::int32_t internal_replication_factor = -1;  // our own topics on the target
  bool mirror_debezium_heartbeats = true;         // __debezium-heartbeat.* in spite of "__"

  bool refresh_topics = true;
  bool sync_topic_configs = true;
  bool emit_heartbeats = true;
  bool emit_heartbeats_on_source = false;
  bool emit_offset_syncs = true;
  SyncsLocation offset_syncs_location = SyncsLocation::target;
  std::int64_t offset_lag_max = 100;
  std::int64_t latency_samples = 1'000;  // a second; 0: no latencies but the record's own
  NamePatterns latency_groups;           // of the target, whose commits are followed
  NamePatterns latency_groups_source;    // of the source
  NamePatterns latency_groups_exclude;
  NamePatterns latency_groups_before_processing;                 // these commit before they process
  std::chrono::milliseconds latency_groups_poll_interval{5000};  // where they cannot be followed
  NamePatterns connector_heartbeat_tables;                       // source topics of them
  std::vector<Objective> objectives;
  ClockConfig clocks;
  TraceSettings traces;

  Delivery delivery = Delivery::at_least_once;
  std::chrono::milliseconds commit_interval{100};        // of transactions, in exactly_once
  std::chrono::milliseconds transaction_timeout{15000};  // the broker aborts an owner's that died
  StartFrom start_from = StartFrom::earliest;  // partitions present when the flow is first seen
  OnRefused on_refused = OnRefused::stop;
  std::string compression = "lz4";  // used where the target topic says compression.type=producer
  std::int32_t slots = 16;          // partitions of the state topic, when it is created
  std::chrono::milliseconds session_timeout{10000};  // ownership group on the target
  std::chrono::milliseconds admin_timeout{60000};

  // "east->west"
  [[nodiscard]] std::string name() const { return source.alias + "->" + target.alias; }
  // longspan.<source>.<target>.<slot>: whoever initialises it fences the slot's former owner.
  [[nodiscard]] std::string transactional_id(std::int32_t slot) const {
    return "longspan." + source.alias + "." + target.alias + "." + std::to_string(slot);
  }
  // longspan.<source>.<target>.dead-letter.internal
  [[nodiscard]] std::string dead_letter_topic() const {
    return "longspan." + source.alias + "." + target.alias + ".dead-letter.internal";
  }
  // longspan.<source>.<target>.marks.internal
  [[nodiscard]] std::string marks_topic() const {
    return "longspan." + source.alias + "." + target.alias + ".marks.internal";
  }
  // longspan.<source>.<target>.state.internal
  [[nodiscard]] std::string state_topic() const {
    return "longspan." + source.alias + "." + target.alias + ".state.internal";
  }
};

// What belongs to the process rather than to one flow.
struct ProcessConfig {
  std::int64_t memory_limit_bytes = 512LL << 20;
  std::int32_t threads = 0;  // shards; 0: one per two cores
  std::string http_listen = "127.0.0.1:9464";
  std::chrono::milliseconds shutdown_timeout{5000};
  // Empty: nothing is said (tracing/export/telemetry_settings.h).
  std::string trace_exporter = {};
  std::string trace_endpoint = {};
  std::string trace_pathway_agent = {};
  std::string metrics_exporter = {};
  std::string metrics_endpoint = {};
};

}  // namespace longspan
