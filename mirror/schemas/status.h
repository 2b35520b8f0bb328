// mirror/schemas/status.h - how a flow's schema registries stand to each other, as its duty knows.
//
// Errors:  none; what is not known is absent.
// Threads: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/units.h"
#include "mirror/schemas/plan.h"

namespace longspan {

inline constexpr std::size_t kDifferencesKept = 100;

// The target's registry is left alone, by command.
struct SchemaHandover {
  std::string who;  // user@host
  TimestampMs since;
  std::string reason;  // may be empty
  friend bool operator==(const SchemaHandover&, const SchemaHandover&) = default;
};

struct SchemaStatus {
  bool has_duty = false;
  std::optional<std::string> trouble;         // why the last pass ended early; absent: it did not
  std::optional<TimestampMs> synced_at;       // end of the last whole comparison
  std::vector<SchemaDifference> differences;  // what it could not end, at most kDifferencesKept
  std::int64_t differences_total = 0;
  std::int64_t imported_total = 0;  // versions, since this process started
  // Versions that the target's registry called so, each once; imported or held back.
  std::int64_t incompatible_total = 0;
  std::optional<std::string> incompatible;  // the last of them, and why
  std::optional<SchemaHandover> handed_over = {};
};

// What stands in the way, in one sentence; empty: nothing does.
[[nodiscard]] std::string trouble_of(const SchemaStatus& status);

}  // namespace longspan
