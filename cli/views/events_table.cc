#include "cli/views/events_table.h"

#include <set>

#include "cli/views/time_text.h"

namespace longspan {

namespace {

// "[10, 20)"; where it begins may be unknown. One offset alone is a position.
std::string range_of(const std::optional<Offset>& from, const std::optional<Offset>& to) {
  if (!to) return std::to_string(from->value);
  return "[" + (from ? std::to_string(from->value) : "?") + ", " + std::to_string(to->value) + ")";
}

// "target [10, 20) of source [11, 21)".
std::string offsets_of(const Event& event) {
  if (!event.from && !event.to) return {};
  const auto side = side_of(event);
  std::string out = side ? std::string(name(*side)) + " " : "";
  out += range_of(event.from, event.to);
  if (event.source_to) out += " of source " + range_of(event.source_from, event.source_to);
  return out;
}

Tint tint_of(EventKind kind) {
  static const std::set<EventKind> kBad = {
      EventKind::partition_parked,         EventKind::source_expired,
      EventKind::source_truncated,         EventKind::tail_mismatch,
      EventKind::unexpected_target_offset, EventKind::target_truncated,
      EventKind::record_dead_lettered,     EventKind::record_skipped};
  return kBad.contains(kind) ? Tint::bad : Tint::none;
}

}  // namespace

std::string events_table(const std::vector<ShownEvent>& events, const TableStyle& style) {
  if (events.empty()) return "no events\n";
  TextTable table(
      {{"TIME"}, {"FLOW"}, {"ID"}, {"EVENT"}, {"PARTITION", Align::left, true}, {"OFFSETS"}});
  for (const auto& [flow, slot, event] : events) {
    table.add({{time_text(event.at)},
               {flow},
               {std::to_string(slot) + "/" + std::to_string(event.number)},
               {std::string(name(event.kind)), tint_of(event.kind)},
               {event.partition ? event.partition->text() : ""},
               {offsets_of(event)}},
              event.text);
  }
  return table.text(style);
}

}  // namespace longspan
