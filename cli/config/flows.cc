#include "cli/config/flows.h"

#include <algorithm>
#include <utility>

#include "cli/config/clocks.h"
#include "cli/config/registries.h"
#include "cli/config/setting.h"
#include "cli/config/traces.h"
#include "mirror/topics/name_patterns.h"
#include "tracing/export/telemetry_settings.h"

namespace longspan {
namespace {

constexpr std::size_t kAliasCharsMax = 100;

// Valid aliases, each once.
std::vector<std::string> read_clusters(PropertySet& properties, Findings& findings) {
  const Property* property = properties.take("clusters");
  if (property == nullptr) {
    findings.error(0, "clusters is missing: write clusters = A, B and A->B.enabled = true");
    return {};
  }
  std::vector<std::string> clusters;
  for (const std::string& alias : split_list(property->value)) {
    if (const std::string wrong = wrong_alias(alias); !wrong.empty()) {
      findings.error(property->line, "clusters: alias " + alias + " " + wrong);
    } else if (std::find(clusters.begin(), clusters.end(), alias) != clusters.end()) {
      findings.error(property->line, "clusters: " + alias + " stands there twice");
    } else {
      clusters.push_back(alias);
    }
  }
  if (clusters.size() < 2 && !findings.failed()) {
    findings.error(property->line, property->text() + " names fewer than two clusters");
  }
  return clusters;
}

void check_targets(const std::vector<std::string>& targets, const FlowSelection& selection,
                   Findings& findings) {
  const auto& known = selection.clusters;
  for (const std::string& target : targets) {
    if (std::find(known.begin(), known.end(), target) == known.end()) {
      findings.error(0, "--clusters=" + target + " is not in the file's clusters");
    }
  }
}

// A wrong value counts as true: nothing will start, and the rest of the flow's errors are told too.
bool is_enabled(PropertySet& properties, const FlowName& flow, Findings& findings) {
  const Setting setting = look_up(properties, flow.prefix(), "enabled", findings);
  const Property* own = properties.take(flow.prefix() + "enabled");
  return setting.is_on() || (own != nullptr && setting.from == nullptr);
}

// One flow under construction.
class FlowBuilder {
 public:
  FlowBuilder(PropertySet& properties, const FlowSelection& selection, const FlowName& flow,
              Findings& findings)
      : properties_(properties), selection_(selection), name_(flow), findings_(findings) {}

  FlowConfig build(const CheckProperties& check) {
    config_.source = build_cluster(properties_, name_, Side::source, check, findings_);
    config_.target = build_cluster(properties_, name_, Side::target, check, findings_);
    same_cluster();
    registries();
    land_all();
    config_.clocks = build_clocks(properties_, name_.prefix(), findings_);
    config_.traces = build_traces(properties_, name_.prefix(), findings_);
    topics();
    priority();
    objectives();
    latency();
    naming();
    start_from();
    compression();
    delivery();
    offset_syncs();
    not_yet();
    check_relations();
    return std::move(config_);
  }

 private:
  Setting get(std::string_view key) { return look_up(properties_, name_.prefix(), key, findings_); }

  // A relation or another check that has no value of its own to name.
  void refuse(std::string_view key, const std::string& what) {
    const Setting setting = get(key);
    findings_.error(setting.line(),
                    name_.source + "->" + name_.target + ": " + std::string(key) + " " + what);
  }

  static std::string bootstrap(const ClusterConfig& cluster) {
    for (const auto& [name, value] : cluster.common) {
      if (name == "bootstrap.servers") return value;
    }
    return "";
  }

  void same_cluster() {
    const std::string source = bootstrap(config_.source);
    if (source.empty() || source != bootstrap(config_.target)) return;
    findings_.error(0, name_.source + " and " + name_.target +
                           " have the same bootstrap.servers: a flow needs two clusters");
  }

