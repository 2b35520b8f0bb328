#include "cli/config/show.h"

#include "cli/config/properties.h"
#include "cli/config/traces.h"
#include "mirror/schemas/registry_url.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

std::string duration(milliseconds time) {
  if (time.count() % 1000 == 0) return std::to_string(time.count() / 1000) + " s";
  return std::to_string(time.count()) + " ms";
}

std::string bytes(std::int64_t count) {
  if (count % (1 << 20) == 0) return std::to_string(count >> 20) + " MiB";
  return std::to_string(count) + " bytes";
}

std::string row(std::string_view what, const std::string& value) {
  constexpr std::size_t kColumn = 18;
  std::string name(what);
  name.resize(kColumn, ' ');
  return "  " + name + value + "\n";
}

class Description {
 public:
  explicit Description(const LoadedConfig& loaded) : loaded_(loaded) {}

  std::string text() const {
    std::string out = process(loaded_.process) + sent("spans", loaded_.telemetry.traces) +
                      sent("metrics", loaded_.telemetry.metrics) + pathways(loaded_.pathways);
    for (const FlowConfig& flow : loaded_.flows) out += "\n" + of_flow(flow);
    return out;
  }

 private:
  static std::string process(const ProcessConfig& p) {
    const std::string threads = p.threads == 0 ? "one per two cores" : std::to_string(p.threads);
    return "process\n" + row("memory", bytes(p.memory_limit_bytes)) + row("threads", threads) +
           row("http", p.http_listen) + row("shutdown", "within " + duration(p.shutdown_timeout));
  }

  static std::string pathways(const PathwaySettings& s) {
    if (!s.is_enabled) return {};
    return row("pathways", "of service " + s.service.service +
                               (s.service.env.empty() ? "" : " in " + s.service.env) + " to " +
                               without_login(s.url.substr(0, s.url.find_first_of("?#"))));
  }

  // A key may stand behind the ?.
  static std::string sent(std::string_view what, const ExportSettings& s) {
    if (!s.is_enabled) return {};
    const std::string_view form = s.form == ExportForm::zipkin_json ? "Zipkin's JSON"
                                  : s.form == ExportForm::otlp_json ? "OTLP as JSON"
                                                                    : "OTLP";
    return row(what, std::string(form) + " to " +
                         without_login(s.url.substr(0, s.url.find_first_of("?#"))) +
                         (s.is_gzip ? ", gzip" : ""));
  }

  std::string of_flow(const FlowConfig& f) const {
    return "flow " + f.name() + "\n" + cluster("source", f.source) + cluster("target", f.target) +
           selection(f) + delivery(f) + latencies(f);
  }

  std::string shown(const std::string& name, const std::string& value) const {
    const bool hidden = is_secret_key(name) || loaded_.secrets.contains(value);
    return hidden ? std::string(kHidden) : value;
  }

  std::string cluster(std::string_view side, const ClusterConfig& c) const {
    std::string out = row(side, c.alias);
    const std::pair<std::string, const ClientProperties*> lists[] = {{"", &c.common},
                                                                     {"consumer.", &c.consumer},
                                                                     {"producer.", &c.producer},
                                                                     {"admin.", &c.admin}};
    for (const auto& [role, list] : lists) {
      for (const auto& [name, value] : *list) {
        out += row("", role + name + " = " + shown(name, value));
      }
    }
    for (const auto& url : c.registry.urls) {
      out += row("", "schema.registry.url = " + without_login(url));
    }
    return out;
  }

  static std::string selection(const FlowConfig& f) {
    const std::string factor =
        f.replication_factor < 0 ? "the target's default" : std::to_string(f.replication_factor);
    const std::string internal = f.internal_replication_factor < 0
                                     ? "3, or the number of brokers"
                                     : std::to_string(f.internal_replication_factor);
    return row("topics", f.topics.include_text()) + row("except", f.topics.exclude_text()) +
           row("heartbeat topics", f.mirror_debezium_heartbeats ? "Debezium's are mirrored"
                                                                : "Debezium's are not mirrored") +
           row("names", "orders -> " + f.naming.target_topic("orders")) +
           row("replicas", factor + "; state topics " + internal) +
           row("refresh",
               f.refresh_topics ? "every " + duration(f.refresh_topics_interval) : "off") +
           row("topic configs",
               f.sync_topic_configs ? "every " + duration(f.sync_topic_configs_interval) : "off");
  }

