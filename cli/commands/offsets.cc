#include "cli/commands/offsets.h"

#include <array>
#include <cstdio>
#include <iterator>
#include <map>
#include <vector>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/exit_code.h"
#include "cli/views/positions_table.h"
#include "cli/views/terminal.h"
#include "mirror/groups/translate.h"
#include "mirror/state/flow_maps.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"group", FlagType::text, "GROUP", "", "The committed positions of this consumer group"},
    {"position", FlagType::list, "TOPIC:N:OFFSET", "", "A position; may be repeated"},
    {"reverse", FlagType::toggle, "", "", "From the target's positions to the source's"},
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"json", FlagType::toggle, "", "", "Prints JSON"},
});

// One map per position: a partition may be asked about more than once.
Result<std::vector<Positions>> positions_given(const CommandLine& line) {
  std::vector<Positions> out;
  for (const auto& text : line.list("position")) {
    const auto parsed = parse_position(text);
    if (!parsed) return parsed.error();
    out.push_back({{parsed->partition, parsed->offset}});
  }
  return out;
}

Result<void> check_positions(const FlowState& state, const std::vector<Positions>& asked,
                             Direction direction) {
  for (const auto& positions : asked) {
    for (const auto& [partition, offset] : positions) {
      if (auto known = check_position(state, partition, direction); !known) return known;
    }
  }
  return {};
}

// The group lives on the side its positions come from.
Result<Positions> positions_of_group(const CommandLine& line, FlowView& view) {
  Result<Admin*> admin(&view.target_admin());
  if (!line.has("reverse")) admin = view.source_admin();
  if (!admin) return admin.error();
  auto offsets = (*admin)->group_offsets(line.text("group"));
  if (!offsets) return offsets.error();
  if (offsets->empty()) {
    return fail(Next::stop_process, "the group " + line.text("group") +
                                        " has no positions on the " +
                                        (line.has("reverse") ? "target" : "source"));
  }
  return *offsets;
}

Result<ShownPositions> translated(const CommandLine& line, FlowView& view) {
  const auto direction = line.has("reverse") ? Direction::to_source : Direction::to_target;
  std::vector<Positions> asked;
  if (line.has("group")) {
    auto positions = positions_of_group(line, view);
    if (!positions) return positions.error();
    asked.push_back(std::move(*positions));
  } else {
    auto positions = positions_given(line);
    if (!positions) return positions.error();
    asked = std::move(*positions);
    if (auto known = check_positions(view.state(), asked, direction); !known) return known.error();
  }
  FlowMaps maps(view.state());
  const PositionTranslator translator(
      view.config().naming, [&](const TopicPartition& source) { return maps.find(source); });
  ShownPositions shown{view.config().name(), direction, {}};
  for (const auto& positions : asked) {
    auto some = direction == Direction::to_target ? translator.to_target(positions)
                                                  : translator.to_source(positions);
    std::move(some.begin(), some.end(), std::back_inserter(shown.positions));
  }
  return shown;
}

}  // namespace

const CommandRow kOffsetsTranslateCommand{
    .name = "offsets translate",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "A group's positions, or given ones, on the other cluster; exact",
    .details =
        "KIND is exact (the record there is the copy of the first one at or after the position; "
        "of\n"
        "several, after `offsets set`, the newest), ahead (not mirrored yet: the target's next\n"
        "offset), before_start (older than the mirror) or pruned (older than the source's log: "
        "the\n"
        "oldest known).",
    .flags = kFlags,
    .run = offsets_translate_command,
};

Result<void> check_position(const FlowState& state, const TopicPartition& partition,
                            Direction direction) {
  const bool is_forward = direction == Direction::to_target;
  auto known = is_forward ? check_partition(state, partition) : check_copy(state, partition);
  if (known) return known;
  const auto other = is_forward ? check_copy(state, partition) : check_partition(state, partition);
  if (!other) return known;
  return fail(Next::stop_process, is_forward ? partition.text() +
                                                   " is the target's name; positions there are "
                                                   "translated with --reverse"
                                             : partition.text() +
                                                   " is the source's name; --reverse is given, and "
                                                   "takes positions on the target");
}

int offsets_translate_command(const CommandLine& line) {
  if (line.has("group") == line.has("position")) {
    return usage_error("offsets translate: give either --group or --position");
  }
  const auto given = positions_given(line);
  if (!given) return report_error("", given.error());
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const auto shown = translated(line, *view);
  if (!shown) {
    return report_error(view->config().name(), with_addresses(shown.error(), view->config()));
  }
  const auto text =
      line.has("json") ? positions_json(*shown) + "\n" : positions_table(*shown, stdout_style());
  std::fputs(text.c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