  void registries() {
    config_.source.registry = build_registry(properties_, name_.source, findings_);
    config_.target.registry = build_registry(properties_, name_.target, findings_);
    config_.schemas = build_subjects(properties_, name_.prefix(), findings_);
    const auto& urls = config_.source.registry.urls;
    if (urls.empty() || urls != config_.target.registry.urls) return;
    findings_.error(0, name_.source + ".schema.registry.url and " + name_.target +
                           ".schema.registry.url are the same: with one registry for both sides "
                           "ids are valid already, name none");
  }

  void land_all() {
    for (const Option& option : options()) {
      if (option.scope == Scope::flow) land(option, get(option.key).value, config_);
    }
  }

  // Patterns that do not compile are an error on their line; then `into` stays as it is.
  std::vector<std::string> patterns(std::string_view key, NamePatterns* into = nullptr) {
    const Setting setting = get(key);
    auto compiled = NamePatterns::make(setting.list(), key);
    if (!compiled) {
      findings_.error(setting.line(), compiled.error().text());
      return {};
    }
    if (into != nullptr) *into = std::move(*compiled);
    return setting.list();
  }

  void topics() {
    const std::vector<std::string> include = patterns("topics");
    const Setting setting = get("topics");
    if (setting.list().empty()) {
      findings_.warn(setting.line(), name_.source + "->" + name_.target +
                                         ": topics is empty, so nothing is mirrored");
    }
    auto filter =
        TopicFilter::make(include, patterns("topics.exclude"), config_.mirror_debezium_heartbeats);
    if (filter) config_.topics = std::move(*filter);
    patterns("config.properties.exclude");
    patterns("groups");
    patterns("groups.exclude");
  }

  void priority() {
    patterns("priority.high", &config_.priority_high);
    patterns("schema.gate.topics", &config_.schema_gate_topics);
  }

  void objectives() {
    const Setting setting = get("slo");
    auto objectives = make_objectives(setting.list());
    if (!objectives) return findings_.error(setting.line(), objectives.error().text());
    config_.objectives = std::move(*objectives);
  }

  void latency() {
    patterns("latency.groups", &config_.latency_groups);
    patterns("latency.groups.source", &config_.latency_groups_source);
    patterns("latency.groups.exclude", &config_.latency_groups_exclude);
    patterns("latency.groups.before.processing", &config_.latency_groups_before_processing);
    patterns("connector.heartbeat.tables", &config_.connector_heartbeat_tables);
  }

  void naming() {
    NamingSpec spec;
    const Setting policy = get("replication.policy.class");
    spec.policy = policy.text() == "IdentityReplicationPolicy" ? NamingPolicy::identity
                                                               : NamingPolicy::prefixed;
    spec.source_alias = name_.source;
    spec.target_alias = name_.target;
    spec.separator = get("replication.policy.separator").text();
    spec.internal_separator_dot =
        !get("replication.policy.internal.topic.separator.enabled").is_on();
    spec.clusters = selection_.clusters;
    auto naming = Naming::make(std::move(spec));
    if (naming) {
      config_.naming = std::move(*naming);
    } else {
      findings_.error(get("replication.policy.separator").line(), naming.error().text());
    }
  }

  // MM2's consumer setting, of which only the choice of a first position is left.
  void start_from() {
    const auto consumer = settle_client(properties_, name_, Side::source, ClientRole::consumer);
    const auto reset = consumer.find("auto.offset.reset");
    if (reset == consumer.end()) return;
    if (reset->second->value == "latest") config_.start_from = StartFrom::latest;
  }

  void compression() {
    if (get("compression").from != nullptr) return;
    const auto producer = settle_client(properties_, name_, Side::target, ClientRole::producer);
    const auto type = producer.find("compression.type");
    if (type == producer.end()) return;
    config_.compression = read_as(*find_option("compression"), type->second, findings_).text();
  }

  void loss_policy(std::string_view key, const std::vector<EventKind>& kinds) {
    const std::string word = get(key).text();
    if (word.empty()) return;
    for (const EventKind kind : kinds) {
      config_.on_event[kind] = word == "continue" ? OnDataLoss::go_on : OnDataLoss::stop;
    }
  }

