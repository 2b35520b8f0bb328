// mirror/clocks/postgres_clock.h - the clock of a Postgres: SELECT clock_timestamp(), by libpq.
//
// Errors:  a connection string that libpq does not take is an Error that does not quote it; later
//          ones are what the server or libpq says, which names host and user but no password. A
//          standby is an Error that names it (Next::park_partition): commits carry the primary's
//          time.
// Threads: one. connect() waits at most kPostgresConnect, for all hosts together, and ask() at most
//          kPostgresAnswer; both end soon after `stop`. libpq connects on a thread of its own, for
//          it looks up names without a bound: a lookup that does not end is left behind with that
//          thread, one at a time, which holds nothing but the attempt.
// Owns:    one connection.
// Source:  libpq, "Database Connection Control Functions", "Asynchronous Command Processing".
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "lagcalc/result.h"
#include "mirror/clocks/database_probe.h"

namespace longspan {

inline constexpr std::chrono::milliseconds kPostgresConnect{10'000};
inline constexpr std::chrono::milliseconds kPostgresAnswer{5'000};

// Whether libpq can read it: nobody is asked.
[[nodiscard]] Result<void> check_postgres_dsn(const std::string& dsn);
[[nodiscard]] Result<std::unique_ptr<DatabaseClock>> make_postgres_clock(const std::string& dsn);

}  // namespace longspan
