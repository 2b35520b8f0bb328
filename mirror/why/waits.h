// mirror/why/waits.h - what one partition waits for, and for how long.
//
// Units:   milliseconds by longspan's clock; records; records per second.
// Errors:  none. What is not known is absent; 0 is known: it does not wait.
// Threads: values; WaitWatch is of a shard's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lagcalc/time_behind.h"
#include "lagcalc/units.h"

namespace longspan {

struct Waits {
  std::optional<std::int64_t> behind_ms = {};  // see lagcalc/time_behind.h
  std::optional<std::int64_t> open_transaction_ms = {};
  std::optional<Records> behind_transaction = {};  // records that it holds back
  std::optional<std::int64_t> unacknowledged_ms = {};
  std::optional<std::int64_t> schema_wait_ms = {};
  std::optional<std::int64_t> source_leaderless_ms = {};
  std::optional<bool> is_throttled = {};  // by a throttle.* of the file
  std::optional<double> source_records_per_second = {};
  friend bool operator==(const Waits&, const Waits&) = default;
};

// The client library's word for it: none of the brokers it knows can be connected to.
inline constexpr int kAllBrokersDown = -187;

// Since when something is so.
class Since {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  void note(bool is_so, Steady now) {
    if (!is_so) since_.reset();
    if (is_so && !since_) since_ = now;
  }
  // 0: it is not so.
  [[nodiscard]] std::int64_t lasts_ms(Steady now) const {
    if (!since_) return 0;
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - *since_).count();
  }

 private:
  std::optional<Steady> since_;
};

// What of it a partition has to remember.
struct WaitWatch {
  TimeBehind time_behind;
  Since leaderless;
  Since schema;
  std::optional<Records> behind_transaction;
};

}  // namespace longspan
