// lagcalc/units.h - the numbers that must not be mixed up: a place in a log and a count of records.
//
// Units:   Offset is a Kafka offset (the place of one record in one partition); Records counts
//          offsets between two places, so with compaction or transactions it may exceed the
//          number of readable records. Timestamps are milliseconds since 1970-01-01 UTC.
// Errors:  none. An unknown offset is std::optional, never -1.
// Threads: values.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace longspan {

struct Records {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(Records, Records) = default;
  friend constexpr Records operator+(Records a, Records b) { return {a.count + b.count}; }
  friend constexpr Records operator-(Records a, Records b) { return {a.count - b.count}; }
  constexpr Records& operator+=(Records b) {
    count += b.count;
    return *this;
  }
};

struct Offset {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Offset, Offset) = default;
  friend constexpr Offset operator+(Offset a, Records n) { return {a.value + n.count}; }
  friend constexpr Offset operator-(Offset a, Records n) { return {a.value - n.count}; }
  friend constexpr Records operator-(Offset a, Offset b) { return {a.value - b.value}; }
  constexpr Offset next() const { return {value + 1}; }
};

// [from, to).
struct OffsetRange {
  Offset from;
  Offset to;
  friend constexpr auto operator<=>(const OffsetRange&, const OffsetRange&) = default;
  [[nodiscard]] constexpr bool contains(Offset offset) const {
    return from <= offset && offset < to;
  }
};

struct TimestampMs {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(TimestampMs, TimestampMs) = default;
  // Milliseconds from b to a; negative when b is later.
  friend constexpr std::int64_t operator-(TimestampMs a, TimestampMs b) {
    return a.value - b.value;
  }
};

}  // namespace longspan

template <>
struct std::hash<longspan::Offset> {
  std::size_t operator()(longspan::Offset o) const noexcept {
    return std::hash<std::int64_t>{}(o.value);
  }
};
