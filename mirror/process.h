// mirror/process.h - the flows of one file in one process.
//
// Errors:  start() fails when a flow can never run (Next::stop_process) or when no flow could be
//          started. A flow whose clusters cannot be reached yet, while others run, is tried again.
// Threads: start() and stop() from the owner; snapshot(), is_alive(), failed() from anywhere.
// Owns:    its flows, and a thread that starts the late ones.
// Limits:  ProcessConfig::memory_limit_bytes is shared out over the flows' shards.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mirror/flow.h"
#include "mirror/flow_config.h"
#include "mirror/flow_ports.h"
#include "mirror/snapshot.h"

namespace longspan {

class Process {
 public:
  Process(ProcessConfig config, std::vector<FlowConfig> flows, FlowPorts ports,
          std::string version);
  // Before start(): flows that nobody runs take this file's definition.
  void replace_definitions() { replace_definitions_ = true; }
  ~Process();

  Result<void> start();
  // The file was read again: see Flow::change(). A flow that is not of this process is left alone.
  void change(const std::string& flow, const LiveSettings& settings, const std::string& changed);
  // What became of each in the flow that did most with it.
  [[nodiscard]] std::vector<SinkReportFate> report(const std::vector<SinkReport>& reports);
  // Every flow gives its slots up, all at once; bounded by shutdown.timeout.ms.
  void stop();

  [[nodiscard]] ProcessSnapshot snapshot() const;
  [[nodiscard]] bool is_alive() const;
  [[nodiscard]] std::int32_t shards() const;  // of all flows
  [[nodiscard]] std::optional<Error> failed() const;

 private:
  struct Member {
    FlowConfig config;
    std::shared_ptr<Flow> flow;          // null until it is started
    std::shared_ptr<Flow> starting;      // while it is
    std::optional<std::string> trouble;  // why it is not
  };

  [[nodiscard]] std::shared_ptr<Flow> make_flow(const FlowConfig& config) const;
  Result<void> start_flow(Member& member);
  void start_late(const std::stop_token& stop);
  [[nodiscard]] std::vector<std::shared_ptr<Flow>> flows() const;

  const ProcessConfig config_;
  FlowPorts ports_;
  const std::string version_;
  bool replace_definitions_ = false;
  TimestampMs started_at_;

  mutable std::mutex mutex_;
  std::condition_variable_any stop_requested_;
  std::vector<Member> members_;      // protected by mutex_
  std::optional<Error> late_error_;  // protected by mutex_
  std::jthread late_;
};

// "host:pid", as owners and events name this process.
[[nodiscard]] std::string process_name();

}  // namespace longspan
