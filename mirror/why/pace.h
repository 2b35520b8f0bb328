// mirror/why/pace.h - what a shard's thread does with its time: how busy it is, what it waits for.
//
// It is looked at at each tick, ten times a second; the data path does nothing for it.
//
// Units:   ratios of the last kLoadWindow that is over.
// Errors:  none. Absent until a window is over.
// Threads: of one thread, whose CPU time is taken.
#pragma once

#include <chrono>
#include <optional>

#include "mirror/why/load.h"

namespace longspan {

class Pace {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  // The CPU time of a thread; absent where the system does not tell.
  using CpuTime = std::optional<std::chrono::nanoseconds> (*)();
  [[nodiscard]] static std::optional<std::chrono::nanoseconds> cpu_of_this_thread();

  explicit Pace(CpuTime cpu = cpu_of_this_thread) : cpu_(cpu) {}

  struct Look {
    bool waits_for_source = false;  // it has nothing, and the source has more
    bool waits_for_target = false;  // it has something that the sink does not take
  };
  // True: a window is over, and ratios() are of it.
  bool look(Look seen, Steady now);

  struct Ratios {
    std::optional<double> cpu;
    std::optional<double> source_wait;
    std::optional<double> target_wait;
  };
  [[nodiscard]] const Ratios& ratios() const { return ratios_; }

 private:
  void begin(Steady now);

  const CpuTime cpu_;
  std::optional<Steady> begun_at_;
  std::optional<std::chrono::nanoseconds> begun_cpu_;
  int looks_ = 0;
  int source_waits_ = 0;
  int target_waits_ = 0;
  Ratios ratios_;
};

}  // namespace longspan
