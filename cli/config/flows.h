// cli/config/flows.h - which flows a file asks for, and everything each of them is told.
//
// A flow's key is looked for as A->B.KEY, then as KEY, then in the option table's defaults; an
// older name of the key directly behind the newer one.
//
// Errors:  into Findings; with an error among them the flows are not fit to run.
// Threads: free functions.
// Source:  KIP-382; Kafka's MirrorMakerConfig.
#pragma once

#include <string>
#include <vector>

#include "cli/config/clusters.h"
#include "cli/options.h"

namespace longspan {

struct FlowSelection {
  std::vector<std::string> clusters;  // aliases of the file, in its order
  std::vector<FlowName> flows;        // enabled, and their target asked for
  std::vector<FlowName> others;       // enabled, for other processes
};

// `targets`: only flows into these clusters; empty: all.
FlowSelection select_flows(PropertySet& properties, const std::vector<std::string>& targets,
                           Findings& findings);

FlowConfig build_flow(PropertySet& properties, const FlowSelection& selection, const FlowName& flow,
                      const CheckProperties& check, Findings& findings);

// Tells flows that keep the names of topics of each other; a topic that they would send round in a
// circle for certain is an error. `others`: the flows of the file that are not built to be run.
void check_circles(std::vector<FlowConfig>& flows, const std::vector<FlowConfig>& others,
                   PropertySet& properties, Findings& findings);

ProcessConfig build_process(PropertySet& properties, const FlowSelection& selection,
                            Findings& findings);

// Warns about every key nobody asked for: known and meaningless, misplaced, or unknown.
void report_leftovers(const PropertySet& properties, const FlowSelection& selection,
                      Findings& findings);

// Why an alias cannot be used; empty: it can.
[[nodiscard]] std::string wrong_alias(std::string_view alias);

}  // namespace longspan
