// mirror/clocks/host_clock.h - how far the host's clock is from UTC, as its kernel says.
//
// A time service that disciplines the clock (chrony, ntpd, systemd-timesyncd) tells the kernel its
// error; the kernel lets it grow between two updates. Read only.
//
// Units:   microseconds.
// Errors:  absent where nothing disciplines the clock, or the kernel does not say.
// Threads: any.
// Source:  adjtimex(2): maxerror, offset, STA_UNSYNC.
#pragma once

#include <functional>
#include <optional>

#include "lagcalc/clocks/clock_offset.h"

namespace longspan {

using HostClock = std::function<std::optional<HostError>()>;

[[nodiscard]] std::optional<HostError> read_host_clock();

}  // namespace longspan
