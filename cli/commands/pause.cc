#include "cli/commands/pause.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/exit_code.h"
#include "cli/views/file_text.h"
#include "mirror/observe.h"
#include "mirror/state/command_writer.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partition", FlagType::text, "TOPIC:N", "", "Only this source partition"},
    {"reason", FlagType::text, "TEXT", "", "Why: shown by `longspan lag` while it is paused"},
});

std::string scope_text(const CommandKey& key) {
  if (key.topic.empty()) return "the whole flow";
  if (!key.partition) return "topic " + key.topic;
  return "partition " + TopicPartition{key.topic, *key.partition}.text();
}

bool covers(const CommandKey& key, const TopicPartition& partition) {
  return key.topic.empty() || (key.topic == partition.topic &&
                               key.partition.value_or(partition.partition) == partition.partition);
}

// "6 partitions"; of those that a resume leaves as they are: "5 of 6 partitions".
std::string count_text(const CommandKey& key, const FlowSnapshot& snapshot, CommandKind kind) {
  std::int64_t all = 0;
  std::int64_t going = 0;
  for (const auto& partition : snapshot.partitions) {
    if (!covers(key, partition.source)) continue;
    ++all;
    if (kind == CommandKind::pause || partition.state == PartitionState::active) ++going;
  }
  return (going < all ? std::to_string(going) + " of " : "") + std::to_string(all) +
         (all == 1 ? " partition" : " partitions");
}

// A line for each partition of the scope that is paused or parked.
std::string held_text(const CommandKey& key, const FlowSnapshot& snapshot) {
  std::string out;
  for (const auto& partition : snapshot.partitions) {
    if (!covers(key, partition.source) || partition.state == PartitionState::active) continue;
    const auto* held =
        partition.state == PartitionState::paused ? " stays paused: " : " stays parked: ";
    out += partition.source.text() + held + partition.reason + "\n";
  }
  return out;
}

// The scope's topic, where the flow does not mirror it now.
std::string unselected_text(const CommandKey& key, const FlowSnapshot& snapshot) {
  for (const auto& topic : snapshot.topics) {
    if (topic.source != key.topic || topic.reason.empty()) continue;
    return topic.source + " is not mirrored now: " + topic.reason + "\n";
  }
  return {};
}

// The state as it will be read once the owners have the command.
Result<void> apply(FlowState& state, const std::pair<CommandKey, Command>& command) {
  const auto slots = static_cast<std::int32_t>(state.slots.size());
  for (const auto slot : slots_of(command.first, slots)) {
    auto applied = state.slots[static_cast<std::size_t>(slot)].apply(encode_key(command.first),
                                                                     encode(command.second));
    if (!applied) return applied;
  }
  return {};
}

Result<void> write(FlowView& view, const std::pair<CommandKey, Command>& command) {
  const auto sink = view.state_sink();
  if (!sink) return sink.error();
  const auto slots = static_cast<std::int32_t>(view.state().slots.size());
  return write_command({**sink, view.wakeup(), view.clock()}, view.state().topic, command, slots);
}

}  // namespace

const CommandRow kPauseCommand{
    .name = "pause",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Stops mirroring a flow, a topic or a partition until resume",
    .details =
        "Written into the flow's state topic: it holds over restarts, and the owners obey within\n"
        "a second. Nothing is lost by a pause as long as the source keeps its records.",
    .flags = kFlags,
    .run = pause_command,
};

int pause_command(const CommandLine& line) {
  return write_from_command_line(line, CommandKind::pause);
}

Result<CommandKey> command_scope(const FlowState& state, const std::string& topic,
                                 const std::string& partition) {
  if (!topic.empty() && !partition.empty()) {
    return fail(Next::stop_process, "give either --topic or --partition");
  }
  if (!partition.empty()) {
    const auto parsed = parse_partition(partition);
    if (!parsed) return parsed.error();
    if (auto known = check_partition(state, *parsed); !known) return known.error();
    return CommandKey{parsed->topic, parsed->partition};
  }
  if (topic.empty()) return CommandKey{};
  if (auto known = check_topic(state, topic); !known) return known.error();
  return CommandKey{topic, std::nullopt};
}

std::optional<Command> pause_of(const FlowState& state, const CommandKey& key) {
  const auto slots = static_cast<std::int32_t>(state.slots.size());
  for (const auto slot : slots_of(key, slots)) {
    const auto& commands = state.slots[static_cast<std::size_t>(slot)].commands();
    const auto found = commands.find(key);
    if (found != commands.end() && found->second.kind == CommandKind::pause) return found->second;
  }
  return std::nullopt;
}

std::string command_outcome(const std::string& flow, const FlowState& state,
                            const std::pair<CommandKey, Command>& command, TimestampMs now) {
  const auto& [key, written] = command;
  const bool pauses = written.kind == CommandKind::pause;
  const auto snapshot = observe_positions(flow, state, now);
  std::string out = flow + ": " + (pauses ? "paused " : "resumed ") + scope_text(key) + " (" +
                    count_text(key, snapshot, written.kind) + ")\n";
  if (!pauses) out += held_text(key, snapshot);
  out += unselected_text(key, snapshot);
  if (!snapshot.running) out += "no process runs this flow now: the next one will obey\n";
  return out;
}

std::string nothing_to_resume(const std::string& flow, const FlowState& state,
                              const CommandKey& key, TimestampMs now) {
  const auto held = held_text(key, observe_positions(flow, state, now));
  return flow + ": nothing to resume: " + scope_text(key) + " is not paused" +
         (held.empty() ? "\n" : " as such\n") + held;
}

std::string reason_of(const CommandLine& line, CommandKind kind,
                      const std::optional<Command>& paused) {
  const bool keeps = kind == CommandKind::pause && paused && !line.has("reason");
  return keeps ? paused->text : line.text("reason");
}

int write_from_command_line(const CommandLine& line, CommandKind kind) {
  std::unique_ptr<FlowView> opened;
  if (const int code = open_flow(line, opened); code != kExitFine) return code;
  FlowView& view = *opened;
  const FlowConfig& flow = view.config();
  const auto scope = command_scope(view.state(), line.text("topic"), line.text("partition"));
  if (!scope) return report_error(flow.name(), scope.error());
  const auto paused = pause_of(view.state(), *scope);
  if (kind == CommandKind::resume && !paused) {
    auto text = nothing_to_resume(flow.name(), view.state(), *scope, view.clock().now());
    text = with_file(std::move(text), line.argument(0));
    std::fputs(text.c_str(), stdout);
    return kExitNo;
  }
  const std::pair<CommandKey, Command> command{
      *scope, {kind, view.clock().now(), user_at_host(), reason_of(line, kind, paused)}};
  if (auto written = write(view, command); !written) {
    return report_error(flow.name(), with_addresses(written.error(), flow));
  }
  if (auto applied = apply(view.state(), command); !applied) {
    return report_error(flow.name(), applied.error());
  }
  auto text = command_outcome(flow.name(), view.state(), command, view.clock().now());
  text = with_file(std::move(text), line.argument(0));
  std::fputs(text.c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
