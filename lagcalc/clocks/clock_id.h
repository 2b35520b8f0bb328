// lagcalc/clocks/clock_id.h - the clocks that write the times of a record, and their steps.
//
// Errors:  none.
// Threads: values.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lagcalc/clocks/interval.h"

namespace longspan {

enum class ClockKind : std::uint8_t {
  host,           // of the machine that longspan runs on
  database,       // wrote the commit time
  connector,      // the Kafka Connect worker's: envelope's ts, a record's CreateTime
  source_broker,  // a leader's LogAppendTime on the source
  target_broker,  // a leader's LogAppendTime, or a coordinator's commit time, on the target
  sink,           // of a sink that reports its own times
};

[[nodiscard]] constexpr std::string_view name(ClockKind kind) {
  constexpr std::array<std::string_view, 6> kNames{"host",          "database",      "connector",
                                                   "source_broker", "target_broker", "sink"};
  return kNames[static_cast<std::size_t>(kind)];
}

// A domain: stamps of one ClockId are of one clock.
struct ClockId {
  ClockKind kind = ClockKind::host;
  std::int32_t number = 0;  // of a broker: its node id
  friend constexpr auto operator<=>(ClockId, ClockId) = default;

  // "host", "source_broker-3"
  [[nodiscard]] std::string text() const {
    const bool is_broker = kind == ClockKind::source_broker || kind == ClockKind::target_broker;
    return std::string(name(kind)) + (is_broker ? "-" + std::to_string(number) : "");
  }
};

// The clock was set: at once it showed `size` more (less, when negative) than it would have.
struct ClockStep {
  ClockId clock;
  DurationInterval size;
  Instant at;  // when it was first seen; it happened since the evidence before
  friend bool operator==(const ClockStep&, const ClockStep&) = default;
};

}  // namespace longspan
