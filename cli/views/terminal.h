// cli/views/terminal.h - what stdout is, and a screen that is redrawn in place until q or Ctrl-C.
//
// Errors:  none: what is not a terminal is plain text.
// Threads: one Screen at a time, on one thread; it takes SIGINT and SIGTERM while it lives.
// Owns:    the terminal's modes, given back by the destructor.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "cli/views/text_table.h"

namespace longspan {

inline constexpr std::size_t kUsualWidth = 80;

[[nodiscard]] std::size_t terminal_width(int file);  // kUsualWidth when it cannot be told
// Of stdout: width and colours of a terminal, neither for a pipe; NO_COLOR and TERM=dumb are kept.
[[nodiscard]] TableStyle stdout_style();

class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Replaces what is shown; lines that do not fit the height are left out. On a pipe: appended.
  void show(const std::string& text);
  // False when the user asked to quit.
  [[nodiscard]] bool wait(std::chrono::milliseconds time);

 private:
  struct Modes;
  std::unique_ptr<Modes> saved_;
};

}  // namespace longspan
