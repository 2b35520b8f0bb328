// tracing/log_capture.h - for tests: the lines the process logs while this object lives.
//
// The lines go here instead of stderr, all levels, with repeats summarised on the test's own
// clock. One at a time; the former destination and level come back with the destructor.
//
// Threads: the process may log from any thread meanwhile; lines() copies under the log's mutex.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/units.h"
#include "tracing/log.h"

namespace longspan {

class LogCapture {
 public:
  using Clock = std::function<TimestampMs()>;

  LogCapture();                      // the wall clock
  explicit LogCapture(Clock clock);  // called with the log's mutex held: it must not log
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  [[nodiscard]] std::vector<std::string> lines() const;
  // Those lines that contain `text`: lines_with("event=partition_parked").
  [[nodiscard]] std::vector<std::string> lines_with(std::string_view text) const;
  // Ends the windows that are over by the clock.
  void tick();

 private:
  LogLevel former_level_;
};

}  // namespace longspan
