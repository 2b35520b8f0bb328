// What stands first, and that nothing is said of what is not known.
#include "lagcalc/why/diagnose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "lagcalc/why/cause_table.h"
#include "tests/fakes/seed.h"
#include "tests/unit/lagcalc/why/healthy_facts.h"

namespace longspan {
namespace {

using enum Cause;

std::string text_of(const Diagnoses& all) {
  std::string out;
  for (const auto& each : all.found) {
    out += std::string(name(each.cause)) + " (" + std::string(name(each.severity)) + ")" +
           (each.because_of ? " <- " + std::string(name(*each.because_of)) : "") + ": " +
           each.what + "\n";
  }
  return out;
}

struct Order {
  std::string name;
  std::function<void(FlowFacts&)> change;
  std::vector<Cause> first;           // in this order
  std::vector<Cause> explained = {};  // found, and behind them
};

// What is seen of a source that is away: no ends, so no lag; heartbeats stay out.
void lose_source(FlowFacts& f) {
  f.source.answers = false;
  f.source.silent_ms = 30'000;
  for (auto& p : f.partitions) {
    p.offset_lag.reset();
    p.behind_ms.reset();
    p.head_age_ms.reset();
    p.catch_up_ms.reset();
  }
}

const std::vector<Order> kOrders = {
    {"source_before_connector",
     [](auto& f) { lose_source(f), f.connectors[0].liveness = Liveness::dead; },
     {source_unreachable},
     {connector_dead}},
    {"source_before_idle_database",
     [](auto& f) { lose_source(f), f.connectors[0].newest_commit_age_ms = 90'000; },
     {source_unreachable},
     {database_idle}},
    {"target_before_sinks_and_partitions",
     [](auto& f) {
       f.target.answers = false;
       f.groups[0].state = GroupState::empty;
       f.groups[0].head_age_ms = 60'000;
       f.partitions[0].standing = Standing::parked;
       make_all_late(f);
     },
     {target_unreachable},
     {sink_stopped, parked_partition, falling_behind}},
    {"hung_transaction_before_lag",
     [](auto& f) { make_late(f).open_transaction_ms = 70'000; },
     {hung_transaction},
     {hot_partition, falling_behind}},
    {"hung_transaction_elsewhere_is_no_reason",
     [](auto& f) {
       make_late(f).source_records_per_second = 100;
       PartitionFacts other = healthy_partition(0);
       other.source = {"users", 0};
       other.open_transaction_ms = 20'000;
       f.partitions.push_back(other);
     },
     {hung_transaction, fetch_bound, hot_partition}},
    {"skew_before_hot_partition",
     [](auto& f) { make_late(f).source_records_per_second = 900, f.source_wait_ratio = 0; },
     {skewed_keys},
     {hot_partition, falling_behind}},
    {"quota_before_full_sink",
     [](auto& f) {
       make_all_late(f);
       f.target.throttle_ratio = 0.4;
       f.target_wait_ratio = 0.9;
       f.is_window_reduced = true;
       f.source_wait_ratio = 0;
     },
     {target_throttled},
     {target_slow, falling_behind}},
    {"inflating_before_waiting",
     [](auto& f) { make_all_late(f), f.source.client_cpu_ratio = 0.95; },
     {decompression_bound},
     {falling_behind}},
    {"sink_stopped_alone",
     [](auto& f) { f.groups[0].state = GroupState::empty, f.groups[0].head_age_ms = 60'000; },
     {sink_stopped, keeping_up}},
    {"rebalancing_before_slow",
     [](auto& f) {
       f.groups[0].state = GroupState::rebalancing;
       f.groups[0].head_age_ms = 300'000;
     },
     {sink_rebalancing}},
    {"critical_before_warning",
     [](auto& f) {
       f.groups[0].state = GroupState::empty;
       f.groups[0].head_age_ms = 60'000;
       f.connectors[0].liveness = Liveness::dead;
     },
     {connector_dead, sink_stopped}},
    {"catching_up_only_by_the_rate",
     [](auto& f) {
       make_all_late(f);
       for (auto& p : f.partitions) p.catch_up_ms = 90'000, p.records_per_second = 200;
       f.source_wait_ratio = 0;
     },
     {catching_up}},
    {"one_that_does_not_catch_up",
     [](auto& f) {
       make_all_late(f);
       for (auto& p : f.partitions) p.catch_up_ms = 90'000, p.records_per_second = 200;
       f.partitions[3].catch_up_ms.reset();
       f.source_wait_ratio = 0;
     },
     {falling_behind}},
    {"hot_partition_caught_up",
     [](auto& f) {
       make_late(f).catch_up_ms = 40'000;
       f.partitions[0].records_per_second = 900;
       f.source_wait_ratio = 0;
     },
     {hot_partition},
     {catching_up}},
    {"clock_before_slow_connector",
     [](auto& f) {
       f.clocks[1].stepped_ago_ms = 20'000;
       f.topics[0].commit_to_connector_ms = 30'000;
     },
     {clock_step},
     {connector_slow}},
    {"stopped_mirror_before_lag",
     [](auto& f) { f.is_running = false, make_all_late(f), f.source_wait_ratio = 0; },
     {not_running},
     {falling_behind}},
    {"pause_is_no_alarm",
     [](auto& f) { make_late(f).standing = Standing::paused, f.source_wait_ratio = 0; },
     {paused}},
};

class Ordering : public testing::TestWithParam<Order> {};

TEST_P(Ordering, RootCauseStandsFirst) {
  const Order& row = GetParam();
  FlowFacts facts = healthy_facts();
  row.change(facts);
  const Diagnoses all = diagnose(facts);
  SCOPED_TRACE(text_of(all));
  ASSERT_GE(all.found.size(), row.first.size());
  for (std::size_t i = 0; i < row.first.size(); ++i) {
    EXPECT_EQ(all.found[i].cause, row.first[i]);
    EXPECT_FALSE(all.found[i].because_of);
  }
  for (const Cause cause : row.explained) {
    const auto found = std::find_if(all.found.begin(), all.found.end(),
                                    [&](const auto& each) { return each.cause == cause; });
    ASSERT_NE(found, all.found.end()) << name(cause);
    EXPECT_TRUE(found->because_of) << name(cause);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Ordering, testing::ValuesIn(kOrders),
                         [](const auto& row) { return row.param.name; });

TEST(Diagnose, SaysNothingWhereNothingIsKnown) {
  const Diagnoses all = diagnose({});
  EXPECT_TRUE(all.found.empty()) << text_of(all);
  EXPECT_EQ(all.unknown.size(), kCauseTable.size());
}

TEST(Diagnose, APartitionOfWhichNothingIsKnownIsNoClaim) {
  FlowFacts facts;
  facts.partitions = {PartitionFacts{{"orders", 0}}};
  const Diagnoses all = diagnose(facts);
  EXPECT_TRUE(all.found.empty()) << text_of(all);
  EXPECT_NE(std::find(all.unknown.begin(), all.unknown.end(), keeping_up), all.unknown.end());
}

TEST(Diagnose, NoCauseExplainsAnotherThatExplainsIt) {
  for (const CauseRow& a : kCauseTable) {
    EXPECT_FALSE(explains(a.cause, a.cause)) << a.name;
    for (const CauseRow& b : kCauseTable) {
      EXPECT_FALSE(explains(a.cause, b.cause) && explains(b.cause, a.cause))
          << a.name << " and " << b.name;
    }
  }
}

TEST(Diagnose, ListsTheWorstPartitionsAndCountsTheOthers) {
  FlowFacts facts = healthy_facts();
  facts.partitions.clear();
  for (std::int32_t i = 0; i < 500; ++i) {
    PartitionFacts p = healthy_partition(i);
    p.standing = Standing::parked;
    p.offset_lag = Records{i};
    facts.partitions.push_back(p);
  }
  const Diagnoses all = diagnose(facts);
  std::vector<Diagnosis> parked;
  std::copy_if(all.found.begin(), all.found.end(), std::back_inserter(parked),
               [](const auto& each) { return each.cause == parked_partition; });
  ASSERT_EQ(parked.size(), why::kPerCauseMax);
  EXPECT_EQ(parked.front().scope.name, "shop.orders:499");
  EXPECT_EQ(parked.back().more, 490);
}

// Forgets what may be unknown, each with one chance in three.
class Forgetting {
 public:
  explicit Forgetting(std::uint64_t seed) : random_(seed) {}

  FlowFacts of(FlowFacts f) {
    for (SideFacts* side : {&f.source, &f.target}) {
      forget(side->answers, side->silent_ms, side->throttle_ratio, side->round_trip_ms,
             side->client_cpu_ratio);
    }
    forget(f.is_running, f.not_running_ms, f.moving_slots, f.moving_ms, f.moved_ago_ms,
           f.shard_cpu_ratio, f.source_wait_ratio, f.target_wait_ratio, f.in_flight_bytes,
           f.in_flight_bytes_max, f.is_window_reduced, f.acknowledgement_ms,
           f.best_acknowledgement_ms);
    for (auto& p : f.partitions) {
      forget(p.offset_lag, p.behind_ms, p.head_age_ms, p.catch_up_ms, p.records_per_second,
             p.source_records_per_second, p.open_transaction_ms, p.behind_transaction,
             p.unacknowledged_ms, p.schema_wait_ms, p.source_leaderless_ms, p.is_throttled);
    }
    for (auto& topic : f.topics) forget(topic.commit_to_connector_ms);
    for (auto& c : f.connectors) {
      forget(c.heartbeat_age_ms, c.heartbeat_interval_ms, c.newest_commit_age_ms);
      if (one_in(3)) c.liveness = Liveness::unknown;
    }
    for (auto& g : f.groups) {
      forget(g.offset_lag, g.head_age_ms, g.catch_up_ms, g.commit_age_ms, g.worst_partition);
      if (one_in(3)) g.state = GroupState::unknown;
    }
    for (auto& c : f.clocks) forget(c.stepped_ago_ms);
    return f;
  }
  // Healthy values as they vary from look to look.
  FlowFacts noisy() {
    FlowFacts f = healthy_facts();
    const auto vary = [this](auto& value, double least, double most) {
      using T = typename std::remove_reference_t<decltype(value)>::value_type;
      value = static_cast<T>(std::uniform_real_distribution<>(least, most)(random_));
    };
    for (auto& p : f.partitions) {
      p.offset_lag = Records{std::uniform_int_distribution<std::int64_t>(0, 3'000)(random_)};
      vary(p.behind_ms, 0, 9'000);
      vary(p.head_age_ms, -2'000, 9'000);
      vary(p.records_per_second, 0, 400);
      vary(p.source_records_per_second, 0, 400);
      vary(p.open_transaction_ms, 0, 9'000);
      vary(p.unacknowledged_ms, 0, 4'000);
      vary(p.schema_wait_ms, 0, 4'000);
      vary(p.source_leaderless_ms, 0, 4'000);
      if (one_in(2)) p.catch_up_ms.reset();  // the rates differ by a record
    }
    for (SideFacts* side : {&f.source, &f.target}) {
      vary(side->throttle_ratio, 0, 0.09);
      vary(side->round_trip_ms, 0, 200);
      vary(side->client_cpu_ratio, 0, 1);  // busy, but in time
    }
    vary(f.shard_cpu_ratio, 0, 1);
    vary(f.source_wait_ratio, 0, 1);
    vary(f.target_wait_ratio, 0, 1);
    vary(f.in_flight_bytes, 0, 100e6);
    vary(f.acknowledgement_ms, 1, 3'000);
    f.is_window_reduced = one_in(2);
    vary(f.topics[0].commit_to_connector_ms, -500, 9'000);
    vary(f.connectors[0].newest_commit_age_ms, -500, 300'000);
    vary(f.groups[0].head_age_ms, -500, 110'000);
    if (one_in(2)) f.groups[0].catch_up_ms.reset();
    return f;
  }

 private:
  bool one_in(int n) { return std::uniform_int_distribution<>(1, n)(random_) == 1; }
  template <class... T>
  void forget(std::optional<T>&... values) {
    ((one_in(3) ? values.reset() : void()), ...);
  }

  std::mt19937_64 random_;
};

Severity worst_of(const Diagnoses& all) {
  Severity worst = Severity::info;
  for (const auto& each : all.found) worst = std::max(worst, each.severity);
  return worst;
}

TEST(Diagnose, HealthyFactsWithNoiseRaiseNoAlarm) {
  for (const auto seed : test_seeds(2'000)) {
    const Diagnoses all = diagnose(Forgetting(seed).noisy());
    ASSERT_EQ(worst_of(all), Severity::info) << "LONGSPAN_SEED=" << seed << "\n" << text_of(all);
    ASSERT_FALSE(all.found.empty());
  }
}

TEST(Diagnose, WhatIsForgottenRaisesNoAlarm) {
  for (const auto seed : test_seeds(2'000)) {
    Forgetting forgetting(seed);
    const Diagnoses all = diagnose(forgetting.of(forgetting.noisy()));
    ASSERT_EQ(worst_of(all), Severity::info) << "LONGSPAN_SEED=" << seed << "\n" << text_of(all);
  }
}

// A mirror that is late in every way: with less known less is found, and never "keeping up".
TEST(Diagnose, ForgettingFindsNothingNew) {
  FlowFacts bad = healthy_facts();
  make_all_late(bad);
  bad.source.throttle_ratio = 0.5;
  bad.shard_cpu_ratio = 1;
  bad.partitions[1].open_transaction_ms = 90'000;
  bad.partitions[2].standing = Standing::parked;
  bad.connectors[0].liveness = Liveness::dead;
  bad.groups[0].head_age_ms = 500'000;
  const Diagnoses all = diagnose(bad);
  for (const auto seed : test_seeds(2'000)) {
    const Diagnoses part = diagnose(Forgetting(seed).of(bad));
    for (const auto& each : part.found) {
      const bool is_known = std::any_of(all.found.begin(), all.found.end(),
                                        [&](const auto& one) { return one.cause == each.cause; });
      ASSERT_TRUE(is_known) << "LONGSPAN_SEED=" << seed << " " << name(each.cause);
      ASSERT_NE(each.cause, keeping_up) << "LONGSPAN_SEED=" << seed;
    }
  }
}

// A process knows groups and connectors, the clusters know the partitions of others.
TEST(Diagnose, WhatTwoHaveFoundIsRankedAsOne) {
  const auto of = [](Cause cause, Severity severity, std::string scope = {}) {
    Diagnosis out{cause, severity, Confidence::certain, {}, {}};
    out.scope.name = std::move(scope);
    out.what = "first";
    return out;
  };
  Diagnoses process{{of(connector_dead, Severity::critical, "shop")}, {clock_step}};
  Diagnoses clusters{{of(keeping_up, Severity::info)}, {connector_dead, clock_step, sink_stopped}};
  const auto causes = [](const Diagnoses& all) {
    std::vector<Cause> out;
    for (const Diagnosis& each : all.found) out.push_back(each.cause);
    return out;
  };
  EXPECT_EQ(causes(merged(process, clusters)), std::vector<Cause>{connector_dead});
  EXPECT_EQ(merged(process, clusters).unknown, std::vector<Cause>{clock_step});
  const Diagnoses healthy{{of(keeping_up, Severity::info)}, {}};
  EXPECT_EQ(causes(merged(healthy, clusters)), std::vector<Cause>{keeping_up});
  clusters.found = {of(parked_partition, Severity::critical, "orders:1"),
                    of(connector_dead, Severity::critical, "shop")};
  clusters.found.back().what = "second";
  const Diagnoses both = merged(process, clusters);
  ASSERT_EQ(both.found.size(), 2U) << text_of(both);
  for (const Diagnosis& each : both.found) EXPECT_EQ(each.what, "first");
}

}  // namespace
}  // namespace longspan
