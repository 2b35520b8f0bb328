// The first part of load.h: a file of this machine, checked by the client library as linked.
#include "cli/config/load.h"
#include "mirror/kafka/clients.h"

namespace longspan {

LoadedConfig load_config(const LoadRequest& request) {
  return load_config_from(request, real_surroundings(), check_properties);
}

LoadedConfig load_config(const std::string& path) { return load_config(LoadRequest{path, {}}); }

}  // namespace longspan
