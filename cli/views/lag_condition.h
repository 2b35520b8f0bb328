// cli/views/lag_condition.h - limits that `longspan lag --fail-if` checks: "p99>2s", "lag>=10000".
//
// A row fails where its figure may lie beyond the limit: the side of its interval that is worse
// counts, and what is not known fails, too. Where there is no such figure (nothing came lately, no
// group reads the topic) it does not. For p99 and e2e-p99 what waits is as late as its oldest
// waiting record.
//
// Units:   of times s, or as written: 500ms, 2s, 3m, 1h.
// Errors:  one sentence that says what is understood.
// Threads: values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/views/lag_rows.h"
#include "lagcalc/result.h"

namespace longspan {

struct LagCondition {
  std::string text;  // as written
  LagColumn column{};
  bool is_above = true;  // > and >=; else < and <=
  bool is_inclusive = false;
  double limit = 0;
};

[[nodiscard]] Result<LagCondition> parse_lag_condition(std::string_view text);

// Why the row fails: "orders: p99 is 2.3 s (2.1 s to 2.6 s)"; absent: it does not.
[[nodiscard]] std::optional<std::string> failure_of(const LagCondition& condition,
                                                    const LagRow& row);

}  // namespace longspan
