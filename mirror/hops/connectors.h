// mirror/hops/connectors.h - is a database idle, or its connector dead?
//
// Debezium writes heartbeats into a topic of its own, and what it captures into topics whose names
// begin with the same prefix. It may also write them into a table that it captures
// (heartbeat.action.query): their changes move the newest commit of an idle database, and where
// there is no heartbeat topic they alone tell whether the connector lives. All of it is mirrored,
// so what came last of each is known here.
//
// Units:   milliseconds; heartbeats by the connector's clock, commits by the database's.
// Errors:  none. Without heartbeats nothing is known of a connector, and it is not listed.
// Threads: values and a pure function.
// Source:  Debezium: topic.heartbeat.prefix, topic.prefix, heartbeat.action.query;
// lagcalc/heartbeat_rhythm.h.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lagcalc/heartbeat_rhythm.h"
#include "lagcalc/stamp.h"
#include "lagcalc/units.h"

namespace longspan {

struct ConnectorSnapshot {
  std::string prefix;           // topic.prefix: what the names of its topics begin with
  std::string heartbeat_topic;  // by which it is judged; of a table where there is no other
  Liveness liveness = Liveness::unknown;
  std::optional<TimestampMs> heartbeat_at;
  std::optional<std::int64_t> interval_ms;
  // Of the newest change of any of its topics that was sampled, heartbeat tables included.
  std::optional<TimestampUs> newest_commit;
  std::optional<TimestampUs> heartbeat_commit = {};  // of heartbeat tables alone
};

// What a flow knows of a topic.
struct TopicSign {
  std::string topic;
  std::optional<HeartbeatRhythm> heartbeats;
  std::optional<TimestampUs> newest_commit;
  bool is_all_read = false;  // every partition of it, up to its end
  // Its heartbeats are changes of a table that is captured (connector.heartbeat.tables).
  bool is_heartbeat_table = false;
};

// A flow mirrors the heartbeats of every connector that writes to its source. Those are its own
// that have a topic among `mirrored`, the flow's source topics; where none has (they were given
// other names), all of them.
[[nodiscard]] std::vector<ConnectorSnapshot> only_own(std::vector<ConnectorSnapshot> connectors,
                                                      const std::set<std::string>& mirrored);

// The source answers since `heard_since`: a silence before that says nothing of connectors.
[[nodiscard]] std::vector<ConnectorSnapshot> connectors_of(const std::vector<TopicSign>& topics,
                                                           TimestampMs now,
                                                           TimestampMs heard_since = {});

}  // namespace longspan
