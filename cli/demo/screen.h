// cli/demo/screen.h - a terminal that is redrawn in place, or a stream that gets a line now and
// then.
//
// On a terminal it uses the alternate screen, so that a resize or Ctrl-C leaves nothing behind, and
// sends stderr to a file meanwhile: a log line would tear the table.
//
// Errors:  none; what cannot be shown is lost.
// Threads: one.
// Owns:    the terminal's state and the log file's descriptor; the destructor gives stderr back.
#pragma once

#include <cstdio>
#include <string>

#include "cli/demo/view.h"

namespace longspan::demo {

class Screen {
 public:
  explicit Screen(std::FILE* out);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  // A table is on the terminal now.
  [[nodiscard]] bool is_entered() const { return is_entered_; }
  // Where stderr goes while the table is shown; empty: nowhere else.
  [[nodiscard]] const std::string& log_path() const { return log_path_; }
  void draw(const View& view);
  // A line that stays.
  void say(const std::string& line);
  // Back to the ordinary screen, with the last table above what follows.
  void leave();

 private:
  void enter();
  void send_stderr_to_file();

  std::FILE* out_;
  const bool is_terminal_;
  bool is_entered_ = false;
  int stderr_before_ = -1;
  std::string log_path_;
  std::string last_;  // the last table, as text
};

}  // namespace longspan::demo
