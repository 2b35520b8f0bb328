#include "cli/commands/trace.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/commands/flow_view.h"
#include "cli/commands/trace_look.h"
#include "cli/commands/trace_scan.h"
#include "cli/exit_code.h"
#include "cli/views/file_text.h"
#include "cli/views/terminal.h"
#include "cli/views/trace_json.h"
#include "cli/views/trace_view.h"
#include "lagcalc/text.h"

namespace longspan {
namespace {

constexpr std::int64_t kMost = 100'000'000;
constexpr auto kFlags = std::to_array<Flag>({
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"on", FlagType::text, "source|target", "",
     "Whose TOPIC it is, where both clusters have one of the name"},
    {"group", FlagType::list, "GROUP", "", "Only the commits of this group; may be repeated"},
    {"topic", FlagType::text, "TOPIC", "", "Looks for TRACE_ID in this source topic only"},
    {"last", FlagType::number, "N", "100000",
     "Looks for TRACE_ID in so many of the newest records, over all partitions", 1, kMost},
    {"json", FlagType::toggle, "", "", "Prints JSON"},
});

std::optional<EventSide> side_named(const std::string& text) {
  if (text == "source") return EventSide::source;
  if (text == "target") return EventSide::target;
  return std::nullopt;
}

// The traces that a record is in.
constexpr auto kShownTraces = std::to_array<std::optional<SpanIds> ShownTrace::*>(
    {&ShownTrace::incoming, &ShownTrace::copy, &ShownTrace::hop});

// That a record is not there is an answer.
int report_not_found(const std::string& flow, const Error& error, const std::string& file) {
  std::fprintf(stderr, "longspan: %s: %s\n", flow.c_str(), with_file(error.text(), file).c_str());
  return kExitNo;
}

int report_trace(const CommandLine& line, const FlowView& view, const Error& error) {
  const std::string& flow = view.config().name();
  if (error.next == Next::refuse_record) return report_not_found(flow, error, line.argument(0));
  return report_error(flow, with_addresses(error, view.config()));
}

std::string not_found_text(const ShownScan& scan) {
  std::string out = "no record of trace " + scan.trace + " is among " +
                    (scan.is_all ? "the " : "the newest ") + count_text(scan.records) +
                    " records of " + count_text(scan.partitions) +
                    (scan.partitions == 1 ? " partition" : " partitions");
  out += unread_text(scan);
  return out + (scan.is_all ? "" : ": --last N looks further back, --topic in one topic only");
}

int print(const CommandLine& line, const ShownTraces& shown) {
  const auto text = line.has("json")
                        ? traces_json(shown) + "\n"
                        : with_file(traces_text(shown, stdout_style()), line.argument(0));
  std::fputs(text.c_str(), stdout);
  const bool is_there = std::all_of(shown.records.begin(), shown.records.end(),
                                    [](const auto& each) { return each.why_no_copy.empty(); });
  return is_there && !shown.records.empty() ? kExitFine : kExitNo;
}

int trace_place(const CommandLine& line, FlowView& view, const PositionArgument& at) {
  const auto side = side_of(view, at.partition, side_named(line.text("on")));
  if (!side) return report_trace(line, view, side.error());
  TraceLook look(view, line.list("group"));
  auto record = look.look(*side, at.partition, at.offset);
  if (!record) return report_trace(line, view, record.error());
  return print(line, {view.config().name(), {std::move(*record)}, {}});
}

bool is_in(const ShownRecord& record, const WantedTrace& wanted) {
  const ShownTrace& trace = record.trace;
  return std::any_of(kShownTraces.begin(), kShownTraces.end(), [&](const auto member) {
    return trace.*member && wanted.matches((trace.*member)->trace);
  });
}

int trace_id(const CommandLine& line, FlowView& view, const WantedTrace& wanted) {
  const std::string topic = line.text("topic");
  if (!topic.empty()) {
    if (auto known = check_topic(view.state(), topic); !known) {
      return report_trace(line, view, known.error());
    }
  }
  TraceScan scan(view);
  const auto done = scan.run({wanted, topic, *line.number("last")});
  if (!done) return report_trace(line, view, done.error());
  ShownTraces shown{view.config().name(), {}, scan.shown()};
  shown.scan->trace = line.argument(1);
  TraceLook look(view, line.list("group"));
  for (const ScanFind& find : scan.finds()) {
    auto record = look.look(find.side, find.partition, find.offset);
    if (!record && record.error().next != Next::refuse_record) {
      return report_trace(line, view, record.error());
    }
    if (!record) continue;
    if (!record->why_no_source.empty() || is_in(*record, wanted)) {
      shown.records.push_back(std::move(*record));
    } else {  // its id stands in the value, and is no context
      --shown.scan->found;
    }
  }
  if (shown.records.empty() && !line.has("json")) {
    return report_not_found(shown.flow, {Next::refuse_record, 0, not_found_text(*shown.scan), ""},
                            line.argument(0));
  }
  return print(line, shown);
}

}  // namespace

