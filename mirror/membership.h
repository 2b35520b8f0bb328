// mirror/membership.h - who owns which slot: Kafka's own group protocol on the state topic.
//
// Every process of a flow joins the consumer group named like the state topic, on the target
// cluster. Owning partition i of that topic is owning slot i, and its records, read from the
// beginning, are the slot's state. The source region being unreachable moves nothing.
//
// Errors:  through on_membership_trouble; the group heals itself.
// Threads: one thread calls everything; events come only inside poll().
// Limits:  poll() must be called at least once per session timeout, or the slots are lost.
// Source:  KIP-429 (cooperative rebalancing).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"
#include "lagcalc/units.h"
#include "mirror/flow_config.h"
#include "mirror/ports.h"

namespace longspan {

class MembershipEvents {
 public:
  virtual ~MembershipEvents() = default;
  // These slots are ours from now on, nobody else's; their records follow from the beginning.
  virtual void on_slots_assigned(const std::vector<std::int32_t>& slots) = 0;
  // Give them up in order: stop, drain, write, then release() them. Nobody has them before that.
  virtual void on_slots_revoked(const std::vector<std::int32_t>& slots) = 0;
  // They are gone already, somebody else may own them: write nothing more, then release() them.
  virtual void on_slots_lost(const std::vector<std::int32_t>& slots) = 0;
  virtual void on_state_record(std::int32_t slot, std::string_view key,
                               std::optional<std::string_view> value) = 0;
  // Everything below `next` in the slot's partition was delivered.
  virtual void on_slot_end(std::int32_t slot, Offset next) = 0;
  virtual void on_membership_trouble(const Error& error) = 0;
};

class Membership {
 public:
  virtual ~Membership() = default;
  virtual Result<void> join() = 0;
  // Never waits. True: there is more at once, and the wakeup does not tell of it again.
  virtual bool poll(MembershipEvents& events) = 0;
  // Answers a revocation or a loss; without it the group's rebalance does not finish.
  virtual void release(const std::vector<std::int32_t>& slots) = 0;
  // Of the group, as of the last assignment: higher for every later owner, as long as the group
  // exists. 0 where the library does not tell.
  [[nodiscard]] virtual std::int32_t generation() const = 0;
  // Leaves the group at once, so that others need not wait for the session timeout. Last call.
  virtual void leave() = 0;
};

struct MembershipConfig {
  std::string topic;  // the state topic; also the group's name
  std::chrono::milliseconds session_timeout{10000};
};

Result<std::unique_ptr<Membership>> make_membership(const ClusterConfig& target,
                                                    const std::string& client_id,
                                                    const MembershipConfig& config, Wakeup& wakeup);

}  // namespace longspan