  void delivery() {
    config_.on_data_loss =
        get("on.data.loss").text() == "continue" ? OnDataLoss::go_on : OnDataLoss::stop;
    loss_policy("on.source.expired", {EventKind::source_expired});
    loss_policy("on.batch.unreadable", {EventKind::batch_unreadable});
    loss_policy("on.source.truncated", {EventKind::source_truncated});
    loss_policy("on.target.truncated", {EventKind::target_truncated});
    loss_policy("on.foreign.writer",
                {EventKind::unexpected_target_offset, EventKind::tail_mismatch});
    const std::string refused = get("on.record.refused").text();
    if (refused == "dlq") config_.on_refused = OnRefused::dead_letter;
    if (refused == "skip") config_.on_refused = OnRefused::skip;
    const Option& row = *find_option("exactly.once.source.support");
    const Property* of_target = properties_.take(name_.target + "." + std::string(row.key));
    for (const Setting& setting : {get(row.key), read_as(row, of_target, findings_)}) {
      if (setting.from == nullptr) continue;
      if (setting.text() == "enabled") config_.delivery = Delivery::exactly_once;
      if (setting.text() != "preparing") continue;
      findings_.error(setting.line(),
                      setting.from->text() +
                          " is not needed here: stop every process of the flow, write enabled, and "
                          "start one with --new-definition");
    }
  }

  void offset_syncs() {
    const Setting location = get("offset-syncs.topic.location");
    if (location.text() == "source") config_.offset_syncs_location = SyncsLocation::source;
    if (location.from != nullptr || !config_.emit_offset_syncs) return;
    findings_.warn(0,
                   "offset syncs are written to the target, the source is only read; "
                   "MirrorMaker 2 writes them to the source: ask for that with "
                   "offset-syncs.topic.location=source, or write target to confirm");
  }

  // What MM2 would do for this file and this version does not.
  void not_yet() {
    static constexpr std::string_view kWhat[][2] = {
        {"emit.checkpoints.enabled", "no checkpoints are written"},
        {"sync.group.offsets.enabled", "no committed offsets are written"},
        {"sync.topic.acls.enabled", "no ACLs are written"},
    };
    for (const auto& [key, what] : kWhat) {
      const Setting setting = get(key);
      if (!setting.is_on()) continue;
      const std::string why = setting.from == nullptr ? " (on by default in MirrorMaker 2)" : "";
      findings_.warn(setting.line(), std::string(what) + " yet; write " + std::string(key) +
                                         "=false to accept that" + why);
    }
    const Setting on_source = get("emit.heartbeats.on.source");
    if (on_source.is_on()) {
      findings_.error(on_source.line(), on_source.from->text() +
                                            " is not possible yet: heartbeats are written to "
                                            "the target; take the line out to accept that");
    }
    const Setting defaults = get("use.defaults.from");
    if (defaults.text() == "source") {
      findings_.warn(defaults.line(),
                     defaults.from->text() + " is ignored: the target's own defaults apply");
    }
  }

  void check_relations() {
    for (const Relation& relation : relations()) {
      if (!relation.holds(config_)) refuse(relation.key, std::string(relation.sentence));
    }
  }

  PropertySet& properties_;
  const FlowSelection& selection_;
  const FlowName& name_;
  Findings& findings_;
  FlowConfig config_;
};

bool is_listen_address(std::string_view text) {
  if (text == "off") return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string port(text.substr(colon + 1));
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  return digits && std::stoi(port) <= 65535;
}

// tasks.max of MM2, the largest of all flows, where threads is not said.
std::int32_t threads_from_tasks(PropertySet& properties, const FlowSelection& selection,
                                Findings& findings) {
  std::int64_t most = 0;
  for (const FlowName& flow : selection.flows) {
    const Setting tasks = look_up(properties, flow.prefix(), "tasks.max", findings);
    if (tasks.from != nullptr) most = std::max(most, tasks.number());
  }
  return static_cast<std::int32_t>(std::min<std::int64_t>(most, find_option("threads")->max));
}

}  // namespace

std::string wrong_alias(std::string_view alias) {
  if (alias.empty()) return "is empty";
  if (alias.size() > kAliasCharsMax) return "is longer than 100 characters";
  if (alias.find('.') != std::string_view::npos) {
    return "has a dot, which would make topic names ambiguous";
  }
  for (const char c : alias) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
    if (!good) return "has characters other than letters, digits, _ and -";
  }
  return "";
}

