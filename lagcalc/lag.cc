#include "lagcalc/lag.h"

#include <cmath>

namespace longspan {

std::optional<std::int64_t> catch_up_time(Records lag, std::optional<double> mirror_rate,
                                          std::optional<double> source_rate) {
  constexpr double kLongestMs = 100.0 * 365 * 24 * 3600 * 1000;
  constexpr double kLeastGain = 1.02;  // rates are no better than that: less is keeping pace
  if (lag.count <= 0) return 0;
  if (!mirror_rate || !source_rate || !(*mirror_rate > *source_rate * kLeastGain)) {
    return std::nullopt;
  }
  const double ms = std::ceil(static_cast<double>(lag.count) / (*mirror_rate - *source_rate) * 1e3);
  if (!(ms <= kLongestMs)) return std::nullopt;
  return static_cast<std::int64_t>(ms);
}

bool passes_within(Records lag, std::optional<double> mirror_rate,
                   std::optional<double> source_rate, std::int64_t span_ms) {
  const double most = static_cast<double>(lag.count) * 1e3;
  const double span = static_cast<double>(span_ms);
  if (lag.count <= 0) return true;
  if (!mirror_rate || !(most < *mirror_rate * span)) return false;
  return source_rate.value_or(0) <= 0 || most < *source_rate * span;
}

std::optional<std::int64_t> bytes_lag_estimate(Records lag,
                                               std::optional<double> bytes_per_record) {
  constexpr double kMost = 9e18;
  if (lag.count <= 0) return 0;
  if (!bytes_per_record) return std::nullopt;
  const double bytes = std::round(static_cast<double>(lag.count) * *bytes_per_record);
  if (!(bytes >= 0 && bytes <= kMost)) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

}  // namespace longspan
