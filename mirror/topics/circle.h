// mirror/topics/circle.h - would a topic go round in a circle?
//
// Under the identity policy a name does not tell where a topic comes from. Where flows lead back to
// the cluster a topic was read from, and each of them mirrors that name, every record would be
// copied for ever. MirrorMaker 2 leaves it to its user to avoid that.
//
// Errors:  none.
// Threads: free functions.
// Limits:  as many flows as a file has.
// Source:  KIP-382, KAFKA-9726 (IdentityReplicationPolicy cannot detect cycles).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mirror/topics/topic_filter.h"

namespace longspan {

// A flow that keeps the names of topics.
struct KeepingFlow {
  std::string source;  // alias
  std::string target;
  TopicFilter topics;
};

// The way back from `target` to `source`, "west->north->east"; absent: there is none.
[[nodiscard]] std::optional<std::string> way_back(const std::string& topic,
                                                  const std::string& source,
                                                  const std::string& target,
                                                  const std::vector<KeepingFlow>& flows);

}  // namespace longspan
