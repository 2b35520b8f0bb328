// cli/views/progress_bar.h - how far a long command is: bar, rate, time left, on one line.
//
// Drawn on stderr, only when that is a terminal, at most ten times a second, and wiped when done:
// stdout keeps the data alone.
//
// Units:   steps of whatever is counted; milliseconds.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <string>

#include "lagcalc/units.h"

namespace longspan {

struct ProgressLine {
  std::string what;  // "verify orders:3"
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::int64_t elapsed_ms = 0;
};

// "verify orders:3  [#####     ]  50 %  1.2 k/s  3.4 s left", in at most `width` columns.
[[nodiscard]] std::string progress_line(const ProgressLine& progress, std::size_t width);

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // wipes the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const std::string& what, std::int64_t done, std::int64_t total);
  void wipe();

 private:
  bool on_terminal_ = false;
  bool drawn_ = false;
  std::int64_t started_ms_ = 0;
  std::int64_t drawn_ms_ = 0;
};

}  // namespace longspan
