// mirror/groups/offsets_tail.h - reads __consumer_offsets from its end on, every partition.
//
// Errors:  failure(): it cannot go on, a new one may. A record that cannot be decoded is left out.
// Threads: one. open(), ends() and ask_leaders() wait for the cluster.
// Limits:  kBytesMax of fetched records; 24 B a partition.
// Source:  mirror/groups/offsets_topic.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mirror/admin.h"
#include "mirror/groups/coordinator_epochs.h"
#include "mirror/groups/offsets_topic.h"
#include "mirror/ports.h"

namespace longspan {

class OffsetsTailEvents {
 public:
  virtual ~OffsetsTailEvents() = default;
  // `coordinator`: the broker that wrote it, where it is known.
  virtual void on_commit(CommitRecord& record, std::optional<std::int32_t> coordinator) = 0;
  virtual void on_group(GroupRecord& record) = 0;
};

class OffsetsTail final : private SourceEvents {
 public:
  static constexpr std::size_t kRecordsATurn = 10'000;
  static constexpr std::int64_t kBytesMax = 16LL << 20;
  using MakeSource = std::function<Result<std::unique_ptr<Source>>()>;

  // Reads on from where the partitions end now, or before what is in open transactions.
  // Next::retry: the cluster does not answer; anything else: the topic cannot be read.
  static Result<std::unique_ptr<OffsetsTail>> open(Admin& admin, const MakeSource& make_source,
                                                   OffsetsTailEvents& events);

  // Never waits. Answers the number of records.
  std::size_t poll();
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  // Where its partitions end now; all of them.
  [[nodiscard]] Result<std::vector<Offset>> ends(Admin& admin) const;
  [[nodiscard]] bool has_reached(const std::vector<Offset>& ends) const;
  // Each partition has answered.
  [[nodiscard]] bool is_readable() const {
    return has_reached(std::vector<Offset>(next_.size(), Offset{}));
  }
  [[nodiscard]] std::size_t partitions() const { return next_.size(); }

  [[nodiscard]] bool wants_leaders() const { return writers_.wants_asking(); }
  void ask_leaders(Admin& admin);

  OffsetsTail(std::unique_ptr<Source> source, OffsetsTailEvents& events, std::size_t partitions)
      : source_(std::move(source)), events_(events), next_(partitions, kLogStart) {}

 private:
  void on_records(PartitionIndex partition, std::span<Record> records) override;
  void on_end_of_partition(PartitionIndex partition, Offset next) override;
  void on_partition_failed(PartitionIndex partition, const Error& error) override;
  void on_source_trouble(const Error& error) override;

  std::unique_ptr<Source> source_;
  OffsetsTailEvents& events_;
  std::vector<Offset> next_;  // everything below is read; kLogStart: nothing was answered yet
  std::vector<std::optional<std::int32_t>> epochs_ = {};  // of the last record
  CoordinatorEpochs writers_;
  std::optional<Error> failure_;
};

}  // namespace longspan
