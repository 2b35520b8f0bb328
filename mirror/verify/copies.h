// mirror/verify/copies.h - is a target record that the map does not know a second copy, or foreign?
//
// After a crash a mirror may write some records twice. The map holds the first copies only, so the
// second ones stand unmapped before or behind them. Each is looked up by fingerprint among the
// source records lately seen, and else waits for those still to come. Where the source is compacted
// the original may be gone: then a later record of its key at the source justifies the copy. So
// does a later one on a compacted target, which takes its place.
//
// Errors:  none. Two different records share a fingerprint by accident once in 2^64.
// Threads: one owner.
// Limits:  kWindow source records back, kWindow waiting; above that the oldest waiting is given up
//          as undecided.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "lagcalc/units.h"

namespace longspan {

class Copies {
 public:
  static constexpr std::size_t kWindow = std::size_t{1} << 18;

  using KeyHash = std::optional<std::uint64_t>;  // absent: no key, or nobody compacts

  void saw_source(std::uint64_t fingerprint, KeyHash key = {});
  void saw_target(KeyHash key);
  void saw_extra(std::uint64_t fingerprint, Offset target, KeyHash key = {});

  [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }
  [[nodiscard]] std::int64_t twice() const { return twice_; }
  [[nodiscard]] std::int64_t undecided() const { return undecided_; }
  // Still waiting, with a later record of their key.
  [[nodiscard]] std::int64_t compacted() const;
  // The rest: no source record near them has their bytes.
  [[nodiscard]] std::int64_t foreign() const;
  [[nodiscard]] std::int64_t foreign_below(Offset target) const;
  [[nodiscard]] std::optional<Offset> first_foreign(Offset at_or_after) const;

 private:
  struct Extra {
    std::uint64_t fingerprint;
    Offset target;
    KeyHash key;
  };

  void found_later(std::uint64_t key);
  void give_up_oldest();
  void drop_key(const Extra& extra);
  [[nodiscard]] bool is_foreign(Offset target) const {
    return !has_later_key_.contains(target.value);
  }

  std::deque<std::uint64_t> recent_;
  std::unordered_map<std::uint64_t, std::uint32_t> recent_count_;
  std::unordered_multimap<std::uint64_t, Offset> waiting_;
  std::deque<Extra> order_;                              // of waiting; may name some that left
  std::unordered_multimap<std::uint64_t, Offset> keys_;  // key -> target, none seen later yet
  std::unordered_set<std::int64_t> has_later_key_;       // targets
  std::int64_t twice_ = 0;
  std::int64_t undecided_ = 0;
};

}  // namespace longspan
