#include "mirror/log_reading.h"

#include <algorithm>
#include <optional>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kWait{50};
constexpr std::size_t kRecordsPerPoll = 500;
constexpr PartitionIndex kIndex = 0;

class Reading final : public SourceEvents {
 public:
  Reading(const OffsetRange& range, const LogVisit& visit)
      : visit_(visit), next_(range.from), to_(range.to) {}

  void on_records(PartitionIndex, std::span<Record> records) override {
    for (const Record& record : records) {
      if (is_done()) return;
      next_ = record.offset.next();
      if (record.offset < to_ && !visit_(record)) is_enough_ = true;
    }
  }
  void on_end_of_partition(PartitionIndex, Offset next) override {
    next_ = std::max(next_, next);
    is_at_end_ = true;
  }
  void on_partition_failed(PartitionIndex, const Error& error) override { failure_ = error; }
  void on_source_trouble(const Error& error) override {
    (error.next == Next::retry ? trouble_ : failure_) = error;
  }

  [[nodiscard]] bool is_done() const { return is_enough_ || is_at_end_ || next_ >= to_; }
  [[nodiscard]] Offset next() const { return next_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  const LogVisit& visit_;
  Offset next_;
  const Offset to_;
  bool is_enough_ = false;
  bool is_at_end_ = false;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
};

}  // namespace

Result<void> read_log(const StateReader& log, const TopicPartition& partition,
                      const OffsetRange& range, const LogVisit& visit,
                      const ReadProgress& progress) {
  if (range.from >= range.to) return {};
  Reading reading(range, visit);
  if (auto started = log.source.start(kIndex, partition, range.from, {}); !started) return started;
  auto heard_at = log.clock.steady();
  Offset next = range.from;
  while (!reading.is_done() && !reading.failure()) {
    const auto count = log.source.poll(reading, kRecordsPerPoll);
    if (reading.next() != next) {
      next = reading.next();
      heard_at = log.clock.steady();
      if (progress) progress(next - range.from, range.to - range.from);
    }
    if (log.clock.steady() - heard_at > kStateSilence) break;
    if (count == 0 && !reading.is_done()) log.wakeup.wait(kWait);
  }
  log.source.stop(kIndex);
  if (reading.failure()) return *reading.failure();
  if (reading.is_done()) return {};
  return reading.trouble().value_or(
      Error{Next::retry, 0, "nothing came for " + std::to_string(kStateSilence.count()) + " s",
            "partition=" + partition.text()});
}

Result<PartitionEnds> ends_of(Admin& admin, const TopicPartition& partition) {
  const auto ends = admin.ends({partition});
  if (!ends) return ends.error();
  const auto found = ends->find(partition);
  if (found != ends->end()) return found->second;
  return fail(Next::retry, "the cluster does not tell the end of " + partition.text());
}

}  // namespace longspan
