// mirror/clocks/probe_client.h - the port to a cluster whose brokers' clocks are asked.
//
// A broker tells its clock by the LogAppendTime of a record that it appends to a topic with
// message.timestamp.type=LogAppendTime.
//
// Errors:  each call and each answer is a Result; Next::retry where it may be better in a moment,
//          another where the cluster refuses: rights, a policy, replicas that it does not take.
// Threads: one. look(), create() and grow() wait for the cluster, at most the time given where the
//          client was made; send() never; poll() as told.
// Limits:  a record that is not acknowledged in time is answered as an Error.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "lagcalc/result.h"
#include "lagcalc/units.h"
#include "mirror/admin.h"
#include "mirror/clocks/cluster_leaders.h"

namespace longspan {

// On the target unless clock.probe.target forbids it, and on the source where clock.probe.source
// asks for it.
inline constexpr const char* kClockTopic = "longspan.clock.internal";

struct ProbeAnswer {
  TimestampMs stamp;                   // LogAppendTime
  std::optional<std::int32_t> broker;  // that appended it; absent: it was not said
};

// Whether the call did it, or the topic was so already: another process was faster.
enum class Making : std::uint8_t { done, was_there };

class ProbeEvents {
 public:
  virtual ~ProbeEvents() = default;
  // Called inside poll(), as soon as it is here.
  virtual void on_answer(std::int32_t partition, const Result<ProbeAnswer>& answer) = 0;
};

class ProbeClient {
 public:
  virtual ~ProbeClient() = default;
  virtual Result<ClusterView> look() = 0;
  // Partition i, or the i-th new one, on brokers[i] alone; without brokers as the cluster chooses.
  virtual Result<Making> create(const NewTopic& topic, std::span<const std::int32_t> brokers) = 0;
  virtual Result<Making> grow(const std::string& topic, std::int32_t partitions,
                              std::span<const std::int32_t> brokers) = 0;
  // One small record to kClockTopic, at once; one on_answer() later.
  virtual Result<void> send(std::int32_t partition) = 0;
  // Returns at the latest after `at_most`, and soon after an answer.
  virtual void poll(ProbeEvents& events, std::chrono::milliseconds at_most) = 0;
};

}  // namespace longspan
