// tracing/pathways/pathway_settings.h - whether checkpoints are told to a Datadog agent, to which,
// and as which service.
//
//   trace.pathway.agent, else where DD_DATA_STREAMS_ENABLED is true or 1:
//   DD_TRACE_AGENT_URL, else http://DD_AGENT_HOST:DD_TRACE_AGENT_PORT (localhost:8126)
//   DD_SERVICE, else OTEL_SERVICE_NAME, else longspan; DD_ENV, DD_VERSION
//
// Without a path the URL gets /v0.1/pipeline_stats.
//
// Errors:  `problem`: a sentence; nothing is sent then.
// Threads: pure functions.
// Source:  Datadog, "Configure the tracing library"; dd-trace-py's settings/_agent.py.
#pragma once

#include <string>
#include <vector>

#include "tracing/export/export_settings.h"
#include "tracing/pathways/pathway_hash.h"

namespace longspan {

struct PathwaySettings {
  bool is_enabled = false;
  std::string url = {};
  PathwayService service = {};
  std::string problem = {};  // empty: none
};

// `agent` as the file has it; empty: nothing is said.
[[nodiscard]] PathwaySettings read_pathway_settings(const std::string& agent,
                                                    const Environment& environment);
// The names of all variables that are asked for.
[[nodiscard]] std::vector<std::string> pathway_variables();

}  // namespace longspan
