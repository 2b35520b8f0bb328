// cli/demo/comparer.h - proves that the target holds exactly what the source wrote, as it arrives.
//
// The source tells what it is about to write, the reader of the target tells what it found. A
// record is known by the WAL sequence number in its payload where it has one (tombstones and
// heartbeats do not), and equal when a hash over key, value, every header in order and the
// timestamp is equal. Nothing of the mirror's own code takes part.
//
// Units:   counts of records.
// Threads: every call may come from any thread.
// Limits:  16 bytes per record written and not yet compared; kRememberedMax compared records and
//          as many missing ones are remembered per stream, to know them again.
// Invariant: written = equal + different + missing + still expected, out of order ones included
//            in equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mirror/record.h"

namespace longspan::demo {

struct Comparison {
  std::int64_t written = 0;
  std::int64_t equal = 0;
  std::int64_t different = 0;     // arrived in its place, with other bytes
  std::int64_t missing = 0;       // something behind it arrived, it did not
  std::int64_t twice = 0;         // arrived again
  std::int64_t unknown = 0;       // never written by the source
  std::int64_t out_of_order = 0;  // arrived after something behind it
  std::int64_t expected = 0;      // not there yet

  [[nodiscard]] bool all_equal() const {
    return different + missing + twice + unknown + out_of_order + expected == 0;
  }
};

// FNV-1a over every field with its presence and length.
[[nodiscard]] std::uint64_t content_hash(const OwnedRecord& record);

class Comparer {
 public:
  explicit Comparer(std::size_t stream_count) : streams_(stream_count) {}

  // Before the record is handed to the source's producer. lsn 0: the payload has none.
  void expect(std::size_t stream, std::int64_t lsn, const OwnedRecord& record);
  // lsn as read out of the record's payload; absent where it has none.
  void observe(std::size_t stream, std::optional<std::int64_t> lsn, const OwnedRecord& record);

  [[nodiscard]] Comparison result() const;

  static constexpr std::size_t kRememberedMax = 20'000;

 private:
  struct Item {
    std::int64_t lsn = 0;
    std::uint64_t hash = 0;
  };
  // The newest kRememberedMax hashes.
  class Memory {
   public:
    void add(std::uint64_t hash);
    bool has(std::uint64_t hash) const { return counts_.contains(hash); }
    bool remove(std::uint64_t hash);

   private:
    std::deque<std::uint64_t> order_;
    std::unordered_map<std::uint64_t, int> counts_;
  };
  struct StreamState {
    std::deque<Item> expected;
    Memory compared;
    Memory missing;
    std::int64_t last_lsn = 0;  // of the newest compared or missed record
  };

  void arrive(StreamState& stream, std::size_t place, std::uint64_t hash);
  void surprise(StreamState& stream, std::optional<std::int64_t> lsn, std::uint64_t hash);

  mutable std::mutex mutex_;
  std::vector<StreamState> streams_;
  Comparison result_;
};

}  // namespace longspan::demo
