// mirror/clocks/clock_watch.h - the clocks of a flow as this process sees them.
//
//   BrokerProbe, DatabaseProbe --samples, failures, leaders--> ClockWatch --table()--> Shards
//
// It keeps the timeline that all times of the flow stand on, and a tracker for each clock that is
// asked. Whoever places stamps takes table(), an immutable value that is made anew each tick.
// Every process of a flow asks for itself: its own clock is the other end of each offset.
//
// Units:   microseconds on the timeline.
// Errors:  none here; what keeps a clock from being asked is shown with it.
// Threads: tick() on one thread, set_leaders() on one thread a side; all others from anywhere. What
//          shards call, at() and table(), waits for no more than the copy of a pointer.
// Limits:  kClocksMax trackers of less than 2 KiB; samples of further clocks are counted nowhere.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/clocks/timeline.h"
#include "mirror/clocks/clock_snapshot.h"
#include "mirror/clocks/clock_table.h"
#include "mirror/clocks/host_clock.h"
#include "mirror/ports.h"

namespace longspan {

class ClockWatch {
 public:
  static constexpr std::size_t kClocksMax = 200;
  // What one that is up told last counts so long beside what is assumed of it.
  static constexpr DurationUs kLastKept{3'600'000'000};
  using Stepped = std::function<void(const ClockStep&)>;

  // `stepped` is called without the lock on the thread that found it; `read_host` by tick().
  ClockWatch(ClockConfig config, const Clock& clock, HostClock read_host, Stepped stepped);

  // Never moves after it was made.
  [[nodiscard]] Instant at(Clock::Steady time) const;
  [[nodiscard]] Instant now() const { return at(clock_.steady()); }

  // --- probes ---
  void answered(ClockId clock, const ClockSample& sample);
  void failed(ClockId clock, const std::string& why);
  void set_leaders(EventSide side, const ClusterView& view);
  // Why no clock of this kind is measured; empty: nothing is wrong.
  void set_trouble(ClockKind kind, std::string why);

  // Each second: looks at the host's clocks, and makes the table anew.
  void tick();

  [[nodiscard]] std::shared_ptr<const ClockTable> table() const;
  // Another number than before: there is a new table.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
  // In the order of the clocks: those that are asked, and those of which something is assumed.
  [[nodiscard]] std::vector<ClockSnapshot> snapshot() const;

 private:
  struct Asked {
    explicit Asked(ClockId clock, const TrackerSettings& settings) : tracker(clock, settings) {}
    ClockTracker tracker;
    std::int64_t failures = 0;
    std::optional<Instant> answered_at;
    OffsetBounds last;  // as of then
    std::string trouble;
  };
  Asked* asked(ClockId clock);
  void publish();
  [[nodiscard]] bool is_down(ClockId clock) const;
  [[nodiscard]] ClockSnapshot host_snapshot() const;
  [[nodiscard]] ClockSnapshot snapshot_of(ClockId clock, const ClockTable& table) const;
  [[nodiscard]] std::vector<ClockId> shown(const ClockTable& table) const;

  const ClockConfig config_;
  const Clock& clock_;
  const HostClock read_host_;
  const Stepped stepped_;
  std::atomic<std::uint64_t> generation_{0};

  mutable std::mutex mutex_;  // over what follows, up to the next one
  Timeline timeline_;         // but for at()
  std::optional<HostError> host_error_;
  std::int64_t host_steps_ = 0;
  std::map<ClockId, Asked> asked_;
  std::map<ClockKind, std::string> trouble_;
  ClockTable::Leaders source_;
  ClockTable::Leaders target_;

  mutable std::mutex table_mutex_;  // over the pointer alone; taken last
  std::shared_ptr<const ClockTable> table_;
};

}  // namespace longspan
