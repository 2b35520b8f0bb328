// tracing/log_repeats.h - which log events are printed, and which are only counted.
//
// Two events are the same when level, event name, context, every text field, and the numbers that
// name a thing or a range (partition, slot, shard, number, from, to) are equal; all other numbers
// are details that may differ. The first is printed at once and opens a window; those that follow
// within it are counted and printed as one line, the newest, when the window ends. An event that
// did not repeat leaves nothing.
//
// Units:   milliseconds; `now` is an argument. A clock that stepped back ends the open windows.
// Limits:  keys_max open windows (the oldest ends early for a new one), lines_max printed lines
//          per window; above it lines are dropped and the number is reported once.
// Threads: none of its own; the caller holds a mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "lagcalc/units.h"
#include "tracing/log.h"
#include "tracing/log_line.h"

namespace longspan {

struct LogLimits {
  std::int64_t window_ms = kLogWindow.count();
  std::size_t keys_max = 1024;
  std::size_t lines_max = kLogLinesMax;
};

// A line to print.
struct LogOutput {
  LogLevel level = LogLevel::info;
  std::string text;
};

class LogRepeats {
 public:
  explicit LogRepeats(LogLimits limits = {}) : limits_(limits) {}

  // What to print now because of this event: ended windows first, then the event if it is new.
  [[nodiscard]] std::vector<LogOutput> add(TimestampMs now, const LogEvent& event);
  // Ends the windows that are over.
  [[nodiscard]] std::vector<LogOutput> tick(TimestampMs now);
  // Ends all windows.
  [[nodiscard]] std::vector<LogOutput> flush(TimestampMs now);

  [[nodiscard]] const LogCounts& counts() const { return counts_; }

 private:
  struct Window {
    std::string key;
    TimestampMs opened;
    LogEvent newest;
    std::uint64_t repeated = 0;
  };
  using Output = std::vector<LogOutput>;

  [[nodiscard]] bool over(TimestampMs opened, TimestampMs now) const;
  void end_oldest(TimestampMs now, Output& output);
  void end_budget(TimestampMs now, Output& output);
  void print(TimestampMs now, const LogEvent& event, std::uint64_t repeated, Output& output);

  LogLimits limits_;
  std::list<Window> windows_;  // oldest first
  std::unordered_map<std::string, std::list<Window>::iterator> by_key_;
  TimestampMs budget_from_;
  std::size_t lines_in_window_ = 0;
  std::uint64_t dropped_in_window_ = 0;
  LogCounts counts_;
};

}  // namespace longspan
