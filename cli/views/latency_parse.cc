#include "cli/views/latency_parse.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/views/json_object.h"
#include "lagcalc/histogram_block.h"
#include "tracing/context/base64.h"

namespace longspan {

using Json = nlohmann::json;

// Found by the type of their second argument: see json_object.h.
static bool read(const Json& json, Histogram& into) {
  const auto block = json.is_object() ? json.find("block") : json.end();
  if (!json.is_object() || block == json.end() || !block->is_string()) return false;
  const auto bytes = from_base64(block->get<std::string>());
  if (!bytes) return false;
  auto histogram = decode_histogram(*bytes);
  if (histogram) into = std::move(*histogram);
  return static_cast<bool>(histogram);
}

static bool read(const Json& json, AgeRange& into) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) {
    return false;
  }
  const auto us = [](const Json& seconds) {
    constexpr double kMax = 1e12;  // seconds: in the range of microseconds
    return static_cast<std::int64_t>(std::clamp(seconds.get<double>(), -kMax, kMax) * 1e6);
  };
  into = {us(json[0]), us(json[1])};
  return true;
}

template <class Words, class Word>
static bool read_word(const Json& json, const Words& words, Word& into) {
  for (const Word word : words) {
    if (!json.is_string() || json.get<std::string>() != name(word)) continue;
    into = word;
    return true;
  }
  return false;
}
static bool read(const Json& json, LagState& into) { return read_word(json, kLagStates, into); }
static bool read(const Json& json, GroupState& into) { return read_word(json, kGroupStates, into); }
static bool read(const Json& json, EventSide& into) { return read_word(json, kEventSides, into); }
static bool read(const Json& json, Liveness& into) { return read_word(json, kLivenesses, into); }
static bool read(const Json& json, TimestampUs& into) { return read(json, into.value); }
static bool read(const Json& json, ClockDoubt& into) { return read_word(json, kClockDoubts, into); }

namespace {

void read_hop(JsonObject hop, HopLatency& into) {
  hop.required("absent", into.tally.absent);
  hop.optional("one_sided", into.tally.one_sided);
  hop.required("negative", into.tally.negative);
  hop.required("assumed", into.is_assumed);
  hop.optional("point", into.point);
  hop.optional("low", into.low);
  hop.optional("high", into.high);
  into.tally.known = into.point.count();
}

void read_partition(JsonObject& object, GroupPartitionSnapshot& partition) {
  GroupLag& lag = partition.lag;
  object.required("partition", partition.partition);
  object.required("state", lag.state);
  object.required("committed_offset", partition.committed);
  object.optional("committed_at_ms", partition.committed_at);
  object.optional("offset_lag", lag.offset_lag);
  object.optional("expired", lag.expired);
  object.optional("head_age_s", lag.head_age);
  object.optional("clock_doubt", lag.doubt);
  object.optional("catch_up_ms", lag.catch_up_ms);
  object.optional("residence_s", lag.residence);
}

void read_counts(JsonObject object, SloCounts& into) {
  object.required("good", into.good);
  object.required("bad", into.bad);
  object.required("undecided", into.undecided);
}

struct BurnCounts {
  SloCounts over_long;
  SloCounts over_short;
};

// `member`: "latency" or "recent_latency".
void read_hops(JsonObject& object, const char* member, std::optional<TopicHops>& into) {
  if (!object.has(member)) return;
  JsonObject latency = object.member(member);
  TopicHops& hops = into.emplace();
  latency.required("sampled_total", hops.sampled_total);
  latency.optional("contradictions_total", hops.contradictions_total);
  latency.optional("newest_commit_at_us", hops.newest_commit);
  if (latency.has("without_commit")) {
    JsonObject reasons = latency.member("without_commit");
    for (const NoCommit why : kNoCommits) {
      reasons.optional(std::string(name(why)).c_str(),
                       hops.without_commit[static_cast<std::size_t>(why)]);
    }
  }
  JsonObject each = latency.member("hops");
  for (std::size_t i = 0; i < kHops.size(); ++i) {
    const std::string key(kHops[i].name);
    if (each.has(key.c_str())) read_hop(each.member(key.c_str()), hops.hops[i]);
  }
}

}  // namespace

void read_latency(JsonObject& object, TopicSnapshot& topic) {
  object.optional("mirror_latency", topic.mirror_latency);
  object.optional("residence", topic.residence);
  read_hops(object, "latency", topic.hops);
  read_hops(object, "recent_latency", topic.recent_hops);
}

void read_group(JsonObject& object, GroupSnapshot& group) {
  object.required("group", group.group);
  object.optional("side", group.side);
  object.required("topic", group.topic);
  object.required("target_topic", group.target_topic);
  object.required("state", group.state);
  if (object.has("partitions_by_state")) {
    JsonObject states = object.member("partitions_by_state");
    for (const LagState state : kLagStates) {
      states.optional(std::string(name(state)).c_str(),
                      group.partitions_by_state[static_cast<std::size_t>(state)]);
    }
  }
  object.optional("offset_lag", group.offset_lag);
  object.required("unknown_lags", group.unknown_lags);
  group.head_age.reset();
  group.catch_up_ms.reset();
  object.optional("head_age_s", group.head_age);
  std::optional<double> waits_s;
  object.optional("waits_s", waits_s);
  if (waits_s) group.waits_us = std::llround(*waits_s * 1e6);
  object.optional("catch_up_ms", group.catch_up_ms);
  object.optional("worst_partition", group.worst_partition);
  object.optional("worst_partition_offset_lag", group.worst_lag);
  read_hop(object.member("end_to_end"), group.latency.end_to_end);
  read_hop(object.member("append_to_sink_commit"), group.latency.append_to_sink_commit);
  if (object.has("recent")) {
    JsonObject recent = object.member("recent");
    group.recent.emplace();
    read_hop(recent.member("end_to_end"), group.recent->end_to_end);
    read_hop(recent.member("append_to_sink_commit"), group.recent->append_to_sink_commit);
  }
  object.each("partitions", group.partitions, read_partition);
  object.optional("partitions_not_shown", group.partitions_not_shown);
}

void read_connector(JsonObject& object, ConnectorSnapshot& connector) {
  object.required("prefix", connector.prefix);
  object.required("heartbeat_topic", connector.heartbeat_topic);
  object.required("liveness", connector.liveness);
  object.optional("heartbeat_at_ms", connector.heartbeat_at);
  object.optional("heartbeat_interval_ms", connector.interval_ms);
  object.optional("newest_commit_at_us", connector.newest_commit);
  object.optional("heartbeat_commit_at_us", connector.heartbeat_commit);
}

void read_slo(JsonObject& object, SloStatus& slo) {
  object.required("objective", slo.objective);
  object.optional("group", slo.group);
  read_counts(object.member("total"), slo.total);
  object.optional("unmeasured", slo.unmeasured);
  read_counts(object.member("in_window"), slo.in_window);
  object.optional("since_s", slo.since_s);
  if (auto parsed = parse_slo(slo.objective)) slo.slo = std::move(*parsed);
  std::vector<BurnCounts> rules;
  object.each("burn_rates", rules, [](JsonObject& rule, BurnCounts& into) {
    read_counts(rule.member("long"), into.over_long);
    read_counts(rule.member("short"), into.over_short);
  });
  for (std::size_t i = 0; i < std::min(rules.size(), kBurnRules.size()); ++i) {
    slo.over_long[i] = rules[i].over_long;
    slo.over_short[i] = rules[i].over_short;
  }
}

}  // namespace longspan
