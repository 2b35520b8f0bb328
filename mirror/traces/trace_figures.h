// mirror/traces/trace_figures.h - what became of traces, counted since the process started.
//
// Units:   records, unless a name says spans.
// Threads: values; merge() brings those of several shards together.
#pragma once

#include <cstdint>

#include "tracing/context/context_tally.h"

namespace longspan {

struct TraceFigures {
  ContextTally contexts;           // of records of topics that are linked or reparented
  std::uint64_t rewritten = 0;     // trace headers that were there name our span now
  std::uint64_t begun = 0;         // trace headers were added: the trace begins with the record
  std::uint64_t left_broken = 0;   // headers stay because something in them is broken
  std::uint64_t recorded = 0;      // spans were wanted from the beginning
  std::uint64_t rate_limited = 0;  // they were, above the limit a second
  std::uint64_t kept_slow = 0;     // and these because they were slow ...
  std::uint64_t kept_failed = 0;   // ... or had an error
  std::uint64_t dropped = 0;       // too many at once: no spans
  std::uint64_t sinks_lost = 0;    // no span to the sink: too many copies wait for a commit
  std::uint64_t spans = 0;         // handed to the exporter

  void merge(const TraceFigures& other) {
    contexts.merge(other.contexts);
    rewritten += other.rewritten;
    begun += other.begun;
    left_broken += other.left_broken;
    recorded += other.recorded;
    rate_limited += other.rate_limited;
    kept_slow += other.kept_slow;
    kept_failed += other.kept_failed;
    dropped += other.dropped;
    sinks_lost += other.sinks_lost;
    spans += other.spans;
  }
};

}  // namespace longspan
