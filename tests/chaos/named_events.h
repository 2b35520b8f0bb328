// tests/chaos/named_events.h - what the program says of itself: its events, and the ranges they
// name.
//
// Units:   ranges are half-open; of the source or of the target as mirror/event.h says of the kind.
// Errors:  HarnessError when `longspan events` fails.
// Threads: values.
// Source:  `longspan events FILE --json`.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longspan::chaos {

struct NamedEvent {
  int32_t slot = 0;
  int64_t number = 0;
  std::string kind;
  int64_t at_ms = 0;
  std::string topic;
  int32_t partition = -1;
  std::optional<int64_t> from;
  std::optional<int64_t> to;
  std::string text;
};

class NamedEvents {
 public:
  NamedEvents() = default;
  explicit NamedEvents(const std::filesystem::path& properties);

  // Every offset in a range of these kinds.
  std::set<int64_t> offsets(const std::string& topic, int32_t partition,
                            const std::set<std::string>& kinds) const;
  std::vector<NamedEvent> of(const std::string& topic, const std::set<std::string>& kinds) const;
  std::map<std::string, size_t> count_by_kind() const;
  std::string text() const;  // one line each, oldest first

 private:
  std::vector<NamedEvent> events_;
};

// Kinds that name target ranges which are not the source's next records.
extern const std::set<std::string> kSecondCopyKinds;
// Kinds that name source ranges which the mirror could not copy.
extern const std::set<std::string> kLossKinds;

}  // namespace longspan::chaos
