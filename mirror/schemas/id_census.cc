#include "mirror/schemas/id_census.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kWait{50};
constexpr std::size_t kRecordsPerPoll = 5'000;

void count(SeenMark& seen, const TopicPartition& partition, Offset offset) {
  if (seen.records++ > 0) return;
  seen.partition = partition;
  seen.offset = offset;
}

class Reading final : public SourceEvents {
 public:
  Reading(const StateReader& reader, const CensusRange& range, const CensusProgress& on_progress)
      : reader_(reader), range_(range), on_progress_(on_progress) {}

  Result<Census> read() {
    auto ends = reader_.admin.ends(range_.partitions);
    if (!ends) return ends.error();
    ends_ = std::move(*ends);
    auto heard_at = reader_.clock.steady();
    while (next_ < range_.partitions.size() || !open_.empty()) {
      open_more();
      if (reader_.source.poll(*this, kRecordsPerPoll) > 0 || has_closed_) {
        heard_at = reader_.clock.steady();
      } else if (!open_.empty()) {
        reader_.wakeup.wait(kWait);
      }
      close_done();
      if (reader_.clock.steady() - heard_at > kStateSilence) leave_silent();
    }
    return std::move(out_);
  }

  void on_records(PartitionIndex index, std::span<Record> records) override {
    const auto& partition = range_.partitions[index];
    auto& topic = out_.topics[partition.topic];
    for (const Record& record : records) {
      if (record.offset < open_.at(index)) topic.add(partition, record);
    }
    reached(index, records.back().offset.next());
  }
  void on_end_of_partition(PartitionIndex index, Offset next) override { reached(index, next); }
  void on_partition_failed(PartitionIndex index, const Error& error) override {
    out_.troubles.emplace(range_.partitions[index], error);
    done_.push_back(index);
  }
  void on_source_trouble(const Error& error) override { trouble_ = error; }

 private:
  void open_more() {
    while (next_ < range_.partitions.size() && open_.size() < kPartitionsAtOnce) {
      open(static_cast<PartitionIndex>(next_++));
    }
  }

  void open(PartitionIndex index) {
    const auto& partition = range_.partitions[index];
    const auto& ends = ends_.at(partition);
    out_.topics.try_emplace(partition.topic);
    if (!ends) return fail_partition(partition, ends.error());
    Offset from = ends->start;
    if (range_.last) from = std::max(from, ends->stable_end - Records{*range_.last});
    if (from >= ends->stable_end) return close();
    auto started = reader_.source.start(index, partition, from, {});
    if (!started) return fail_partition(partition, started.error());
    open_[index] = ends->stable_end;
  }

  void fail_partition(const TopicPartition& partition, const Error& error) {
    out_.troubles.emplace(partition, error);
    close();
  }

  void reached(PartitionIndex index, Offset next) {
    if (next >= open_.at(index)) done_.push_back(index);
  }

  void close_done() {
    has_closed_ = !done_.empty();
    for (const auto index : std::exchange(done_, {})) {
      if (open_.erase(index) == 0) continue;
      reader_.source.stop(index);
      close();
    }
  }

  void close() {
    if (on_progress_) on_progress_(++closed_, range_.partitions.size());
  }

  // What nothing was heard of, and what waits behind it; what was read until then stays counted.
  void leave_silent() {
    const auto why =
        trouble_.value_or(Error{Next::retry, 0, "the cluster went silent before its end", ""});
    for (const auto& [index, to] : open_) {
      reader_.source.stop(index);
      fail_partition(range_.partitions[index], why);
    }
    open_.clear();
    while (next_ < range_.partitions.size()) fail_partition(range_.partitions[next_++], why);
  }

  const StateReader& reader_;
  const CensusRange& range_;
  const CensusProgress& on_progress_;
  std::map<TopicPartition, Result<PartitionEnds>> ends_;
  Census out_;
  std::size_t next_ = 0;                   // partition to be opened
  std::size_t closed_ = 0;                 // how many are done with
  std::map<PartitionIndex, Offset> open_;  // and where they end
  std::vector<PartitionIndex> done_;       // open still
  bool has_closed_ = false;                // in the last turn
  std::optional<Error> trouble_;
};

}  // namespace

void TopicCensus::add(const TopicPartition& partition, const Record& record) {
  ++records;
  const Headers headers = record.has_headers() ? record.headers() : Headers{};
  for (const RecordPart part : kRecordParts) {
    const auto& bytes = part == RecordPart::key ? record.key : record.value;
    if (!bytes) continue;
    auto& census = parts[static_cast<std::size_t>(part)];
    const auto mark = mark_of(part, headers, *bytes);
    if (!mark) {
      ++census.unmarked;
    } else if (census.marks.size() >= kMarksMax && !census.marks.contains(*mark)) {
      census.has_more = true;
    } else {
      count(census.marks[*mark], partition, record.offset);
    }
  }
}

Result<Census> take_census(const StateReader& reader, const CensusRange& range,
                           const CensusProgress& on_progress) {
  return Reading(reader, range, on_progress).read();
}

}  // namespace longspan
