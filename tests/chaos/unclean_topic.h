// tests/chaos/unclean_topic.h - a topic whose source loses acknowledged records: a replica that
// lags is made leader. What the mirror had copied of them, and what it cannot tell apart from
// them, must be named by a source_truncated.
//
// Errors:  HarnessError when the source refuses; what is wrong in the end is a sentence.
// Threads: one thread.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/brokers.h"
#include "tests/chaos/written_topic.h"

namespace longspan::chaos {

class UncleanTopic {
 public:
  explicit UncleanTopic(const harness::Clusters& clusters);

  // Returns what was chosen.
  std::string lose_records(Brokers& brokers, uint64_t random);
  std::vector<std::string> check(const NamedEvents& events) const;

 private:
  WrittenTopic topic_;
  std::vector<std::string> problems_;
};

}  // namespace longspan::chaos
