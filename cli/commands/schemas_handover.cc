#include "cli/commands/schemas_handover.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/commands/registry_pair.h"
#include "cli/exit_code.h"
#include "cli/views/handover_view.h"
#include "cli/views/schemas_view.h"
#include "cli/views/terminal.h"
#include "mirror/slot_hash.h"
#include "mirror/state/command_writer.h"

namespace longspan {
namespace {

constexpr std::chrono::seconds kLookTimeout{3};
constexpr std::chrono::seconds kObeyPatience{20};  // writes under way may be slow
constexpr std::chrono::milliseconds kLookInterval{200};
constexpr auto kFlags = std::to_array<Flag>(
    {{"yes", FlagType::toggle, "", "", "Does it; else the plan is only printed"},
     {"reason", FlagType::text, "TEXT", "", "Why: shown with who and since when"},
     {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
     {"json", FlagType::toggle, "", "", "Prints JSON"}});
constexpr auto kHandoverFlags =
    std::to_array<Flag>({kFlags[0],
                         {"subject", FlagType::list, "NAME", "",
                          "Also this one of the target, that is left alone else; may be repeated"},
                         {"without-source", FlagType::toggle, "", "",
                          "Asks the source's registry nothing: it is gone, or answers half"},
                         kFlags[1],
                         kFlags[2],
                         kFlags[3]});

const SlotState& schemas_slot(const FlowState& state) {
  const auto slots = static_cast<std::int32_t>(state.slots.size());
  return state.slots[static_cast<std::size_t>(slot_of_duty(kSchemasDuty, slots))];
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::set<std::string> topics_of(const FlowState& state) {
  std::set<std::string> out;
  for (const auto& slot : state.slots) {
    for (const auto& [identity, entry] : slot.partitions()) out.insert(identity.source.topic);
  }
  return out;
}

Result<void> write(FlowView& view, const Command& command) {
  const auto sink = view.state_sink();
  if (!sink) return sink.error();
  const auto slots = static_cast<std::int32_t>(view.state().slots.size());
  return write_schemas_command({**sink, view.wakeup(), view.clock()}, view.state().topic, command,
                               slots);
}

// Writes the command, and waits until the process that runs the flow, if one does, has told that it
// obeys. What is known of the flow's state is read again meanwhile.
Result<void> command_process(FlowView& view, const Command& command) {
  const bool is_over = command.kind == CommandKind::hand_over_schemas;
  const auto kind = is_over ? EventKind::schemas_handed_over : EventKind::schemas_handed_back;
  if (auto read = view.refresh(); !read) return read;
  const auto from = schemas_slot(view.state()).next_event();
  if (auto written = write(view, command); !written) {
    return with_addresses(written.error(), view.config());
  }
  const auto until = view.clock().steady() + kObeyPatience;
  while (true) {
    if (auto read = view.refresh(); !read) return read;
    if (has_told(view.state(), kind, from)) return {};
    const auto owner = schemas_owner(view.state(), view.clock().now());
    if (!owner) return {};
    if (view.clock().steady() > until) {
      return fail(Next::retry, *owner + " runs the flow and did not obey within " +
                                   std::to_string(kObeyPatience.count()) +
                                   " s: run this again, or stop that process first");
    }
    view.wakeup().wait(kLookInterval);
  }
}

class Handover {
 public:
  Handover(const CommandLine& line, FlowView& view, RegistryPair& registries)
      : line_(line), view_(view), registries_(registries) {
    report_.flow = view.config().name();
    report_.handed_over = handover_in(view.state());
  }

  int run() {
    if (auto planned = plan(); !planned) return report_error(report_.flow, planned.error());
    if (!line_.has("yes")) {
      show();
      const bool is_done = report_.handed_over && report_.in_import.empty() && !is_in_doubt();
      return is_done ? kExitFine : kExitNo;
    }
    if (const int code = last_sync(); code != kExitFine) return code;
    if (auto commanded = hand_over(); !commanded) {
      show_sync();
      return report_error(report_.flow, commanded.error());
    }
    // The process may have put more of them into IMPORT until it obeyed, also what is new since and
    // has no version yet: of that only the source tells whose it is.
    if (auto looked = look_again(); !looked) return report_error(report_.flow, looked.error());
    report_.set_back = registries_.set_back(report_.in_import);
    show();
    const auto& lost = report_.set_back->lost;
    if (lost) return report_error(report_.flow, registries_.target_error(*lost));
    const bool is_synced = !report_.synced || report_.synced->is_whole();
    return is_synced && report_.set_back->is_whole() && !is_in_doubt() ? kExitFine : kExitNo;
  }

 private:
  struct Sides {
    Result<Inventory> source;  // after a failover it may be gone
    Inventory target;
  };

  // One that did not answer, which may have taken minutes, is not asked again.
  Result<Inventory> read_source() {
    if (line_.has("without-source")) {
      return fail(Next::retry, "its registry was not asked (--without-source)");
    }
    if (no_source_) return *no_source_;
    auto source = registries_.read_source();
    if (!source) no_source_ = source.error();
    return source;
  }

  Result<Sides> read() {
    auto source = read_source();
    auto target = registries_.read_target(source ? &*source : nullptr);
    if (!target) return target.error();
    return Sides{std::move(source), std::move(*target)};
  }

  Result<void> plan() {
    const auto sides = read();
    if (!sides) return sides.error();
    if (report_.handed_over) {
      report_.no_sync = "it would put subjects into IMPORT again";
    } else if (const auto& source = sides->source) {
      report_.plan = registries_.plan_of(*source, sides->target, false);
      given_out_ = registries_.given_out(*source);
    } else {
      report_.no_sync = source.error().text() +
                        "; what it registered since the last sync is not here, nor is its highest "
                        "id known";
    }
    return judge(*sides);
  }

  Result<void> look_again() {
    const auto sides = read();
    if (!sides) return sides.error();
    return judge(*sides);
  }

  Result<void> judge(const Sides& sides) {
    const auto& [source, target] = sides;
    report_.is_source_known = source && source->troubles.empty();
    const Inventory* known = source ? &*source : nullptr;
    const auto topics = registries_.subjects_of(topics_of(view_.state()), known);
    // What was known to be, is: the source may be gone meanwhile.
    ours_.merge(mirrored_subjects({registries_.rules(), known, target, topics}));
    for (const auto& name : line_.list("subject")) ours_.insert(parse_subject(name));
    return find_in_import();
  }

  // They may be the flow's, and their producers wait.
  bool is_in_doubt() const { return !report_.is_source_known && !report_.left_alone.empty(); }

  Result<void> find_in_import() {
    auto subjects = registries_.subjects_in_import(ours_);
    if (!subjects) return subjects.error();
    report_.in_import = std::move(subjects->ours);
    report_.left_alone = std::move(subjects->others);
    return {};
  }

  int last_sync() {
    if (!report_.plan) return kExitFine;
    report_.synced = registries_.carry_out(*report_.plan);
    const SyncOutcome& outcome = *report_.synced;
    if (outcome.lost) {
      show_sync();
      return report_error(report_.flow, registries_.target_error(*outcome.lost));
    }
    // By the target's own word: what the sync says, and what it was planned by, may be less.
    const auto left = registries_.reserve(given_out_);
    if (left && left->empty()) return kExitFine;
    show_sync();
    if (!left) return report_error(report_.flow, left.error());
    for (const auto& each : *left) {
      std::fprintf(stderr, "longspan: %s: %s\n", report_.flow.c_str(), each.c_str());
    }
    std::fprintf(stderr,
                 "longspan: %s: nothing was handed over: the source's ids could not be reserved, "
                 "and the target would give them to other schemas; where the source's registry "
                 "will not say more, run this with --without-source\n",
                 report_.flow.c_str());
    return kExitNo;
  }

  // A second run keeps who it was, and since when.
  Result<void> hand_over() {
    const auto before = report_.handed_over.value_or(
        SchemaHandover{user_at_host(), view_.clock().now(), line_.text("reason")});
    auto commanded = command_process(
        view_, {CommandKind::hand_over_schemas, before.since, before.who, before.reason});
    if (commanded) report_.handed_over = before;
    return commanded;
  }

  void show() const {
    print(line_.has("json") ? handover_json(report_) + "\n"
                            : handover_text(report_, stdout_style()));
  }
  // Where it ended early.
  void show_sync() const {
    if (line_.has("json")) return show();
    if (!report_.plan || !report_.synced) return;
    print(sync_text(report_.flow, *report_.plan, *report_.synced, stdout_style()));
  }

  const CommandLine& line_;
  FlowView& view_;
  RegistryPair& registries_;
  HandoverReport report_;
  GivenOutIds given_out_;  // at the source
  std::optional<Error> no_source_;
  std::set<Subject> ours_;
};

int show_way_back(const CommandLine& line, const std::string& flow, RegistryPair& registries,
                  const SchemaHandover& handover) {
  const auto plan = registries.plan(false, {});
  if (line.has("json")) {
    if (!plan) return report_error(flow, plan.error());
    print(differences_json(flow, *plan, handover) + "\n");
    return kExitNo;
  }
  print(flow + ": " + handed_over_text(handover) +
        "; with --yes the mirror goes on where it can:\n");
  if (!plan) return report_error(flow, plan.error());
  print(plan_text(flow, *plan, stdout_style()));
  return kExitNo;
}

int hand_back(const CommandLine& line, FlowView& view) {
  const std::string flow = view.config().name();
  const Command command{CommandKind::hand_back_schemas, view.clock().now(), user_at_host(),
                        line.text("reason")};
  if (auto commanded = command_process(view, command); !commanded) {
    return report_error(flow, commanded.error());
  }
  const auto owner = schemas_owner(view.state(), view.clock().now());
  if (line.has("json")) {
    print("{\"version\":1,\"flow\":\"" + flow + "\",\"handed_back\":true}\n");
    return kExitFine;
  }
  print(flow + ": handed back: " +
        (owner ? *owner + " mirrors the schemas again\n"
               : "no process runs this flow now, the next one will mirror the schemas again\n"));
  return kExitFine;
}

}  // namespace

const CommandRow kSchemasHandoverCommand{
    .name = "schemas handover",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "After a failover: the target takes normal registrations again",
    .details =
        "Syncs a last time where the source's registry answers, so that its ids stay reserved;\n"
        "makes a running `longspan run` of the flow leave the registries alone; then takes every\n"
        "subject that the flow has mirrored out of IMPORT, and reads its mode back. Others are\n"
        "named and left alone; while the source's registry does not answer, what is not of a "
        "topic\n"
        "may be among them. Needs a flow that has run: the target's Kafka keeps who handed "
        "over.\n"
        "Run again after an interruption: `schemas diff` names what is still in IMPORT. `schemas\n"
        "handback` reverses it. Without --yes the plan is printed and nothing is done. Exit code\n"
        "1: something is left to do.",
    .flags = kHandoverFlags,
    .run = schemas_handover_command,
};

const CommandRow kSchemasHandbackCommand{
    .name = "schemas handback",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Ends a hand-over: the schemas are mirrored again",
    .details =
        "Subjects that got versions of their own on the target meanwhile are left alone and told\n"
        "by `schemas diff`. Without --yes it is printed what would be mirrored, and nothing is\n"
        "done. Exit code 1: something is left to do.",
    .flags = kFlags,
    .run = schemas_handback_command,
};

std::optional<SchemaHandover> handover_in(const FlowState& state) {
  if (state.slots.empty()) return std::nullopt;
  const auto& command = schemas_slot(state).schemas_command();
  return command ? handover_of(*command) : std::nullopt;
}

SchemasState schemas_state(const FlowState& state) {
  return {handover_in(state), topics_of(state)};
}

Result<SchemasState> read_schemas_state(const FlowConfig& flow) {
  constexpr int kUnknownTopic = 3;
  const auto view = FlowView::open(flow, kLookTimeout);
  if (view) return schemas_state((*view)->state());
  if (view.error().kafka_code == kUnknownTopic) return SchemasState();
  return view.error();
}

std::optional<std::string> schemas_owner(const FlowState& state, TimestampMs now) {
  const auto& owner = schemas_slot(state).owner();
  if (!owner || !is_alive(*owner, now)) return std::nullopt;
  return owner->process;
}

bool has_told(const FlowState& state, EventKind kind, std::int64_t from) {
  const auto events = schemas_slot(state).events();
  return std::any_of(events.begin(), events.end(), [&](const Event& event) {
    return event.kind == kind && event.number >= from;
  });
}

int schemas_handover_command(const CommandLine& line) {
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  auto registries = RegistryPair::open(view->config());
  if (!registries) return report_error(view->config().name(), registries.error());
  return Handover(line, *view, *registries).run();
}

int schemas_handback_command(const CommandLine& line) {
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  const std::string flow = view->config().name();
  const auto handover = handover_in(view->state());
  if (!handover) {
    print(line.has("json") ? "{\"version\":1,\"flow\":\"" + flow + "\",\"handed_back\":true}\n"
                           : flow + ": the schemas are not handed over\n");
    return kExitFine;
  }
  if (line.has("yes")) return hand_back(line, *view);
  auto registries = RegistryPair::open(view->config());
  if (!registries) return report_error(flow, registries.error());
  return show_way_back(line, flow, *registries, *handover);
}

}  // namespace longspan
