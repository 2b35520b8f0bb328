#include "cli/commands/schemas.h"

#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "cli/commands/flow_choice.h"
#include "cli/commands/registry_pair.h"
#include "cli/commands/schemas_handover.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/file_text.h"
#include "cli/views/handover_view.h"
#include "cli/views/schemas_view.h"
#include "cli/views/terminal.h"
#include "mirror/schemas/spare_memory.h"

namespace longspan {
namespace {

constexpr Flag kFlowFlag{"flow", FlagType::text, "A->B", "",
                         "The flow; needed when the file has several"};
constexpr Flag kJsonFlag{"json", FlagType::toggle, "", "", "Prints JSON"};
constexpr Flag kPruneFlag{"prune", FlagType::toggle, "", "",
                          "Softly deletes versions that the source deleted for good"};
constexpr Flag kWithoutKafkaFlag{
    "without-kafka", FlagType::toggle, "", "",
    "Does not ask the target's Kafka whether the schemas are handed over"};
constexpr auto kDiffFlags = std::to_array<Flag>({kWithoutKafkaFlag, kFlowFlag, kJsonFlag});
constexpr auto kSyncFlags = std::to_array<Flag>(
    {{"yes", FlagType::toggle, "", "", "Carries the plan out; else it is only printed"},
     kPruneFlag,
     kWithoutKafkaFlag,
     kFlowFlag,
     kJsonFlag});

// The flow that is meant; else a code to exit with.
std::pair<std::unique_ptr<FlowConfig>, int> flow_of(const CommandLine& line) {
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return {nullptr, code};
  auto flow = choose_flow(loaded.flows, line.text("flow"));
  if (!flow) return {nullptr, report_error("", flow.error())};
  return {std::make_unique<FlowConfig>(std::move(*flow)), kExitFine};
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool has_lasting(const SchemaPlan& plan) {
  for (const auto& difference : plan.differences) {
    if (!difference.can_be_ended) return true;
  }
  return false;
}

int carry_out(const CommandLine& line, const FlowConfig& flow, RegistryPair& registries,
              const SchemaPlan& plan) {
  const SyncOutcome outcome = registries.carry_out(plan);
  print(line.has("json") ? sync_json(flow.name(), plan, outcome) + "\n"
                         : sync_text(flow.name(), plan, outcome, stdout_style()));
  if (outcome.lost) return report_error(flow.name(), registries.target_error(*outcome.lost));
  return outcome.is_whole() && !has_lasting(plan) ? kExitFine : kExitNo;
}

using Known = Result<SchemasState>;

Known ask_kafka(const CommandLine& line, const FlowConfig& flow) {
  if (line.has("without-kafka")) return SchemasState();
  return read_schemas_state(flow);
}

// Nothing where it is not known, too, which is told.
SchemasState if_known(const FlowConfig& flow, const Known& known) {
  if (known) return *known;
  std::fprintf(
      stderr,
      "longspan: %s: not known whether the schemas are handed over, nor looked for subjects "
      "of its topics that are in IMPORT without a version: %s\n",
      flow.name().c_str(), known.error().text().c_str());
  return {};
}

// Subjects that were handed over would be put into IMPORT again, under their writers' hands.
int refuse_unknown(const FlowConfig& flow, const Error& error) {
  std::fprintf(stderr,
               "longspan: %s: nothing was written, for it is not known whether the schemas are "
               "handed over: %s; run this again when %s answers, or with --without-kafka if "
               "nobody has handed them over\n",
               flow.name().c_str(), error.text().c_str(), flow.target.alias.c_str());
  return kExitUnreachable;
}

int may_sync(const CommandLine& line, const FlowConfig& flow, const Known& known) {
  if (!known) return line.has("yes") ? refuse_unknown(flow, known.error()) : kExitFine;
  if (!known->handover) return kExitFine;
  const auto end_it = with_file("longspan schemas handback FILE", line.argument(0));
  std::fprintf(stderr, "longspan: %s: %s; end that first: %s\n", flow.name().c_str(),
               handed_over_text(*known->handover).c_str(), end_it.c_str());
  return kExitNo;
}

struct Compared {
  SchemaPlan plan;
  std::optional<SchemaHandover> handover;
  std::optional<Error> no_source;  // after a failover it may be gone
};

// After a hand-over what is still in IMPORT counts, whether the source answers or not.
Result<Compared> compare(RegistryPair& registries, const SchemasState& state) {
  Compared out;
  out.handover = state.handover;
  const auto source = registries.read_source();
  if (!source && !out.handover) return source.error();
  const Inventory* known = source ? &*source : nullptr;
  const auto target =
      registries.read_target(known, out.handover ? std::set<std::string>() : state.topics);
  if (!target) return target.error();
  if (source) out.plan = registries.plan_of(*source, *target, false);
  if (!source) out.no_source = source.error();
  if (!out.handover) return out;
  const auto topics = registries.subjects_of(state.topics, known);
  const auto ours = mirrored_subjects({registries.rules(), known, *target, topics});
  const auto subjects = registries.subjects_in_import(ours);
  if (!subjects) return subjects.error();
  mind_handover(out.plan, subjects->ours);
  return out;
}

// Of steps that are only counted.
void keep_to_show(SchemaPlan& plan) {
  for (auto* round : {&plan.imports, &plan.others}) {
    for (auto& step : *round) step.what = {};
  }
  give_back_spare_memory();
}

void print_differences(const std::string& flow, const Compared& compared) {
  if (compared.handover) print(flow + ": " + handed_over_text(*compared.handover) + "\n");
  if (compared.no_source && compared.plan.differences.empty()) return;
  print(differences_text(flow, compared.plan, stdout_style()));
}

}  // namespace

const CommandRow kSchemasDiffCommand{
    .name = "schemas diff",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "What the target's schema registry lacks, or has otherwise, with a reason each",
    .details =
        "Compares subject, version, id, text, references, metadata, rules, settings and mode of\n"
        "all subjects that the flow mirrors. After `schemas handover` it tells who did that, and\n"
        "names subjects that are still in IMPORT. Reads only. Exit code 1: there is a difference.",
    .flags = kDiffFlags,
    .run = schemas_diff_command,
};

const CommandRow kSchemasSyncCommand{
    .name = "schemas sync",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Makes the target's schema registry hold the source's schemas under the same ids",
    .details =
        "Imports what is missing, what it refers to first, and reads everything back. Mirrored\n"
        "subjects stay in IMPORT on the target: other writers are refused there. Run again after\n"
        "an interruption: it goes on where it stopped. Without --yes the plan is printed and\n"
        "nothing is written. After `schemas handover` nothing is written either: the target's "
        "Kafka\n"
        "knows, and must answer. Exit code 1: differences are left.",
    .flags = kSyncFlags,
    .run = schemas_sync_command,
};

int schemas_diff_command(const CommandLine& line) {
  const auto [flow, code] = flow_of(line);
  if (!flow) return code;
  auto registries = RegistryPair::open(*flow);
  if (!registries) return report_error(flow->name(), registries.error());
  auto compared = compare(*registries, if_known(*flow, ask_kafka(line, *flow)));
  if (!compared) return report_error(flow->name(), compared.error());
  keep_to_show(compared->plan);
  if (line.has("json")) {
    print(differences_json(flow->name(), compared->plan, compared->handover) + "\n");
  } else {
    print_differences(flow->name(), *compared);
  }
  if (compared->no_source) return report_error(flow->name(), *compared->no_source);
  return compared->plan.differences.empty() ? kExitFine : kExitNo;
}

int schemas_sync_command(const CommandLine& line) {
  const auto [flow, code] = flow_of(line);
  if (!flow) return code;
  auto registries = RegistryPair::open(*flow);
  if (!registries) return report_error(flow->name(), registries.error());
  const auto known = ask_kafka(line, *flow);
  if (const int refusal = may_sync(line, *flow, known); refusal != kExitFine) return refusal;
  const auto state = if_known(*flow, known);
  auto plan = registries->plan(line.has("prune"), state.topics);
  if (!plan) return report_error(flow->name(), plan.error());
  if (line.has("yes")) {
    // The reading took its time: somebody may have handed over meanwhile.
    const int refusal = may_sync(line, *flow, ask_kafka(line, *flow));
    return refusal == kExitFine ? carry_out(line, *flow, *registries, *plan) : refusal;
  }
  keep_to_show(*plan);
  print(line.has("json") ? differences_json(flow->name(), *plan) + "\n"
                         : plan_text(flow->name(), *plan, stdout_style()));
  return plan->differences.empty() ? kExitFine : kExitNo;
}

}  // namespace longspan
