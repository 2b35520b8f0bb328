// lagcalc/why/cause_table.h - every cause that is looked for, in one table.
//
// From it come the order of `longspan lag --why`, the metric longspan_cause and
// dashboards/CAUSES.md
// (`longspan causes`).
//
// Errors:  a table out of order does not compile.
// Threads: constant.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "lagcalc/why/rules.h"

namespace longspan {

struct CauseRow {
  Cause cause;
  std::string_view name;
  Severity severity;  // at most
  why::Answer (*rule)(const FlowFacts&);
  std::string_view means;  // when it is said; a cell of CAUSES.md
  std::string_view next;   // what to do, with the command to type
};

// Whoever comes first stands first where nothing else decides: what stops everything, what stops
// partitions, what slows the mirror down, what is before it, what is behind it.
inline constexpr auto kCauseTable = std::to_array<CauseRow>({
    {Cause::target_unreachable, "target_unreachable", Severity::critical, why::target_unreachable,
     "the target cluster has not answered for 5 s",
     "look at its brokers and at the way there; the mirror goes on by itself: longspan events "
     "FILE"},
    {Cause::source_unreachable, "source_unreachable", Severity::critical, why::source_unreachable,
     "the source cluster has not answered for 5 s",
     "look at its brokers and at the way there; the mirror goes on by itself: longspan events "
     "FILE"},
    {Cause::not_running, "not_running", Severity::critical, why::not_running,
     "no process owns a slot of the flow", "start one: longspan run FILE"},
    {Cause::ownership_moving, "ownership_moving", Severity::warning, why::ownership_moving,
     "slots are on their way from one process to another, or came within 30 s and are late; a "
     "warning after a minute",
     "wait a minute; then look for a process that starts again and again: longspan events FILE"},
    {Cause::source_leaderless, "source_leaderless", Severity::critical, why::source_leaderless,
     "a source partition has had no leader that answers for 5 s",
     "bring its brokers back: kafka-topics.sh --bootstrap-server SOURCE --describe "
     "--unavailable-partitions"},
    {Cause::hung_transaction, "hung_transaction", Severity::critical, why::hung_transaction,
     "a transaction at the source has been open for 10 s and holds back what is behind it; "
     "critical after a minute",
     "find who hangs, then end it: kafka-transactions.sh --bootstrap-server SOURCE find-hanging "
     "--broker-id ID, then abort"},
    {Cause::target_unwritable, "target_unwritable", Severity::critical, why::target_unwritable,
     "a target partition has acknowledged nothing for 5 s while the cluster answers",
     "look for replicas out of sync and full disks: kafka-topics.sh --bootstrap-server TARGET "
     "--describe --under-min-isr-partitions"},
    {Cause::parked_partition, "parked_partition", Severity::critical, why::parked_partition,
     "a partition cannot go on, with the reason",
     "take the reason away: it is tried again by itself within 5 minutes"},
    {Cause::paused, "paused", Severity::info, why::paused,
     "a partition is paused by command, and records wait", "when it is time: longspan resume FILE"},
    {Cause::schema_gate, "schema_gate", Severity::warning, why::schema_gate,
     "records have waited for 5 s for a schema that the target's registry does not have",
     "see what keeps it from there: longspan schemas diff FILE"},
    {Cause::own_throttle, "own_throttle", Severity::warning, why::own_throttle,
     "a throttle of the file holds a partition back; a warning where it is late",
     "raise throttle.bytes.per.second in the file, then kill -HUP the process"},
    {Cause::source_throttled, "source_throttled", Severity::warning, why::source_throttled,
     "the source's brokers throttle for a tenth of the time; a warning where the flow is late",
     "raise the quota: kafka-configs.sh --bootstrap-server SOURCE --alter --entity-type clients "
     "--add-config consumer_byte_rate=N, or users"},
    {Cause::target_throttled, "target_throttled", Severity::warning, why::target_throttled,
     "the target's brokers throttle for a tenth of the time; a warning where the flow is late",
     "raise the quota: kafka-configs.sh --bootstrap-server TARGET --alter --entity-type clients "
     "--add-config producer_byte_rate=N, or users"},
    {Cause::decompression_bound, "decompression_bound", Severity::warning, why::decompression_bound,
     "the thread that fetches from a source broker, inflates and checks, is busy for 85 % of the "
     "time; a warning where the flow is late",
     "spread the topics' leaders over more brokers, or start a second longspan run FILE on another "
     "host"},
    {Cause::mirror_cpu, "mirror_cpu", Severity::warning, why::mirror_cpu,
     "a thread that mirrors is busy for 85 % of the time; a warning where the flow is late",
     "raise threads in the file, or start a second longspan run FILE on another host"},
    {Cause::memory_limit, "memory_limit", Severity::warning, why::memory_limit,
     "half of the time all that may be is on its way to a target that answers fast; a warning "
     "where the flow is late",
     "raise memory.limit in the file, and start the process again"},
    {Cause::target_slow, "target_slow", Severity::warning, why::target_slow,
     "half of the time the sink is full, and acknowledgements take long; a warning where the flow "
     "is late",
     "look at the target's disks, network threads and replication; longspan lag FILE --watch shows "
     "the rate"},
    {Cause::fetch_bound, "fetch_bound", Severity::warning, why::fetch_bound,
     "late, not busy, and half of the time everything that came is handed on; the source is 20 ms "
     "away or more",
     "measure the line; more partitions or brokers have more on the way at once, and a higher "
     "memory.limit larger fetches"},
    {Cause::skewed_keys, "skewed_keys", Severity::warning, why::skewed_keys,
     "one partition that is late gets half of its topic's records, and four times what others get",
     "look at the producer's keys: longspan lag FILE --topic TOPIC --partitions"},
    {Cause::hot_partition, "hot_partition", Severity::warning, why::hot_partition,
     "one partition that is late has half of its topic's lag, and four times what others have; "
     "information while it is being caught up",
     "watch it: longspan lag FILE --topic TOPIC --partitions --watch; priority.high lets it go "
     "first"},
    {Cause::connector_dead, "connector_dead", Severity::critical, why::connector_dead,
     "no heartbeat of a connector came for two of its intervals, and all there is was read",
     "look at its tasks: curl CONNECT/connectors/NAME/status, then restart"},
    {Cause::connector_slow, "connector_slow", Severity::warning, why::connector_slow,
     "changes take 10 s from their commit to the connector",
     "look at the replication slot and at large transactions: SELECT * FROM pg_replication_slots"},
    {Cause::sink_stopped, "sink_stopped", Severity::warning, why::sink_stopped,
     "a consumer group has no members, and records have waited for it for 10 s",
     "start the sink, or delete a group that is not needed: kafka-consumer-groups.sh "
     "--bootstrap-server TARGET --describe --group GROUP"},
    {Cause::sink_rebalancing, "sink_rebalancing", Severity::warning, why::sink_rebalancing,
     "a consumer group with lag deals out its partitions; a warning where records wait for a "
     "minute",
     "look for members that come and go: kafka-consumer-groups.sh --bootstrap-server TARGET "
     "--describe --group GROUP --members"},
    {Cause::sink_slow, "sink_slow", Severity::warning, why::sink_slow,
     "records have waited for a consumer group with members for 120 s; information while it "
     "catches up",
     "look at what the sink writes to; kafka-consumer-groups.sh --bootstrap-server TARGET "
     "--describe --group GROUP --members shows who reads what"},
    {Cause::clock_step, "clock_step", Severity::warning, why::clock_step,
     "a clock was set within 10 minutes",
     "look at time synchronisation there (chronyc tracking); latencies before it do not compare"},
    {Cause::falling_behind, "falling_behind", Severity::warning, why::falling_behind,
     "partitions are late by 10 s, and not faster than the source",
     "see what stands with it; with nothing, look where: longspan lag FILE --topic TOPIC "
     "--partitions"},
    {Cause::catching_up, "catching_up", Severity::info, why::catching_up,
     "partitions are late by 10 s, and all of them will be caught up at the present rates",
     "wait: longspan lag FILE --watch"},
    {Cause::database_idle, "database_idle", Severity::info, why::database_idle,
     "a connector lives, and its newest change was committed a minute ago or earlier",
     "nothing; where commits are expected look at the database and at the publication"},
    {Cause::keeping_up, "keeping_up", Severity::info, why::keeping_up,
     "every partition is active and none is late by 10 s; both clusters answer", "nothing"},
});

[[nodiscard]] constexpr const CauseRow& row_of(Cause cause) {
  return kCauseTable[static_cast<std::size_t>(cause)];
}
[[nodiscard]] constexpr std::string_view name(Cause cause) { return row_of(cause).name; }
[[nodiscard]] constexpr std::optional<Cause> cause_named(std::string_view name) {
  for (const CauseRow& row : kCauseTable) {
    if (row.name == name) return row.cause;
  }
  return std::nullopt;
}

namespace detail {
constexpr bool causes_in_order() {
  for (std::size_t i = 0; i < kCauseTable.size(); ++i) {
    if (static_cast<std::size_t>(kCauseTable[i].cause) != i) return false;
  }
  return kCauseTable.size() == static_cast<std::size_t>(Cause::keeping_up) + 1;
}
static_assert(causes_in_order(), "kCauseTable is looked up by number");
}  // namespace detail

}  // namespace longspan
