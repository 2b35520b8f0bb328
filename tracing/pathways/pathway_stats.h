// tracing/pathways/pathway_stats.h - the checkpoints of ten seconds, by the way that led to them.
//
//   PathwayStats stats;
//   stats.add(edge, {.hash = ..., .parent = ...}, measured, now);
//   if (auto bucket = stats.take_if_over(now)) sink.push(std::move(*bucket));
//
// Units:   seconds and bytes in what is measured; wall time since 1970.
// Errors:  none. A negative latency (two clocks) counts as 0, and is counted.
// Threads: a value of one thread.
// Limits:  kPointsMax ways a bucket; what comes by others is counted, and left out.
// Source:  Datadog's tracers: ten seconds, aligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lagcalc/histogram.h"
#include "lagcalc/units.h"

namespace longspan {

// "direction:in", "group:...", ..., by rising order; one object for all checkpoints of an edge.
using PathwayEdge = std::shared_ptr<const std::vector<std::string>>;

struct PathwayPoint {
  PathwayEdge edge;
  std::uint64_t hash = 0;
  std::uint64_t parent = 0;
  Histogram pathway_seconds;  // since the first checkpoint of the way
  Histogram edge_seconds;     // since the last
  Histogram payload_bytes;
};

struct PathwayBucket {
  static constexpr std::int64_t kMs = 10'000;
  TimestampMs start;
  std::vector<PathwayPoint> points;
};

class PathwayStats {
 public:
  static constexpr std::size_t kPointsMax = 1'000;
  struct Way {
    std::uint64_t hash;
    std::uint64_t parent;
  };
  struct Measured {
    std::int64_t pathway_ms;
    std::int64_t edge_ms;
    std::int64_t bytes;
  };
  struct Counts {
    std::uint64_t checkpoints = 0;
    std::uint64_t negative = 0;  // of them
    std::uint64_t left_out = 0;
  };

  // A checkpoint of a bucket that is over must not come: take_if_over() first.
  void add(const PathwayEdge& edge, Way way, Measured measured, TimestampMs now);
  // Whether `now` is beyond what is gathered, also back in time; nothing gathered: absent.
  [[nodiscard]] std::optional<PathwayBucket> take_if_over(TimestampMs now);
  [[nodiscard]] std::optional<PathwayBucket> take();

  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  std::optional<TimestampMs> start_;
  std::unordered_map<std::uint64_t, PathwayPoint> points_;  // by hash
  Counts counts_;
};

}  // namespace longspan
