// mirror/clocks/broker_probe.h - asks the brokers of one cluster for their time, about once a
// second each, and looks who leads which partition.
//
//   sent -- one record to a partition that the broker leads --> LogAppendTime --> acknowledged
//
// The broker's clock showed the LogAppendTime at some time between the two: a ClockSample. For that
// there is a topic, kClockTopic, with a partition on each broker; it is created where it is missing
// and grown for new brokers. On a cluster that must not be written to only leaders are looked at.
//
// Errors:  a cluster that refuses the topic or a record, or does not answer, is told to the log, a
//          line for each change of cause, and shown with its clocks; it is tried again each
//          kTryAgain. Brokers that lead a part of the topic are asked nonetheless; clocks of the
//          others stay assumed. The mirror goes on.
// Threads: run() or turn() on one thread, which waits for the cluster.
// Owns:    its client.
// Limits:  one record on its way a broker; kBrokersMax brokers: further ones are not asked, which
//          is told once to the log, and their clocks stay assumed.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/clocks/clock_watch.h"
#include "mirror/clocks/probe_client.h"
#include "tracing/log.h"

namespace longspan {

struct BrokerProbePorts {
  const Clock& clock;
  std::unique_ptr<Wakeup> wakeup;  // waited on while there is no client
  std::function<Result<std::unique_ptr<ProbeClient>>()> make_client;
};

struct BrokerProbeSettings {
  EventSide side = EventSide::target;
  bool writes = true;  // false: only leaders are looked at
  // Topics whose leaders are wanted.
  std::function<bool(std::string_view topic)> follows;
};

class BrokerProbe final : private ProbeEvents {
 public:
  static constexpr std::chrono::milliseconds kEvery{1'000};
  static constexpr std::chrono::milliseconds kLook{5'000};
  static constexpr int kLookShare = 20;  // of the time between two looks, one is spent on it
  static constexpr std::chrono::milliseconds kTryAgain{60'000};
  static constexpr std::chrono::milliseconds kPollMost{200};  // a stop waits as long
  static constexpr std::size_t kBrokersMax = 90;

  BrokerProbe(BrokerProbeSettings settings, BrokerProbePorts ports, ClockWatch& watch,
              LogContext log);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests.
  void turn();

 private:
  struct Broker {
    std::optional<std::int32_t> partition;  // one that it leads
    std::optional<Clock::Steady> sent_at;   // of the record on its way
    Clock::Steady next_at{};
    std::string told;  // the cause why it does not answer that was logged
  };

  bool open();
  void look();
  void tell_of_unasked(const ClusterView& view);
  void choose_partitions(const ClusterView& view);
  void care_for_topic(const ClusterView& view);
  void cannot_make_room(const Error& error, bool is_missing);
  [[nodiscard]] Result<void> create(const std::vector<std::int32_t>& brokers);
  [[nodiscard]] Result<void> make_room(const ClusterView& view,
                                       const std::vector<std::int32_t>& without);
  void send_due();
  void on_answer(std::int32_t partition, const Result<ProbeAnswer>& answer) override;
  void give_up_for_now(std::int32_t node, Broker& broker, const Error& error);
  // One line for each change of cause; an empty one: nothing is wrong.
  void tell(const char* event, const std::string& cause, const std::string& why);
  [[nodiscard]] std::chrono::milliseconds until_next() const;
  [[nodiscard]] ClockId clock_of(std::int32_t node) const;

  const BrokerProbeSettings settings_;
  const BrokerProbePorts ports_;
  ClockWatch& watch_;
  const LogContext log_;
  std::unique_ptr<ProbeClient> client_;  // absent: to be made
  std::map<std::int32_t, Broker> brokers_;
  std::map<std::int32_t, std::int32_t> on_their_way_;  // partition -> broker
  std::vector<std::int32_t> without_;                  // brokers without a partition, at last look
  std::string told_;                                   // the cause that was logged last
  std::string refused_;                                // of a refusal of records, the same
  bool is_hidden_ = false;  // the topic is there, and was not seen at the last look
  bool is_unasked_told_ = false;
  Clock::Steady next_open_{};
  Clock::Steady next_look_{};
  Clock::Steady next_care_{};
};

}  // namespace longspan
