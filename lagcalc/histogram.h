// lagcalc/histogram.h - how a quantity is distributed: a base-2 exponential histogram, schema 5.
//
// Units:   seconds. Bucket i holds (base^(i-1), base^i] with base = 2^(1/32); negatives stand in
//          mirrored buckets [-base^i, -base^(i-1)); |value| <= kZeroThreshold counts as zero.
// Errors:  none. A quantile of nothing is absent. Recording a number that is not finite, or beyond
//          kMagnitudeMax, is a programmer's error.
// Threads: a value.
// Limits:  16 bytes per bucket in use; one distribution of latencies uses some 100 to 300. At most
//          2 x 2,400 for differences of millisecond timestamps.
// Source:  Prometheus native histograms (client_golang, bounds of schema 5); OpenTelemetry's
//          ExponentialHistogram of scale 5 has the same bounds.
// Invariant: merging is exact: parts merged in any order equal one histogram that saw all of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace longspan {

class Histogram {
 public:
  static constexpr int kSchema = 5;
  static constexpr double kZeroThreshold = 0x1p-20;  // seconds, just below a microsecond
  static constexpr double kMagnitudeMax = 1e16;      // seconds; int64 milliseconds fit
  // The buckets between those two.
  static constexpr std::int32_t kIndexMin = -639;
  static constexpr std::int32_t kIndexMax = 1701;
  __extension__ using Nanoseconds = unsigned __int128;  // two's complement: wraps, never traps

  struct IndexedCount {
    std::int32_t index = 0;
    std::uint64_t count = 0;
    friend bool operator==(const IndexedCount&, const IndexedCount&) = default;
  };
  // Values from lower to upper; the end further from zero is inclusive.
  struct Bucket {
    double lower = 0;
    double upper = 0;
    std::uint64_t count = 0;
    // The value whose relative distance to both ends is the same; 0 of the zero bucket.
    [[nodiscard]] double middle() const {
      return lower < 0 && upper > 0 ? 0 : 2 * lower * upper / (lower + upper);
    }
  };
  // All that is kept.
  struct Parts {
    std::vector<IndexedCount> positive;
    std::vector<IndexedCount> negative;
    std::uint64_t zero_count = 0;
    Nanoseconds sum_ns = 0;
  };

  Histogram() = default;
  // Absent unless indexes rise from kIndexMin to kIndexMax, no count is 0, their sum is below
  // 2^64, and nothing has the sum 0.
  [[nodiscard]] static std::optional<Histogram> of(Parts parts);

  void record(double seconds, std::uint64_t count = 1);
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Exact to a nanosecond per recorded value.
  [[nodiscard]] double sum() const;
  [[nodiscard]] Nanoseconds sum_ns() const { return sum_ns_; }
  // The value of rank ceil(q * count), q in 0..1; absent when nothing was recorded. The middle is
  // at most 1.1 % off; what was recorded is not below `lower` and not above `upper`, but for
  // kZeroThreshold.
  enum class Edge : std::uint8_t { lower, middle, upper };
  [[nodiscard]] std::optional<double> quantile(double q, Edge edge = Edge::middle) const;

  // Occupied buckets, from the most negative to the largest; the zero bucket is
  // [-kZeroThreshold, kZeroThreshold].
  [[nodiscard]] std::vector<Bucket> buckets() const;
  // Occupied buckets by rising index, for expositions that carry indexes.
  [[nodiscard]] std::span<const IndexedCount> positive() const { return positive_; }
  [[nodiscard]] std::span<const IndexedCount> negative() const { return negative_; }
  [[nodiscard]] std::uint64_t zero_count() const { return zero_count_; }

  // Cumulative counts for rising classic bounds (le); count() is what belongs to +Inf. A bucket
  // that a bound cuts goes where its middle is, so a bound is at most 1.1 % off.
  [[nodiscard]] std::vector<std::uint64_t> cumulative(std::span<const double> bounds) const;

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::vector<IndexedCount> positive_;
  std::vector<IndexedCount> negative_;
  std::uint64_t zero_count_ = 0;
  std::uint64_t count_ = 0;
  Nanoseconds sum_ns_ = 0;
};

}  // namespace longspan
