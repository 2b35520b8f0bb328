#include "mirror/event.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kEventTable.size(); ++i) {
    if (static_cast<std::size_t>(kEventTable[i].kind) != i + 1) return false;
  }
  return true;
}
static_assert(is_in_order(), "kEventTable is looked up by number");

const EventRow* row_of(EventKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return number >= 1 && number <= kEventTable.size() ? &kEventTable[number - 1] : nullptr;
}

}  // namespace

std::string_view name(EventKind kind) {
  const auto* row = row_of(kind);
  return row != nullptr ? row->name : "unknown";
}

std::optional<EventKind> event_kind_named(std::string_view name) {
  const auto* found = std::find_if(kEventTable.begin(), kEventTable.end(),
                                   [&](const EventRow& row) { return row.name == name; });
  if (found == kEventTable.end()) return std::nullopt;
  return found->kind;
}

std::string_view name(EventSide side) { return side == EventSide::source ? "source" : "target"; }

bool is_kept_longer(EventKind kind) {
  const auto* row = row_of(kind);
  return row != nullptr && row->is_kept_longer;
}

std::optional<EventSide> side_of(const Event& event) {
  if (!event.from && !event.to) return std::nullopt;
  const auto* row = row_of(event.accepts ? event.accepts->kind : event.kind);
  if (row == nullptr) return std::nullopt;
  return row->side;
}

void name_sources(Event& event, const OffsetMap& map) {
  if (side_of(event) != EventSide::target || !event.from || !event.to) return;
  const auto segments = map.segments();
  for (const Segment& segment : segments) {
    const Offset from = std::max(segment.target_start, *event.from);
    const Offset to = std::min(segment.target_end(), *event.to);
    if (from >= to) continue;
    const bool may_lack_some =
        map.was_pruned() && segment == segments.front() && *event.from < from;
    if (!event.source_to && !may_lack_some) {
      event.source_from = segment.source_start + (from - segment.target_start);
    }
    const Offset source_to = segment.source_start + (to - segment.target_start);
    event.source_to = std::max(event.source_to.value_or(source_to), source_to);
  }
  // Behind the last copy only markers were passed, and what other events account for.
  if (event.source_to && *event.to >= map.next_target()) event.source_to = map.next_source();
}

}  // namespace longspan
