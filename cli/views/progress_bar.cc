#include "cli/views/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "cli/views/terminal.h"
#include "cli/views/text_table.h"
#include "lagcalc/text.h"

namespace longspan {

namespace {

constexpr std::int64_t kRedrawMs = 100;
constexpr std::int64_t kRateFromMs = 500;  // a rate over less is noise
constexpr std::size_t kBarMax = 30;
constexpr std::size_t kBarMin = 5;

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  return "[" + std::string(full, '#') + std::string(width - full, ' ') + "]";
}

}  // namespace

std::string progress_line(const ProgressLine& progress, std::size_t width) {
  const auto done = std::clamp<std::int64_t>(progress.done, 0, progress.total);
  const double share =
      progress.total > 0 ? static_cast<double>(done) / static_cast<double>(progress.total) : 1;
  std::string tail = "  " + std::to_string(static_cast<int>(share * 100)) + " %";
  if (progress.elapsed_ms >= kRateFromMs && done > 0) {
    const double per_ms = static_cast<double>(done) / static_cast<double>(progress.elapsed_ms);
    const auto left_ms = static_cast<double>(progress.total - done) / per_ms;
    tail += "  " + rate_text(per_ms * 1000) + "/s  " +
            duration_text(static_cast<std::int64_t>(left_ms)) + " left";
  }
  const auto used = text_width(progress.what) + 4 + tail.size();
  const auto room = width > used ? std::min(width - used, kBarMax) : 0;
  if (room < kBarMin) return cut_end(progress.what + tail, width);
  return progress.what + "  " + bar(share, room) + tail;
}

ProgressBar::ProgressBar() : on_terminal_(isatty(STDERR_FILENO) == 1), started_ms_(steady_ms()) {}

ProgressBar::~ProgressBar() { wipe(); }

void ProgressBar::show(const std::string& what, std::int64_t done, std::int64_t total) {
  const auto now = steady_ms();
  if (!on_terminal_ || now - drawn_ms_ < kRedrawMs) return;
  drawn_ms_ = now;
  drawn_ = true;
  const auto width = terminal_width(STDERR_FILENO);
  const auto line = progress_line({what, done, total, now - started_ms_}, width - 1);
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
}

void ProgressBar::wipe() {
  if (!std::exchange(drawn_, false)) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace longspan
