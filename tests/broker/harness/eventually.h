// tests/broker/harness/eventually.h - wait for a condition, never for a length of time.
//
// Errors:  false after the deadline; the condition was then false when last looked at.
// Threads: the caller's.

#pragma once

#include <chrono>
#include <thread>

namespace longspan::harness {

inline constexpr std::chrono::milliseconds kPollPause{20};

template <class Condition>
bool eventually(std::chrono::milliseconds deadline, Condition&& condition) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kPollPause);
  }
  return true;
}

}  // namespace longspan::harness
