// tracing/sampling/head_sampler.h - whether a record's spans are recorded, known before there are
// any.
//
// Who came before is honoured: what is told as sampled is recorded and what is told as not is not.
// Where nobody decided (no context, or B3 defers) a ratio of traces is, by the trace id alone:
// recorded when its low 56 bits are at least 2^56 * (1 - ratio). That is OpenTelemetry's rule of
// consistent probability sampling, over the bits that W3C's level 2 declares random; the older rule
// of its SDKs (63 bits, the lowest ones) was never specified, and each SDK has its own.
//
// On top of either, a limit of records a second. Over it nothing is recorded here, but what came
// before stays: the next one is told what we were told.
//
// Units:   a ratio is 0..1; records a second, whose burst is one second's worth, at least 1.
// Errors:  none; a clock that steps back fills nothing.
// Threads: a value of one thread; `now` is an argument.
// Source:  OpenTelemetry SDK, "ParentBased"; "Probability sampling" (thresholds of 56 bits).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "tracing/context/trace_context.h"

namespace longspan {

using SteadyTime = std::chrono::steady_clock::time_point;

class RatioSampler {
 public:
  explicit RatioSampler(double ratio);
  [[nodiscard]] bool keeps(const TraceId& trace) const;

 private:
  std::uint64_t threshold_;  // 0..2^56
};

class RateLimit {
 public:
  explicit RateLimit(double per_second);
  // One more is allowed, and now taken.
  [[nodiscard]] bool take(SteadyTime now);

 private:
  double per_second_;
  double level_;
  std::optional<SteadyTime> filled_at_;
};

struct HeadPolicy {
  double root_ratio = 1;
  std::optional<double> records_per_second = {};  // absent: no limit
};

enum class HeadReason : std::uint8_t { parent, ratio, rate_limit };

struct HeadDecision {
  bool is_recorded = false;
  bool sampled = false;  // what is told on
  HeadReason reason = HeadReason::parent;
  friend bool operator==(const HeadDecision&, const HeadDecision&) = default;
};

class HeadSampler {
 public:
  explicit HeadSampler(const HeadPolicy& policy);

  // `root` is the id of the trace that begins where the context has none.
  [[nodiscard]] HeadDecision decide(const TraceContext& context, const TraceId& root,
                                    SteadyTime now);

 private:
  RatioSampler ratio_;
  std::optional<RateLimit> limit_;
};

}  // namespace longspan
