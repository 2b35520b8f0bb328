// cli/commands/flow_choice.h - which flows, topics and partitions a looking command is about.
//
// Errors:  an unknown name is one sentence with the nearest known one; the caller exits with
//          exit_code_of().
// Threads: pure functions, but refuse_if_wrong() and report_error(), which print.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/load.h"
#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "mirror/flow_config.h"
#include "mirror/snapshot.h"
#include "mirror/state/flow_state.h"

namespace longspan {

// All flows, or the one named "east->west". An empty name: all.
[[nodiscard]] Result<std::vector<FlowConfig>> choose_flows(const std::vector<FlowConfig>& flows,
                                                           const std::string& name);
// The only flow, or the one named: for commands that change something.
[[nodiscard]] Result<FlowConfig> choose_flow(const std::vector<FlowConfig>& flows,
                                             const std::string& name);

// Fails when `name` is none of those known: "no topic ordes, did you mean orders?".
[[nodiscard]] Result<void> check_name(const std::string& kind, const std::string& name,
                                      const std::set<std::string>& known);

// Keeps what is asked for; an empty name keeps everything. Fails when nothing has that name.
[[nodiscard]] Result<void> keep_flow(ProcessSnapshot& snapshot, const std::string& flow);
[[nodiscard]] Result<void> keep_topic(ProcessSnapshot& snapshot, const std::string& topic);
// Keeps topics that the group reads.
[[nodiscard]] Result<void> keep_group(ProcessSnapshot& snapshot, const std::string& group);
// Of all topics that are there.
[[nodiscard]] Result<void> keep_partition(ProcessSnapshot& snapshot, std::int32_t partition);

// Source partitions the flow has a position for.
[[nodiscard]] std::set<TopicPartition> partitions_of(const FlowState& state);
[[nodiscard]] Result<void> check_topic(const FlowState& state, const std::string& topic);
[[nodiscard]] Result<void> check_partition(const FlowState& state, const TopicPartition& partition);
// The same for a partition of the target, by its name there.
[[nodiscard]] Result<void> check_copy(const FlowState& state, const TopicPartition& copy);

// A whole number in 0..max.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view text, std::int64_t max);
// "orders:3"; the topic may hold colons.
[[nodiscard]] Result<TopicPartition> parse_partition(std::string_view text);
struct PositionArgument {
  TopicPartition partition;
  Offset offset;
};
// "orders:3:1000"
[[nodiscard]] Result<PositionArgument> parse_position(std::string_view text);

// Errors of the file on stderr, and kExitUsage; its warnings are for `run` and are not repeated.
int refuse_if_wrong(const LoadedConfig& loaded);

// 3 when a cluster did not answer as it should, 2 when the question was wrong.
[[nodiscard]] int exit_code_of(const Error& error);
// One line on stderr; answers exit_code_of(error).
int report_error(const std::string& flow, const Error& error);

}  // namespace longspan
