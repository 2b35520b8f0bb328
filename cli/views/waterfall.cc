#include "cli/views/waterfall.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace longspan {
namespace {

std::size_t column(double at, double whole, std::size_t width) {
  return static_cast<std::size_t>(std::clamp(at / whole, 0.0, 1.0) * static_cast<double>(width));
}

}  // namespace

std::string bar_text(double from, double length, double whole, std::size_t width) {
  if (whole <= 0) return {};
  const std::size_t begin = column(from, whole, width);
  const auto end = std::clamp((from + length) / whole, 0.0, 1.0) * static_cast<double>(width);
  const auto size = std::max<std::int64_t>(1, std::llround(end) - static_cast<std::int64_t>(begin));
  return std::string(begin, ' ') + std::string(static_cast<std::size_t>(size), '=');
}

std::string range_bar(const BarRange& range, double whole, std::size_t width) {
  if (whole <= 0) return {};
  std::string out = bar_text(range.begin, range.end - range.begin, whole, width);
  if (out.size() > width) out = std::string(width - 1, ' ') + "=";
  const std::size_t first = column(range.earliest, whole, width);
  for (std::size_t i = first; i < out.size() && out[i] == ' '; ++i) out[i] = '-';
  const auto last = static_cast<std::size_t>(
      std::llround(std::clamp(range.latest / whole, 0.0, 1.0) * static_cast<double>(width)));
  if (last > out.size()) out.append(last - out.size(), '-');
  return out;
}

}  // namespace longspan