FlowSelection select_flows(PropertySet& properties, const std::vector<std::string>& targets,
                           Findings& findings) {
  FlowSelection selection;
  selection.clusters = read_clusters(properties, findings);
  check_targets(targets, selection, findings);
  bool any_enabled = false;
  for (const std::string& source : selection.clusters) {
    for (const std::string& target : selection.clusters) {
      if (source == target || !is_enabled(properties, {source, target}, findings)) continue;
      any_enabled = true;
      const bool asked =
          targets.empty() || std::find(targets.begin(), targets.end(), target) != targets.end();
      (asked ? selection.flows : selection.others).push_back({source, target});
    }
  }
  if (selection.flows.empty() && !findings.failed()) {
    findings.error(0, any_enabled ? "no enabled flow leads to the clusters of --clusters"
                                  : "no flow is enabled: write " + selection.clusters[0] + "->" +
                                        selection.clusters[1] + ".enabled = true");
  }
  return selection;
}

FlowConfig build_flow(PropertySet& properties, const FlowSelection& selection, const FlowName& flow,
                      const CheckProperties& check, Findings& findings) {
  return FlowBuilder(properties, selection, flow, findings).build(check);
}

void check_circles(std::vector<FlowConfig>& flows, const std::vector<FlowConfig>& others,
                   PropertySet& properties, Findings& findings) {
  std::vector<KeepingFlow> keeping;
  for (const std::vector<FlowConfig>* list : {&std::as_const(flows), &others}) {
    for (const FlowConfig& flow : *list) {
      if (flow.naming.policy() != NamingPolicy::identity) continue;
      keeping.push_back({flow.source.alias, flow.target.alias, flow.topics});
    }
  }
  for (FlowConfig& flow : flows) {
    if (flow.naming.policy() != NamingPolicy::identity) continue;
    flow.keeping_flows = keeping;
    const FlowName name{flow.source.alias, flow.target.alias};
    const Setting setting = look_up(properties, name.prefix(), "topics", findings);
    // A pattern that is no name is decided topic by topic, when they are known.
    for (const std::string& topic : setting.list()) {
      if (!flow.topics.matches(topic)) continue;
      const auto way = way_back(topic, name.source, name.target, keeping);
      if (!way) continue;
      findings.error(setting.line(),
                     flow.name() + ": topic " + topic + " would go round in a circle, for " + *way +
                         " mirrors it back under the same name: exclude it from one of them "
                         "(topics.exclude), or use the default replication policy");
    }
  }
}

ProcessConfig build_process(PropertySet& properties, const FlowSelection& selection,
                            Findings& findings) {
  ProcessConfig process;
  for (const Option& option : options()) {
    if (option.scope != Scope::process || option.key == "clusters") continue;
    land(option, look_up(properties, "", option.key, findings).value, process);
  }
  if (process.threads == 0) process.threads = threads_from_tasks(properties, selection, findings);
  if (!is_listen_address(process.http_listen)) {
    const Setting listen = look_up(properties, "", "http.listen", findings);
    findings.error(listen.line(),
                   "http.listen=" + process.http_listen + " is not HOST:PORT or off");
  }
  for (const std::string_view key : {"trace.endpoint", "metrics.endpoint", "trace.pathway.agent"}) {
    const Setting endpoint = look_up(properties, "", key, findings);
    if (endpoint.text().empty() || is_endpoint(endpoint.text())) continue;
    findings.error(endpoint.line(), std::string(key) + " is not a URL of http or https without " +
                                        "user and password");
  }
  return process;
}

}  // namespace longspan
