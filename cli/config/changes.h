// cli/config/changes.h - what a file that was read again says otherwise than the one that runs.
//
// Errors:  `error` says why nothing of it may be taken: a value that is fine in the new file would
//          not be beside those that only a restart changes.
// Threads: free functions.
// Limits:  values of secrets are in no text; of client settings only the names are.
#pragma once

#include <string>
#include <vector>

#include "cli/config/load.h"

namespace longspan {

struct FlowChange {
  std::string flow;
  LiveSettings settings;
  std::string changed;  // "park.retry.ms=5000->1000, ..."
};

struct ConfigChanges {
  std::vector<FlowChange> flows;           // those of which something changes
  std::vector<std::string> needs_restart;  // keys, as one would write them
  std::string error;                       // one sentence; empty: none
};

[[nodiscard]] ConfigChanges changes_between(const LoadedConfig& running, const LoadedConfig& read);

// What runs from now on: `running`, with the live values of `read`.
void adopt(LoadedConfig& running, const LoadedConfig& read);

}  // namespace longspan
