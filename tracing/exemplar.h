// tracing/exemplar.h - values of a histogram with the traces that show how they came about.
//
// Units:   seconds; wall time.
// Errors:  none.
// Threads: values.
// Limits:  kMax of a histogram: of each classic bucket the newest, the oldest of them go first.
// Source:  OpenMetrics 1.0, "Exemplars"; OpenTelemetry's exemplars.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "lagcalc/units.h"
#include "tracing/context/trace_id.h"
#include "tracing/metric_table.h"

namespace longspan {

struct Exemplar {
  double value = 0;
  SpanIds ids;
  TimestampMs at;
  friend bool operator==(const Exemplar&, const Exemplar&) = default;
};

// The first of kLatencyBoundsSeconds that it is not above; their number: +Inf.
[[nodiscard]] inline std::size_t bucket_of(const Exemplar& exemplar) {
  const auto& bounds = kLatencyBoundsSeconds;
  return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), exemplar.value) -
                                  bounds.begin());
}

class Exemplars {
 public:
  static constexpr std::size_t kMax = 8;

  void put(const Exemplar& exemplar) {
    std::erase_if(all_, [&](const Exemplar& one) {
      return bucket_of(one) == bucket_of(exemplar) && one.at <= exemplar.at;
    });
    const bool is_older = std::any_of(all_.begin(), all_.end(), [&](const Exemplar& one) {
      return bucket_of(one) == bucket_of(exemplar);
    });
    if (is_older) return;
    all_.push_back(exemplar);
    if (all_.size() > kMax) {
      all_.erase(
          std::min_element(all_.begin(), all_.end(), [](auto& a, auto& b) { return a.at < b.at; }));
    }
  }
  void merge(const Exemplars& others) {
    for (const Exemplar& each : others.all()) put(each);
  }
  // At most one of each bucket, in no order.
  [[nodiscard]] std::span<const Exemplar> all() const { return all_; }

 private:
  std::vector<Exemplar> all_;
};

}  // namespace longspan
