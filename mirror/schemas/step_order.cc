#include "mirror/schemas/step_order.h"

#include <utility>

namespace longspan {

std::set<std::size_t> stuck_steps(const std::vector<SchemaStep>& steps) {
  std::vector<std::size_t> waits(steps.size(), 0);
  std::vector<std::vector<std::size_t>> waiters(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    waits[i] = steps[i].after.size();
    for (const auto before : steps[i].after) waiters[before].push_back(i);
  }
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const auto done = ready.back();
    ready.pop_back();
    for (const auto waiter : waiters[done]) {
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
