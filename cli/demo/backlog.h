// cli/demo/backlog.h - how much of each stream is written and not yet read by everybody.
//
// An embedded partition drops its oldest records silently when it is full; as long as every reader
// is less than that behind, what is dropped has been read. So the source waits for room.
//
// Units:   bytes of keys, values and headers, before compression.
// Threads: every call may come from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "mirror/kafka/embedded_cluster.h"
#include "mirror/record.h"

namespace longspan::demo {

enum class Reader : std::uint8_t { comparer, sink };

class Backlog {
 public:
  // Two thirds of what a partition holds; the rest is for batch headers and one transaction.
  static constexpr std::int64_t kBytesMax = kEmbeddedPartitionBytesMax * 2 / 3;

  explicit Backlog(std::size_t stream_count) : streams_(stream_count) {}

  void written(std::size_t stream, const OwnedRecord& r) { streams_[stream].written += size(r); }
  void read(Reader reader, std::size_t stream, const OwnedRecord& r) {
    streams_[stream].read[static_cast<std::size_t>(reader)] += size(r);
  }
  [[nodiscard]] bool has_room() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const Counts& c) {
      return c.written - std::min(c.read[0].load(), c.read[1].load()) < kBytesMax;
    });
  }
  // Everything written was read by everybody.
  [[nodiscard]] bool is_empty() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const Counts& c) {
      return c.written <= std::min(c.read[0].load(), c.read[1].load());
    });
  }

 private:
  struct Counts {
    std::atomic<std::int64_t> written = 0;
    std::array<std::atomic<std::int64_t>, 2> read{};  // by Reader
  };
  static std::int64_t size(const OwnedRecord& r) {
    std::size_t bytes = 32 + (r.key ? r.key->size() : 0) + (r.value ? r.value->size() : 0);
    for (const Header& h : r.headers) bytes += h.name.size() + (h.value ? h.value->size() : 0);
    return static_cast<std::int64_t>(bytes);
  }

  std::vector<Counts> streams_;
};

}  // namespace longspan::demo
