// tests/chaos/recreated_topic.h - a topic that is deleted and made again under its name: each
// former one must have its topic_recreated, from the first record that was not copied.
//
// Errors:  HarnessError when the source refuses; what is wrong in the end is a sentence.
// Threads: one thread.
// Limits:  second copies of it have no event (README, Limits): they are not looked for.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/written_topic.h"

namespace longspan::chaos {

class RecreatedTopic {
 public:
  explicit RecreatedTopic(const harness::Clusters& clusters);

  // Returns what was chosen; when it returns the new topic is mirrored.
  std::string recreate(uint64_t random);
  std::vector<std::string> check(const NamedEvents& events) const;

 private:
  WrittenTopic topic_;
  std::vector<size_t> begins_;  // of each topic of the name, in written()
  std::vector<std::string> problems_;
};

}  // namespace longspan::chaos
