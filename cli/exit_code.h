// cli/exit_code.h - what every command's exit code means.
//
// Source:  ARCHITECTURE.md, "Errors"; scripts rely on these numbers.
#pragma once

namespace longspan {

inline constexpr int kExitFine = 0;
inline constexpr int kExitNo = 1;     // the answer is "no": a difference found, a check failed
inline constexpr int kExitUsage = 2;  // wrong command line or configuration; nothing started
inline constexpr int kExitUnreachable = 3;  // a cluster or service cannot be reached

}  // namespace longspan
