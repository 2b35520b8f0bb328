// lagcalc/stamps/heartbeats.h - which topics hold heartbeats, by patterns of their names.
//
// A record of a heartbeat topic shows that the connector lives, and no commit. A row of a heartbeat
// table (heartbeat.action.query) is a change like others, with a commit time, of a table in which
// nobody but the connectors writes.
//
// Units:   in a pattern * stands for any characters, also none; the rest stands for itself.
// Errors:  none.
// Threads: a value and pure functions.
// Source:  Debezium's topic.heartbeat.prefix and topic.heartbeat.name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longspan {

struct HeartbeatPatterns {
  std::vector<std::string> topics = {"__debezium-heartbeat.*"};
  std::vector<std::string> tables;  // by the names of their topics: "*.public.cdc_heartbeat"
};
[[nodiscard]] bool is_heartbeat_topic(std::string_view topic, const HeartbeatPatterns& patterns);
[[nodiscard]] bool is_heartbeat_table(std::string_view topic, const HeartbeatPatterns& patterns);

}  // namespace longspan
