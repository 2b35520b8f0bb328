#include "mirror/hops/connectors.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "lagcalc/stamps/heartbeats.h"

namespace longspan {
namespace {

// "__debezium-heartbeat.PREFIX". Where the topic is called otherwise its last word is the prefix:
// topic.heartbeat.name has ${topic.prefix} at its end unless somebody changed that, too.
std::string prefix_of(std::string_view topic) {
  return std::string(topic.substr(topic.rfind('.') + 1));
}

// PREFIX.SCHEMA.TABLE, or PREFIX.DATABASE.TABLE; a prefix may have dots of its own.
std::string prefix_of_table(std::string_view topic) {
  for (int i = 0; i < 2; ++i) {
    const auto dot = topic.rfind('.');
    if (dot == std::string_view::npos) break;
    topic = topic.substr(0, dot);
  }
  return std::string(topic);
}

bool is_of(std::string_view topic, std::string_view prefix) {
  return topic.size() > prefix.size() && topic.starts_with(prefix) && topic[prefix.size()] == '.';
}

// A pattern for tables may match a heartbeat topic, too.
bool is_table(const TopicSign& sign) {
  return sign.is_heartbeat_table && !is_heartbeat_topic(sign.topic, {});
}

struct Hearing {
  TimestampMs since;
  TimestampMs now;
};

ConnectorSnapshot connector_of(const TopicSign& sign, std::string prefix, const Hearing& hearing) {
  ConnectorSnapshot out;
  out.prefix = std::move(prefix);
  out.heartbeat_topic = sign.topic;
  out.liveness = sign.heartbeats->liveness(hearing.now, sign.is_all_read, hearing.since);
  out.heartbeat_at = sign.heartbeats->newest();
  out.interval_ms = sign.heartbeats->interval_ms();
  return out;
}

void add_commits(ConnectorSnapshot& connector, const std::vector<TopicSign>& topics) {
  for (const TopicSign& sign : topics) {
    if (!is_of(sign.topic, connector.prefix)) continue;
    connector.newest_commit = std::max(connector.newest_commit, sign.newest_commit);
    if (!is_table(sign)) continue;
    connector.heartbeat_commit = std::max(connector.heartbeat_commit, sign.newest_commit);
  }
}

}  // namespace

std::vector<ConnectorSnapshot> connectors_of(const std::vector<TopicSign>& topics, TimestampMs now,
                                             TimestampMs heard_since) {
  const Hearing hearing{heard_since, now};
  std::vector<ConnectorSnapshot> out;
  const auto beats = [](const TopicSign& sign) {
    return sign.heartbeats && sign.heartbeats->newest();
  };
  for (const TopicSign& sign : topics) {
    if (!beats(sign) || is_table(sign)) continue;
    out.push_back(connector_of(sign, prefix_of(sign.topic), hearing));
  }
  const std::size_t with_topic = out.size();
  for (const TopicSign& sign : topics) {
    if (!beats(sign) || !is_table(sign)) continue;
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(with_topic);
    const bool is_judged = std::any_of(out.begin(), end, [&](const ConnectorSnapshot& known) {
      return is_of(sign.topic, known.prefix);
    });
    if (is_judged) continue;
    auto connector = connector_of(sign, prefix_of_table(sign.topic), hearing);
    // Of several tables the one that was written to last.
    const auto same =
        std::find_if(out.begin() + static_cast<std::ptrdiff_t>(with_topic), out.end(),
                     [&](const auto& known) { return known.prefix == connector.prefix; });
    if (same == out.end()) {
      out.push_back(std::move(connector));
    } else if (same->heartbeat_at < connector.heartbeat_at) {
      *same = std::move(connector);
    }
  }
  for (ConnectorSnapshot& connector : out) add_commits(connector, topics);
  return out;
}

std::vector<ConnectorSnapshot> only_own(std::vector<ConnectorSnapshot> connectors,
                                        const std::set<std::string>& mirrored) {
  const auto is_own = [&](const ConnectorSnapshot& connector) {
    const auto first = mirrored.lower_bound(connector.prefix + ".");
    return first != mirrored.end() && is_of(*first, connector.prefix);
  };
  if (std::any_of(connectors.begin(), connectors.end(), is_own)) {
    std::erase_if(connectors, [&](const auto& connector) { return !is_own(connector); });
  }
  return connectors;
}

}  // namespace longspan
