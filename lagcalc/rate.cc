#include "lagcalc/rate.h"

#include <cmath>

#include "lagcalc/assert.h"

namespace longspan {

RateMeter::RateMeter(double window_s) : window_s_(window_s) { LONGSPAN_ASSERT(window_s > 0); }

void RateMeter::add(TimestampMs now, std::int64_t total) {
  constexpr double kStandstill = 1e-3;  // below this a stopped total's rate is 0, not a long tail
  if (!last_ || now < last_->at || total < last_->total) {
    last_ = Sample{now, total};
    rate_.reset();
    return;
  }
  if (now == last_->at) return;  // the next sample covers this one's growth too
  const double seconds = static_cast<double>(now - last_->at) / 1e3;
  const double present = static_cast<double>(total - last_->total) / seconds;
  const double weight = rate_ ? -std::expm1(-seconds / window_s_) : 1;
  const double before = rate_.value_or(0);
  rate_ = before + weight * (present - before);
  if (present == 0 && *rate_ < kStandstill) rate_ = 0;
  last_ = Sample{now, total};
}

}  // namespace longspan
