#include "mirror/groups/sync_cadence.h"

#include "lagcalc/assert.h"

namespace longspan {

namespace {

OffsetPair last_of(const Segment& run) {
  return {run.source_end() - Records{1}, run.target_end() - Records{1}};
}

}  // namespace

void OffsetSyncCadence::on_acked(const Segment& run) {
  LONGSPAN_ASSERT(run.length > 0);
  if (!previous_) {
    first_ = OffsetPair{run.source_start, run.target_start};
    if (run.length > 1) newest_ = last_of(run);
  } else {
    const bool source_gap = run.source_start != previous_->source.next();
    const bool target_backwards = run.target_start < previous_->target;
    broke_off_ = broke_off_ || source_gap || target_backwards;
    newest_ = last_of(run);
  }
  previous_ = last_of(run);
}

bool OffsetSyncCadence::newest_is_due() const {
  if (!newest_ || !last_sync_target_) return false;
  // A reader translates to one past the last sync, hence next().
  const Records stale = newest_->target - last_sync_target_->next();
  return broke_off_ || stale.count >= limits_.offset_lag_max;
}

OffsetPair OffsetSyncCadence::hand_out(std::optional<OffsetPair>& slot, Steady now) {
  const OffsetPair pair = *slot;
  if (&slot == &newest_) broke_off_ = false;
  slot.reset();
  last_sync_at_ = now;
  last_sync_target_ = pair.target;
  return pair;
}

std::optional<OffsetPair> OffsetSyncCadence::take_due(Steady now) {
  if (!first_ && !newest_is_due()) return std::nullopt;
  if (last_sync_at_ && now - *last_sync_at_ < limits_.interval_min) return std::nullopt;
  return hand_out(first_ ? first_ : newest_, now);
}

std::optional<OffsetPair> OffsetSyncCadence::flush(Steady now) {
  if (!has_unwritten()) return std::nullopt;
  return hand_out(first_ ? first_ : newest_, now);
}

}  // namespace longspan
