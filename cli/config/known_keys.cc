#include "cli/config/known_keys.h"

#include <algorithm>
#include <array>

namespace longspan {
namespace {

constexpr auto kQuiet = KeyFate::quiet;
constexpr auto kIgnored = KeyFate::ignored;
constexpr auto kRefused = KeyFate::refused;

constexpr std::string_view kNoConnect = "there is no Connect worker inside longspan";
constexpr std::string_view kNoRest =
    "processes of a flow find each other through the target cluster";
constexpr std::string_view kNoConverters = "bytes are kept, nothing is converted";

constexpr auto kKnown = std::to_array<KnownKey>({
    {"config.providers", kQuiet, "names the providers of ${...}"},
    {"config.providers.*", kQuiet, "names the providers of ${...}"},
    {"name", kQuiet, "a flow is named by its clusters"},
    {"connector.class", kQuiet, "there are no connectors"},
    {"source.cluster.alias", kQuiet, "said by the flow"},
    {"target.cluster.alias", kQuiet, "said by the flow"},
    {"tasks.max.enforce", kQuiet, "there are no tasks"},
    {"dedicated.mode.enable.internal.rest", kQuiet, kNoRest},
    {"listeners", kIgnored, "use http.listen for the HTTP API"},
    {"admin.listeners", kIgnored, "use http.listen for the HTTP API"},
    {"rest.*", kIgnored, kNoRest},
    {"group.id", kQuiet, "the ownership group is named after the flow"},
    {"plugin.*", kQuiet, kNoConnect},
    {"key.converter*", kIgnored, kNoConverters},
    {"value.converter*", kIgnored, kNoConverters},
    {"header.converter*", kIgnored, kNoConverters},
    {"internal.key.converter*", kQuiet, kNoConverters},
    {"internal.value.converter*", kQuiet, kNoConverters},
    {"offset.storage.*", kQuiet, "see state.topic.replication.factor and slots"},
    {"config.storage.*", kQuiet, "see state.topic.replication.factor"},
    {"status.storage.*", kQuiet, "see state.topic.replication.factor"},
    {"offset.flush.*", kIgnored, "see position.interval.ms"},
    {"scheduled.rebalance.max.delay.ms", kIgnored, "slots move without a rebalance delay"},
    {"connect.protocol", kQuiet, kNoConnect},
    {"connector.client.config.override.policy", kQuiet, kNoConnect},
    {"topic.creation.*", kIgnored,
     "topics on the target get replication.factor and the synced configs"},
    {"task.*", kIgnored, kNoConnect},
    {"worker.*", kIgnored, kNoConnect},
    {"inter.worker.*", kIgnored, kNoRest},
    {"transaction.boundary*", kIgnored, "see transaction.commit.interval.ms"},
    {"transforms", kRefused,
     "records are copied byte for byte; single message transforms cannot run here"},
    {"transforms.*", kRefused,
     "records are copied byte for byte; single message transforms cannot run here"},
    {"predicates*", kIgnored, "there are no transforms"},
    {"errors.*", kIgnored,
     "a partition that fails is parked with its reason (on.data.loss, park.retry.ms)"},
    {"metric.reporters", kIgnored, "metrics are at http.listen, /metrics"},
    {"metrics.*", kIgnored, "metrics are at http.listen, /metrics"},
    {"metric.names.formats", kIgnored, "metrics are at http.listen, /metrics"},
    {"auto.include.jmx.reporter", kQuiet, "there is no JMX"},
    {"add.source.alias.to.metrics", kQuiet, "every metric names its flow"},
    {"use.incremental.alter.configs", kQuiet, "always incremental"},
    {"forwarding.admin.class", kRefused,
     "a Java class cannot be loaded; topics and configs are written by Kafka's own requests"},
    {"group.mirroring.policy.class", kRefused, "a Java class cannot be loaded"},
    {"heartbeats.replication.enabled", kIgnored,
     "A.heartbeats is written on the target directly (emit.heartbeats.*); a topic named heartbeats "
     "is mirrored where topics selects it"},
    {"heartbeats.topic.replication.factor", kIgnored,
     "A.heartbeats gets the factor of longspan's own topics: state.topic.replication.factor"},
    {"checkpoints.topic.replication.factor", kQuiet, "no checkpoints are written yet"},
    {"emit.checkpoints.*", kQuiet, "no checkpoints are written yet"},
    {"consumer.poll.timeout.ms", kQuiet, "nothing polls with a timeout"},
    {"exactly.once.source.support", kQuiet, "read with the flow"},
});

bool matches(std::string_view pattern, std::string_view key) {
  if (!pattern.ends_with('*')) return pattern == key;
  return key.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

std::span<const KnownKey> known_keys() { return kKnown; }

const KnownKey* find_known_key(std::string_view key) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(), [key](const KnownKey& known) {
    return matches(known.pattern, key);
  });
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace longspan
