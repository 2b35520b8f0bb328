// mirror/traces/trace_figures.h - what became of traces, counted since the process started.
//
// Units:   records, unless a name says spans.
// Threads: values; merge() brings those of several shards together.
#pragma once

#include <cstdint>

#include "tracing/context/context_tally.h"

namespace longspan {

// Of Datadog's Data Streams.
struct PathwayFigures {
  std::uint64_t checkpoints = 0;
  std::uint64_t negative = 0;  // of them: latencies below 0, told as 0
  std::uint64_t left_out = 0;  // checkpoints of too many ways
  std::uint64_t broken = 0;    // records whose header is not of its form
};

struct TraceFigures {
  ContextTally contexts;           // of records of topics that are linked or reparented
  std::uint64_t in_rows = 0;       // where headers tell no ids, the row does ...
  std::uint64_t rows_broken = 0;   // ... or something, and that is broken
  std::uint64_t rewritten = 0;     // trace headers that were there name our span now
  std::uint64_t begun = 0;         // trace headers were added: there were none
  std::uint64_t left_broken = 0;   // headers stay because something in them is broken
  std::uint64_t recorded = 0;      // spans were wanted from the beginning
  std::uint64_t rate_limited = 0;  // they were, above the limit a second
  std::uint64_t kept_slow = 0;     // and these because they were slow ...
  std::uint64_t kept_failed = 0;   // ... or had an error
  std::uint64_t dropped = 0;       // too many at once: no spans
  std::uint64_t sinks_lost = 0;    // no span to the sink: too many copies wait for a commit
  std::uint64_t batches = 0;       // spans of batches
  std::uint64_t spans = 0;         // handed to the exporter
  PathwayFigures pathways;

  void merge(const TraceFigures& other) {
    contexts.merge(other.contexts);
    in_rows += other.in_rows;
    rows_broken += other.rows_broken;
    rewritten += other.rewritten;
    begun += other.begun;
    left_broken += other.left_broken;
    recorded += other.recorded;
    rate_limited += other.rate_limited;
    kept_slow += other.kept_slow;
    kept_failed += other.kept_failed;
    dropped += other.dropped;
    sinks_lost += other.sinks_lost;
    batches += other.batches;
    spans += other.spans;
    pathways.checkpoints += other.pathways.checkpoints;
    pathways.negative += other.pathways.negative;
    pathways.left_out += other.pathways.left_out;
    pathways.broken += other.pathways.broken;
  }
};

}  // namespace longspan
