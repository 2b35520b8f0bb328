#include "cli/commands/events.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/commands/http_get.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/events_json.h"
#include "cli/views/events_parse.h"
#include "cli/views/events_table.h"
#include "cli/views/file_text.h"
#include "cli/views/lag_parse.h"
#include "cli/views/terminal.h"
#include "cli/views/time_text.h"
#include "mirror/kafka/clients.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"json", FlagType::toggle, "", "", "Prints JSON"},
    {"since", FlagType::text, "TIME", "", "Only the last 90s, 15m, 2h or 1d"},
    {"flow", FlagType::text, "A->B", "", "Only this flow"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"kind", FlagType::list, "KIND", "",
     "Only events of this kind, such as partition_parked; may be repeated"},
    {"url", FlagType::text, "URL", kUsualUrl, "The running longspan to ask; not with FILE"},
});

std::vector<ShownEvent> events_of(const FlowView& view) {
  std::vector<ShownEvent> out;
  for (std::size_t slot = 0; slot < view.state().slots.size(); ++slot) {
    for (auto& event : view.state().slots[slot].events()) {
      out.push_back({view.config().name(), static_cast<std::int32_t>(slot), std::move(event)});
    }
  }
  return out;
}

struct Gathered {
  std::vector<ShownEvent> events;
  int code = kExitFine;            // of a flow that could not be read; the others are shown
  std::set<std::string> flows{};   // seen, with events or without
  std::set<std::string> topics{};  // mirrored, with events or without
};

// What is in no event and not mirrored is a slip; what vanished is still in its events.
Result<void> check_names(const CommandLine& line, Gathered gathered) {
  for (const auto& shown : gathered.events) {
    gathered.flows.insert(shown.flow);
    if (shown.event.partition) gathered.topics.insert(shown.event.partition->topic);
  }
  if (line.has("flow")) {
    if (auto known = check_name("flow", line.text("flow"), gathered.flows); !known) return known;
  }
  if (!line.has("topic")) return {};
  return check_name("topic", line.text("topic"), gathered.topics);
}

Gathered from_clusters(const std::vector<FlowConfig>& flows) {
  Gathered out;
  for (const auto& flow : flows) {
    auto view = FlowView::open(flow);
    if (!view) {
      out.code = report_error(flow.name(), view.error());
      continue;
    }
    out.flows.insert(flow.name());
    for (const auto& source : partitions_of((*view)->state())) out.topics.insert(source.topic);
    auto events = events_of(**view);
    std::move(events.begin(), events.end(), std::back_inserter(out.events));
  }
  return out;
}

Gathered from_process(const CommandLine& line) {
  const auto body = http_get(line.text("url"), "/api/v1/events");
  if (!body) return {{}, report_error("", body.error())};
  auto events = events_from_json(*body);
  if (!events) return {{}, report_error("", events.error())};
  Gathered out{std::move(*events)};
  if (check_names(line, out)) return out;
  // What has no event yet is known to the process all the same.
  const auto lag = http_get(line.text("url"), "/api/v1/lag");
  const auto snapshot = lag ? lag_from_json(*lag) : Result<ProcessSnapshot>(lag.error());
  if (!snapshot) return {{}, report_error("", snapshot.error())};
  for (const auto& flow : snapshot->flows) {
    out.flows.insert(flow.flow);
    for (const auto& partition : flow.partitions) out.topics.insert(partition.source.topic);
    for (const auto& topic : flow.topics) out.topics.insert(topic.source);
  }
  return out;
}

Gathered gather(const CommandLine& line) {
  if (line.arguments().empty()) return from_process(line);
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return {{}, code};
  const auto flows = choose_flows(loaded.flows, line.text("flow"));
  if (!flows) return {{}, report_error("", flows.error())};
  auto gathered = from_clusters(*flows);
  for (auto& shown : gathered.events) {
    shown.event.text = with_file(std::move(shown.event.text), line.argument(0));
  }
  return gathered;
}

// Empty: all.
Result<std::set<EventKind>> kinds_of(const CommandLine& line) {
  std::set<EventKind> out;
  for (const std::string& text : line.list("kind")) {
    const auto kind = event_kind_named(text);
    if (!kind) {
      std::string known;
      for (const EventRow& row : kEventTable) {
        known += (known.empty() ? "" : ", ") + std::string(row.name);
      }
      return fail(Next::stop_process,
                  "--kind " + text + " is no kind of event: there are " + known);
    }
    out.insert(*kind);
  }
  return out;
}

// Oldest first, only what is asked for.
void arrange(std::vector<ShownEvent>& events, const CommandLine& line, TimestampMs from,
             const std::set<EventKind>& kinds) {
  const auto flow = line.text("flow");
  const auto topic = line.text("topic");
  std::erase_if(events, [&](const ShownEvent& shown) {
    const auto& partition = shown.event.partition;
    return shown.event.at < from || (!flow.empty() && shown.flow != flow) ||
           (!topic.empty() && (!partition || partition->topic != topic)) ||
           (!kinds.empty() && !kinds.contains(shown.event.kind));
  });
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a.event.at < b.event.at; });
}

}  // namespace

const CommandRow kEventsCommand{
    .name = "events",
    .arguments = "[FILE]",
    .arguments_max = 1,
    .summary = "What happened: losses, parked partitions, take-overs, commands",
    .details =
        "Without FILE a running longspan is asked over HTTP. With the flows' FILE the state "
        "topics\n"
        "on the targets are read: they keep the last 1000 events of each slot, and losses longer.",
    .flags = kFlags,
    .run = events_command,
};

int events_command(const CommandLine& line) {
  if (!line.arguments().empty() && line.has("url")) {
    return usage_error("events: give either FILE or --url");
  }
  TimestampMs from{0};
  if (line.has("since")) {
    const auto span = parse_span(line.text("since"));
    if (!span)
      return usage_error("events: --since=" + line.text("since") + " is not like 2h or 15m");
    from.value = make_clock()->now().value - *span;
  }
  const auto kinds = kinds_of(line);
  if (!kinds) return usage_error("events: " + kinds.error().what);
  auto gathered = gather(line);
  auto& [events, code, flows, topics] = gathered;
  if (code != kExitFine && events.empty()) return code;
  if (code == kExitFine) {
    if (auto known = check_names(line, gathered); !known) return report_error("", known.error());
  }
  arrange(events, line, from, *kinds);
  const auto text =
      line.has("json") ? events_json(events) + "\n" : events_table(events, stdout_style());
  std::fputs(text.c_str(), stdout);
  return code;
}

}  // namespace longspan
