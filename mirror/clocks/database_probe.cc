#include "mirror/clocks/database_probe.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace longspan {
namespace {

constexpr ClockId kDatabase{ClockKind::database, 0};

}  // namespace

DatabaseProbe::DatabaseProbe(std::unique_ptr<DatabaseClock> database, const Clock& clock,
                             ClockWatch& watch, LogContext log)
    : database_(std::move(database)), clock_(clock), watch_(watch), log_(std::move(log)) {}

void DatabaseProbe::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const auto wait = turn(stop);
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, wait, [] { return false; });
  }
}

std::chrono::milliseconds DatabaseProbe::turn(const std::stop_token& stop) {
  if (!is_connected_) {
    const auto connected = database_->connect(stop);
    if (stop.stop_requested()) return kEvery;
    if (!connected) return lost(connected.error());
    is_connected_ = true;
  }
  const auto sent = clock_.steady();
  const auto stamp = database_->ask(stop);
  const auto answered = clock_.steady();
  if (stop.stop_requested()) return kEvery;
  if (!stamp) {
    is_connected_ = false;
    return lost(stamp.error());
  }
  wait_ = kEvery;
  if (!std::exchange(told_, {}).empty()) log_info(log_, "clock_database_answers", {});
  // Both were rounded down.
  watch_.answered(kDatabase, {watch_.at(sent), watch_.at(answered) + DurationUs{1}, *stamp});
  return kEvery;
}

std::chrono::milliseconds DatabaseProbe::lost(const Error& error) {
  watch_.failed(kDatabase, error.text());
  const char* const event =
      error.next == Next::retry ? "clock_database_unreachable" : "clock_database_refused";
  if (std::exchange(told_, event) != event) log_warn(log_, event, {{"error", error.text()}});
  return std::exchange(wait_, std::min(2 * wait_, kWaitMost));
}

}  // namespace longspan
