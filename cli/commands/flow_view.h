// cli/commands/flow_view.h - one flow as the looking commands see it: its clients and its state.
//
// Joins no group and writes nothing.
//
// Errors:  open() fails when the target cannot be reached or the flow never ran there. A source out
//          of reach is no failure: what depends on it is absent and says why.
// Threads: one owner.
// Owns:    its clients.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/command_line.h"
#include "mirror/admin.h"
#include "mirror/flow_config.h"
#include "mirror/observe.h"
#include "mirror/ports.h"
#include "mirror/snapshot.h"
#include "mirror/state/flow_state.h"

namespace longspan {

class FlowView {
 public:
  // `timeout`: of each question to the target.
  static Result<std::unique_ptr<FlowView>> open(
      const FlowConfig& config, std::chrono::milliseconds timeout = std::chrono::seconds(10));

  // Reaches the target and reads nothing: state() is empty.
  static Result<std::unique_ptr<FlowView>> open_target(
      const FlowConfig& config, std::chrono::milliseconds timeout = std::chrono::seconds(10));

  // Reads what is new in the state topic.
  Result<void> refresh();
  [[nodiscard]] FlowSnapshot snapshot();

  [[nodiscard]] const FlowConfig& config() const { return config_; }
  [[nodiscard]] const FlowState& state() const { return state_; }
  [[nodiscard]] FlowState& state() { return state_; }
  [[nodiscard]] const Clock& clock() const { return *clock_; }
  [[nodiscard]] Wakeup& wakeup() { return *wakeup_; }
  [[nodiscard]] Admin& target_admin() { return *target_admin_; }
  [[nodiscard]] Source& target_source() { return *target_source_; }
  [[nodiscard]] StateReader target_reader();
  // Made at the first call.
  Result<Admin*> source_admin();
  Result<Source*> source_source();
  // For the few records a command writes into the state topic.
  Result<std::unique_ptr<Sink>> state_sink();

 private:
  explicit FlowView(const FlowConfig& config);
  Result<void> connect(std::chrono::milliseconds timeout);
  [[nodiscard]] SourceSide source_side();

  FlowConfig config_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Wakeup> wakeup_;  // before the sources: they notify it
  std::unique_ptr<Admin> target_admin_;
  std::unique_ptr<Source> target_source_;
  std::unique_ptr<Admin> source_admin_;
  std::unique_ptr<Source> source_source_;
  FlowState state_;
};

// Opens the flow that FILE and --flow name. Another code than kExitFine: it was printed why not.
[[nodiscard]] int open_flow(const CommandLine& line, std::unique_ptr<FlowView>& view);
// What the brokers see in their logs: "longspan|east->west|look".
[[nodiscard]] std::string looking_client_id(const FlowConfig& config);
// Where a cluster of the flow does not answer, the addresses that were tried instead of the
// library's name for it; every other error as it is.
[[nodiscard]] Error with_addresses(const Error& error, const FlowConfig& flow);
// The user who types: "alice@host".
[[nodiscard]] std::string user_at_host();

}  // namespace longspan
