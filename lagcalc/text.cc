#include "lagcalc/text.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~bits + 1 : bits;
}

// "1.2 k": one digit after the point below 100 units, none above.
std::string scaled(std::int64_t value, std::uint64_t step, std::span<const char* const> units) {
  const std::uint64_t size = magnitude(value);
  std::uint64_t unit_size = 1;
  std::size_t unit = 0;
  while (unit + 1 < units.size() && size / unit_size >= step) {
    unit_size *= step;
    ++unit;
  }
  const std::uint64_t whole = size / unit_size;
  std::string text = (value < 0 ? "-" : "") + std::to_string(whole);
  if (unit > 0 && whole < 100) {
    text += "." + std::to_string(size % unit_size * 10 / unit_size);
  }
  if (*units[unit] != '\0') text += std::string(" ") + units[unit];
  return text;
}

// "3 m 20 s"
std::string two_parts(std::uint64_t seconds, std::uint64_t large, const char* large_unit,
                      std::uint64_t small, const char* small_unit) {
  return std::to_string(seconds / large) + " " + large_unit + " " +
         std::to_string(seconds % large / small) + " " + small_unit;
}

std::string positive_duration(std::uint64_t ms) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  const std::uint64_t seconds = ms / 1000;
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (seconds < kMinute) {
    return std::to_string(seconds) + "." + std::to_string(ms % 1000 / 100) + " s";
  }
  if (seconds < kHour) return two_parts(seconds, kMinute, "m", 1, "s");
  if (seconds < kDay) return two_parts(seconds, kHour, "h", kMinute, "m");
  return two_parts(seconds, kDay, "d", kHour, "h");
}

}  // namespace

std::string duration_text(std::int64_t milliseconds) {
  return (milliseconds < 0 ? "-" : "") + positive_duration(magnitude(milliseconds));
}

std::string count_text(std::int64_t count) {
  static constexpr std::array<const char*, 7> kUnits{"", "k", "M", "G", "T", "P", "E"};
  return scaled(count, 1000, kUnits);
}

std::string bytes_text(std::int64_t bytes) {
  static constexpr std::array<const char*, 7> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  return scaled(bytes, 1024, kUnits);
}

std::string rate_text(double rate) {
  LONGSPAN_ASSERT(!std::isnan(rate));
  constexpr double kLargest = 9e18;
  if (std::abs(rate) >= 10) {
    return count_text(
        static_cast<std::int64_t>(std::trunc(std::fmax(-kLargest, std::fmin(kLargest, rate)))));
  }
  const auto tenths = static_cast<std::int64_t>(std::trunc(rate * 10));
  return std::string(tenths < 0 ? "-" : "") + std::to_string(std::abs(tenths) / 10) + "." +
         std::to_string(std::abs(tenths) % 10);
}

std::string range_text(Offset from, Offset to) {
  return "[" + std::to_string(from.value) + ", " + std::to_string(to.value) + ")";
}

}  // namespace longspan
