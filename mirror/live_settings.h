// mirror/live_settings.h - the part of a flow's configuration that may change while it runs.
//
// A shard, the surveyor and the flow each keep a value of their own and are sent another one; so
// none of it is shared between threads. cli/option_table.cc marks the keys.
//
// Units:   bytes a second; 0: no bound.
// Errors:  none; valid by construction, as FlowConfig.
// Threads: a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "mirror/event.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

enum class OnDataLoss : std::uint8_t { stop, go_on };

struct LiveSettings {
  NamePatterns priority_high;                // topics that are read first
  std::int64_t priority_floor_percent = 10;  // of the bytes, for the others meanwhile
  std::int64_t throttle = 0;                 // of the flow, all processes together
  std::int64_t throttle_high = 0;
  std::int64_t throttle_normal = 0;

  NamePatterns schema_gate_topics;  // whose records wait for their schema
  std::chrono::milliseconds schema_gate_timeout{30000};

  OnDataLoss on_data_loss = OnDataLoss::stop;
  std::map<EventKind, OnDataLoss> on_event{
      // Somebody else's records are kept apart in the map; nothing is lost by going on.
      {EventKind::unexpected_target_offset, OnDataLoss::go_on},
      {EventKind::tail_mismatch, OnDataLoss::go_on},
  };  // where another policy holds than on_data_loss

  std::chrono::milliseconds refresh_topics_interval{5000};
  std::chrono::milliseconds sync_topic_configs_interval{5000};
  std::chrono::milliseconds emit_heartbeats_interval{1000};
  std::chrono::milliseconds position_interval{1000};
  std::chrono::milliseconds marks_interval{10000};
  std::chrono::milliseconds hung_transaction{60000};  // open that long: an event
  std::chrono::milliseconds park_retry{5000};  // first retry of a parked partition, then doubled

  [[nodiscard]] OnDataLoss policy(EventKind kind) const {
    const auto own = on_event.find(kind);
    return own == on_event.end() ? on_data_loss : own->second;
  }
};

}  // namespace longspan
