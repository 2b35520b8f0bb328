// mirror/hops/objective.h - an objective of a flow, with the topics that it is about.
//
// Errors:  make_objectives() names the objective and what is wrong with it.
// Threads: values.
// Source:  lagcalc/slo.h.
#pragma once

#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "lagcalc/slo.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

struct Objective {
  std::string text;  // as configured
  Slo slo;
  NamePatterns topics;
};
// One of each text; an error names the one that is wrong, or there twice.
[[nodiscard]] Result<std::vector<Objective>> make_objectives(const std::vector<std::string>& texts);

}  // namespace longspan
