#include "tracing/pathways/pathway_settings.h"

#include <string_view>

#include "tracing/export/telemetry_settings.h"

namespace longspan {
namespace {

constexpr const char* kPath = "/v0.1/pipeline_stats";

std::string value_of(const Environment& environment, std::string_view name,
                     std::string_view otherwise = "") {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? std::string(otherwise)
                                                             : found->second;
}

bool is_wanted(const Environment& environment) {
  const std::string value = value_of(environment, "DD_DATA_STREAMS_ENABLED");
  return value == "true" || value == "True" || value == "1";
}

std::string agent_of(const Environment& environment) {
  return value_of(environment, "DD_TRACE_AGENT_URL",
                  "http://" + value_of(environment, "DD_AGENT_HOST", "localhost") + ":" +
                      value_of(environment, "DD_TRACE_AGENT_PORT", "8126"));
}

}  // namespace

PathwaySettings read_pathway_settings(const std::string& agent, const Environment& environment) {
  PathwaySettings out;
  if (agent.empty() && !is_wanted(environment)) return out;
  const std::string url = agent.empty() ? agent_of(environment) : agent;
  if (!is_endpoint(url)) {
    // What stands there may be a secret.
    out.problem = std::string(agent.empty() ? "DD_TRACE_AGENT_URL" : "trace.pathway.agent") +
                  " is no URL of http or https; no pathways are kept";
    return out;
  }
  out.is_enabled = true;
  out.url = with_path(url, kPath);
  out.service.service =
      value_of(environment, "DD_SERVICE", value_of(environment, "OTEL_SERVICE_NAME", "longspan"));
  out.service.env = value_of(environment, "DD_ENV");
  out.service.version = value_of(environment, "DD_VERSION");
  return out;
}

std::vector<std::string> pathway_variables() {
  return {"DD_DATA_STREAMS_ENABLED",
          "DD_TRACE_AGENT_URL",
          "DD_AGENT_HOST",
          "DD_TRACE_AGENT_PORT",
          "DD_SERVICE",
          "DD_ENV",
          "DD_VERSION",
          "OTEL_SERVICE_NAME"};
}

}  // namespace longspan
