// cli/fleet/fleet_files.h - the files of many flows.
//
// A fleet is a folder with a properties file for each region pair.
//
// Errors:  a file that is wrong has its errors, and no flows; the others are read.
// Threads: a free function.
#pragma once

#include <string>
#include <vector>

#include "cli/config/load.h"
#include "lagcalc/result.h"

namespace longspan {

struct FleetFile {
  std::string path;
  LoadedConfig loaded;
};

// Every *.properties of the folder, by name; a sub-folder is not looked into. Fails when there is
// none, or the folder cannot be read.
[[nodiscard]] Result<std::vector<FleetFile>> load_fleet(const std::string& folder);

}  // namespace longspan
