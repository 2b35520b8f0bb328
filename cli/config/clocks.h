// cli/config/clocks.h - which clocks a flow asks, and what it assumes of the others.
//
// Errors:  into Findings, on the line of the key; never with the connection string.
// Threads: a free function.
#pragma once

#include <string>

#include "cli/config/findings.h"
#include "cli/config/property_set.h"
#include "mirror/clocks/clock_config.h"

namespace longspan {

// `flow` is "A->B.".
ClockConfig build_clocks(PropertySet& properties, const std::string& flow, Findings& findings);

}  // namespace longspan
