#include "tracing/sampling/head_sampler.h"

#include <algorithm>
#include <cmath>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

constexpr std::uint64_t kAll = std::uint64_t{1} << 56;

}  // namespace

RatioSampler::RatioSampler(double ratio)
    : threshold_(kAll -
                 static_cast<std::uint64_t>(std::llround(ratio * static_cast<double>(kAll)))) {
  LONGSPAN_ASSERT(ratio >= 0 && ratio <= 1);
}

bool RatioSampler::keeps(const TraceId& trace) const { return trace.low % kAll >= threshold_; }

RateLimit::RateLimit(double per_second)
    : per_second_(per_second), level_(std::max(per_second, 1.0)) {
  LONGSPAN_ASSERT(per_second >= 0);
}

bool RateLimit::take(SteadyTime now) {
  if (per_second_ <= 0) return false;
  if (!filled_at_) filled_at_ = now;
  if (now > *filled_at_) {
    const std::chrono::duration<double> passed = now - *filled_at_;
    level_ = std::min(std::max(per_second_, 1.0), level_ + passed.count() * per_second_);
    filled_at_ = now;
  }
  if (level_ < 1) return false;
  level_ -= 1;
  return true;
}

HeadSampler::HeadSampler(const HeadPolicy& policy) : ratio_(policy.root_ratio) {
  if (policy.records_per_second) limit_.emplace(*policy.records_per_second);
}

HeadDecision HeadSampler::decide(const TraceContext& context, const TraceId& root, SteadyTime now) {
  HeadDecision out;
  if (context.sampled) {
    out.sampled = *context.sampled;
  } else {
    out.reason = HeadReason::ratio;
    out.sampled = ratio_.keeps(context.ids ? context.ids->trace : root);
  }
  out.is_recorded = out.sampled;
  if (!out.sampled || !limit_ || limit_->take(now)) return out;
  const bool was_told = out.reason == HeadReason::parent;
  return {false, was_told, HeadReason::rate_limit};
}

}  // namespace longspan
