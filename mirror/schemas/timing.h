// mirror/schemas/timing.h - the clocks, the pauses and the dice of a registry client; a port.
//
// Errors:  none.
// Threads: any number of callers at once.
#pragma once

#include <chrono>
#include <stop_token>

namespace longspan {

class Timing {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;
  virtual ~Timing() = default;
  [[nodiscard]] virtual Steady steady() const = 0;  // for intervals
  [[nodiscard]] virtual Wall wall() const = 0;      // for dates that others wrote
  virtual double fraction() = 0;                    // anything in [0, 1)
  // Waits; a request to stop ends it at once.
  virtual void pause(std::chrono::milliseconds how_long, const std::stop_token& stop) = 0;
};

// The machine's own.
class SystemTiming final : public Timing {
 public:
  [[nodiscard]] Steady steady() const override;
  [[nodiscard]] Wall wall() const override;
  double fraction() override;
  void pause(std::chrono::milliseconds how_long, const std::stop_token& stop) override;
};

}  // namespace longspan
