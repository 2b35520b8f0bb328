#include "lagcalc/native_histogram.h"

#include <span>

namespace longspan {
namespace {

constexpr std::int32_t kFilledGapMax = 2;

NativeBuckets native_buckets(std::span<const Histogram::IndexedCount> counts) {
  NativeBuckets out;
  std::int32_t next = 0;  // index behind the last bucket
  std::uint64_t last_count = 0;
  const auto append = [&](std::uint64_t count) {
    out.deltas.push_back(static_cast<std::int64_t>(count - last_count));
    ++out.spans.back().length;
    ++next;
    last_count = count;
  };
  for (const auto& [index, count] : counts) {
    if (out.spans.empty() || index - next > kFilledGapMax) {
      out.spans.push_back({index - next, 0});
      next = index;
    }
    while (next < index) append(0);
    append(count);
  }
  return out;
}

}  // namespace

NativeHistogram native_histogram(const Histogram& histogram) {
  NativeHistogram out;
  out.zero_count = histogram.zero_count();
  out.count = histogram.count();
  out.sum = histogram.sum();
  out.positive = native_buckets(histogram.positive());
  out.negative = native_buckets(histogram.negative());
  return out;
}

}  // namespace longspan
