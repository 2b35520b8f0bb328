// mirror/clocks/postgres_clock.h - the clock of a Postgres: SELECT clock_timestamp(), by libpq.
//
// Errors:  a connection string that libpq does not take is an Error that does not quote it; later
//          ones are what the server or libpq says, which names host and user but no password.
// Threads: one. connect() waits at most kPostgresConnect, beyond which only looking up a host's
// name may
//          go, and ask() kPostgresAnswer.
// Owns:    one connection.
// Source:  libpq, "Asynchronous Command Processing".
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "lagcalc/result.h"
#include "mirror/clocks/database_probe.h"

namespace longspan {

inline constexpr std::chrono::milliseconds kPostgresConnect{10'000};
inline constexpr std::chrono::milliseconds kPostgresAnswer{5'000};

[[nodiscard]] Result<std::unique_ptr<DatabaseClock>> make_postgres_clock(const std::string& dsn);

}  // namespace longspan
