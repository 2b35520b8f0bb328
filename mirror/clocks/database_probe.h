// mirror/clocks/database_probe.h - asks a database for its time, about once a second.
//
// Errors:  a database that cannot be asked, or must not be believed (a standby), is one log line an
//          outage and is shown with its clock; it is tried again after a second, then twice as long
//          each time, up to kWaitMost.
// Threads: run() or turn() on one thread of its own, which waits for the database.
// Owns:    its connection.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "lagcalc/result.h"
#include "lagcalc/stamp.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/ports.h"
#include "tracing/log.h"

namespace longspan {

// The port to a database.
class DatabaseClock {
 public:
  virtual ~DatabaseClock() = default;
  // Both wait for it, within bounds of their own, and end soon after `stop`.
  virtual Result<void> connect(const std::stop_token& stop) = 0;
  // Its clock, while it is asked. Another Next than retry: not the clock that is meant.
  virtual Result<Stamp> ask(const std::stop_token& stop) = 0;
};

using MakeDatabaseClock =
    std::function<Result<std::unique_ptr<DatabaseClock>>(const std::string& dsn)>;

class DatabaseProbe {
 public:
  static constexpr std::chrono::milliseconds kEvery{1'000};
  static constexpr std::chrono::milliseconds kWaitMost{60'000};

  DatabaseProbe(std::unique_ptr<DatabaseClock> database, const Clock& clock, ClockWatch& watch,
                LogContext log);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. Until the next.
  std::chrono::milliseconds turn(const std::stop_token& stop);

 private:
  std::chrono::milliseconds lost(const Error& error);

  const std::unique_ptr<DatabaseClock> database_;
  const Clock& clock_;
  ClockWatch& watch_;
  const LogContext log_;
  bool is_connected_ = false;
  std::string_view told_;  // the event that was logged of this outage; empty: there is none
  std::chrono::milliseconds wait_{kEvery};
};

}  // namespace longspan
