// tests/chaos/written_topic.h - a topic of one partition, everything that was acknowledged to it,
// and what arrived on the other side.
//
// Errors:  HarnessError when the source refuses; a deadline that passes is false.
// Threads: one thread.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/record.h"
#include "tests/broker/harness/topics.h"
#include "tests/chaos/named_events.h"

namespace longspan::chaos {

inline constexpr auto kCopyDeadline = std::chrono::seconds(60);

class WrittenTopic {
 public:
  WrittenTopic(const harness::Clusters& clusters, harness::Topic topic);  // made on the source

  const std::string& name() const { return topic_.name; }
  void write(size_t records);
  void remake();  // deleted, and made again
  int64_t end();  // of the source's log
  void delete_before(int64_t offset);
  // The record written last is on the target.
  bool wait_until_copied();

  const std::vector<harness::Record>& written() const { return written_; }
  std::vector<harness::Record> source() const;
  std::vector<harness::Record> target() const;  // empty when the copy is not there

 private:
  void ask_leader(const std::function<void(harness::Admin&)>& ask);

  harness::Clusters clusters_;
  harness::Topic topic_;
  harness::Admin admin_;
  std::vector<harness::Record> written_;
};

}  // namespace longspan::chaos
