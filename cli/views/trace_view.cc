#include "cli/views/trace_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "cli/views/latency_table.h"
#include "cli/views/time_text.h"
#include "cli/views/waterfall.h"
#include "lagcalc/printable.h"
#include "lagcalc/text.h"

namespace longspan {
namespace {

constexpr std::size_t kWide = 120;
constexpr std::size_t kNarrow = 80;
constexpr std::size_t kNarrowBar = 12;
constexpr std::int64_t kMsInUs = 1000;
constexpr std::int64_t kSecondInMs = 1000;

bool is_wide(const TableStyle& style) { return style.width == 0 || style.width >= kWide; }
bool is_narrow(const TableStyle& style) { return style.width != 0 && style.width < kNarrow; }

std::string took_text(const std::optional<DurationUs>& took) {
  constexpr double kSecondInUs = 1e6;
  return took ? seconds_text(static_cast<double>(took->value) / kSecondInUs) : "?";
}

// "2026-11-21 02:00:00.123Z"
std::string ms_text(TimestampMs at) {
  std::string out = time_text(at);
  const auto ms = std::to_string((at.value % kSecondInMs + kSecondInMs) % kSecondInMs);
  out.insert(out.size() - 1, "." + std::string(3 - ms.size(), '0') + ms);
  return out;
}

// The time of the day alone.
std::string at_text(const std::optional<InstantInterval>& at) {
  if (!at) return "?";
  constexpr std::size_t kDate = 11;
  const auto text = [](Instant of) { return ms_text({of.us / kMsInUs}).substr(kDate); };
  if (at->point) return text(*at->point);
  if (at->high) return "by " + text(*at->high);
  return at->low ? "from " + text(*at->low) : "?";
}

std::string words(Waypoint waypoint) {
  std::string out(name(waypoint));
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string place_text(const ShownPlace& place) {
  return place.partition.text() + ":" + (place.offset ? std::to_string(place.offset->value) : "?") +
         " on " + place.cluster;
}

// One line of the waterfall.
struct Row {
  std::string name;
  DurationInterval took;
  std::optional<InstantInterval> from;
  std::optional<InstantInterval> to;
  std::optional<SpanId> id;
  bool is_whole = false;
};

class Waterfall {
 public:
  Waterfall(const ShownRecord& record, const TableStyle& style) : record_(record), style_(style) {
    for (const ShownHop& shown : record.hops) add(shown);
    for (const ShownGroup& group : record.groups) add(group);
    scale();
    add_whole();
  }

  [[nodiscard]] std::string text() const {
    if (rows_.empty()) return {};
    std::vector<TextTable::Column> columns{{"HOP", Align::left, true},
                                           {"TOOK", Align::right},
                                           {"LOW", Align::right},
                                           {"HIGH", Align::right}};
    const bool wide = is_wide(style_);
    if (wide) columns.push_back({"UNTIL"});
    if (wide) columns.push_back({"SPAN"});
    columns.push_back({"", Align::left, false, true});
    TextTable table(columns);
    for (const Row& row : rows_) {
      std::vector<TextTable::Cell> cells{{row.name, row.is_whole ? Tint::bold : Tint::none},
                                         {took_text(row.took.point)},
                                         {took_text(row.took.low)},
                                         {took_text(row.took.high)}};
      if (wide) cells.push_back({at_text(row.to)});
      if (wide) cells.push_back({row.id ? hex(*row.id) : "", Tint::faint});
      cells.push_back({row.is_whole ? std::string() : bar(row)});
      table.add(std::move(cells));
    }
    return table.text(style_);
  }
  [[nodiscard]] bool is_assumed() const {
    return std::any_of(rows_.begin(), rows_.end(), [](const Row& row) { return row.took.assumed; });
  }

 private:
  void add(const ShownHop& shown) {
    const WayHop& hop = shown.hop;
    rows_.push_back({(is_narrow(style_) ? "" : words(hop.from) + " ") + "to " + words(hop.to),
                     hop.took, record_.way->at(hop.from), record_.way->at(hop.to), shown.id});
  }
  void add(const ShownGroup& group) {
    if (!group.took) return;
    rows_.push_back({(is_narrow(style_) ? "to sink " : "target append to sink commit, group ") +
                         printable(group.group),
                     *group.took, record_.way->at(Waypoint::target_append), group.done, group.id});
  }
  void add_whole() {
    if (!record_.way) return;
    const auto whole = record_.way->between(Waypoint::commit, Waypoint::target_append);
    if (whole) {
      rows_.push_back({"commit to target append", *whole, record_.way->at(Waypoint::commit),
                       record_.way->at(Waypoint::target_append), mirror_span(), true});
    }
    for (const ShownGroup& group : record_.groups) {
      if (!group.end_to_end) continue;
      rows_.push_back({"end to end, group " + printable(group.group), *group.end_to_end,
                       record_.way->at(Waypoint::commit), group.done, std::nullopt, true});
    }
  }
  [[nodiscard]] std::optional<SpanId> mirror_span() const {
    return record_.trace.hop ? std::optional(record_.trace.hop->span) : std::nullopt;
  }

  // By points where they are known: what is assumed of clocks may be far more than the way took.
  void scale() {
    for (const Row& row : rows_) {
      for (const auto* at : {&row.from, &row.to}) {
        if (!*at) continue;
        const auto shown = (*at)->point ? (*at)->point : at == &row.from ? (*at)->low : (*at)->high;
        if (!shown) continue;
        begin_ = begin_ ? std::min(*begin_, *shown) : *shown;
        end_ = end_ ? std::max(*end_, *shown) : *shown;
      }
    }
  }
  [[nodiscard]] std::string bar(const Row& row) const {
    if (!begin_ || !end_ || !row.from || !row.to) return {};
    const auto since = [this](Instant at) { return static_cast<double>((at - *begin_).value); };
    const double whole = since(*end_);
    BarRange range;
    range.earliest = row.from->low ? since(*row.from->low) : 0;
    range.latest = row.to->high ? since(*row.to->high) : whole;
    range.begin = row.from->point ? since(*row.from->point) : range.earliest;
    range.end = row.to->point ? since(*row.to->point) : range.begin;
    if (!row.to->point) range.earliest = range.begin;
    return range_bar(range, whole, is_narrow(style_) ? kNarrowBar : kBarWidth);
  }

  const ShownRecord& record_;
  const TableStyle& style_;
  std::vector<Row> rows_;
  std::optional<Instant> begin_;
  std::optional<Instant> end_;
};

std::string trace_lines(const ShownTrace& trace) {
  std::string out;
  if (trace.incoming) {
    out += "trace   " + hex(trace.incoming->trace) +
           (!trace.sampled   ? ""
            : *trace.sampled ? ", sampled"
                             : ", not sampled") +
           "\n";
    out += "        written in span " + hex(trace.incoming->span) + "\n";
  } else {
    out += "trace   none: " + trace.why_none + "\n";
  }
  if (trace.hop) {
    const bool is_same = trace.incoming && trace.incoming->trace == trace.hop->trace;
    out += "        the hop is span " + hex(trace.hop->span) +
           (is_same ? "" : " of trace " + hex(trace.hop->trace)) + "\n";
  }
  if (trace.copy && trace.send) {
    const bool is_ours = trace.copy->span == *trace.send;
    out += "        who reads the copy is the child of " +
           (is_ours ? "its part " : std::string("another span, ")) + hex(trace.copy->span) + "\n";
  }
  if (!trace.url.empty()) out += "view    " + trace.url + "\n";
  if (!trace.hop_url.empty()) out += "        the hop's: " + trace.hop_url + "\n";
  return out;
}

std::string group_line(const ShownGroup& group) {
  const std::string who = "group " + printable(group.group);
  const std::string why = printable(group.why);
  switch (group.state) {
    case ShownGroup::State::committed:
      if (group.committed_at && group.took) return {};
      return who + " has committed behind it" +
             (group.committed_at ? " by " + ms_text(*group.committed_at)
                                 : ", when is not known: " + why) +
             "\n";
    case ShownGroup::State::not_committed:
      return who + " has not committed it yet: " + why + "\n";
    case ShownGroup::State::unknown:
      break;
  }
  return who + ": not known: " + why + "\n";
}

std::string record_text(const ShownRecord& record, const TableStyle& style) {
  const bool by_target = record.asked == EventSide::target;
  std::string out = tinted("source  " + place_text(record.source), Tint::bold, style) +
                    (by_target ? "" : " (asked for)") + "\n" +
                    tinted("target  " + place_text(record.target), Tint::bold, style) +
                    (by_target ? " (asked for)" : "") + "\n";
  if (record.timestamp) {
    out += "time    " + ms_text(*record.timestamp) +
           (record.is_log_append_time ? " (LogAppendTime)" : " (CreateTime)") + "\n";
  }
  out += trace_lines(record.trace);
  if (!record.why_no_source.empty())
    out += "source  not read: " + printable(record.why_no_source) + "\n";
  if (!record.why_no_copy.empty()) {
    out += tinted("no copy: " + printable(record.why_no_copy), Tint::warn, style) + "\n";
  }
  const Waterfall waterfall(record, style);
  if (const std::string text = waterfall.text(); !text.empty()) out += "\n" + text;
  std::string notes;
  for (const ShownGroup& group : record.groups) notes += group_line(group);
  if (record.groups_more > 0) {
    notes += count_text(record.groups_more) +
             " more groups could not be asked in time: name one by --group\n";
  }
  for (const UnknownTime& each : record.unknown) {
    notes += each.what + ": not known: " + printable(each.why) + "\n";
  }
  if (record.way && record.way->contradictions() > 0) {
    notes += "clocks are further apart than is assumed (clock.*.max.error.ms)\n";
  }
  if (!notes.empty()) out += "\n" + notes;
  if (waterfall.is_assumed()) out += tinted(kAssumedNote, Tint::faint, style);
  return out;
}

std::string scan_text(const ShownScan& scan, std::size_t shown) {
  std::string out = "trace " + scan.trace + ": " + count_text(scan.found) +
                    (scan.found == 1 ? " record" : " records") + " in " +
                    (scan.is_all ? "all " : "the newest ") + count_text(scan.records) + " of " +
                    count_text(scan.partitions) +
                    (scan.partitions == 1 ? " partition" : " partitions");
  if (scan.found > static_cast<std::int64_t>(shown)) {
    out += ", of which the newest " + std::to_string(shown) + " are shown";
  }
  out += unread_text(scan);
  return out + "\n";
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::optional<TraceId> ShownTrace::id() const {
  if (incoming) return incoming->trace;
  if (copy) return copy->trace;
  if (hop) return hop->trace;
  return std::nullopt;
}

std::string viewer_link(std::string template_url, const TraceId& trace,
                        const std::optional<SpanId>& span) {
  replace_all(template_url, "{trace_id}", hex(trace));
  replace_all(template_url, "{span_id}", hex(span.value_or(SpanId{})));
  return template_url;
}

std::string unread_text(const ShownScan& scan) {
  std::string out;
  if (scan.unread_partitions > 0) {
    out += "; " + count_text(scan.unread_partitions) +
           (scan.unread_partitions == 1 ? " partition" : " partitions") + " could not be read";
  }
  if (!scan.why_no_source.empty()) {
    out += "; what is not mirrored yet could not be read: " + scan.why_no_source;
  }
  return out;
}

std::string traces_text(const ShownTraces& shown, const TableStyle& style) {
  std::string out = shown.scan ? scan_text(*shown.scan, shown.records.size()) : "";
  for (const ShownRecord& record : shown.records) {
    out += (out.empty() ? "" : "\n") + record_text(record, style);
  }
  return out;
}

}  // namespace longspan
