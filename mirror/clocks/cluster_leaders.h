// mirror/clocks/cluster_leaders.h - the brokers of a cluster, and who leads which partition.
//
// Errors:  none. A partition without a leader, or one that is not known, has an absent node.
// Threads: values.
// Limits:  a vector per topic: some 24 bytes a partition.
// Source:  Kafka protocol, Metadata.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/clocks/interval.h"
#include "lagcalc/topic_partition.h"

namespace longspan {

// As one metadata answer says it.
struct ClusterView {
  std::vector<std::int32_t> brokers;  // node ids, rising
  // By partition number.
  std::map<std::string, std::vector<std::optional<std::int32_t>>, std::less<>> topics;
};

struct Leader {
  std::optional<std::int32_t> node;
  Instant since;  // first seen to be so; it may be so for longer
};

struct ClusterLeaders {
  std::vector<std::int32_t> brokers;
  std::map<std::string, std::vector<Leader>, std::less<>> topics;

  // Absent: not known.
  [[nodiscard]] const Leader* find(const TopicPartition& partition) const;
};

// What is seen `now`; who led already keeps his `since`.
[[nodiscard]] ClusterLeaders updated(const ClusterLeaders& before, const ClusterView& view,
                                     Instant now);

}  // namespace longspan
