#!/usr/bin/env bash
# tests/tidy/format.sh - every C++ file is as clang-format would write it; 77: cannot tell here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

kVersion=14
if ! clang-format --version 2>/dev/null | grep -q "version $kVersion\."; then
  echo "SKIPPED: clang-format $kVersion is not here (./dev lint installs it)"
  exit 77
fi
find lagcalc tracing mirror cli tests -name '*.h' -print0 -o -name '*.cc' -print0 |
  xargs -0 clang-format --dry-run -Werror
