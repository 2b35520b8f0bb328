// lagcalc/assert.h - LONGSPAN_ASSERT: a programmer's error stops the process, in every build.
//
// Errors:  prints file, line and condition on stderr and aborts. Never for what the environment
//          can cause: that is a Result.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace longspan::detail {

[[noreturn]] inline void assert_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace longspan::detail

#define LONGSPAN_ASSERT(condition) \
  (static_cast<bool>(condition)    \
       ? void(0)                   \
       : ::longspan::detail::assert_failed(#condition, __FILE__, __LINE__))
