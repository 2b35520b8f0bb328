#include "cli/views/latency_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "lagcalc/histogram_block.h"
#include "tracing/context/base64.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

enum class Blocks : std::uint8_t { shown, left_out };

void add_quantiles(Json& json, const char* key, const Histogram& histogram, Histogram::Edge edge,
                   Blocks blocks) {
  if (histogram.count() == 0) return;
  Json& shown = json[key];
  shown["count"] = histogram.count();
  for (const auto& [name, q] : {std::pair("p50_s", 0.5), std::pair("p90_s", 0.9),
                                std::pair("p99_s", 0.99), std::pair("max_s", 1.0)}) {
    shown[name] = histogram.quantile(q, edge).value();
  }
  if (blocks == Blocks::shown) shown["block"] = to_base64(encode_histogram(histogram));
}

Json hop_json(const HopLatency& took, Blocks blocks = Blocks::shown) {
  Json json;
  json["absent"] = took.tally.absent;
  json["one_sided"] = took.tally.one_sided;
  json["negative"] = took.tally.negative;
  json["assumed"] = took.is_assumed;
  add_quantiles(json, "point", took.point, Histogram::Edge::middle, blocks);
  add_quantiles(json, "low", took.low, Histogram::Edge::lower, blocks);
  add_quantiles(json, "high", took.high, Histogram::Edge::upper, blocks);
  return json;
}

void add_age(Json& json, const char* key, const std::optional<AgeRange>& age) {
  if (age) json[key] = Json::array({age->low_us / 1e6, age->high_us / 1e6});
}

Json partition_json(const GroupPartitionSnapshot& partition) {
  const GroupLag& lag = partition.lag;
  Json json;
  json["partition"] = partition.partition;
  json["state"] = name(lag.state);
  json["committed_offset"] = partition.committed.value;
  if (partition.committed_at) json["committed_at_ms"] = partition.committed_at->value;
  if (lag.offset_lag) json["offset_lag"] = lag.offset_lag->count;
  if (lag.expired && lag.expired->count > 0) json["expired"] = lag.expired->count;
  add_age(json, "head_age_s", lag.head_age);
  if (lag.doubt != ClockDoubt::none) json["clock_doubt"] = name(lag.doubt);
  if (lag.catch_up_ms) json["catch_up_ms"] = *lag.catch_up_ms;
  add_age(json, "residence_s", lag.residence);
  return json;
}

Json counts_json(const SloCounts& counts) {
  Json json;
  json["good"] = counts.good;
  json["bad"] = counts.bad;
  json["undecided"] = counts.undecided;
  return json;
}

void add_ratio(Json& json, const char* key, const std::optional<RatioInterval>& ratio) {
  if (ratio) json[key] = Json::array({ratio->low, ratio->high});
}

}  // namespace

void add_histogram(Json& json, const char* key, const Histogram& histogram, Histogram::Edge edge) {
  add_quantiles(json, key, histogram, edge, Blocks::shown);
}

namespace {

// What is told beside the hops.
Json sampled_json(const TopicHops& hops) {
  Json json;
  json["sampled_total"] = hops.sampled_total;
  json["contradictions_total"] = hops.contradictions_total;
  if (hops.newest_commit) json["newest_commit_at_us"] = hops.newest_commit->value;
  for (const NoCommit why : kNoCommits) {
    const auto count = hops.without_commit[static_cast<std::size_t>(why)];
    if (count > 0) json["without_commit"][std::string(name(why))] = count;
  }
  return json;
}

// Where a group stands, without latencies and partitions.
Json position_json(const GroupSnapshot& group) {
  Json json;
  json["group"] = group.group;
  json["side"] = name(group.side);
  json["topic"] = group.topic;
  json["target_topic"] = group.target_topic;
  json["state"] = name(group.state);
  for (const LagState state : kLagStates) {
    const auto count = group.partitions_by_state[static_cast<std::size_t>(state)];
    if (count > 0) json["partitions_by_state"][std::string(name(state))] = count;
  }
  if (const auto lag = group.known_lag()) json["offset_lag"] = lag->count;
  json["unknown_lags"] = group.unknown_lags;
  add_age(json, "head_age_s", group.head_age);
  if (group.waits_us) json["waits_s"] = static_cast<double>(*group.waits_us) / 1e6;
  if (group.catch_up_ms) json["catch_up_ms"] = *group.catch_up_ms;
  if (group.worst_partition) {
    json["worst_partition"] = *group.worst_partition;
    json["worst_partition_offset_lag"] = group.worst_lag.count;
  }
  return json;
}

void add_latency(Json& json, const GroupLatency& latency, Blocks blocks = Blocks::shown) {
  json["end_to_end"] = hop_json(latency.end_to_end, blocks);
  json["append_to_sink_commit"] = hop_json(latency.append_to_sink_commit, blocks);
}

}  // namespace

