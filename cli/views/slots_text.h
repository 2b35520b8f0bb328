// cli/views/slots_text.h - who owns how much of a flow, and which slot carries more than its part.
//
// A slot is what moves from process to process: one that carries most of the records keeps its
// process busy however many others there are.
//
// Errors:  none.
// Threads: functions of their arguments.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "mirror/snapshot.h"

namespace longspan {

// Slots by the process that owns them.
[[nodiscard]] std::map<std::string, int> slots_by_process(const FlowSnapshot& flow);

struct HotSlot {
  std::int32_t slot = 0;
  double share = 0;  // of the flow's records per second
};
// The busiest slot, where it carries at least kHotShare and twice its part of the records; absent
// too where rates are not known.
inline constexpr double kHotShare = 0.25;
[[nodiscard]] std::optional<HotSlot> hot_slot(const FlowSnapshot& flow);

// "slots: host-a:17 8, host-b:4 8; slot 3 (host-a:17) carries 61 % of the records", where several
// processes share the flow; empty otherwise.
[[nodiscard]] std::string slots_text(const FlowSnapshot& flow);

}  // namespace longspan
