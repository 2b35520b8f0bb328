// cli/signals.h - SIGINT and SIGTERM as something to wait for.
//
// Make one before any thread starts: threads inherit the mask, so that the signals reach only
// wait(). A second signal ends the process at once, with the shell's code for it.
//
// Threads: wait() on the thread that made it.
// Source:  signal(7), sigtimedwait(2).
#pragma once

#include <chrono>
#include <string>

namespace longspan {

class StopSignals {
 public:
  StopSignals();
  // True when the process was asked to stop; waits at most `at_most` for it.
  [[nodiscard]] bool wait(std::chrono::milliseconds at_most);
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace longspan
