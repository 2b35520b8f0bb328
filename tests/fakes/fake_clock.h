// tests/fakes/fake_clock.h - time that moves only when a test says so, and a wait that moves it.
//
// Units:   milliseconds; the wall clock starts at kFakeStart, the steady clock at its epoch + 1 h.
// Threads: one.
#pragma once

#include <chrono>
#include <functional>

#include "mirror/ports.h"

namespace longspan {

inline constexpr TimestampMs kFakeStart{1'700'000'000'000};

class FakeClock final : public Clock {
 public:
  [[nodiscard]] TimestampMs now() const override { return now_; }
  [[nodiscard]] Steady steady() const override { return steady_; }

  // Both clocks go on together.
  void advance(std::chrono::milliseconds by) {
    now_.value += by.count();
    steady_ += by;
  }
  // Only the wall clock steps, as after an NTP correction; may go back.
  void step_wall(std::chrono::milliseconds by) { now_.value += by.count(); }

 private:
  TimestampMs now_ = kFakeStart;
  Steady steady_{std::chrono::hours(1)};
};

// wait() returns at once: after a notification without moving time, else by moving the clock.
class FakeWakeup final : public Wakeup {
 public:
  explicit FakeWakeup(FakeClock& clock) : clock_(clock) {}

  void wait(std::chrono::milliseconds at_most) override {
    ++waits;
    if (on_wait) on_wait();
    if (std::exchange(notified_, false)) return;
    clock_.advance(at_most);
  }
  void notify() override { notified_ = true; }

  int waits = 0;
  std::function<void()> on_wait;  // what happens elsewhere meanwhile; may be empty

 private:
  FakeClock& clock_;
  bool notified_ = false;
};

}  // namespace longspan
