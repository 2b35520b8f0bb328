#include "mirror/schemas/timing.h"

#include <condition_variable>
#include <mutex>
#include <random>

namespace longspan {

Timing::Steady SystemTiming::steady() const { return std::chrono::steady_clock::now(); }

Timing::Wall SystemTiming::wall() const { return std::chrono::system_clock::now(); }

double SystemTiming::fraction() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

void SystemTiming::pause(std::chrono::milliseconds how_long, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, how_long, [] { return false; });
}

}  // namespace longspan
