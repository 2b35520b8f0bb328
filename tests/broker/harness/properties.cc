#include "tests/broker/harness/properties.h"

#include <fstream>
#include <utility>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {

Properties::Properties(const Clusters& clusters, const std::string& topics)
    : values_{{"clusters", "east, west"},
              {"east.bootstrap.servers", clusters.source},
              {"west.bootstrap.servers", clusters.target},
              {"east->west.enabled", "true"},
              {"east->west.topics", topics},
              {"replication.factor", "1"},
              {"offset-syncs.topic.replication.factor", "1"},
              {"emit.checkpoints.enabled", "false"},
              {"mirror.debezium.heartbeats", "false"},
              {"sync.topic.acls.enabled", "false"},
              {"offset-syncs.topic.location", "target"},
              {"http.listen", "127.0.0.1:0"}} {}

Properties& Properties::of_flow(const std::string& alias) {
  std::map<std::string, std::string> renamed;
  for (const auto& [key, value] : values_) {
    renamed[key.starts_with("east") ? alias + key.substr(4) : key] = value;
  }
  renamed["clusters"] = alias + ", west";
  values_ = std::move(renamed);
  return *this;
}

Properties& Properties::set(const std::string& key, const std::string& value) {
  values_[key] = value;
  return *this;
}

Properties& Properties::remove(const std::string& key) {
  values_.erase(key);
  return *this;
}

std::filesystem::path Properties::write(const std::filesystem::path& folder,
                                        const std::string& name) const {
  const auto path = folder / name;
  std::ofstream file(path);
  for (const auto& [key, value] : values_) file << key << "=" << value << "\n";
  file.close();
  require(file.good(), "cannot write " + path.string());
  return path;
}

}  // namespace longspan::harness
