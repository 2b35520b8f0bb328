// mirror/kafka/bounded_call.h - a call into a library that may never come back.
//
// It runs on a thread of its own. One that is not back in time is left there for the rest of the
// process, with what it holds; so it may only hold what nobody else needs.
//
// Errors:  without a thread to be had the call is made here, unbounded.
// Threads: any.
#pragma once

#include <chrono>
#include <functional>

namespace longspan {

// False: it still runs.
[[nodiscard]] bool ends_within(std::chrono::milliseconds bound, std::function<void()> call);

}  // namespace longspan
