// lagcalc/dense_counts.h - counts of neighbouring buckets without their indexes.
//
// Threads: a value.
// Limits:  a histogram's indexes lie in 2,400 at most, so that many counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lagcalc/histogram.h"

namespace longspan {

// counts[i] belongs to index offset + i; neither end is 0. Nothing: offset 0 and no counts.
struct DenseCounts {
  std::int32_t offset = 0;
  std::vector<std::uint64_t> counts;
  friend bool operator==(const DenseCounts&, const DenseCounts&) = default;
};

// `sparse` by rising index; its indexes are moved by `shift`.
[[nodiscard]] inline DenseCounts dense_counts(std::span<const Histogram::IndexedCount> sparse,
                                              std::int32_t shift = 0) {
  DenseCounts out;
  if (sparse.empty()) return out;
  const std::int32_t first = sparse.front().index;
  out.offset = first + shift;
  out.counts.resize(static_cast<std::size_t>(sparse.back().index - first) + 1);
  for (const auto& [index, count] : sparse) {
    out.counts[static_cast<std::size_t>(index - first)] = count;
  }
  return out;
}

}  // namespace longspan
