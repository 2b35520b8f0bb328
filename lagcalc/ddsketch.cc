#include "lagcalc/ddsketch.h"

#include <cmath>

namespace longspan {
namespace {

// Of a bucket that does not hold 0.
std::int32_t bin_of(const Histogram::Bucket& bucket) {
  static const double gamma_log = std::log(DdSketch::kGamma);
  return static_cast<std::int32_t>(std::floor(std::log(std::abs(bucket.middle())) / gamma_log));
}

void add(std::vector<Histogram::IndexedCount>& bins, std::int32_t index, std::uint64_t count) {
  if (!bins.empty() && bins.back().index == index) {
    bins.back().count += count;
  } else {
    bins.push_back({index, count});
  }
}

}  // namespace

DdSketch dd_sketch(const Histogram& histogram) {
  DdSketch out;
  out.zero_count = histogram.zero_count();
  const auto buckets = histogram.buckets();
  // Bins by rising magnitude: negative buckets come from the largest one down.
  for (auto it = buckets.rbegin(); it != buckets.rend(); ++it) {
    if (it->upper < 0) add(out.negative, bin_of(*it), it->count);
  }
  for (const auto& bucket : buckets) {
    if (bucket.lower > 0) add(out.positive, bin_of(bucket), bucket.count);
  }
  return out;
}

}  // namespace longspan
