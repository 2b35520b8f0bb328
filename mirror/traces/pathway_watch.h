// mirror/traces/pathway_watch.h - the mirror as a node of Datadog's Data Streams: each record comes
// in at its source topic and, where its topic is reparented, goes out to the target's.
//
//   in   direction:in group:FLOW kafka_cluster_id:S topic:SOURCE type:kafka
//   out  direction:out kafka_cluster_id:T topic:TARGET type:kafka
//
// Both are passed when the record is fetched: what it waits here before it is sent counts to the
// edge behind us, whose reader sees it. A record that is then left out, or fetched again, counts
// all the same. In a topic that is linked the header stays, and the way ends in us.
//
// Units:   milliseconds of the wall clock, as the header has them.
// Errors:  none. A header that is broken stays as it is, counted; its record is no checkpoint.
// Threads: one shard's.
// Limits:  those of PathwayStats.
// Source:  ARCHITECTURE.md, "Traces"; tracing/pathways/.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "lagcalc/header_view.h"
#include "mirror/ports.h"
#include "mirror/record.h"
#include "mirror/traces/trace_figures.h"
#include "mirror/traces/trace_settings.h"
#include "tracing/pathways/pathway_sink.h"

namespace longspan {

class PathwayWatch {
 public:
  // Of a topic.
  struct Route {
    PathwayEdge in;
    std::uint64_t in_node = 0;
    PathwayEdge out;  // null: the header stays
    std::uint64_t out_node = 0;
    bool starts = true;  // a record without a header begins a way
  };
  struct Ends {
    std::string flow;
    std::string source_cluster;
    std::string target_cluster;
  };

  // `sink` may be null: nobody wants any. Both outlive it.
  PathwayWatch(const Clock& clock, PathwaySink* sink, Ends ends);
  // What was gathered leaves.
  ~PathwayWatch();
  PathwayWatch(const PathwayWatch&) = delete;
  PathwayWatch& operator=(const PathwayWatch&) = delete;

  // Null: its records are no checkpoints.
  [[nodiscard]] std::shared_ptr<const Route> open(const TraceSettings& settings,
                                                  const std::string& source_topic,
                                                  const std::string& target_topic);
  // What its copy's header is to be is added to its `edits`. The views are of its headers.
  void fetched(const Route& route, Record& record, std::span<const HeaderView> headers);
  // Now and then.
  void tick();

  [[nodiscard]] PathwayFigures figures() const;

 private:
  [[nodiscard]] Route route_of(const TraceSettings& settings, const std::string& source_topic,
                               const std::string& target_topic) const;

  const Clock& clock_;
  PathwaySink* const sink_;
  const Ends ends_;
  std::map<std::string, std::weak_ptr<const Route>> routes_;  // by source topic
  PathwayStats stats_;
  std::uint64_t broken_ = 0;
};

}  // namespace longspan
