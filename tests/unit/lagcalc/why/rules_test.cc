// Each rule: a case in which it says something, and one in which it just does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "lagcalc/why/cause_table.h"
#include "lagcalc/why/diagnose.h"
#include "tests/unit/lagcalc/why/healthy_facts.h"

namespace longspan {
namespace {

using enum Cause;
using enum Severity;
using Change = std::function<void(FlowFacts&)>;

struct Case {
  std::string name;
  Cause cause;
  Severity severity;
  Change fires;
  Change just_not;  // on top of `fires`
};

const Diagnosis* find(const Diagnoses& all, Cause cause) {
  const auto found = std::find_if(all.found.begin(), all.found.end(),
                                  [&](const auto& each) { return each.cause == cause; });
  return found == all.found.end() ? nullptr : &*found;
}

void wait_for_target(FlowFacts& f) {
  f.target_wait_ratio = 0.5;
  f.in_flight_bytes = 80'000'000;
}

const std::vector<Case> kCases = {
    {"target_away", target_unreachable, critical,
     [](auto& f) { f.target.answers = false, f.target.silent_ms = 5'000; },
     [](auto& f) { f.target.silent_ms = 4'999; }},
    {"target_away_for_unknown_time", target_unreachable, critical,
     [](auto& f) { f.target.answers = false; }, [](auto& f) { f.target.answers = true; }},
    {"source_away", source_unreachable, critical,
     [](auto& f) { f.source.answers = false, f.source.silent_ms = 5'000; },
     [](auto& f) { f.source.silent_ms = 4'999; }},
    {"nobody_runs_it", not_running, critical, [](auto& f) { f.is_running = false; },
     [](auto& f) { f.is_running = true; }},
    {"slot_between_processes", ownership_moving, info, [](auto& f) { f.moving_slots = 1; },
     [](auto& f) { f.moving_slots = 0; }},
    {"slot_that_nobody_takes", ownership_moving, warning,
     [](auto& f) { f.moving_slots = 1, f.moving_ms = 60'000; },
     [](auto& f) { f.moving_slots = 0; }},
    {"slot_came_and_is_late", ownership_moving, info,
     [](auto& f) { f.moved_ago_ms = 29'999, make_late(f); },
     [](auto& f) { f.moved_ago_ms = 30'000; }},
    {"no_leader", source_leaderless, critical,
     [](auto& f) { f.partitions[2].source_leaderless_ms = 5'000; },
     [](auto& f) { f.partitions[2].source_leaderless_ms = 4'999; }},
    {"no_leader_when_asked_twice", source_leaderless, warning,
     [](auto& f) {
       f.partitions[2].source_leaderless_ms = 1'000;
       f.partitions[2].is_leaderless_longer = true;
     },
     [](auto& f) { f.partitions[2].is_leaderless_longer = false; }},
    {"transaction_hangs", hung_transaction, critical,
     [](auto& f) { f.partitions[1].open_transaction_ms = 60'000; },
     [](auto& f) { f.partitions[1].open_transaction_ms = 9'999; }},
    {"transaction_is_long", hung_transaction, warning,
     [](auto& f) { f.partitions[1].open_transaction_ms = 10'000; },
     [](auto& f) { f.partitions[1].open_transaction_ms = 9'999; }},
    {"too_few_replicas", target_unwritable, critical,
     [](auto& f) {
       f.partitions[0].unacknowledged_ms = 5'000;
       f.partitions[0].standing = Standing::parked;  // as a shard calls it
     },
     [](auto& f) { f.partitions[0].unacknowledged_ms = 4'999; }},
    {"parked", parked_partition, critical,
     [](auto& f) { f.partitions[0].standing = Standing::parked; },
     [](auto& f) { f.partitions[0].unacknowledged_ms = 5'000; }},
    {"paused_with_lag", paused, info, [](auto& f) { f.partitions[0].standing = Standing::paused; },
     [](auto& f) { f.partitions[0].offset_lag = Records{0}; }},
    {"schema_missing", schema_gate, warning,
     [](auto& f) { f.partitions[0].schema_wait_ms = 5'000; },
     [](auto& f) { f.partitions[0].schema_wait_ms = 4'999; }},
    {"file_throttles", own_throttle, info, [](auto& f) { f.partitions[0].is_throttled = true; },
     [](auto& f) { f.partitions[0].is_throttled = false; }},
    {"file_throttles_late", own_throttle, warning,
     [](auto& f) { make_late(f).is_throttled = true; },
     [](auto& f) { f.partitions[0].is_throttled = false; }},
    {"source_quota", source_throttled, info, [](auto& f) { f.source.throttle_ratio = 0.1; },
     [](auto& f) { f.source.throttle_ratio = 0.09; }},
    {"source_quota_late", source_throttled, warning,
     [](auto& f) { f.source.throttle_ratio = 0.1, make_late(f); },
     [](auto& f) { f.source.throttle_ratio = 0.09; }},
    {"target_quota", target_throttled, warning,
     [](auto& f) { f.target.throttle_ratio = 0.1, make_late(f); },
     [](auto& f) { f.target.throttle_ratio = 0.09; }},
    {"inflating", decompression_bound, warning,
     [](auto& f) { f.source.client_cpu_ratio = 0.85, make_late(f); },
     [](auto& f) { f.source.client_cpu_ratio = 0.84; }},
    {"shard_busy", mirror_cpu, warning, [](auto& f) { f.shard_cpu_ratio = 0.85, make_late(f); },
     [](auto& f) { f.shard_cpu_ratio = 0.84; }},
    {"memory_full", memory_limit, warning, [](auto& f) { wait_for_target(f), make_late(f); },
     [](auto& f) { f.in_flight_bytes = 79'000'000; }},
    {"memory_full_but_target_slow", memory_limit, warning,
     [](auto& f) { wait_for_target(f), make_late(f); },
     [](auto& f) { f.acknowledgement_ms = 1'001; }},
    {"target_queues", target_slow, warning,
     [](auto& f) { wait_for_target(f), make_late(f), f.acknowledgement_ms = 1'001; },
     [](auto& f) { f.acknowledgement_ms = 1'000; }},
    {"target_window_reduced", target_slow, warning,
     [](auto& f) { wait_for_target(f), make_late(f), f.is_window_reduced = true; },
     [](auto& f) { f.target_wait_ratio = 0.49; }},
    {"far_source", fetch_bound, warning, [](auto& f) { make_late(f), f.source_wait_ratio = 0.5; },
     [](auto& f) { f.source_wait_ratio = 0.49; }},
    {"near_source", fetch_bound, warning, [](auto& f) { make_late(f); },
     [](auto& f) { f.source.round_trip_ms = 19; }},
    {"busy_is_not_far", fetch_bound, warning, [](auto& f) { make_late(f); },
     [](auto& f) { f.shard_cpu_ratio = 0.85; }},
    {"few_keys", skewed_keys, warning,
     [](auto& f) { make_late(f).source_records_per_second = 500; },
     [](auto& f) { f.partitions[0].source_records_per_second = 399; }},
    {"few_keys_in_time", skewed_keys, warning,
     [](auto& f) { make_late(f).source_records_per_second = 500; },
     [](auto& f) { f.partitions[0].behind_ms = 9'999; }},
    {"one_late_partition", hot_partition, warning, [](auto& f) { make_late(f); },
     [](auto& f) { f.partitions[0].offset_lag = Records{159}; }},
    {"one_late_partition_of_three", hot_partition, warning, [](auto& f) { make_late(f); },
     [](auto& f) { f.partitions.resize(3); }},
    {"hot_and_caught_up", hot_partition, info, [](auto& f) { make_late(f).catch_up_ms = 30'000; },
     [](auto& f) { f.partitions[0].behind_ms = 9'999; }},
    {"no_heartbeats", connector_dead, critical,
     [](auto& f) { f.connectors[0].liveness = Liveness::dead; },
     [](auto& f) { f.connectors[0].liveness = Liveness::late; }},
    {"slot_is_behind", connector_slow, warning,
     [](auto& f) { f.topics[0].commit_to_connector_ms = 10'000; },
     [](auto& f) { f.topics[0].commit_to_connector_ms = 9'999; }},
    {"idle", database_idle, info, [](auto& f) { f.connectors[0].newest_commit_age_ms = 60'000; },
     [](auto& f) { f.connectors[0].newest_commit_age_ms = 59'999; }},
    {"idle_with_rare_heartbeats", database_idle, info,
     [](auto& f) {
       f.connectors[0].heartbeat_interval_ms = 60'000;
       f.connectors[0].newest_commit_age_ms = 120'000;
     },
     [](auto& f) { f.connectors[0].newest_commit_age_ms = 119'999; }},
    {"no_members", sink_stopped, warning,
     [](auto& f) { f.groups[0].state = GroupState::empty, f.groups[0].head_age_ms = 10'000; },
     [](auto& f) { f.groups[0].head_age_ms = 9'999; }},
    {"no_members_nothing_to_read", sink_stopped, warning,
     [](auto& f) { f.groups[0].state = GroupState::dead, f.groups[0].head_age_ms = 10'000; },
     [](auto& f) { f.groups[0].offset_lag = Records{0}; }},
    {"deals_out", sink_rebalancing, info,
     [](auto& f) { f.groups[0].state = GroupState::rebalancing; },
     [](auto& f) { f.groups[0].state = GroupState::stable; }},
    {"deals_out_for_long", sink_rebalancing, warning,
     [](auto& f) {
       f.groups[0].state = GroupState::rebalancing;
       f.groups[0].head_age_ms = 60'000;
     },
     [](auto& f) { f.groups[0].state = GroupState::stable; }},
    {"sink_is_late", sink_slow, warning,
     [](auto& f) { f.groups[0].head_age_ms = 120'000, f.groups[0].catch_up_ms.reset(); },
     [](auto& f) { f.groups[0].head_age_ms = 119'999; }},
    {"sink_catches_up", sink_slow, info, [](auto& f) { f.groups[0].head_age_ms = 120'000; },
     [](auto& f) { f.groups[0].head_age_ms.reset(); }},
    {"clock_was_set", clock_step, warning, [](auto& f) { f.clocks[1].stepped_ago_ms = 599'999; },
     [](auto& f) { f.clocks[1].stepped_ago_ms = 600'000; }},
    {"late_and_slower", falling_behind, warning, [](auto& f) { make_all_late(f); },
     [](auto& f) {
       for (auto& p : f.partitions) p.catch_up_ms = 60'000;
     }},
    {"late_and_faster", catching_up, info, [](auto& f) { make_late(f).catch_up_ms = 60'000; },
     [](auto& f) { f.partitions[0].catch_up_ms.reset(); }},
    {"all_well", keeping_up, info, [](auto&) {},
     [](auto& f) { f.partitions[5].behind_ms = 10'000; }},
    {"all_well_but_for_transactions_nobody_knows", keeping_up, info, [](auto&) {},
     [](auto& f) { f.partitions[5].open_transaction_ms.reset(); }},
    {"all_well_but_unknown", keeping_up, info, [](auto&) {},
     [](auto& f) { f.partitions[5].behind_ms.reset(), f.partitions[5].head_age_ms.reset(); }},
};

class Rule : public testing::TestWithParam<Case> {};

TEST_P(Rule, FiresAndJustDoesNot) {
  const Case& row = GetParam();
  FlowFacts facts = healthy_facts();
  row.fires(facts);
  const Diagnoses all = diagnose(facts);
  const Diagnosis* found = find(all, row.cause);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->severity, row.severity);
  EXPECT_LE(found->severity, row_of(row.cause).severity) << "CAUSES.md tells less";
  EXPECT_FALSE(found->what.empty());
  EXPECT_FALSE(found->evidence.empty());
  row.just_not(facts);
  EXPECT_EQ(find(diagnose(facts), row.cause), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Table, Rule, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(CauseTable, EveryCauseHasACase) {
  std::set<Cause> tested;
  for (const Case& row : kCases) tested.insert(row.cause);
  for (const CauseRow& row : kCauseTable) EXPECT_TRUE(tested.contains(row.cause)) << row.name;
}

TEST(CauseTable, NamesLeadBack) {
  for (const CauseRow& row : kCauseTable) EXPECT_EQ(cause_named(row.name), row.cause);
  EXPECT_EQ(cause_named("bad_weather"), std::nullopt);
}

}  // namespace
}  // namespace longspan
