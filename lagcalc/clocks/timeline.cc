#include "lagcalc/clocks/timeline.h"

namespace longspan {
namespace {

bool is_near(DurationUs a, DurationUs b) {
  return a - b <= Timeline::kTolerance && b - a <= Timeline::kTolerance;
}

}  // namespace

std::optional<ClockStep> Timeline::observe(Reading now) {
  const Instant at_now = at(now.steady_us);
  const DurationUs offset{now.wall_us - at_now.us};
  if (is_near(offset, wall_offset_)) {
    wall_offset_ = offset;
    suspect_.reset();
    return std::nullopt;
  }
  if (!suspect_ || !is_near(offset, suspect_->wall_offset)) {
    suspect_ = Suspect{offset, at_now};
    return std::nullopt;
  }
  const DurationUs size = offset - wall_offset_;
  const ClockStep step{
      {ClockKind::host, 0}, {size - kTolerance, size, size + kTolerance, false}, suspect_->at};
  wall_offset_ = offset;
  suspect_.reset();
  return step;
}

}  // namespace longspan
