// cli/demo/latencies.h - what the sink measures of one topic: records, rate, commit-to-sink time.
//
// Units:   seconds; `now` is steady and an argument.
// Threads: a value.
// Limits:  kWindowSeconds histograms for the moving window, one for the whole run.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "lagcalc/histogram.h"

namespace longspan::demo {

class Latencies {
 public:
  static constexpr std::int64_t kWindowSeconds = 10;
  static constexpr std::int64_t kRateSeconds = 3;

  // A record arrived in second `now_s`; latency is absent where its payload has no commit time.
  void record(std::int64_t now_s, std::optional<double> latency) {
    Second& second = seconds_[static_cast<std::size_t>(now_s % kSlots)];
    if (second.at != now_s) second = {now_s, 0, {}};
    ++second.records;
    ++records_;
    if (!latency) return;
    second.histogram.record(*latency);
    total_.record(*latency);
  }

  [[nodiscard]] std::int64_t records() const { return records_; }
  [[nodiscard]] const Histogram& total() const { return total_; }
  // The last kWindowSeconds, the present second included.
  [[nodiscard]] Histogram recent(std::int64_t now_s) const {
    Histogram out;
    for (const Second& s : seconds_) {
      if (s.at > now_s - kWindowSeconds && s.at <= now_s) out.merge(s.histogram);
    }
    return out;
  }
  // Records a second, over the last kRateSeconds whole seconds.
  [[nodiscard]] double rate(std::int64_t now_s) const {
    std::int64_t records = 0;
    for (const Second& s : seconds_) {
      if (s.at >= now_s - kRateSeconds && s.at < now_s) records += s.records;
    }
    return static_cast<double>(records) / kRateSeconds;
  }

 private:
  static constexpr std::int64_t kSlots = kWindowSeconds + 1;
  struct Second {
    std::int64_t at = -1'000'000;
    std::int64_t records = 0;
    Histogram histogram;
  };
  std::array<Second, kSlots> seconds_{};
  std::int64_t records_ = 0;
  Histogram total_;
};

}  // namespace longspan::demo
