// tests/chaos/expiring_topic.h - a topic whose records are deleted before the mirror could read
// them: each loss must have its source_expired with the exact range.
//
// Errors:  HarnessError when the source refuses; what is wrong in the end is a sentence.
// Threads: one thread.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/written_topic.h"

namespace longspan::chaos {

class ExpiringTopic {
 public:
  explicit ExpiringTopic(const harness::Clusters& clusters);

  // While nobody reads: records are written and most of them deleted. Returns what was chosen.
  std::string overrun(uint64_t random);
  std::vector<std::string> check(const NamedEvents& events) const;

 private:
  WrittenTopic topic_;
};

}  // namespace longspan::chaos
