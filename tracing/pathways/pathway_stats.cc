#include "tracing/pathways/pathway_stats.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

TimestampMs start_of(TimestampMs now) { return {now.value - now.value % PathwayBucket::kMs}; }

void record_ms(Histogram& into, std::int64_t ms) {
  into.record(static_cast<double>(std::max<std::int64_t>(ms, 0)) / 1000);
}

}  // namespace

void PathwayStats::add(const PathwayEdge& edge, Way way, Measured measured, TimestampMs now) {
  if (!start_) start_ = start_of(now);
  auto found = points_.find(way.hash);
  if (found == points_.end()) {
    if (points_.size() >= kPointsMax) {
      ++counts_.left_out;
      return;
    }
    found = points_.emplace(way.hash, PathwayPoint{edge, way.hash, way.parent, {}, {}, {}}).first;
  }
  PathwayPoint& point = found->second;
  ++counts_.checkpoints;
  counts_.negative += measured.pathway_ms < 0 || measured.edge_ms < 0 ? 1 : 0;
  record_ms(point.pathway_seconds, measured.pathway_ms);
  record_ms(point.edge_seconds, measured.edge_ms);
  point.payload_bytes.record(static_cast<double>(measured.bytes));
}

std::optional<PathwayBucket> PathwayStats::take_if_over(TimestampMs now) {
  if (!start_ || start_->value == start_of(now).value) return std::nullopt;
  return take();
}

std::optional<PathwayBucket> PathwayStats::take() {
  if (!start_) return std::nullopt;
  PathwayBucket out{*start_, {}};
  out.points.reserve(points_.size());
  for (auto& [hash, point] : points_) out.points.push_back(std::move(point));
  points_.clear();
  start_.reset();
  return out;
}

}  // namespace longspan
