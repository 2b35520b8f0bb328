// mirror/marks/marks_writer.h - writes a flow's marks: where its partitions stand and how long
// their records take, every few seconds, as long as this process has part in the flow.
//
//   Flow::snapshot() --> MarksSets --records--> its own sink --> the marks topic
//
// Nothing waits for it. While the topic cannot be written sets are left out and counted; latencies
// are told once it can be again. It is tried again after kRetryFirst, then after twice as long, up
// to kRetryMost. Sets are taken when the wall clock is at a multiple of the interval, so that those
// of all processes fall together and minutes are minutes.
//
// Errors:  none; one line when an outage begins, one when its cause is another and one when it
//          ends, and the count.
// Threads: run() or turn() on one thread; set_interval(), stop_by(), wake(), is_finished() and
//          status() from anywhere.
// Owns:    its sink, its wakeup.
// Limits:  one set on its way; kStopPatience for the last one, and not beyond stop_by().
// Source:  ARCHITECTURE.md, "Marks".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "mirror/kafka/clients.h"
#include "mirror/marks/marks_set.h"
#include "mirror/ports.h"
#include "tracing/log.h"

namespace longspan {

struct MarksSettings {
  std::string topic;
  std::string process;  // host:pid
  TimestampMs started_at;
  std::chrono::milliseconds interval{10000};
};

class MarksWriter final : private SinkEvents {
 public:
  using Look = std::function<FlowSnapshot()>;
  using MakeSink = std::function<Result<std::unique_ptr<Sink>>(const SinkLimits&, Wakeup&)>;
  // Sees to it that the topic is there as it must be; may wait.
  using Prepare = std::function<Result<void>()>;
  static constexpr std::chrono::milliseconds kStopPatience{1000};
  static constexpr std::chrono::seconds kRetryFirst{1};
  static constexpr std::chrono::seconds kRetryMost{60};

  MarksWriter(MarksSettings settings, Look look, MakeSink make_sink, const Clock& clock,
              std::unique_ptr<Wakeup> wakeup, LogContext log, Prepare prepare = {});

  // Until it is stopped; then writes the last set.
  void run(const std::stop_token& stop);
  // One turn of run(), and its end; for tests.
  void turn();
  void finish();

  void set_interval(std::chrono::milliseconds interval) { interval_.store(interval.count()); }
  void wake() { wakeup_->notify(); }
  // Before it is stopped: the last set is not waited for any longer, nor begun later.
  void stop_by(Clock::Steady time) { stop_by_.store(time.time_since_epoch().count()); }
  [[nodiscard]] bool is_finished() const { return is_finished_.load(); }  // run() is
  [[nodiscard]] MarksStatus status() const;

 private:
  void on_acked(PartitionIndex partition, Offset first_target, std::size_t count) override;
  void on_acked_somewhere(PartitionIndex partition, std::size_t count) override;
  void on_failed(PartitionIndex partition, std::size_t count, const Error& error) override;
  void on_sink_trouble(const Error& error) override;

  void look_for_answers();
  void write(bool is_last);
  void offer(const MarksSet& set, TimestampMs at);
  [[nodiscard]] bool open();
  void settle();
  void break_off(const Error& error);
  void tell(const Error& error);
  void try_later();
  void left_out();
  [[nodiscard]] std::int64_t until_next() const;

  const MarksSettings settings_;
  const Look look_;
  const MakeSink make_sink_;
  const Clock& clock_;
  const std::unique_ptr<Wakeup> wakeup_;
  const LogContext log_;
  const Prepare prepare_;
  MarksSets sets_;
  std::unique_ptr<Sink> sink_;
  std::optional<std::int64_t> next_at_;  // wall clock
  std::size_t in_flight_ = 0;
  std::int64_t bytes_in_flight_ = 0;
  bool is_broken_ = false;
  // Since when it has had a part in the flow; absent: it has none. `is_known` by a set.
  std::optional<TimestampMs> part_since_;
  bool is_part_known_ = false;
  std::optional<std::string> told_;      // of an outage: its cause
  std::optional<Clock::Steady> try_at_;  // not before
  std::chrono::seconds retry_{0};        // the last wait
  std::int64_t left_out_in_outage_ = 0;

  std::atomic<std::int64_t> interval_;
  std::atomic<Clock::Steady::rep> stop_by_;
  std::atomic<bool> is_finished_{false};
  std::atomic<std::int64_t> bytes_total_{0};
  std::atomic<std::int64_t> dropped_total_{0};
};

}  // namespace longspan
