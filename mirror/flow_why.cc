// What a Flow's own thread knows of why it may be late.
#include <algorithm>

#include "mirror/flow.h"
#include "mirror/why/facts_of.h"

namespace longspan {

void Flow::note_moving() {
  std::set<std::int32_t> moving = releasing_;
  for (const auto& [number, slot] : owned_) {
    if ((!slot.is_restored && !slot.is_refused) || slot.is_leaving) moving.insert(number);
  }
  const std::lock_guard lock(shown_mutex_);
  shown_.moving_slots = static_cast<std::int32_t>(moving.size());
  shown_.slots_total = slots_total_;
  shown_.moving.note(!moving.empty(), ports_.clock->steady());
}

void Flow::note_silence(const ClusterTrouble& trouble) {
  const auto now = ports_.clock->steady();
  const std::lock_guard lock(shown_mutex_);
  if (!trouble.source && shown_.source_silent.lasts_ms(now) > 0) {
    shown_.source_heard_since = ports_.clock->now();
  }
  shown_.source_silent.note(trouble.source.has_value(), now);
  shown_.target_silent.note(trouble.target.has_value(), now);
}

void Flow::note_step(const ClockStep& step) {
  const std::lock_guard lock(shown_mutex_);
  shown_.stepped[step.clock.text()] = ports_.clock->steady();
}

void Flow::show_why(FlowSnapshot& all) const {
  const auto now = ports_.clock->steady();
  {
    const std::lock_guard lock(shown_mutex_);
    const auto lasts = [now](const Since& since) -> std::optional<std::int64_t> {
      const auto ms = since.lasts_ms(now);
      return ms > 0 ? std::optional(ms) : std::nullopt;
    };
    // Whoever noticed first.
    all.source_silent_ms = std::max(all.source_silent_ms, lasts(shown_.source_silent));
    all.target_silent_ms = std::max(all.target_silent_ms, lasts(shown_.target_silent));
    all.moving_slots = shown_.moving_slots;
    all.slots_moving_ms = lasts(shown_.moving);
    if (shown_.slots_total > 0) all.slots_total = shown_.slots_total;
    all.lost_partitions = shown_.lost_partitions;
    for (ClockSnapshot& clock : all.clocks) {
      const auto found = shown_.stepped.find(clock.clock);
      if (found == shown_.stepped.end()) continue;
      const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now - found->second);
      clock.stepped_ago_ms = ago.count();
    }
  }
  add_why(all);
}

}  // namespace longspan
