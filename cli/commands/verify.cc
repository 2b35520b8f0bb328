#include "cli/commands/verify.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/file_text.h"
#include "cli/views/progress_bar.h"
#include "cli/views/terminal.h"
#include "cli/views/verdict_text.h"
#include "mirror/dead_letters.h"
#include "mirror/state/flow_maps.h"
#include "mirror/verify/verification.h"

namespace longspan {
namespace {

constexpr std::int64_t kMost = INT64_MAX;
constexpr auto kFlags = std::to_array<Flag>({
    {"flow", FlagType::text, "A->B", "", "Only this flow"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partition", FlagType::text, "TOPIC:N", "", "Only this source partition"},
    {"from", FlagType::number, "OFFSET", "", "First source offset; else the first mirrored", 0,
     kMost},
    {"to", FlagType::number, "OFFSET", "", "Source offset to stop before; else all mirrored", 0,
     kMost},
    {"last", FlagType::number, "N", "", "Only the last N offsets of each range", 1, kMost},
    {"json", FlagType::toggle, "", "", "Prints JSON, one line per flow"},
});

// What the flags leave of the flow's partitions, with their maps.
Result<std::vector<CheckSubject>> subjects_of(const CommandLine& line, const FlowConfig& flow,
                                              const FlowState& state) {
  const auto topic = line.text("topic");
  std::optional<TopicPartition> only;
  if (line.has("partition")) {
    const auto parsed = parse_partition(line.text("partition"));
    if (!parsed) return parsed.error();
    if (auto known = check_partition(state, *parsed); !known) return known.error();
    only = *parsed;
  }
  if (!topic.empty()) {
    if (auto known = check_topic(state, topic); !known) return known.error();
  }
  FlowMaps maps(state);
  std::vector<CheckSubject> out;
  for (const auto& source : partitions_of(state)) {
    if (only.value_or(source) != source || (!topic.empty() && source.topic != topic)) continue;
    const auto* entry = maps.entry(source);
    out.push_back({source, {entry->position.target_topic, source.partition}, map_of(*entry)});
    out.back().rewrites = {HopIds(flow.name(), source), flow.traces.starts, flow.traces.inject};
    out.back().is_reparented = flow.traces.mode_of(source.topic) == TraceMode::reparent;
    const auto& trial = entry->position.trial;
    out.back().is_suspected = trial && is_blamed(*trial);
  }
  return out;
}

AskedRange range_of(const CommandLine& line) {
  AskedRange out;
  if (const auto from = line.number("from")) out.from = Offset{*from};
  if (const auto to = line.number("to")) out.to = Offset{*to};
  out.last = line.number("last");
  return out;
}

std::string id_of(std::int32_t slot, std::int64_t number) {
  return std::to_string(slot) + "/" + std::to_string(number);
}

// What an event says is not on the target.
void add_told(CheckSubject& subject, std::int32_t slot, const Event& event) {
  const std::string id = id_of(slot, event.number);
  switch (event.kind) {
    case EventKind::topic_recreated:  // the offsets of the former topic mean nothing any more
      subject.told.clear();
      subject.created_at = event.at;
      return;
    case EventKind::target_truncated:
      subject.told.push_back({id, event.kind, event.text, event.source_from, event.source_to});
      return;
    case EventKind::loss_accepted:
      for (auto& told : subject.told) {
        if (event.accepts && told.event == id_of(slot, event.accepts->number)) {
          told.text = event.text;
        }
      }
      return;
    case EventKind::record_skipped:
    case EventKind::records_left_out:
      subject.told.push_back({id, event.kind, event.text, event.from, event.to, 0, event.offsets});
      return;
    default:
      return;
  }
}

// What the target refused or lost, or an operator left out, is no hole that nobody knows of.
Result<void> add_left_out(FlowView& view, std::vector<CheckSubject>& subjects) {
  const auto find = [&](const TopicPartition& source) {
    const auto found = std::find_if(subjects.begin(), subjects.end(),
                                    [&](const auto& each) { return each.source == source; });
    return found == subjects.end() ? nullptr : &*found;
  };
  const auto& slots = view.state().slots;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    for (const auto& event : slots[slot].events()) {
      auto* subject = event.partition ? find(*event.partition) : nullptr;
      if (subject != nullptr) add_told(*subject, static_cast<std::int32_t>(slot), event);
    }
  }
  constexpr int kUnknownTopic = 3;
  const StateReader reader{view.target_admin(), view.target_source(), view.wakeup(), view.clock()};
  auto read = read_dead_letters(reader, view.config().dead_letter_topic(),
                                [&](Offset, const DeadLetter& letter) {
                                  auto* subject = find(letter.source);
                                  if (subject && letter.refused_at >= subject->created_at) {
                                    subject->left_out.insert(letter.offset);
                                  }
                                  return true;
                                });
  if (!read && read.error().kafka_code != kUnknownTopic) return read;
  return {};
}

Result<Verdict> verified(const CommandLine& line, FlowView& view) {
  auto subjects = subjects_of(line, view.config(), view.state());
  if (!subjects) return subjects.error();
  if (auto added = add_left_out(view, *subjects); !added) return added.error();
  const auto admin = view.source_admin();
  if (!admin) return admin.error();
  const auto source = view.source_source();
  if (!source) return source.error();
  Verification verification(
      {**source, **admin, view.target_source(), view.target_admin(), view.wakeup(), view.clock()});
  if (auto planned = verification.plan(std::move(*subjects), range_of(line)); !planned) {
    return planned.error();
  }
  ProgressBar bar;
  return verification.run([&](const VerifyProgress& progress) {
    bar.show("verify " + progress.partition.text(), progress.done.count, progress.total.count);
  });
}

int verify_flow(const CommandLine& line, const FlowConfig& flow) {
  auto view = FlowView::open(flow);
  if (!view) return report_error(flow.name(), view.error());
  const auto verdict = verified(line, **view);
  if (!verdict) return report_error(flow.name(), with_addresses(verdict.error(), flow));
  const auto text =
      line.has("json")
          ? verdict_json(flow.name(), *verdict) + "\n"
          : with_file(verdict_text(flow.name(), *verdict, stdout_style()), line.argument(0));
  std::fputs(text.c_str(), stdout);
  return exit_code_of(*verdict);
}

// A difference is told before anything else; then the gravest.
int graver(int a, int b) {
  if (a == kExitNo || b == kExitNo) return kExitNo;
  return std::max(a, b);
}

}  // namespace

const CommandRow kVerifyCommand{
    .name = "verify",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Proves that target records equal source records, or names the first difference",
    .details =
        "Key, value, headers and timestamp are compared, record by record, through the exact\n"
        "offset map. Second copies (`twice`) are counted and are no difference; a record that\n"
        "compaction removed on one side is equal only if a later record of its key is there.\n"
        "Exit code 0: equal; 1: a difference, or nothing to compare; 3: not comparable to the end.",
    .flags = kFlags,
    .run = verify_command,
};

int exit_code_of(const Verdict& verdict) {
  if (!verdict.total().is_clean()) return kExitNo;
  if (verdict.first_trouble() != nullptr) return kExitUnreachable;
  return verdict.proved_nothing() ? kExitNo : kExitFine;
}

int verify_command(const CommandLine& line) {
  if (line.has("topic") && line.has("partition")) {
    return usage_error("verify: give either --topic or --partition");
  }
  const auto [from, to, last] = range_of(line);
  if (from && to && *from > *to) {
    return usage_error("verify: --from=" + line.text("from") +
                       " is behind --to=" + line.text("to") + "; the range is [from, to)");
  }
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return code;
  const auto flows = choose_flows(loaded.flows, line.text("flow"));
  if (!flows) return report_error("", flows.error());
  int code = kExitFine;
  for (const auto& flow : *flows) code = graver(code, verify_flow(line, flow));
  return code;
}

}  // namespace longspan
