#include "mirror/traces/pathway_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tracing/pathways/pathway_context.h"

namespace longspan {
namespace {

PathwayEdge edge_of(std::vector<std::string> tags, const std::string& cluster) {
  if (!cluster.empty()) tags.push_back("kafka_cluster_id:" + cluster);
  tags.emplace_back("type:kafka");
  std::sort(tags.begin(), tags.end());
  return std::make_shared<const std::vector<std::string>>(std::move(tags));
}

}  // namespace

PathwayWatch::PathwayWatch(const Clock& clock, PathwaySink* sink, Ends ends)
    : clock_(clock), sink_(sink), ends_(std::move(ends)) {}

PathwayWatch::~PathwayWatch() {
  if (auto bucket = stats_.take()) sink_->push(std::move(*bucket));
}

std::shared_ptr<const PathwayWatch::Route> PathwayWatch::open(const TraceSettings& settings,
                                                              const std::string& source_topic,
                                                              const std::string& target_topic) {
  if (sink_ == nullptr || settings.mode_of(source_topic) == TraceMode::preserve) return nullptr;
  std::weak_ptr<const Route>& known = routes_[source_topic];
  auto route = known.lock();
  if (!route) {
    route = std::make_shared<const Route>(route_of(settings, source_topic, target_topic));
    known = route;
  }
  return route;
}

PathwayWatch::Route PathwayWatch::route_of(const TraceSettings& settings,
                                           const std::string& source_topic,
                                           const std::string& target_topic) const {
  Route out;
  out.starts = settings.starts;
  out.in = edge_of({"direction:in", "group:" + ends_.flow, "topic:" + source_topic},
                   ends_.source_cluster);
  out.in_node = pathway_node(sink_->service(), *out.in);
  if (settings.mode_of(source_topic) != TraceMode::reparent) return out;
  out.out = edge_of({"direction:out", "topic:" + target_topic}, ends_.target_cluster);
  out.out_node = pathway_node(sink_->service(), *out.out);
  return out;
}

void PathwayWatch::fetched(const Route& route, Record& record,
                           std::span<const HeaderView> headers) {
  const FoundPathway found = read_pathway(headers);
  if (found.is_broken) {
    ++broken_;
    return;
  }
  if (!found.context && !route.starts) return;
  const TimestampMs now = clock_.now();
  if (auto bucket = stats_.take_if_over(now)) sink_->push(std::move(*bucket));
  const PathwayContext before = found.context.value_or(PathwayContext{0, now, now});
  const auto bytes = static_cast<std::int64_t>(record.payload_bytes());
  const std::int64_t pathway_ms = now.value - before.start.value;
  const std::uint64_t in = pathway_hash(route.in_node, before.hash);
  stats_.add(route.in, {in, before.hash}, {pathway_ms, now.value - before.edge_start.value, bytes},
             now);
  if (!route.out) return;
  const std::uint64_t out = pathway_hash(route.out_node, in);
  stats_.add(route.out, {out, in}, {pathway_ms, 0, bytes}, now);
  if (!record.edits) record.edits = std::make_unique<HeaderEdits>();
  for (HeaderEdit& edit : pathway_edits(found, {out, before.start, now})) {
    record.edits->push_back(std::move(edit));
  }
}

void PathwayWatch::tick() {
  if (auto bucket = stats_.take_if_over(clock_.now())) sink_->push(std::move(*bucket));
}

PathwayFigures PathwayWatch::figures() const {
  const PathwayStats::Counts& counts = stats_.counts();
  return {counts.checkpoints, counts.negative, counts.left_out, broken_};
}

}  // namespace longspan
