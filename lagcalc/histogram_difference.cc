#include "lagcalc/histogram_difference.h"

#include <span>
#include <utility>
#include <vector>

namespace longspan {
namespace {

using Counts = std::vector<Histogram::IndexedCount>;

std::optional<Counts> difference(std::span<const Histogram::IndexedCount> later,
                                 std::span<const Histogram::IndexedCount> earlier) {
  Counts out;
  auto before = earlier.begin();
  for (const auto& [index, count] : later) {
    if (before == earlier.end() || before->index != index) {
      out.push_back({index, count});
      continue;
    }
    if (before->count > count) return std::nullopt;
    if (before->count < count) out.push_back({index, count - before->count});
    ++before;
  }
  // Indexes rise in both, so that one which is left was not found.
  if (before != earlier.end()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Histogram> difference(const Histogram& later, const Histogram& earlier) {
  if (later.zero_count() < earlier.zero_count()) return std::nullopt;
  auto positive = difference(later.positive(), earlier.positive());
  auto negative = difference(later.negative(), earlier.negative());
  if (!positive || !negative) return std::nullopt;
  // Absent, too, when the sum alone changed.
  return Histogram::of({std::move(*positive), std::move(*negative),
                        later.zero_count() - earlier.zero_count(),
                        later.sum_ns() - earlier.sum_ns()});
}

}  // namespace longspan
