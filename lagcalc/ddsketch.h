// lagcalc/ddsketch.h - a Histogram as a DDSketch of 1 % relative accuracy, Datadog's form.
//
// Units:   seconds. Bin k holds the magnitudes [gamma^k, gamma^(k+1)): sketches-go and
// sketches-java
//          count so. sketches-py numbers the same bins one higher under the same mapping.
// Errors:  none. Each bucket goes to the bin of its middle, whole: a quantile of the sketch is at
//          most 2.1 % off what was recorded (1.1 % by the bucket, 1 % by the bin).
// Threads: a value and a pure function.
// Source:  DDSketch (VLDB 2019); sketches-go, LogarithmicMapping and ddsketch.proto.
#pragma once

#include <cstdint>
#include <vector>

#include "lagcalc/dense_counts.h"
#include "lagcalc/histogram.h"

namespace longspan {

struct DdSketch {
  static constexpr double kRelativeAccuracy = 0.01;
  static constexpr double kGamma = (1 + kRelativeAccuracy) / (1 - kRelativeAccuracy);
  static constexpr double kIndexOffset = 0;

  // By rising index, as binCounts has them; dense_counts() gives contiguousBinCounts.
  std::vector<Histogram::IndexedCount> positive;
  std::vector<Histogram::IndexedCount> negative;  // of the magnitudes
  std::uint64_t zero_count = 0;
  friend bool operator==(const DdSketch&, const DdSketch&) = default;
};

[[nodiscard]] DdSketch dd_sketch(const Histogram& histogram);

}  // namespace longspan
