// tracing/pathways/pathway_sink.h - where checkpoints are put by those who gather them.
//
// Errors:  none: what cannot be kept is dropped and counted where it was put.
// Threads: push() from any; never waits for what happens to the bucket.
#pragma once

#include "tracing/pathways/pathway_hash.h"
#include "tracing/pathways/pathway_stats.h"

namespace longspan {

class PathwaySink {
 public:
  PathwaySink() = default;
  PathwaySink(const PathwaySink&) = delete;
  PathwaySink& operator=(const PathwaySink&) = delete;
  virtual ~PathwaySink() = default;
  [[nodiscard]] virtual const PathwayService& service() const = 0;  // from any thread, too
  virtual void push(PathwayBucket bucket) = 0;
};

}  // namespace longspan
