// mirror/clocks/kernel_clock.h - what adjtimex(2) says of the host, as an error against UTC.
//
// Units:   microseconds.
// Errors:  absent where nothing disciplines the clock, or the call failed.
// Threads: a pure function.
// Source:  adjtimex(2): maxerror, offset, STA_UNSYNC, STA_NANO.
#pragma once

#include <optional>

#include "lagcalc/clocks/clock_offset.h"

struct timex;

namespace longspan {

// What the call filled in, and what it returned.
[[nodiscard]] std::optional<HostError> host_error_of(const timex& kernel, int state);

}  // namespace longspan
