#include "mirror/clocks/host_clock.h"

#include <sys/timex.h>

#include "mirror/clocks/kernel_clock.h"

namespace longspan {

std::optional<HostError> read_host_clock() {
  timex kernel{};  // modes = 0: nothing is set
  const int state = adjtimex(&kernel);
  return host_error_of(kernel, state);
}

std::optional<HostError> host_error_of(const timex& kernel, int state) {
  const bool is_disciplined =
      state >= 0 && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  if (!is_disciplined) return std::nullopt;
  const bool is_nano = (kernel.status & STA_NANO) != 0;
  // `offset` is what is still to be added to the clock.
  const DurationUs left{is_nano ? kernel.offset / 1000 : kernel.offset};
  return HostError{-left, DurationUs{kernel.maxerror}, DurationUs{0}};
}

}  // namespace longspan
