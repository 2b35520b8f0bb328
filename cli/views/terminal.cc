#include "cli/views/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace longspan {

namespace {

volatile std::sig_atomic_t quit_asked = 0;

void ask_to_quit(int) { quit_asked = 1; }

struct Size {
  std::size_t columns = kUsualWidth;
  std::size_t rows = 0;  // 0: not known
};

Size size_of(int file) {
  winsize size{};
  if (ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, size.ws_row};
}

void write_all(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// The first `rows` lines, each wiped to its end.
std::string screenful(const std::string& text, std::size_t rows) {
  std::string out = "\x1b[H";
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size() && (rows == 0 || line + 1 < rows); ++line) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.append(text, at, end - at).append("\x1b[K\r\n");
    at = end + 1;
  }
  return out + "\x1b[J";
}

}  // namespace

struct Screen::Modes {
  termios input{};
  bool has_input = false;
  struct sigaction interrupt {};
  struct sigaction terminate {};
};

std::size_t terminal_width(int file) { return size_of(file).columns; }

TableStyle stdout_style() {
  if (isatty(STDOUT_FILENO) != 1) return {};
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool plain = (no_colour != nullptr && *no_colour != '\0') ||
                     (term != nullptr && std::string_view(term) == "dumb");
  return {terminal_width(STDOUT_FILENO), !plain};
}

Screen::Screen() {
  quit_asked = 0;
  auto modes = std::make_unique<Modes>();
  struct sigaction action {};
  action.sa_handler = ask_to_quit;  // without SA_RESTART: it must end the wait
  sigaction(SIGINT, &action, &modes->interrupt);
  sigaction(SIGTERM, &action, &modes->terminate);
  if (isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &modes->input) == 0) {
    termios raw = modes->input;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    modes->has_input = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  if (isatty(STDOUT_FILENO) == 1) write_all("\x1b[?1049h\x1b[?25l");
  saved_ = std::move(modes);
}

Screen::~Screen() {
  if (isatty(STDOUT_FILENO) == 1) write_all("\x1b[?25h\x1b[?1049l");
  if (saved_->has_input) tcsetattr(STDIN_FILENO, TCSANOW, &saved_->input);
  sigaction(SIGINT, &saved_->interrupt, nullptr);
  sigaction(SIGTERM, &saved_->terminate, nullptr);
}

void Screen::show(const std::string& text) {
  if (isatty(STDOUT_FILENO) != 1) return write_all(text + "\n");
  write_all(screenful(text, size_of(STDOUT_FILENO).rows));
}

bool Screen::wait(std::chrono::milliseconds time) {
  if (quit_asked != 0) return false;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const bool ready = poll(&input, saved_->has_input ? 1 : 0, static_cast<int>(time.count())) > 0;
  char key = 0;
  if (ready && read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q')) return false;
  return quit_asked == 0;
}

}  // namespace longspan
