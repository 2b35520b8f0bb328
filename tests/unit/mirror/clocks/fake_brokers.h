// tests/unit/mirror/clocks/fake_brokers.h - a cluster that tells the time, as a ProbeClient: each
// broker with a clock of its own, as far away as the test says.
//
// Threads: one; poll() moves the fake clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mirror/clocks/probe_client.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {

struct FakeBrokers {
  using Ms = std::chrono::milliseconds;

  struct Broker {
    Ms ahead{0};  // of true time, which is the fake clock's wall
    Ms there{1};  // the record's way
    Ms back{1};   // the acknowledgement's
    bool is_up = true;
    bool is_silent = false;  // it is up as far as the cluster knows
  };

  explicit FakeBrokers(FakeClock& of) : clock(of) {}

  FakeClock& clock;
  std::map<std::int32_t, Broker> brokers;
  std::vector<std::int32_t> leaders;  // of kClockTopic; empty: it is not there
  std::map<std::string, std::vector<std::optional<std::int32_t>>, std::less<>> topics;
  std::vector<std::int32_t> replicas;     // as look() says
  std::optional<Error> refuses_topic;     // create and grow
  std::optional<Error> refuses_replicas;  // the same, where brokers are named
  std::optional<Error> refuses_configs;   // create with more than the kind of timestamps
  std::optional<Error> refuses_records;
  bool hides_topic = false;  // look() does not show it
  bool is_reachable = true;
  bool has_create_time = false;
  int creates = 0;
  int grows = 0;
  int sends = 0;
};

class FakeProbeClient final : public ProbeClient {
 public:
  explicit FakeProbeClient(FakeBrokers& cluster) : of_(cluster) {}

  Result<ClusterView> look() override {
    if (!of_.is_reachable) return fail(Next::retry, "no broker answers");
    ClusterView view;
    for (const auto& [node, broker] : of_.brokers) {
      if (broker.is_up) view.brokers.push_back(node);
    }
    view.topics = of_.topics;
    view.replicas = of_.replicas;
    for (const auto node : of_.leaders) {
      if (of_.hides_topic) break;
      const bool is_up = of_.brokers[node].is_up;
      view.topics[kClockTopic].push_back(is_up ? std::optional(node) : std::nullopt);
    }
    return view;
  }

  Result<Making> create(const NewTopic& topic, std::span<const std::int32_t> brokers) override {
    ++of_.creates;
    if (of_.refuses_configs && topic.configs.size() > 1) return *of_.refuses_configs;
    if (!of_.leaders.empty()) return Making::was_there;
    return add(topic.partitions, brokers);
  }
  Result<Making> grow(const std::string&, std::int32_t partitions,
                      std::span<const std::int32_t> brokers) override {
    ++of_.grows;
    return add(partitions, brokers);
  }

  Result<void> send(std::int32_t partition) override {
    ++of_.sends;
    const auto now = of_.clock.steady();
    const auto node = of_.leaders[static_cast<std::size_t>(partition)];
    const auto& broker = of_.brokers[node];
    constexpr FakeBrokers::Ms kTimeout{3'000};
    if (!broker.is_up || broker.is_silent) {
      flights_.push_back({partition, now + kTimeout, fail(Next::retry, "no answer in time")});
    } else if (of_.refuses_records) {
      flights_.push_back({partition, now + broker.there + broker.back, *of_.refuses_records});
    } else if (of_.has_create_time) {
      flights_.push_back({partition, now + broker.there + broker.back,
                          fail(Next::park_partition, "it has CreateTime")});
    } else {
      const std::int64_t at = (of_.clock.now().value) + (broker.there + broker.ahead).count();
      flights_.push_back({partition, now + broker.there + broker.back, ProbeAnswer{{at}, node}});
    }
    return {};
  }

  void poll(ProbeEvents& events, std::chrono::milliseconds at_most) override {
    const auto end = of_.clock.steady() + at_most;
    while (true) {
      const auto next = std::min_element(flights_.begin(), flights_.end(), is_earlier);
      if (next == flights_.end() || next->back_at > end) break;
      advance_to(next->back_at);
      const Flight flight = *next;
      flights_.erase(next);
      events.on_answer(flight.partition, flight.answer);
      return;
    }
    advance_to(end);
  }

 private:
  struct Flight {
    std::int32_t partition;
    Clock::Steady back_at;
    Result<ProbeAnswer> answer;
  };
  static bool is_earlier(const Flight& a, const Flight& b) { return a.back_at < b.back_at; }
  void advance_to(Clock::Steady at) {
    const auto by = std::chrono::duration_cast<FakeBrokers::Ms>(at - of_.clock.steady());
    if (by.count() > 0) of_.clock.advance(by);
  }
  Result<Making> add(std::int32_t partitions, std::span<const std::int32_t> brokers) {
    if (of_.refuses_topic) return *of_.refuses_topic;
    if (of_.refuses_replicas && !brokers.empty()) return *of_.refuses_replicas;
    std::size_t next = 0;
    while (static_cast<std::int32_t>(of_.leaders.size()) < partitions) {
      auto node = std::next(of_.brokers.begin(),
                            static_cast<std::ptrdiff_t>(of_.leaders.size() % of_.brokers.size()));
      of_.leaders.push_back(brokers.empty() ? node->first : brokers[next++]);
    }
    return Making::done;
  }

  FakeBrokers& of_;
  std::vector<Flight> flights_;
};

}  // namespace longspan
