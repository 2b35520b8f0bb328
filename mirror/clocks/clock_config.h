// mirror/clocks/clock_config.h - what a flow is told about clocks: whom to ask, what to assume.
//
// Units:   microseconds.
// Errors:  none.
// Threads: a value.
// Source:  cli/OPTIONS.md, clock.*.
#pragma once

#include <optional>
#include <string>

#include "lagcalc/clocks/clock_id.h"
#include "lagcalc/clocks/clock_offset.h"

namespace longspan {

struct ClockConfig {
  bool probe_target = true;
  bool probe_source = false;  // the source cluster is written to only when asked for
  std::string database_dsn;   // libpq's connection string, a secret; empty: nobody is asked

  // How far a clock that nobody measures may be from ours; absent: nothing is assumed.
  std::optional<DurationUs> source_max_error = kMaxErrorDefault;
  std::optional<DurationUs> target_max_error = kMaxErrorDefault;
  std::optional<DurationUs> connector_max_error = kMaxErrorDefault;
  std::optional<DurationUs> database_max_error = kMaxErrorDefault;

  [[nodiscard]] std::optional<DurationUs> max_error(ClockKind kind) const {
    switch (kind) {
      case ClockKind::source_broker:
        return source_max_error;
      case ClockKind::target_broker:
        return target_max_error;
      case ClockKind::connector:
        return connector_max_error;
      case ClockKind::database:
        return database_max_error;
      case ClockKind::host:
      case ClockKind::sink:
        break;
    }
    return std::nullopt;
  }
};

}  // namespace longspan
