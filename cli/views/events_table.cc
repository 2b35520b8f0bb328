#include "cli/views/events_table.h"

#include <set>

#include "cli/views/time_text.h"

namespace longspan {

namespace {

// "[10, 20)"; one bound may be unknown.
std::string range_of(const Event& event) {
  if (!event.from && !event.to) return {};
  const auto bound = [](const std::optional<Offset>& offset) {
    return offset ? std::to_string(offset->value) : std::string("?");
  };
  return "[" + bound(event.from) + ", " + bound(event.to) + ")";
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
               {range_of(event)}},
              event.text);
  }
  return table.text(style);
}

}  // namespace longspan
