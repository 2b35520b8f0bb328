#include "mirror/clocks/clock_snapshot.h"

namespace longspan {

void ClockSnapshot::learn(const OffsetBounds& by_order, std::optional<DurationUs> max_error) {
  OffsetBounds measured;
  if (offset.low && !low_is_assumed) measured.low = OffsetBound{offset.low->value};
  if (offset.high && !high_is_assumed) measured.high = OffsetBound{offset.high->value};
  if (measured.is_closed()) return;
  const OffsetBounds known = resolved(measured, by_order, max_error);
  offset = known.interval();
  low_is_assumed = known.low && known.low->assumed;
  high_is_assumed = known.high && known.high->assumed;
}

}  // namespace longspan
