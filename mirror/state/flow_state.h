// mirror/state/flow_state.h - a flow's state topic, read from its start to its present end.
//
// For commands that only look: an owner restores its slots by itself. The topic is read through
// the Source port at explicit offsets, so no group is joined and nothing is written.
//
// Units:   offsets of the state topic.
// Errors:  no such topic (code 3, Next::stop_process: the flow never ran on this target); a record
//          this program does not understand; nothing heard for kStateSilence.
// Threads: one caller at a time per reader.
// Owns:    nothing; what StateReader names must outlive the call.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/admin.h"
#include "mirror/ports.h"
#include "mirror/state/slot_state.h"

namespace longspan {

inline constexpr std::chrono::seconds kStateSilence{30};

// Clients of the target cluster.
struct StateReader {
  Admin& admin;
  Source& source;
  Wakeup& wakeup;  // the one the source notifies
  const Clock& clock;
};

struct FlowState {
  std::string topic;
  TopicId topic_id{};
  std::vector<SlotState> slots;  // index: slot, which is the partition of the state topic
  std::vector<Offset> next;      // where the next read goes on, per slot

  // Of slot 0; null when the flow's first process died before it wrote it.
  [[nodiscard]] const Definition* definition() const {
    return slots.empty() || !slots[0].definition() ? nullptr : &*slots[0].definition();
  }
};

using ReadProgress = std::function<void(Records done, Records total)>;

[[nodiscard]] Result<FlowState> read_flow_state(const StateReader& reader, const std::string& topic,
                                                const ReadProgress& progress = {});

// Reads what was written since; starts again when the topic was created anew.
[[nodiscard]] Result<void> read_new_flow_state(const StateReader& reader, FlowState& state);

}  // namespace longspan
