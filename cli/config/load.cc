#include "cli/config/load.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/config/flows.h"
#include "cli/config/setting.h"
#include "cli/exit_code.h"

namespace longspan {
namespace {

// Short ones are left out: hiding every "1" would make the output unreadable, and a value that
// short protects nothing.
constexpr std::size_t kSecretCharsMin = 3;

std::set<std::string> secrets_of(const std::vector<Property>& properties) {
  std::set<std::string> secrets;
  for (const Property& p : properties) {
    const bool plain = p.value == "true" || p.value == "false";
    if (p.secret && !plain && p.value.size() >= kSecretCharsMin) secrets.insert(p.value);
  }
  return secrets;
}

// What JAAS lines and the like were taken apart into.
void add_client_secrets(const ClusterConfig& cluster, std::set<std::string>& secrets) {
  for (const auto* list : {&cluster.common, &cluster.consumer, &cluster.producer, &cluster.admin}) {
    for (const auto& [name, value] : *list) {
      if (is_secret_key(name) && value.size() >= kSecretCharsMin) secrets.insert(value);
    }
  }
}

// Belt and braces: no text quotes a secret by construction; this catches what a library quotes.
void hide_secrets(std::vector<std::string>& lines, const std::set<std::string>& secrets) {
  for (std::string& line : lines) {
    for (const std::string& secret : secrets) {
      for (std::size_t at = 0; (at = line.find(secret, at)) != std::string::npos;) {
        line.replace(at, secret.size(), kHidden);
        at += kHidden.size();
      }
    }
  }
}

// What every option comes to, for a later reading to be compared with.
void note_values(LoadedConfig& loaded, PropertySet& properties, Scope scope,
                 const std::string& prefix) {
  Findings told_already("");
  for (const Option& option : options()) {
    if (option.scope != scope) continue;
    auto setting = look_up(properties, prefix, option.key, told_already);
    const std::string text =
        setting.from == nullptr ? std::string(option.default_value) : setting.from->value;
    loaded.values[prefix + std::string(option.key)] = {std::move(setting.value), text};
  }
}

void fill(LoadedConfig& loaded, std::vector<Property> list, const LoadRequest& request,
          const CheckProperties& check, Findings& findings) {
  PropertySet properties(std::move(list));
  const FlowSelection selection = select_flows(properties, request.targets, findings);
  for (const FlowName& flow : selection.flows) {
    loaded.flows.push_back(build_flow(properties, selection, flow, check, findings));
    add_client_secrets(loaded.flows.back().source, loaded.secrets);
    add_client_secrets(loaded.flows.back().target, loaded.secrets);
    note_values(loaded, properties, Scope::flow, flow.prefix());
    note_values(loaded, properties, Scope::cluster, flow.source + ".");
    note_values(loaded, properties, Scope::cluster, flow.target + ".");
  }
  std::vector<FlowConfig> others;
  Findings theirs(request.path);  // told where they run
  for (const FlowName& flow : selection.others) {
    others.push_back(build_flow(properties, selection, flow, check, theirs));
  }
  check_circles(loaded.flows, others, properties, findings);
  loaded.process = build_process(properties, selection, findings);
  note_values(loaded, properties, Scope::process, "");
  report_leftovers(properties, selection, findings);
}

Environment environment_of(const std::vector<std::string>& names,
                           const Surroundings& surroundings) {
  Environment out;
  for (const std::string& name : names) {
    if (auto value = surroundings.environment(name)) out[name] = std::move(*value);
  }
  return out;
}

TelemetrySettings telemetry_of(const ProcessConfig& process, const Surroundings& surroundings) {
  return read_telemetry({process.trace_exporter, process.trace_endpoint, process.metrics_exporter,
                         process.metrics_endpoint},
                        environment_of(export_variables(), surroundings));
}

// What a later request would fail by, each time.
void check_files(const ExportSettings& settings, const Surroundings& surroundings,
                 LoadedConfig& loaded) {
  if (!settings.is_enabled) return;
  for (const std::string* path :
       {&settings.certificate_file, &settings.client_certificate_file, &settings.client_key_file}) {
    if (path->empty() || surroundings.file(*path)) continue;
    loaded.errors.push_back("environment: " + *path + " of OTEL_EXPORTER_OTLP_* cannot be read");
  }
}

void add_telemetry(LoadedConfig& loaded, const Surroundings& surroundings) {
  loaded.telemetry = telemetry_of(loaded.process, surroundings);
  for (const std::string& problem : loaded.telemetry.problems) {
    loaded.warnings.push_back("environment: " + problem);
  }
  const bool wants_traces = std::any_of(loaded.flows.begin(), loaded.flows.end(),
                                        [](const FlowConfig& flow) { return flow.traces.is_on(); });
  loaded.pathways = read_pathway_settings(loaded.process.trace_pathway_agent,
                                          environment_of(pathway_variables(), surroundings));
  if (!loaded.pathways.problem.empty()) {
    loaded.warnings.push_back("environment: " + loaded.pathways.problem);
  }
  if (!wants_traces && !loaded.process.trace_pathway_agent.empty()) {
    loaded.warnings.push_back(
        "trace.pathway.agent does nothing without topics: name some in trace.reparent.topics or "
        "trace.link.topics");
  }
  if (wants_traces && !loaded.telemetry.traces.is_enabled && !loaded.pathways.is_enabled) {
    loaded.warnings.push_back(
        "trace.reparent.topics and trace.link.topics do nothing without an exporter of spans: "
        "write trace.exporter=otlp, or zipkin");
  }
  check_files(loaded.telemetry.traces, surroundings, loaded);
  check_files(loaded.telemetry.metrics, surroundings, loaded);
}

// ": No such file or directory"; empty when this machine can read it after all.
std::string why_unreadable(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return ": it is a directory";
  errno = 0;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return ": " + std::generic_category().message(errno);
  std::fclose(file);
  return {};
}

}  // namespace

LoadedConfig load_config_from(const LoadRequest& request, const Surroundings& surroundings,
                              const CheckProperties& check) {
  LoadedConfig loaded;
  const auto text = surroundings.file(request.path);
  if (!text) {
    loaded.errors.push_back(request.path + ": cannot be read" + why_unreadable(request.path));
    return loaded;
  }
  Findings findings(request.path);
  auto properties = parse_properties(*text, findings);
  expand_secrets(properties, surroundings, findings);
  loaded.secrets = secrets_of(properties);
  // A file that is not text has no flows to speak of; any other error still lets the rest be seen.
  if (!properties.empty() || !findings.failed()) {
    fill(loaded, std::move(properties), request, check, findings);
  }
  loaded.errors = findings.errors();
  loaded.warnings = findings.warnings();
  // Made of the options, which must be right first.
  if (loaded.errors.empty()) add_telemetry(loaded, surroundings);
  hide_secrets(loaded.errors, loaded.secrets);
  hide_secrets(loaded.warnings, loaded.secrets);
  return loaded;
}

int report(const LoadedConfig& loaded) {
  for (const std::string& line : loaded.warnings) {
    std::fprintf(stderr, "warning: %s\n", line.c_str());
  }
  for (const std::string& line : loaded.errors) std::fprintf(stderr, "error: %s\n", line.c_str());
  if (loaded.errors.empty()) return kExitFine;
  std::fprintf(stderr, "longspan: %zu %s in the configuration; nothing was done\n",
               loaded.errors.size(), loaded.errors.size() == 1 ? "error" : "errors");
  return kExitUsage;
}

}  // namespace longspan