Json hops_json(const TopicHops& hops) {
  Json json = sampled_json(hops);
  for (const Hop& hop : kHops) json["hops"][std::string(hop.name)] = hop_json(hops.of(hop));
  return json;
}

Json short_hops_json(const TopicHops& hops) {
  Json json = sampled_json(hops);
  for (const Hop& hop : kHops) {
    json["hops"][std::string(hop.name)] = hop_json(hops.of(hop), Blocks::left_out);
  }
  return json;
}

Json whole_way_json(const TopicHops& hops) {
  Json json = sampled_json(hops);
  const Hop& whole = kHops.back();
  json["hops"][std::string(whole.name)] = hop_json(hops.of(whole), Blocks::left_out);
  return json;
}

Json short_group_json(const GroupSnapshot& group) {
  Json json = position_json(group);
  if (group.recent) {
    add_latency(json["recent"], *group.recent, Blocks::left_out);
  } else {
    add_latency(json, group.latency, Blocks::left_out);
  }
  return json;
}

Json group_json(const GroupSnapshot& group) {
  Json json = position_json(group);
  add_latency(json, group.latency);
  if (group.recent) add_latency(json["recent"], *group.recent);
  Json& partitions = json["partitions"] = Json::array();
  for (const auto& partition : group.partitions) partitions.push_back(partition_json(partition));
  json["partitions_not_shown"] = group.partitions_not_shown;
  return json;
}

Json connector_json(const ConnectorSnapshot& connector) {
  Json json;
  json["prefix"] = connector.prefix;
  json["heartbeat_topic"] = connector.heartbeat_topic;
  json["liveness"] = name(connector.liveness);
  if (connector.heartbeat_at) json["heartbeat_at_ms"] = connector.heartbeat_at->value;
  if (connector.interval_ms) json["heartbeat_interval_ms"] = *connector.interval_ms;
  if (connector.newest_commit) json["newest_commit_at_us"] = connector.newest_commit->value;
  if (connector.heartbeat_commit)
    json["heartbeat_commit_at_us"] = connector.heartbeat_commit->value;
  return json;
}

Json slo_json(const SloStatus& slo) {
  Json json;
  json["objective"] = slo.objective;
  if (!slo.group.empty()) json["group"] = slo.group;
  json["total"] = counts_json(slo.total);
  json["unmeasured"] = slo.unmeasured;
  json["in_window"] = counts_json(slo.in_window);
  if (slo.since_s) json["since_s"] = *slo.since_s;
  add_ratio(json, "compliance", compliance(slo.in_window));
  add_ratio(json, "budget_left", budget_left(slo.slo, slo.in_window));
  Json& rules = json["burn_rates"] = Json::array();
  for (std::size_t i = 0; i < kBurnRules.size(); ++i) {
    Json& rule = rules.emplace_back();
    rule["long_s"] = kBurnRules[i].long_s;
    rule["short_s"] = kBurnRules[i].short_s;
    rule["long"] = counts_json(slo.over_long[i]);
    rule["short"] = counts_json(slo.over_short[i]);
    add_ratio(rule, "burn_rate", burn_rate(slo.slo, slo.over_long[i]));
    rule["limit"] = burn_limit(slo.slo, kBurnRules[i]);
    rule["burns"] = slo.burns(i);
  }
  return json;
}

}  // namespace longspan
