// cli/demo/demo.h - `longspan demo`: two embedded clusters, a source, a mirror, a sink, live.
//
// Errors:  start() says what could not be started; a part that fails later ends the demo with its
//          reason.
// Threads: one; it starts others and ends them.
// Owns:    everything it starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/demo/comparer.h"
#include "cli/demo/screen.h"
#include "cli/demo/view.h"
#include "lagcalc/result.h"
#include "mirror/snapshot.h"

namespace longspan {
class Flow;
class HttpServer;
}  // namespace longspan

namespace longspan::demo {

inline constexpr std::uint16_t kDefaultPort = 9464;

// Waits at most that long; true when somebody asked to stop.
using WaitForStop = std::function<bool(std::chrono::milliseconds)>;

struct DemoOptions {
  std::optional<std::chrono::seconds> run_for;  // absent: until asked to stop
  std::int64_t rate = 400;                      // records a second
  std::optional<std::uint16_t> port;            // absent: kDefaultPort, or any where that is taken
  bool chaos = false;
  std::FILE* out = stdout;
};

class Feed;
class ReaderLoop;
class Regions;
class Sink;
class TargetStreams;
class Backlog;

class Demo {
 public:
  explicit Demo(const DemoOptions& options);
  ~Demo();

  // Runs until it is time or asked to, drains, prints the summary. The answer is what was compared;
  // the exit code is the caller's.
  Result<Comparison> run(const WaitForStop& wait);

 private:
  using Steady = std::chrono::steady_clock;

  Result<void> start();
  Result<void> start_http();
  Result<void> start_flow();
  Result<void> start_readers();
  Result<void> wait_for_target_topics();
  void turn();
  void follow_chaos();
  void watch(const FlowSnapshot& snapshot);
  void tell(const std::string& news);
  void drain(const WaitForStop& wait);
  void stop_parts();
  void summarise();
  void sample_lag();

  [[nodiscard]] View view(const FlowSnapshot& snapshot) const;
  [[nodiscard]] std::vector<TopicRow> rows(const FlowSnapshot& snapshot) const;
  [[nodiscard]] ProcessSnapshot process_snapshot() const;
  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] std::int64_t elapsed_ms() const;
  [[nodiscard]] std::int64_t total_lag() const;  // written and not compared yet

  const DemoOptions options_;
  Screen screen_;
  Steady::time_point began_;
  TimestampMs began_at_;

  std::unique_ptr<Regions> regions_;
  std::unique_ptr<Comparer> comparer_;
  std::unique_ptr<Backlog> backlog_;
  std::unique_ptr<TargetStreams> target_streams_;
  std::unique_ptr<Flow> flow_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<ReaderLoop> sink_loop_;
  std::unique_ptr<ReaderLoop> compare_loop_;
  std::unique_ptr<HttpServer> http_;

  std::string news_;
  std::vector<std::int64_t> lag_history_;
  Steady::time_point next_sample_;
  std::optional<Steady::time_point> restored_at_;  // the line; until the backlog is gone
  bool was_unreachable_ = false;
};

}  // namespace longspan::demo
