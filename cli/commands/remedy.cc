#include "cli/commands/remedy.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <limits>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/time_text.h"
#include "lagcalc/text.h"
#include "mirror/slot_hash.h"
#include "mirror/state/command_writer.h"

namespace longspan {
namespace {

constexpr auto kSetFlags = std::to_array<Flag>({
    {"partition", FlagType::text, "TOPIC:N", "", "The source partition"},
    {"source", FlagType::text, "WHERE", "",
     "An offset, earliest, latest, a span ago (2h) or a time (2026-11-21T02:00:00Z)"},
    {"dry-run", FlagType::toggle, "", "", "Says what would be done, and does nothing"},
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"reason", FlagType::text, "TEXT", "", "Why, for those who look at `longspan events` later"},
});

constexpr auto kSlotMax = std::numeric_limits<std::int32_t>::max();
constexpr auto kOffsetMax = std::numeric_limits<std::int64_t>::max();

std::optional<TimestampMs> time_of(std::string_view text, TimestampMs now) {
  if (const auto span = parse_span(text)) return TimestampMs{now.value - *span};
  std::tm parts{};
  const std::string whole(text);
  const char* end = strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return TimestampMs{static_cast<std::int64_t>(timegm(&parts)) * 1000};
}

bool stops_a_partition(EventKind kind) {
  constexpr auto kStopping = std::to_array<EventKind>(
      {EventKind::source_expired, EventKind::source_truncated, EventKind::batch_unreadable,
       EventKind::target_truncated, EventKind::tail_mismatch, EventKind::unexpected_target_offset});
  return std::find(kStopping.begin(), kStopping.end(), kind) != kStopping.end();
}

const SlotState& slot_state_of(const FlowState& state, const TopicPartition& source) {
  const auto slots = static_cast<std::int32_t>(state.slots.size());
  return state.slots[static_cast<std::size_t>(slot_of(source, slots))];
}

struct Life {
  TopicId topic_id{};
  const Position* position = nullptr;
};

// The partition's latest one.
Life life_of(const FlowState& state, const TopicPartition& source) {
  Life latest;
  for (const auto& [identity, entry] : slot_state_of(state, source).partitions()) {
    if (identity.source != source) continue;
    if (!latest.position || latest.position->written_at < entry.position.written_at) {
      latest = {identity.topic_id, &entry.position};
    }
  }
  return latest;
}

// Of the topic there is now: one that took the name may have no position yet.
TopicId topic_id_for(const FlowState& state, const TopicPartition& source, Admin& admin) {
  const Life life = life_of(state, source);
  if (life.topic_id == kNoTopicId) return life.topic_id;
  const auto ids = admin.topic_ids({source.topic});
  if (!ids || !ids->contains(source.topic)) return life.topic_id;
  return ids->at(source.topic);
}

// Hosts' clocks differ: a remedy is newer than the one before whatever they say.
TimestampMs time_of_remedy(const FlowState& state, const TopicPartition& source, TimestampMs now) {
  std::optional<TimestampMs> before;
  if (const auto* position = life_of(state, source).position) before = position->remedied_at;
  const auto& remedies = slot_state_of(state, source).remedies();
  if (const auto last = remedies.find(source); last != remedies.end()) {
    before = std::max(before.value_or(last->second.at), last->second.at);
  }
  return before ? std::max(now, TimestampMs{before->value + 1}) : now;
}

Result<void> write(FlowView& view, const TopicPartition& source, const Remedy& remedy) {
  const auto sink = view.state_sink();
  if (!sink) return sink.error();
  const auto slots = static_cast<std::int32_t>(view.state().slots.size());
  return write_remedy({**sink, view.wakeup(), view.clock()}, view.state().topic,
                      {RemedyKey{source}, remedy}, slots);
}

struct Target {
  std::unique_ptr<FlowView> view;
  TopicPartition partition;
};

// The flow and the partition that the command line names; the exit code when it does not.
int find_target(const CommandLine& line, Target& target) {
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return code;
  const auto flow = choose_flow(loaded.flows, line.text("flow"));
  if (!flow) return report_error("", flow.error());
  const auto partition = parse_partition(line.text("partition"));
  if (!partition) return report_error(flow->name(), partition.error());
  auto view = FlowView::open(*flow);
  if (!view) return report_error(flow->name(), view.error());
  if (auto known = check_partition((*view)->state(), *partition); !known) {
    return report_error(flow->name(), known.error());
  }
  target = {std::move(*view), *partition};
  return kExitFine;
}

int write_and_say(const CommandLine& line, Target& target, Remedy remedy, const std::string& what) {
  FlowView& view = *target.view;
  const std::string flow = view.config().name();
  if (line.has("dry-run")) {
    std::printf("%s: would go on: %s\n", flow.c_str(), what.c_str());
    return kExitFine;
  }
  remedy.at = time_of_remedy(view.state(), target.partition, view.clock().now());
  remedy.who = user_at_host();
  remedy.text = line.text("reason");
  if (auto written = write(view, target.partition, remedy); !written) {
    return report_error(flow, written.error());
  }
  const bool runs = observe_positions(flow, view.state(), view.clock().now()).running;
  std::printf("%s: %s%s\n", flow.c_str(), what.c_str(),
              runs ? "" : "; no process runs this flow now: the next one will obey");
  return kExitFine;
}

}  // namespace

