// mirror/schemas/step_order.h - steps of one round that wait for each other: which of them can ever
// begin, and the round without some.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "mirror/schemas/plan.h"

namespace longspan {

// Who waits for each step, by index; in two lists, for there are tens of thousands.
class StepWaiters {
 public:
  explicit StepWaiters(const std::vector<SchemaStep>& steps);
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t step) const;

 private:
  std::vector<std::size_t> begins_;     // by step, in waiters_
  std::vector<std::uint32_t> waiters_;  // step after step
};

// Those in a circle, and those behind one.
[[nodiscard]] std::set<std::size_t> stuck_steps(const std::vector<SchemaStep>& steps);

// Whoever waits for one of `removed` waits no longer. The answer is where each step stands now; of
// those removed it means nothing.
[[nodiscard]] std::vector<std::size_t> remove_steps(std::vector<SchemaStep>& steps,
                                                    const std::set<std::size_t>& removed);

}  // namespace longspan
