// cli/config/show.h - the resolved configuration as people read it: `run FILE --check-config`.
//
// Threads: free functions.
// Invariant: no value of LoadedConfig::secrets, and of no key that is a secret by name, is shown.
#pragma once

#include <string>

#include "cli/config/load.h"

namespace longspan {

[[nodiscard]] std::string describe(const LoadedConfig& loaded);

}  // namespace longspan