Result<EventId> parse_event_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto slot = parse_count(text.substr(0, slash), kSlotMax);
    const auto number = parse_count(text.substr(slash + 1), kOffsetMax);
    if (slot && number) return EventId{static_cast<std::int32_t>(*slot), *number};
  }
  return fail(Next::stop_process, std::string(text) +
                                      " is not an event: give its ID from longspan events FILE, "
                                      "for example 3/17");
}

Result<Remedy> remedy_for(const FlowState& state, const TopicPartition& source, const EventId& id) {
  const std::string shown = std::to_string(id.slot) + "/" + std::to_string(id.number);
  const auto slots = static_cast<std::int32_t>(state.slots.size());
  if (id.slot >= slots) return fail(Next::stop_process, "there is no event " + shown);
  const Position* position = life_of(state, source).position;
  const auto stop = position == nullptr ? std::nullopt : position->stopped_by;
  Remedy remedy;
  remedy.kind = RemedyKind::accept_loss;
  remedy.event = id.number;
  remedy.topic_id = life_of(state, source).topic_id;
  if (stop && stop->event == id.number && slot_of(source, slots) == id.slot) return remedy;
  // Why not?
  const auto& slot = state.slots[static_cast<std::size_t>(id.slot)];
  const auto events = slot.events();
  const auto event = std::find_if(events.begin(), events.end(),
                                  [&](const Event& e) { return e.number == id.number; });
  if (event == events.end()) return fail(Next::stop_process, "there is no event " + shown);
  const bool is_its_own = event->partition == source && stops_a_partition(event->kind);
  // An event is written at once, and the position that says who waits for it a moment later.
  if (is_its_own && position != nullptr && position->written_at <= event->at) return remedy;
  if (!is_its_own) {
    return fail(Next::stop_process, "event " + shown + " (" + std::string(name(event->kind)) +
                                        ") does not stop " + source.text());
  }
  return fail(Next::stop_process, source.text() + " does not wait for event " + shown);
}

Result<Offset> resolve_position(std::string_view text, Admin& source,
                                const TopicPartition& partition, TimestampMs now) {
  const auto all = source.ends({partition});
  if (!all) return all.error();
  const auto found = all->find(partition);
  if (found == all->end()) return fail(Next::retry, "the source does not tell the log's ends");
  if (!found->second) return found->second.error();
  const PartitionEnds& ends = *found->second;
  if (text == "earliest") return ends.start;
  if (text == "latest") return ends.stable_end;
  if (const auto offset = parse_count(text, kOffsetMax)) {
    if (Offset{*offset} >= ends.start && Offset{*offset} <= ends.end) return Offset{*offset};
    return fail(Next::stop_process, "offset " + std::string(text) +
                                        " is outside the source's log " +
                                        range_text(ends.start, ends.end));
  }
  const auto at = time_of(text, now);
  if (!at) {
    return fail(Next::stop_process,
                std::string(text) +
                    " is neither an offset, earliest, latest, a span (2h) nor a time "
                    "(2026-11-21T02:00:00Z)");
  }
  const auto offsets = source.offsets_for_time({partition}, *at);
  if (!offsets) return offsets.error();
  const auto first = offsets->find(partition);
  if (first == offsets->end() || !first->second) return ends.stable_end;
  return *first->second;
}

int accept_loss(const CommandLine& line) {
  if (!line.has("partition")) return usage_error("resume: --accept-loss needs --partition");
  const auto id = parse_event_id(line.text("accept-loss"));
  if (!id) return report_error("", id.error());
  Target target;
  if (const int code = find_target(line, target); code != kExitFine) return code;
  const auto remedy = remedy_for(target.view->state(), target.partition, *id);
  if (!remedy) return report_error(target.view->config().name(), remedy.error());
  return write_and_say(line, target, *remedy,
                       target.partition.text() + " goes on over event " + line.text("accept-loss"));
}

const CommandRow kOffsetsSetCommand{
    .name = "offsets set",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Where the mirroring of one source partition goes on",
    .details =
        "Set back, records are copied once more and the map counts the new copies; set forward,\n"
        "records are not copied. Both are an event with who, when and the exact range. Pause the\n"
        "partition before it, to look at the dry run in peace.",
    .flags = kSetFlags,
    .run = offsets_set_command,
};

int offsets_set_command(const CommandLine& line) {
  if (!line.has("partition") || !line.has("source")) {
    return usage_error("offsets set: give both --partition and --source");
  }
  Target target;
  if (const int code = find_target(line, target); code != kExitFine) return code;
  const std::string flow = target.view->config().name();
  const auto admin = target.view->source_admin();
  if (!admin) return report_error(flow, admin.error());
  const auto to =
      resolve_position(line.text("source"), **admin, target.partition, target.view->clock().now());
  if (!to) return report_error(flow, with_addresses(to.error(), target.view->config()));
  Remedy remedy;
  remedy.kind = RemedyKind::set_position;
  remedy.next_source = *to;
  remedy.topic_id = topic_id_for(target.view->state(), target.partition, **admin);
  const Life life = life_of(target.view->state(), target.partition);
  // Offsets of a former topic of the name are no offsets of this one.
  const Position* position = life.topic_id == remedy.topic_id ? life.position : nullptr;
  std::string what = target.partition.text() + " goes on at " + std::to_string(to->value);
  if (position != nullptr && *to != position->next_source) {
    what +=
        *to < position->next_source
            ? ": source offsets " + range_text(*to, position->next_source) + " are copied once more"
            : ": source offsets " + range_text(position->next_source, *to) + " are not copied";
  }
  return write_and_say(line, target, remedy, what);
}

}  // namespace longspan
