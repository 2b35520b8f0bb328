// lagcalc/native_histogram.h - a Histogram as Prometheus' native histograms hold it.
//
// Units:   seconds; bucket indexes are those of Histogram, counts are integers.
// Errors:  none; every Histogram has this form and loses nothing in it.
// Threads: a value and a pure function.
// Source:  io.prometheus.client.Histogram (schema, zero_threshold, spans and deltas); client_golang
//          for gaps of up to two buckets, which cost less as empty buckets than as a span.
#pragma once

#include <cstdint>
#include <vector>

#include "lagcalc/histogram.h"

namespace longspan {

struct BucketSpan {
  std::int32_t offset = 0;  // the first one's: its index; then the empty buckets before it
  std::uint32_t length = 0;
  friend bool operator==(const BucketSpan&, const BucketSpan&) = default;
};

struct NativeBuckets {
  std::vector<BucketSpan> spans;
  std::vector<std::int64_t> deltas;  // to the count of the bucket before; the first one's to 0
  friend bool operator==(const NativeBuckets&, const NativeBuckets&) = default;
};

struct NativeHistogram {
  std::int32_t schema = Histogram::kSchema;
  double zero_threshold = Histogram::kZeroThreshold;
  std::uint64_t zero_count = 0;
  std::uint64_t count = 0;
  double sum = 0;
  NativeBuckets positive;
  NativeBuckets negative;
  friend bool operator==(const NativeHistogram&, const NativeHistogram&) = default;
};

[[nodiscard]] NativeHistogram native_histogram(const Histogram& histogram);

}  // namespace longspan
