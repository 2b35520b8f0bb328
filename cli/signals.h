// cli/signals.h - SIGINT and SIGTERM, and SIGHUP where it is asked for, as something to wait for.
//
// Make one before any thread starts: threads inherit the mask, so that the signals reach only
// wait(). A second signal ends the process at once, with the shell's code for it.
//
// Threads: wait() on the thread that made it.
// Source:  signal(7), sigtimedwait(2).
#pragma once

#include <chrono>
#include <string>
#include <utility>

namespace longspan {

class StopSignals {
 public:
  enum class OnHangup { end, note };  // end: as the system does by itself

  explicit StopSignals(OnHangup on_hangup = OnHangup::end);
  // True when the process was asked to stop; waits at most `at_most` for it.
  [[nodiscard]] bool wait(std::chrono::milliseconds at_most);
  [[nodiscard]] const std::string& name() const { return name_; }
  // A SIGHUP came since the last time; wait() takes it, and answers false.
  [[nodiscard]] bool take_hangup() { return std::exchange(has_hung_up_, false); }

 private:
  OnHangup on_hangup_;
  bool has_hung_up_ = false;
  std::string name_;
};

}  // namespace longspan
