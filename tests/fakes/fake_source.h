// tests/fakes/fake_source.h - a Source that reads a FakeCluster.
//
// A poll visits the started partitions in an order, and delivers batches of sizes, that the seed
// decides. A partition ends with on_end_of_partition once per end reached. A position outside the
// log fails the partition (code 1), as auto.offset.reset=error does; a missing one too (code 3).
// It lends its records, as the real one does: destroying it while one is out aborts.
//
// Threads: one.
#pragma once

#include <map>
#include <memory>
#include <random>

#include "mirror/ports.h"
#include "tests/fakes/fake_cluster.h"

namespace longspan {

class FakeSource : public Source {
 public:
  FakeSource(FakeCluster& cluster, std::uint64_t seed) : cluster_(cluster), random_(seed) {}
  ~FakeSource() override;
  FakeSource(const FakeSource&) = delete;
  FakeSource& operator=(const FakeSource&) = delete;

  Result<void> start(PartitionIndex partition, const TopicPartition& source, Offset from,
                     std::optional<std::int32_t> leader_epoch) override;
  void stop(PartitionIndex partition) override;
  std::size_t poll(SourceEvents& events, std::size_t records_max) override;

  std::size_t batch_max = 100;         // records of one on_records
  bool read_uncommitted = false;       // aborted and unstable records too
  bool silent_when_caught_up = false;  // never reports an end (the protocol allows it to be late)
  // Nothing more is said of it: until the next start(), or by this source for good.
  void fall_silent(PartitionIndex partition, bool for_good);
  [[nodiscard]] std::size_t started() const { return readers_.size(); }
  [[nodiscard]] bool is_started(PartitionIndex partition) const {
    return readers_.contains(partition);
  }
  [[nodiscard]] std::int64_t lent() const { return *lent_; }  // records not given back yet

 private:
  struct Reader {
    TopicPartition source;
    Offset next;
    std::optional<Offset> reported_end;
    std::optional<std::int32_t> leader_epoch;  // until it was compared with the log's
  };

  std::size_t visit(SourceEvents& events, PartitionIndex partition, std::size_t records_max);
  std::size_t deliver(SourceEvents& events, PartitionIndex partition, std::size_t records_max);
  void report_end(SourceEvents& events, PartitionIndex partition);
  [[nodiscard]] std::optional<Error> failure(const Reader& reader) const;

  FakeCluster& cluster_;
  std::mt19937_64 random_;
  std::map<PartitionIndex, Reader> readers_;
  std::map<PartitionIndex, bool> silent_;  // by whether it is so for good
  bool told_unreachable_ = false;
  // Shared with the records that are out: what is destroyed too late must still find it.
  std::shared_ptr<std::int64_t> lent_ = std::make_shared<std::int64_t>(0);
};

}  // namespace longspan
