// cli/views/events_json.h - events as JSON: `longspan events --json` and /api/v1/events.
//
// Version 1; members are only ever added, and absent when unknown:
//   {"version": 1, "events": [{"flow", "slot", "number", "kind", "at_ms", "topic", "partition",
//      "side", "from_offset", "to_offset", "offsets", "source_from_offset", "source_to_offset",
//      "accepts", "text", "who"}]}
// (flow, slot, number) names an event. "side" is "source" or "target": whose offsets
// [from_offset, to_offset) are; without "to_offset" the event is about one offset. It is about
// all offsets of its range, or about "offsets" of them. Copies that the target lost were of the
// source records [source_from_offset, source_to_offset). "accepts" is what an operator accepted, an
// event of the same slot: {"number", "kind"}.
//
// Errors:  none; text that is not UTF-8 comes out with U+FFFD in place of the bad bytes.
// Threads: a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/views/lag_json.h"
#include "mirror/event.h"

namespace longspan {

struct ShownEvent {
  std::string flow;
  std::int32_t slot = 0;
  Event event;
};

[[nodiscard]] std::string events_json(const std::vector<ShownEvent>& events,
                                      JsonForm form = JsonForm::compact);

}  // namespace longspan
