#include "cli/commands/schemas_verify.h"

#include <array>
#include <cstdio>
#include <memory>
#include <set>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/commands/registry_pair.h"
#include "cli/exit_code.h"
#include "cli/views/ids_view.h"
#include "cli/views/progress_bar.h"
#include "cli/views/terminal.h"
#include "mirror/schemas/id_census.h"
#include "mirror/schemas/id_check.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>(
    {{"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
     {"last", FlagType::number, "N", "", "Only the last N offsets of each partition", 1, INT64_MAX},
     {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
     {"json", FlagType::toggle, "", "", "Prints JSON"}});

struct Asked {
  CensusRange range;                           // of the target
  std::map<std::string, std::string> sources;  // by target topic
};

Result<Asked> asked(const CommandLine& line, const FlowState& state) {
  const auto topic = line.text("topic");
  if (!topic.empty()) {
    if (auto known = check_topic(state, topic); !known) return known.error();
  }
  Asked out;
  std::set<TopicPartition> partitions;
  for (const auto& slot : state.slots) {
    for (const auto& [identity, entry] : slot.partitions()) {
      if (!topic.empty() && identity.source.topic != topic) continue;
      partitions.insert({entry.position.target_topic, identity.source.partition});
      out.sources[entry.position.target_topic] = identity.source.topic;
    }
  }
  out.range.partitions.assign(partitions.begin(), partitions.end());
  out.range.last = line.number("last");
  return out;
}

Result<IdCheck> checked(FlowView& view, RegistryPair& registries, const Asked& asked) {
  ProgressBar bar;
  const StateReader reader{view.target_admin(), view.target_source(), view.wakeup(), view.clock()};
  auto census = take_census(reader, asked.range, [&](std::size_t done, std::size_t all) {
    bar.show("read ids", static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
  });
  if (!census) return with_addresses(census.error(), view.config());
  bar.wipe();
  return registries.check_ids(*census,
                              [&](const std::string& topic) { return asked.sources.at(topic); });
}

}  // namespace

const CommandRow kSchemasVerifyCommand{
    .name = "schemas verify",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Proves that the ids in mirrored records mean the same in both schema registries",
    .details =
        "Reads the target's topics, and asks both registries for each id or GUID that keys and\n"
        "values carry, in prefix or header. Compared are type, text, references and what they\n"
        "lead to, metadata and rules. A topic counts as framed when a registry knows one of its\n"
        "ids. Exit code 1: an id means something else on the target, or nothing; 3: a partition\n"
        "could not be read to its end, or an id could not be asked for.",
    .flags = kFlags,
    .run = schemas_verify_command,
};

int exit_code_of(const IdCheck& check) {
  if (!check.is_equal()) return kExitNo;
  return check.gaps() ? kExitUnreachable : kExitFine;
}

int schemas_verify_command(const CommandLine& line) {
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const std::string flow = view->config().name();
  auto registries = RegistryPair::open(view->config());
  if (!registries) return report_error(flow, registries.error());
  const auto range = asked(line, view->state());
  if (!range) return report_error(flow, range.error());
  const auto check = checked(*view, *registries, *range);
  if (!check) return report_error(flow, check.error());
  const std::string text =
      line.has("json") ? ids_json(flow, *check) + "\n" : ids_text(flow, *check, stdout_style());
  std::fwrite(text.data(), 1, text.size(), stdout);
  const auto gaps = check->gaps();
  if (gaps) {
    std::fprintf(stderr, "longspan: %s: not all was checked: %s\n", flow.c_str(), gaps->c_str());
  }
  return exit_code_of(*check);
}

}  // namespace longspan
