#include "cli/fleet/fleet_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace longspan {

namespace fs = std::filesystem;

Result<std::vector<FleetFile>> load_fleet(const std::string& folder) {
  std::error_code trouble;
  std::vector<std::string> paths;
  for (fs::directory_iterator at(folder, trouble), end; !trouble && at != end;
       at.increment(trouble)) {
    std::error_code ignored;
    if (at->path().extension() == ".properties" && at->is_regular_file(ignored)) {
      paths.push_back(at->path().string());
    }
  }
  if (trouble) {
    return fail(Next::stop_process, "cannot read the folder " + folder + ": " + trouble.message());
  }
  if (paths.empty()) {
    return fail(Next::stop_process, "there is no *.properties in the folder " + folder);
  }
  std::sort(paths.begin(), paths.end());
  std::vector<FleetFile> out;
  for (const std::string& path : paths) {
    FleetFile file{path, load_config(path)};
    if (!file.loaded.errors.empty()) file.loaded.flows.clear();
    out.push_back(std::move(file));
  }
  return out;
}

}  // namespace longspan
