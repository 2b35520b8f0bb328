#include "mirror/hops/topic_hops.h"

#include <algorithm>

namespace longspan {
namespace {

double seconds(DurationUs duration) { return static_cast<double>(duration.value) / 1e6; }

}  // namespace

void HopLatency::record(const std::optional<DurationInterval>& took, std::uint64_t count,
                        bool is_within) {
  tally.record(took, count);
  if (!took || !took->point) return;
  point.record(seconds(*took->point), count);
  is_assumed = took->assumed;
  if (!is_within || !took->low || !took->high) return;
  low.record(seconds(*took->low), count);
  high.record(seconds(*took->high), count);
}

void HopLatency::merge(const HopLatency& other) {
  point.merge(other.point);
  low.merge(other.low);
  high.merge(other.high);
  tally.merge(other.tally);
  is_assumed = is_assumed || other.is_assumed;
}

void TopicHops::merge(const TopicHops& other) {
  for (std::size_t i = 0; i < hops.size(); ++i) hops[i].merge(other.hops[i]);
  for (std::size_t i = 0; i < without_commit.size(); ++i) {
    without_commit[i] += other.without_commit[i];
  }
  sampled_total += other.sampled_total;
  contradictions_total += other.contradictions_total;
  newest_commit = std::max(newest_commit, other.newest_commit);
}

}  // namespace longspan
