// cli/config/traces.h - what a flow does with the traces of its records.
//
// Errors:  into Findings, on the line of the key.
// Threads: a free function.
#pragma once

#include <string>

#include "cli/config/findings.h"
#include "cli/config/property_set.h"
#include "mirror/traces/trace_settings.h"

namespace longspan {

// `flow` is "A->B.".
TraceSettings build_traces(PropertySet& properties, const std::string& flow, Findings& findings);

// Of settings that are on: "reparent orders.*; link .*; records in no trace begin one, as b3"
[[nodiscard]] std::string text_of(const TraceSettings& settings);
// "0.1 of traces nobody decided about, 20 records a second; and ..."
[[nodiscard]] std::string sampling_text(const TraceSettings& settings);

}  // namespace longspan
