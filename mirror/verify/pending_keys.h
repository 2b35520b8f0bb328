// mirror/verify/pending_keys.h - keys whose record is missing on one side of a compacted topic.
//
// Compaction may drop a record only because a later one of its key exists on that side. So a
// missing record waits here until that side delivers its key again.
//
// Errors:  none; what did not fit is counted as undecided, never as equal or missing.
// Threads: one owner.
// Limits:  `bytes_max` of keys and entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lagcalc/units.h"
#include "mirror/record.h"

namespace longspan {

class PendingKeys {
 public:
  explicit PendingKeys(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  // `record` exists on the other side and is missing on this one.
  void wait_for(const Record& record);
  // This side has a record of the key: those before it were rightly compacted away.
  void found(const std::optional<std::string_view>& key);

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  // Records justified so far.
  [[nodiscard]] std::int64_t justified() const { return justified_; }

  struct Rest {
    std::int64_t missing = 0;
    std::optional<Offset> first_missing;  // on the side that has it
    // The newest of the key that is missing is a tombstone: compaction drops those too, after
    // delete.retention.ms, and then nothing of the key is left to prove it by.
    std::int64_t undecided_tombstones = 0;
    std::int64_t undecided_full = 0;  // above bytes_max
  };
  // What is still waiting when this side has no more records.
  [[nodiscard]] Rest rest() const;

 private:
  struct Waiting {
    std::int64_t count = 0;
    Offset first;
    bool ends_in_tombstone = false;
  };
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
  std::int64_t justified_ = 0;
  std::int64_t undecided_full_ = 0;
  std::int64_t keyless_ = 0;  // a record without key is never compacted away
  std::optional<Offset> first_keyless_;
  std::unordered_map<std::string, Waiting> waiting_;
};

}  // namespace longspan
