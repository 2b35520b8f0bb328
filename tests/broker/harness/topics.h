// tests/broker/harness/topics.h - topics and ACLs of one test: made, grown, inspected, deleted.
//
// Errors:  HarnessError when the cluster refuses or 30 s pass.
// Threads: one thread.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {

// A name no other test and no other run has. Valid for Kafka, below 100 characters.
std::string unique_name(std::string_view stem);

struct Topic {
  std::string name;
  int32_t partitions = 1;
  // Retention is off unless asked for: tests write records of other years, and those would vanish.
  std::map<std::string, std::string> configs = {};
  int32_t replicas = 1;
  std::vector<int32_t> brokers = {};  // of every partition, the preferred leader first; or chosen
};

// First offset that is kept and the offset after the last record (the high watermark).
struct Range {
  int64_t start;
  int64_t end;
};

// Asks again while the answer is that the leader is moving: a broker may name itself the leader of
// a new partition a moment before it is.
Range log_range(rd_kafka_t* client, const std::string& topic, int32_t partition);

// What an ACL allows: an operation on the resource of this name, or on all whose names begin so.
struct Right {
  rd_kafka_ResourceType_t type = RD_KAFKA_RESOURCE_TOPIC;
  std::string name;
  rd_kafka_AclOperation_t operation = RD_KAFKA_ACL_OPERATION_READ;
  rd_kafka_ResourcePatternType_t pattern = RD_KAFKA_RESOURCE_PATTERN_LITERAL;
};

class Admin {
 public:
  explicit Admin(const std::string& bootstrap, Settings extra = {});

  void create(const Topic& topic);  // returns when every partition has a leader
  void remove(const std::string& topic);
  void grow(const std::string& topic, int32_t partitions);
  void delete_records(const std::string& topic, int32_t partition, int64_t before);
  void allow(const std::string& user, const std::string& topic, rd_kafka_AclOperation_t operation);
  void allow(const std::string& user, const Right& right);

  int32_t partitions(const std::string& topic);  // 0: the topic is not there
  Range range(const std::string& topic, int32_t partition);
  int64_t records(const std::string& topic);  // sum of the ranges, markers counted too
  std::string config(const std::string& topic, const std::string& name);
  void set_config(const std::string& topic, const std::string& name, const std::string& value);
  // A group's committed positions by partition, written without joining it.
  void commit(const std::string& group, const std::string& topic,
              const std::map<int32_t, int64_t>& positions);

 private:
  Client client_;
};

}  // namespace longspan::harness
