#include "mirror/why/pace.h"

#include <ctime>

namespace longspan {

std::optional<std::chrono::nanoseconds> Pace::cpu_of_this_thread() {
  timespec spent{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) != 0) return std::nullopt;
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

bool Pace::look(Look seen, Steady now) {
  if (!begun_at_) begin(now);
  ++looks_;
  source_waits_ += seen.waits_for_source ? 1 : 0;
  target_waits_ += seen.waits_for_target ? 1 : 0;
  const auto took = now - *begun_at_;
  if (took < kLoadWindow) return false;
  ratios_.source_wait = static_cast<double>(source_waits_) / looks_;
  ratios_.target_wait = static_cast<double>(target_waits_) / looks_;
  const auto cpu = cpu_();
  ratios_.cpu.reset();
  if (cpu && begun_cpu_) {
    ratios_.cpu =
        std::chrono::duration<double>(*cpu - *begun_cpu_) / std::chrono::duration<double>(took);
  }
  begin(now);
  return true;
}

void Pace::begin(Steady now) {
  begun_at_ = now;
  begun_cpu_ = cpu_();
  looks_ = source_waits_ = target_waits_ = 0;
}

}  // namespace longspan
