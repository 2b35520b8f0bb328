// mirror/definition.h - what must be the same in every process of a flow, and how two differ.
//
// Errors:  none.
// Threads: free functions.
// Source:  ARCHITECTURE.md, "Ownership".
#pragma once

#include <optional>
#include <string>

#include "mirror/flow_config.h"
#include "mirror/state/records.h"

namespace longspan {

struct ClusterIds {
  std::string source;
  std::string target;
};

[[nodiscard]] Definition definition_of(const FlowConfig& flow, const ClusterIds& ids);

// The first key whose value differs, in one sentence with both values; absent: they agree. Keys
// that only one of them has are no difference: an older or newer program wrote it.
[[nodiscard]] std::optional<std::string> difference(const Definition& running,
                                                    const Definition& ours);

}  // namespace longspan
