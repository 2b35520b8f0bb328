// tests/unit/mirror/marks/moving_flow.h - a flow's snapshot whose partitions mirror what they are
// told, with everything that was added up.
//
// Threads: a value.
#pragma once

#include <random>
#include <string>

#include "mirror/marks/history.h"
#include "mirror/snapshot.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {

struct MovingFlow {
  MovingFlow(int topics, int partitions, std::uint64_t seed)
      : random(seed), partitions_each(static_cast<std::size_t>(partitions)) {
    for (int t = 0; t < topics; ++t) {
      const std::string name = "shop.table_" + std::to_string(10'000 + t);
      now.topics.push_back({name, "east." + name, {}, {}, {}});
      for (int p = 0; p < partitions; ++p) {
        PartitionSnapshot partition;
        partition.source = {name, p};
        partition.next_source = {static_cast<std::int64_t>(random() % 500'000'000)};
        partition.next_target = {static_cast<std::int64_t>(random() % 500'000'000)};
        partition.offset_lag = Records{0};
        now.partitions.push_back(std::move(partition));
      }
    }
    now.slots.push_back({0, std::nullopt});
  }

  // `count` records, of which at most kFollowed are looked at, and stand for all.
  void mirror(std::size_t index, TimestampMs at, std::int64_t count) {
    constexpr std::int64_t kFollowed = 5;
    auto& partition = now.partitions[index];
    partition.next_source = partition.next_source + Records{count};
    partition.next_target = partition.next_target + Records{count};
    partition.records_total += count;
    partition.offset_lag = Records{static_cast<std::int64_t>(random() % 50)};
    auto& topic = now.topics[index / partitions_each];
    const auto each = (count + kFollowed - 1) / kFollowed;
    for (std::int64_t done = 0; done < count; done += each) {
      follow(topic, std::min(each, count - done));
    }
    const TimestampMs acked{at.value - below(9000)};
    const TimestampMs fetched{acked.value - below(40)};
    const TimestampMs append{fetched.value - below(60)};
    const TimestampMs connector{append.value - below(30)};
    partition.latest =
        LatestTimes{TimestampMs{connector.value - below(600)}, connector, append, fetched, acked};
    partition.slowest = SlowestRecord{{acked.value - below(9000)}, 600 + below(3000)};
  }

  void follow(TopicSnapshot& topic, std::int64_t count) {
    const auto n = static_cast<std::uint64_t>(count);
    std::lognormal_distribution<double> seconds(-1.5, 0.4);
    const double whole = seconds(random);
    topic.mirror_latency.record(whole, n);
    topic.residence.record(whole / 10, n);
    if (!topic.hops) topic.hops.emplace();
    ++topic.hops->sampled_total;
    for (std::size_t i = 0; i < kHops.size(); ++i) {
      auto& hop = topic.hops->hops[i];
      const double took = kHops[i].is_within ? whole : seconds(random) / 8;
      hop.tally.known += n;
      hop.is_assumed = true;
      hop.point.record(took, n);
      if (!kHops[i].is_within) continue;
      hop.low.record(took - 0.1, n);
      hop.high.record(took + 0.1, n);
    }
  }

  std::int64_t below(int most) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(most));
  }

  // What a history of all of it says.
  [[nodiscard]] StepLatencies all_latencies() const {
    StepLatencies sum;
    for (const auto& topic : now.topics) {
      sum.merge({topic.source,
                 {},
                 topic.mirror_latency,
                 topic.residence,
                 topic.hops.value_or(TopicHops())});
    }
    return sum;
  }
  [[nodiscard]] std::int64_t all_records() const {
    std::int64_t sum = 0;
    for (const auto& partition : now.partitions) sum += partition.records_total;
    return sum;
  }

  std::mt19937_64 random;
  std::size_t partitions_each;
  FlowSnapshot now;
};

}  // namespace longspan
