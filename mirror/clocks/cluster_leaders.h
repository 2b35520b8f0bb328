// mirror/clocks/cluster_leaders.h - the brokers of a cluster, and who leads which partition.
//
// Errors:  none. A partition without a leader, or one that is not known, has an absent node.
// Threads: values.
// Limits:  a vector per topic: some 24 bytes a partition; kKnownBrokersMax.
// Source:  Kafka protocol, Metadata.
#pragma once

#include <cstddef>
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
  std::vector<std::int32_t> brokers;  // node ids, rising; those that are up
  // By partition number.
  std::map<std::string, std::vector<std::optional<std::int32_t>>, std::less<>> topics;
  std::vector<std::int32_t> replicas = {};  // node ids of replicas, rising; up or down
};

struct Leader {
  std::optional<std::int32_t> node;
  Instant since;  // first seen to be so; it may be so for longer
};

inline constexpr std::size_t kKnownBrokersMax = 1'000;

struct ClusterLeaders {
  std::vector<std::int32_t> brokers;  // rising; those that are up
  // Rising: all that were ever named. One that is down may have written what is read now.
  std::vector<std::int32_t> known = {};
  bool are_all_known = true;  // false: there were more than kKnownBrokersMax
  std::map<std::string, std::vector<Leader>, std::less<>> topics;

  [[nodiscard]] bool is_up(std::int32_t node) const;
  // The one that wrote everything; absent: there are, or were, others.
  [[nodiscard]] std::optional<std::int32_t> only_broker() const;
  // Absent: not known.
  [[nodiscard]] const Leader* find(const TopicPartition& partition) const;
};

// What is seen `now`; who led already keeps his `since`, and who was named stays known.
[[nodiscard]] ClusterLeaders updated(const ClusterLeaders& before, const ClusterView& view,
                                     Instant now);

}  // namespace longspan
