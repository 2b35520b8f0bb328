#include "cli/demo/screen.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace longspan::demo {
namespace {

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view text = value;
    return text.find("UTF-8") != text.npos || text.find("utf8") != text.npos;
  }
  return false;
}

Look look_of(std::FILE* out, bool is_terminal) {
  Look look;
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    look.width = size.ws_col;
    look.height = size.ws_row;
  }
  look.color = is_terminal && std::getenv("NO_COLOR") == nullptr;
  look.unicode = is_utf8_locale();
  return look;
}

}  // namespace

Screen::Screen(std::FILE* out) : out_(out), is_terminal_(::isatty(::fileno(out)) == 1) {}

Screen::~Screen() { leave(); }

void Screen::draw(const View& view) {
  if (!is_terminal_) return say(render_line(view));
  if (!is_entered_) enter();
  const Look look = look_of(out_, is_terminal_);
  std::string frame = "\x1b[H";
  last_.clear();
  const auto lines = render(view, look);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    frame += lines[i] + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
    last_ += lines[i] + "\n";
  }
  frame += "\x1b[J";
  std::fwrite(frame.data(), 1, frame.size(), out_);
  std::fflush(out_);
}

void Screen::say(const std::string& line) {
  std::fprintf(out_, "%s\n", line.c_str());
  std::fflush(out_);
}

void Screen::enter() {
  send_stderr_to_file();
  std::fputs("\x1b[?1049h\x1b[?25l\x1b[2J", out_);
  is_entered_ = true;
}

void Screen::leave() {
  if (!is_entered_) return;
  is_entered_ = false;
  std::fputs("\x1b[?25h\x1b[?1049l", out_);
  std::fputs(last_.c_str(), out_);
  std::fflush(out_);
  if (stderr_before_ < 0) return;
  std::fflush(stderr);
  ::dup2(stderr_before_, STDERR_FILENO);
  ::close(stderr_before_);
  stderr_before_ = -1;
  std::error_code ignored;
  if (std::filesystem::file_size(log_path_, ignored) == 0) {
    std::filesystem::remove(log_path_, ignored);  // nothing was logged
  }
}

// A log that cannot be opened is dropped rather than drawn over the table.
void Screen::send_stderr_to_file() {
  if (::isatty(STDERR_FILENO) == 0) return;  // it goes somewhere else already
  std::error_code ignored;
  std::string path =
      (std::filesystem::temp_directory_path(ignored) / "longspan-demo.XXXXXX").string();
  int file = ::mkstemp(path.data());
  if (file >= 0) log_path_ = path;
  if (file < 0) file = ::open("/dev/null", O_WRONLY);
  std::fflush(stderr);
  stderr_before_ = ::dup(STDERR_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
}

}  // namespace longspan::demo
