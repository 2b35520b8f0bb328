// tracing/context/context_tally.h - what was found in records' headers, counted.
//
// Units:   records.
// Threads: a value of one thread; merge() brings those of several together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tracing/context/trace_context.h"

namespace longspan {

struct ContextTally {
  std::uint64_t records = 0;
  std::uint64_t in_a_trace = 0;
  std::array<std::uint64_t, kTraceFormats> formats{};
  std::array<std::array<std::uint64_t, kTraceFaults>, kTraceFormats> faults{};
  std::uint64_t other_trace = 0;  // records whose formats disagree, by what
  std::uint64_t other_span = 0;
  std::uint64_t other_decision = 0;

  void add(const TraceContext& context) {
    ++records;
    in_a_trace += context.ids ? 1 : 0;
    for (std::size_t i = 0; i < kTraceFormats; ++i) {
      formats[i] += context.formats.contains(static_cast<TraceFormat>(i)) ? 1 : 0;
      const TraceFault fault = context.faults[i];
      if (fault != TraceFault::none) ++faults[i][static_cast<std::size_t>(fault)];
    }
    other_trace += context.disagreement.of_trace ? 1 : 0;
    other_span += context.disagreement.of_span ? 1 : 0;
    other_decision += context.disagreement.of_decision ? 1 : 0;
  }

  void merge(const ContextTally& other) {
    records += other.records;
    in_a_trace += other.in_a_trace;
    for (std::size_t i = 0; i < kTraceFormats; ++i) {
      formats[i] += other.formats[i];
      for (std::size_t j = 0; j < kTraceFaults; ++j) faults[i][j] += other.faults[i][j];
    }
    other_trace += other.other_trace;
    other_span += other.other_span;
    other_decision += other.other_decision;
  }
  friend bool operator==(const ContextTally&, const ContextTally&) = default;
};

}  // namespace longspan
