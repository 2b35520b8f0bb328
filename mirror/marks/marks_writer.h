// mirror/marks/marks_writer.h - writes a flow's marks: where its partitions stand and how long
// their records take, every few seconds, as long as this process has part in the flow.
//
//   Flow::snapshot() --> MarksSets --records--> its own sink --> the marks topic
//
// Nothing waits for it. While the topic cannot be written sets are left out and counted; latencies
// are told once it can be again. Sets are taken when the wall clock is at a multiple of the
// interval, so that those of all processes fall together and minutes are minutes.
//
// Errors:  none; one line when an outage begins and one when it ends, and the count.
// Threads: run() or turn() on one thread; set_interval(), wake() and status() from anywhere.
// Owns:    its sink, its wakeup.
// Limits:  one set on its way; kStopPatience for the last one.
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
  static constexpr std::chrono::milliseconds kStopPatience{1000};

  MarksWriter(MarksSettings settings, Look look, MakeSink make_sink, const Clock& clock,
              std::unique_ptr<Wakeup> wakeup, LogContext log);

  // Until it is stopped; then writes the last set.
  void run(const std::stop_token& stop);
  // One turn of run(), and its end; for tests.
  void turn();
  void finish();

  void set_interval(std::chrono::milliseconds interval) { interval_.store(interval.count()); }
  void wake() { wakeup_->notify(); }
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
  void left_out();
  [[nodiscard]] std::int64_t until_next() const;

  const MarksSettings settings_;
  const Look look_;
  const MakeSink make_sink_;
  const Clock& clock_;
  const std::unique_ptr<Wakeup> wakeup_;
  const LogContext log_;
  MarksSets sets_;
  std::unique_ptr<Sink> sink_;
  std::optional<std::int64_t> next_at_;  // wall clock
  std::size_t in_flight_ = 0;
  std::int64_t bytes_in_flight_ = 0;
  bool is_broken_ = false;
  bool is_outage_told_ = false;
  std::int64_t left_out_in_outage_ = 0;

  std::atomic<std::int64_t> interval_;
  std::atomic<std::int64_t> bytes_total_{0};
  std::atomic<std::int64_t> dropped_total_{0};
};

}  // namespace longspan
