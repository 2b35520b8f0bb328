#include "mirror/hops/connectors.h"

#include <algorithm>
#include <string_view>

namespace longspan {
namespace {

// "__debezium-heartbeat.PREFIX". Where the topic is called otherwise its last word is the prefix:
// topic.heartbeat.name has ${topic.prefix} at its end unless somebody changed that, too.
std::string prefix_of(std::string_view topic) {
  return std::string(topic.substr(topic.rfind('.') + 1));
}

bool is_of(std::string_view topic, std::string_view prefix) {
  return topic.size() > prefix.size() && topic.starts_with(prefix) && topic[prefix.size()] == '.';
}

}  // namespace

std::vector<ConnectorSnapshot> connectors_of(const std::vector<TopicSign>& topics,
                                             TimestampMs now) {
  std::vector<ConnectorSnapshot> out;
  for (const TopicSign& sign : topics) {
    if (!sign.heartbeats || !sign.heartbeats->newest()) continue;
    ConnectorSnapshot connector;
    connector.prefix = prefix_of(sign.topic);
    connector.heartbeat_topic = sign.topic;
    connector.liveness = sign.heartbeats->liveness(now, sign.is_all_read);
    connector.heartbeat_at = sign.heartbeats->newest();
    connector.interval_ms = sign.heartbeats->interval_ms();
    for (const TopicSign& other : topics) {
      if (!is_of(other.topic, connector.prefix)) continue;
      connector.newest_commit = std::max(connector.newest_commit, other.newest_commit);
    }
    out.push_back(std::move(connector));
  }
  return out;
}

}  // namespace longspan
