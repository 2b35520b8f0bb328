// tests/broker/harness/properties.h - an MM2-style properties file of one flow to "west".
//
// Errors:  HarnessError when the file cannot be written.
// Threads: plain data.

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tests/broker/harness/clusters.h"

namespace longspan::harness {

class Properties {
 public:
  // "east->west" from the source cluster to the target cluster with everything at its test setting:
  // replication factor 1, HTTP on a free loopback port, no heartbeat topics of other tests.
  // `topics` is MM2's list of names and regexes.
  Properties(const Clusters& clusters, const std::string& topics);

  // The same under another source alias: state topics and mirrored names are then another flow's.
  Properties& of_flow(const std::string& alias);
  Properties& set(const std::string& key, const std::string& value);
  Properties& remove(const std::string& key);
  std::filesystem::path write(const std::filesystem::path& folder,
                              const std::string& name = "flow.properties") const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace longspan::harness
