// lagcalc/exponential_histogram.h - a Histogram as OpenTelemetry's exponential histograms hold it.
//
// Units:   seconds. OpenTelemetry's bucket i holds (base^i, base^(i+1)]: its index is Histogram's
//          less one.
// Errors:  none; every Histogram has this form and loses nothing in its buckets.
// Threads: a value and a pure function.
// Source:  opentelemetry-proto, ExponentialHistogramDataPoint.
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/dense_counts.h"
#include "lagcalc/histogram.h"

namespace longspan {

struct ExponentialHistogram {
  std::int32_t scale = Histogram::kSchema;
  double zero_threshold = Histogram::kZeroThreshold;
  std::uint64_t zero_count = 0;
  std::uint64_t count = 0;
  std::optional<double> sum;  // absent where there are negatives: the format wants it so
  DenseCounts positive;
  DenseCounts negative;  // of the magnitudes
  friend bool operator==(const ExponentialHistogram&, const ExponentialHistogram&) = default;
};

[[nodiscard]] inline ExponentialHistogram exponential_histogram(const Histogram& histogram) {
  constexpr std::int32_t kShift = -1;
  ExponentialHistogram out;
  out.zero_count = histogram.zero_count();
  out.count = histogram.count();
  if (histogram.negative().empty()) out.sum = histogram.sum();
  out.positive = dense_counts(histogram.positive(), kShift);
  out.negative = dense_counts(histogram.negative(), kShift);
  return out;
}

}  // namespace longspan
