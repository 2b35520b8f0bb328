// cli/config/load.h - a properties file, as the value the rest of the program runs on.
//
//     const LoadedConfig loaded = load_config("mirror.properties");
//     if (const int code = report(loaded); code != kExitFine) return code;
//
// Errors:  all of them at once in `errors`, each "FILE:LINE: key=value is not ...", by line; when
//          there is one, `flows` must not be run. Values of secrets are in none of the texts.
// Threads: free functions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/clusters.h"
#include "cli/config/secrets.h"
#include "cli/options.h"
#include "mirror/flow_config.h"
#include "tracing/export/telemetry_settings.h"
#include "tracing/pathways/pathway_settings.h"

namespace longspan {

// An option as it holds, and as it was written.
struct ShownValue {
  OptionValue value;
  std::string text;
};

struct LoadedConfig {
  ProcessConfig process;
  std::vector<FlowConfig> flows;
  std::vector<std::string> warnings;
  std::vector<std::string> errors;
  std::set<std::string> secrets;             // values that must never be printed
  std::map<std::string, ShownValue> values;  // by "KEY" of the process, "A->B.KEY" of a flow
  TelemetrySettings telemetry;               // with the environment's variables
  PathwaySettings pathways;                  // the same
};

inline constexpr std::string_view kHidden = "<hidden>";

struct LoadRequest {
  std::string path;
  std::vector<std::string> targets;  // --clusters; empty: every enabled flow
};

// The file as it is, with this machine's environment and client library.
[[nodiscard]] LoadedConfig load_config(const LoadRequest& request);
[[nodiscard]] LoadedConfig load_config(const std::string& path);

// The same with everything outside given; for tests.
[[nodiscard]] LoadedConfig load_config_from(const LoadRequest& request,
                                            const Surroundings& surroundings,
                                            const CheckProperties& check);

// Warnings, then errors, on stderr. kExitFine, or kExitUsage when there is an error.
int report(const LoadedConfig& loaded);

}  // namespace longspan