  static std::string delivery(const FlowConfig& f) {
    const bool at_source = f.offset_syncs_location == SyncsLocation::source;
    const std::string syncs = "every " + std::to_string(f.offset_lag_max) + " records, on the " +
                              (at_source ? "source" : "target");
    const std::string promise =
        f.delivery == Delivery::exactly_once
            ? "exactly once, transactions of " + duration(f.commit_interval)
            : "at least once, positions every " + duration(f.position_interval);
    return row("starts from", f.start_from == StartFrom::latest ? "latest" : "earliest") +
           row("delivery", promise) +
           row("lost at source", f.on_data_loss == OnDataLoss::stop ? "the partition is parked"
                                                                    : "goes on behind the hole") +
           row("compression", f.compression) +
           row("heartbeats", f.emit_heartbeats ? "every " + duration(f.emit_heartbeats_interval) +
                                                     ", to " + heartbeats_place(f)
                                               : "off") +
           row("offset syncs", f.emit_offset_syncs ? syncs : "off") +
           row("state",
               f.state_topic() + ", " + std::to_string(f.slots) + " slots when it is made");
  }

  static std::string patterns(const NamePatterns& of) {
    return of.text().empty() ? "none" : of.text();
  }

  static std::string error_text(std::string_view of, const std::optional<DurationUs>& most) {
    return std::string(of) +
           (most ? " within " + duration(milliseconds(most->value / 1000)) : " at any time");
  }

  static std::string probed(const ClockConfig& c) {
    std::string out = c.probe_target ? "target's brokers" : "";
    if (c.probe_source) out += std::string(out.empty() ? "" : ", ") + "source's brokers";
    if (!c.database_dsn.empty()) out += std::string(out.empty() ? "" : ", ") + "database";
    return out.empty() ? "none" : out;
  }

  static std::string latencies(const FlowConfig& f) {
    std::string out =
        row("marks", "every " + duration(f.marks_interval) + ", to " + f.marks_topic());
    out += row("latencies", f.latency_samples == 0
                                ? "off"
                                : "of " + std::to_string(f.latency_samples) + " records a second");
    out += row("groups", patterns(f.latency_groups) +
                             "; of the source: " + patterns(f.latency_groups_source));
    if (const auto except = f.latency_groups_exclude.text(); !except.empty()) {
      out += row("", "except " + except);
    }
    if (const auto before = f.latency_groups_before_processing.text(); !before.empty()) {
      out += row("", "commit before they process: " + before);
    }
    out += row("heartbeat tables", patterns(f.connector_heartbeat_tables));
    out += row("clocks asked", probed(f.clocks));
    out += row("clocks assumed", error_text("source", f.clocks.source_max_error) + ", " +
                                     error_text("target", f.clocks.target_max_error) + ", " +
                                     error_text("connector", f.clocks.connector_max_error) + ", " +
                                     error_text("database", f.clocks.database_max_error));
    if (f.traces.is_on()) {
      out += row("traces", text_of(f.traces)) + row("spans of", sampling_text(f.traces));
    }
    if (!f.traces.viewer_url.empty()) {
      out += row("trace viewer", without_login(f.traces.viewer_url));
    }
    for (const Objective& objective : f.objectives) out += row("objective", objective.text);
    return out;
  }

  static std::string heartbeats_place(const FlowConfig& f) {
    return f.emit_heartbeats_on_source ? f.naming.heartbeats_topic() + " on the source"
                                       : f.naming.target_heartbeats_topic() + " on the target";
  }

  const LoadedConfig& loaded_;
};

}  // namespace

std::string describe(const LoadedConfig& loaded) { return Description(loaded).text(); }

}  // namespace longspan
