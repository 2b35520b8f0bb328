// tests/broker/harness/group_member.h - a consumer in a group, as a sink is one: it reads a topic
// and commits each second.
//
// Errors:  HarnessError when it cannot be opened. What goes wrong later is librdkafka's to retry.
// Threads: one of its own.
// Owns:    the client; the destructor leaves the group.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {

class GroupMember {
 public:
  // From the beginning where the group has no position. The topic may come to exist later.
  GroupMember(const std::string& bootstrap, const std::string& group, const std::string& topic);
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;
  ~GroupMember();

  [[nodiscard]] std::int64_t records_read() const { return read_; }

 private:
  Client client_;
  std::atomic<std::int64_t> read_{0};
  std::jthread thread_;
};

}  // namespace longspan::harness
