#include "tracing/log_repeats.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace longspan {
namespace {

constexpr auto kNamingNumbers =
    std::to_array<std::string_view>({"partition", "slot", "shard", "number", "from", "to"});

bool names_a_thing(const Field& field) {
  return std::holds_alternative<std::string>(field.value()) ||
         std::find(kNamingNumbers.begin(), kNamingNumbers.end(), field.key()) !=
             kNamingNumbers.end();
}

// The event as a line of its naming fields; the time is the same for all, so equal text is "same".
std::string key_of(const LogEvent& event) {
  LogEvent named{event.level, event.context, event.event, {}};
  std::copy_if(event.fields.begin(), event.fields.end(), std::back_inserter(named.fields),
               names_a_thing);
  return log_line({}, named);
}

}  // namespace

bool LogRepeats::over(TimestampMs opened, TimestampMs now) const {
  return now < opened || now - opened >= limits_.window_ms;
}

void LogRepeats::print(TimestampMs now, const LogEvent& event, std::uint64_t repeated,
                       Output& output) {
  if (lines_in_window_ >= limits_.lines_max) {
    ++counts_.dropped;
    ++dropped_in_window_;
    return;
  }
  ++lines_in_window_;
  ++counts_.lines[static_cast<std::size_t>(event.level)];
  output.push_back({event.level, log_line(now, event, repeated)});
}

void LogRepeats::end_oldest(TimestampMs now, Output& output) {
  const Window& window = windows_.front();
  if (window.repeated > 0) print(now, window.newest, window.repeated, output);
  by_key_.erase(window.key);
  windows_.pop_front();
}

void LogRepeats::end_budget(TimestampMs now, Output& output) {
  const std::uint64_t dropped = std::exchange(dropped_in_window_, 0);
  budget_from_ = now;
  lines_in_window_ = 0;
  if (dropped == 0) return;
  const LogEvent event{LogLevel::warn, {}, "log_lines_dropped", {{"dropped", dropped}}};
  print(now, event, 0, output);
}

std::vector<LogOutput> LogRepeats::tick(TimestampMs now) {
  Output output;
  if (over(budget_from_, now)) end_budget(now, output);
  // A clock that stepped back may leave a window behind a younger one that is still open by the
  // new time; it ends with that one.
  while (!windows_.empty() && over(windows_.front().opened, now)) end_oldest(now, output);
  return output;
}

std::vector<LogOutput> LogRepeats::add(TimestampMs now, const LogEvent& event) {
  Output output = tick(now);
  std::string key = key_of(event);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    ++counts_.summarised;
    ++found->second->repeated;
    found->second->newest = event;
    return output;
  }
  if (windows_.size() >= limits_.keys_max) end_oldest(now, output);
  windows_.push_back({key, now, event, 0});
  by_key_.emplace(std::move(key), std::prev(windows_.end()));
  print(now, event, 0, output);
  return output;
}

std::vector<LogOutput> LogRepeats::flush(TimestampMs now) {
  Output output = tick(now);
  while (!windows_.empty()) end_oldest(now, output);
  if (dropped_in_window_ > 0) end_budget(now, output);
  return output;
}

}  // namespace longspan
