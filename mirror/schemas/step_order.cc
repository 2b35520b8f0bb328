#include "mirror/schemas/step_order.h"

#include <utility>

namespace longspan {

StepWaiters::StepWaiters(const std::vector<SchemaStep>& steps) : begins_(steps.size(), 0) {
  for (const auto& step : steps) {
    for (const auto before : step.after) ++begins_[before];
  }
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  waiters_.resize(begins_.empty() ? 0 : begins_.back());
  // Filled from behind, each end becomes a begin.
  for (std::size_t i = steps.size(); i-- > 0;) {
    for (const auto before : steps[i].after) {
      waiters_[--begins_[before]] = static_cast<std::uint32_t>(i);
    }
  }
}

std::span<const std::uint32_t> StepWaiters::of(std::size_t step) const {
  const std::size_t end = step + 1 < begins_.size() ? begins_[step + 1] : waiters_.size();
  return std::span(waiters_).subspan(begins_[step], end - begins_[step]);
}

std::set<std::size_t> stuck_steps(const std::vector<SchemaStep>& steps) {
  std::vector<std::size_t> waits(steps.size(), 0);
  for (std::size_t i = 0; i < steps.size(); ++i) waits[i] = steps[i].after.size();
  const StepWaiters waiters(steps);
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const auto done = ready.back();
    ready.pop_back();
    for (const auto waiter : waiters.of(done)) {
      if (--waits[waiter] == 0) ready.push_back(waiter);
    }
  }
  std::set<std::size_t> stuck;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i] > 0) stuck.insert(i);
  }
  return stuck;
}

std::vector<std::size_t> remove_steps(std::vector<SchemaStep>& steps,
                                      const std::set<std::size_t>& removed) {
  std::vector<std::size_t> places(steps.size(), 0);
  std::vector<SchemaStep> kept;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    places[i] = kept.size();
    if (!removed.contains(i)) kept.push_back(std::move(steps[i]));
  }
  for (SchemaStep& step : kept) {
    std::erase_if(step.after, [&](std::size_t before) { return removed.contains(before); });
    for (auto& before : step.after) before = places[before];
  }
  steps = std::move(kept);
  return places;
}

}  // namespace longspan
