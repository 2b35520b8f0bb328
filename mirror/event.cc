#include "mirror/event.h"

namespace longspan {

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::flow_started:
      return "flow_started";
    case EventKind::definition_changed:
      return "definition_changed";
    case EventKind::slot_taken:
      return "slot_taken";
    case EventKind::topic_created:
      return "topic_created";
    case EventKind::topic_grown:
      return "topic_grown";
    case EventKind::topic_vanished:
      return "topic_vanished";
    case EventKind::partition_started:
      return "partition_started";
    case EventKind::partition_parked:
      return "partition_parked";
    case EventKind::partition_resumed:
      return "partition_resumed";
    case EventKind::source_expired:
      return "source_expired";
    case EventKind::source_truncated:
      return "source_truncated";
    case EventKind::tail_matched:
      return "tail_matched";
    case EventKind::tail_mismatch:
      return "tail_mismatch";
    case EventKind::unexpected_target_offset:
      return "unexpected_target_offset";
    case EventKind::written_twice:
      return "written_twice";
    case EventKind::target_truncated:
      return "target_truncated";
    case EventKind::paused:
      return "paused";
    case EventKind::resumed:
      return "resumed";
    case EventKind::position_set:
      return "position_set";
    case EventKind::loss_accepted:
      return "loss_accepted";
  }
  return "unknown";  // written by a newer program
}

}  // namespace longspan