const CommandRow kTraceCommand{
    .name = "trace",
    .arguments = "FILE RECORD",
    .arguments_min = 2,
    .arguments_max = 2,
    .summary = "The hops of one record as a waterfall, and the link to its trace",
    .details =
        "RECORD is TOPIC:PARTITION:OFFSET, by the source's or the target's name; its copy is found "
        "by\n"
        "the exact offset map. Or it is a TRACE_ID of 32 or 16 hex digits: the newest records are\n"
        "looked through for it.\n"
        "LOW and HIGH bound each time: clocks are taken as clock.*.max.error.ms says, and a bar "
        "of\n"
        "- is where a hop may be, of = where it most likely is. What was not kept is not shown,\n"
        "and the reason is. Span ids are those that the flow's processes use for the record's\n"
        "hops, sent or not; the link is trace.viewer.url.\n"
        "Exit code 0: the record and its copy are there; 1: one is not.",
    .flags = kFlags,
    .run = trace_command,
};

Result<std::variant<PositionArgument, WantedTrace>> parse_traced(std::string_view text) {
  using Traced = std::variant<PositionArgument, WantedTrace>;
  constexpr std::size_t kShort = 16;
  constexpr std::size_t kLong = 32;
  if (text.size() == kShort || text.size() == kLong) {
    const HexWord low = read_hex(text.substr(text.size() - kShort));
    const HexWord high = text.size() == kLong ? read_hex(text.substr(0, kShort)) : HexWord{};
    const TraceId id{high.value, low.value};
    if (low.is_hex && high.is_hex && !id.is_zero()) {
      return Traced(WantedTrace{id, text.size() == kShort});
    }
  }
  if (const auto position = parse_position(text)) return Traced(*position);
  return fail(Next::stop_process, std::string(text) +
                                      " is neither TOPIC:PARTITION:OFFSET, as in orders:3:1000, "
                                      "nor a trace id of 32 or 16 hex digits");
}

int trace_command(const CommandLine& line) {
  const auto traced = parse_traced(line.argument(1));
  if (!traced) return usage_error("trace: " + traced.error().what);
  const auto* place = std::get_if<PositionArgument>(&*traced);
  if (place == nullptr && line.has("on"))
    return usage_error("trace: --on is for TOPIC, not TRACE_ID");
  if (place != nullptr && (line.has("topic") || line.has("last"))) {
    return usage_error("trace: --topic and --last are for TRACE_ID");
  }
  if (line.has("on") && !side_named(line.text("on"))) {
    return usage_error("trace: --on=" + line.text("on") + " is neither source nor target");
  }
  std::unique_ptr<FlowView> view;
  if (const int code = open_flow(line, view); code != kExitFine) return code;
  return place != nullptr ? trace_place(line, *view, *place)
                          : trace_id(line, *view, std::get<WantedTrace>(*traced));
}

}  // namespace longspan
