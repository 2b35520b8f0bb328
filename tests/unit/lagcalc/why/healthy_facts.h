// tests/unit/lagcalc/why/healthy_facts.h - a flow of which everything is known, and all is well.
//
// Topic orders with partitions 0 to 5, a connector, a sink's group, clocks: each a step away from
// nothing.
#pragma once

#include "lagcalc/why/facts.h"

namespace longspan {

inline PartitionFacts healthy_partition(std::int32_t number) {
  PartitionFacts p{{"shop.orders", number}};
  p.offset_lag = Records{40};
  p.behind_ms = 900;
  p.head_age_ms = 400;
  p.catch_up_ms = 300;
  p.records_per_second = 100;
  p.source_records_per_second = 100;
  p.open_transaction_ms = 0;
  p.behind_transaction = Records{0};
  p.unacknowledged_ms = 0;
  p.schema_wait_ms = 0;
  p.source_leaderless_ms = 0;
  p.is_throttled = false;
  return p;
}

inline FlowFacts healthy_facts() {
  FlowFacts facts;
  for (SideFacts* side : {&facts.source, &facts.target}) {
    side->answers = true;
    side->throttle_ratio = 0;
    side->round_trip_ms = 80;
    side->client_cpu_ratio = 0.2;
  }
  facts.is_running = true;
  facts.moving_slots = 0;
  facts.moved_ago_ms = 3'600'000;
  facts.shard_cpu_ratio = 0.3;
  facts.source_wait_ratio = 0.9;
  facts.target_wait_ratio = 0;
  facts.in_flight_bytes = 1'000'000;
  facts.in_flight_bytes_max = 100'000'000;
  facts.is_window_reduced = false;
  facts.acknowledgement_ms = 12;
  facts.best_acknowledgement_ms = 8;
  for (std::int32_t i = 0; i < 6; ++i) facts.partitions.push_back(healthy_partition(i));
  facts.topics = {{"shop.orders", 150}};
  facts.connectors = {{"shop", Liveness::alive, 4'000, 10'000, 3'000}};
  facts.groups = {
      {"warehouse", "shop.orders", GroupState::stable, Records{20}, 500, 200, 4'000, 2}};
  facts.clocks = {{"host"}, {"database"}};
  return facts;
}

// Partition `i` late by a minute, with a lag that is not getting less.
inline PartitionFacts& make_late(FlowFacts& facts, std::size_t i = 0) {
  PartitionFacts& p = facts.partitions[i];
  p.offset_lag = Records{6'000};
  p.behind_ms = 60'000;
  p.head_age_ms = 60'000;
  p.catch_up_ms.reset();
  p.records_per_second = 90;
  return p;
}
inline void make_all_late(FlowFacts& facts) {
  for (std::size_t i = 0; i < facts.partitions.size(); ++i) make_late(facts, i);
}

}  // namespace longspan
