#include "cli/fleet/drift.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/config/properties.h"
#include "cli/options.h"

namespace longspan {
namespace {

using Values = std::map<std::string, std::set<std::string>>;  // text -> where

void add(std::vector<Drift>& out, std::string what, const Values& values) {
  if (values.size() < 2) return;
  Drift drift{std::move(what), {}};
  for (const auto& [text, where] : values) {
    drift.values.push_back({text, {where.begin(), where.end()}});
  }
  std::stable_sort(drift.values.begin(), drift.values.end(),
                   [](const auto& a, const auto& b) { return a.where.size() > b.where.size(); });
  out.push_back(std::move(drift));
}

std::string shown(const FleetFile& file, const std::string& name, const std::string& value) {
  const bool is_hidden = is_secret_key(name) || file.loaded.secrets.contains(value);
  return is_hidden ? std::string(kHidden) : value;
}

void add_options(std::vector<Drift>& out, const std::vector<FleetFile>& files) {
  for (const Option& option : options()) {
    if (option.scope != Scope::flow) continue;
    const std::string key(option.key);
    Values values;
    for (const FleetFile& file : files) {
      for (const FlowConfig& flow : file.loaded.flows) {
        const auto found = file.loaded.values.find(flow.name() + "." + key);
        if (found == file.loaded.values.end()) continue;
        values[shown(file, key, found->second.text)].insert(flow.name());
      }
    }
    add(out, key, values);
  }
}

using Properties = std::map<std::string, std::string>;

Properties properties_of(const FleetFile& file, const ClusterConfig& cluster) {
  Properties out;
  const std::pair<std::string, const ClientProperties*> lists[] = {{"", &cluster.common},
                                                                   {"consumer.", &cluster.consumer},
                                                                   {"producer.", &cluster.producer},
                                                                   {"admin.", &cluster.admin}};
  for (const auto& [role, list] : lists) {
    for (const auto& [name, value] : *list) out[role + name] = shown(file, name, value);
  }
  for (const Option& option : options()) {
    if (option.scope != Scope::cluster) continue;
    const std::string key(option.key);
    const auto found = file.loaded.values.find(cluster.alias + "." + key);
    if (found != file.loaded.values.end()) out[key] = shown(file, key, found->second.text);
  }
  return out;
}

// The same alias is one cluster, in whatever file it stands.
void add_clusters(std::vector<Drift>& out, const std::vector<FleetFile>& files) {
  std::map<std::string, std::map<std::string, Properties>> clusters;  // alias -> file
  for (const FleetFile& file : files) {
    for (const FlowConfig& flow : file.loaded.flows) {
      for (const ClusterConfig* cluster : {&flow.source, &flow.target}) {
        clusters[cluster->alias].emplace(file.path, properties_of(file, *cluster));
      }
    }
  }
  std::map<std::string, Values> aliases;  // by address
  for (const auto& [alias, by_file] : clusters) {
    std::set<std::string> names;
    for (const auto& [file, properties] : by_file) {
      for (const auto& [name, value] : properties) names.insert(name);
    }
    for (const std::string& name : names) {
      Values values;
      for (const auto& [file, properties] : by_file) {
        const auto found = properties.find(name);
        values[found == properties.end() ? "" : found->second].insert(file);
        if (name == "bootstrap.servers" && found != properties.end()) {
          aliases[found->second][alias].insert(file);
        }
      }
      add(out, "cluster " + alias + ": " + name, values);
    }
  }
  for (const auto& [address, values] : aliases) add(out, "aliases of " + address, values);
}

// Two processes would share its slots, each by its own file.
void add_twice(std::vector<Drift>& out, const std::vector<FleetFile>& files) {
  std::map<std::string, Values> flows;
  for (const FleetFile& file : files) {
    for (const FlowConfig& flow : file.loaded.flows)
      flows[flow.name()][file.path].insert(file.path);
  }
  for (const auto& [flow, values] : flows) add(out, "files of flow " + flow, values);
}

}  // namespace

std::vector<Drift> drifts_of(const std::vector<FleetFile>& files) {
  std::vector<Drift> out;
  add_twice(out, files);
  add_clusters(out, files);
  add_options(out, files);
  return out;
}

}  // namespace longspan
