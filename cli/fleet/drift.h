// cli/fleet/drift.h - in what the files of a fleet drift apart.
//
// What is meant to be the same in all of them rarely stays so: an option that one flow has
// otherwise, a cluster whose address was changed in one file of two.
//
// Errors:  none.
// Threads: a pure function.
// Invariant: no value of a secret is in a Drift; two secrets that differ look the same.
#pragma once

#include <string>
#include <vector>

#include "cli/fleet/fleet_files.h"

namespace longspan {

struct Drift {
  struct Value {
    std::string text;                // as it was written, or the default; empty: nothing
    std::vector<std::string> where;  // flows, or files
  };
  // An option ("topics"), a setting of a cluster ("cluster east: bootstrap.servers"), the aliases
  // of one address, or the files of one flow.
  std::string what;
  std::vector<Value> values;  // two or more, the one that most have first
};

// A flow that is in two files, then clusters, then options of flows.
[[nodiscard]] std::vector<Drift> drifts_of(const std::vector<FleetFile>& files);

}  // namespace longspan
