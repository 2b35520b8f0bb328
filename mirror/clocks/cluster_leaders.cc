#include "mirror/clocks/cluster_leaders.h"

#include <algorithm>
#include <iterator>

namespace longspan {
namespace {

std::vector<std::int32_t> united(const std::vector<std::int32_t>& a,
                                 const std::vector<std::int32_t>& b) {
  std::vector<std::int32_t> out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

}  // namespace

std::optional<std::int32_t> ClusterLeaders::only_broker() const {
  if (known.size() != 1 || !are_all_known) return std::nullopt;
  return known.front();
}

bool ClusterLeaders::is_up(std::int32_t node) const {
  return std::binary_search(brokers.begin(), brokers.end(), node);
}

const Leader* ClusterLeaders::find(const TopicPartition& partition) const {
  const auto found = topics.find(partition.topic);
  const auto number = static_cast<std::size_t>(partition.partition);
  if (found == topics.end() || number >= found->second.size()) return nullptr;
  const Leader& leader = found->second[number];
  return leader.node ? &leader : nullptr;
}

ClusterLeaders updated(const ClusterLeaders& before, const ClusterView& view, Instant now) {
  ClusterLeaders out;
  out.brokers = view.brokers;
  out.known = united(before.known, united(view.brokers, view.replicas));
  out.are_all_known = before.are_all_known && out.known.size() <= kKnownBrokersMax;
  out.known.resize(std::min(out.known.size(), kKnownBrokersMax));
  for (const auto& [name, nodes] : view.topics) {
    std::vector<Leader>& leaders = out.topics[name];
    leaders.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Leader* known = before.find({name, static_cast<std::int32_t>(i)});
      const bool is_same = known != nullptr && known->node == nodes[i];
      leaders.push_back(is_same ? *known : Leader{nodes[i], now});
    }
  }
  return out;
}

}  // namespace longspan
