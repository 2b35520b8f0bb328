#include "cli/demo/readers.h"

#include <chrono>
#include <utility>

#include "cli/demo/feed.h"

namespace longspan::demo {

TargetStreams::TargetStreams(const Naming& naming) {
  for (std::size_t i = 0; i < streams().size(); ++i) {
    const TopicPartition& source = streams()[i].place;
    streams_[{naming.target_topic(source.topic), source.partition}] = i;
  }
}

std::optional<std::size_t> TargetStreams::find(const TopicPartition& target) const {
  const auto found = streams_.find(target);
  if (found == streams_.end()) return std::nullopt;
  return found->second;
}

std::vector<TopicPartition> TargetStreams::partitions() const {
  std::vector<TopicPartition> out;
  for (const auto& [target, stream] : streams_) out.push_back(target);
  return out;
}

std::vector<std::string> TargetStreams::topics() const {
  std::vector<std::string> out;
  for (const auto& [target, stream] : streams_) {
    if (target.partition == 0) out.push_back(target.topic);
  }
  return out;
}

ReaderLoop::ReaderLoop(std::unique_ptr<EmbeddedReader> reader, const TargetStreams& streams,
                       Take take)
    : reader_(std::move(reader)), streams_(streams), take_(std::move(take)) {}

void ReaderLoop::start(std::optional<std::chrono::milliseconds> commit_interval) {
  thread_ = std::jthread(
      [this, commit_interval](const std::stop_token& stop) { run(stop, commit_interval); });
}

void ReaderLoop::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void ReaderLoop::run(const std::stop_token& stop,
                     std::optional<std::chrono::milliseconds> commit_interval) {
  using Steady = std::chrono::steady_clock;
  auto next_commit = Steady::now();
  while (!stop.stop_requested()) {
    const auto records = reader_->poll(std::chrono::milliseconds(50));
    if (!records) {
      const std::lock_guard lock(mutex_);
      failure_ = records.error();
      return;
    }
    for (const ReadRecord& record : *records) {
      if (const auto stream = streams_.find(record.place)) take_(*stream, record);
    }
    if (!commit_interval || records->empty() || Steady::now() < next_commit) continue;
    reader_->commit();
    next_commit = Steady::now() + *commit_interval;
  }
}

std::optional<Error> ReaderLoop::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

// A tombstone takes the stamp of its delete, which stands right before it.
std::optional<std::int64_t> Sink::commit_us(std::size_t stream, const OwnedRecord& record) {
  const Table* table = streams()[stream].table;
  if (table == nullptr) return std::nullopt;  // a heartbeat carries no commit time
  if (!record.value) return std::exchange(last_commit_us_[stream], std::nullopt);
  const auto stamps = read_stamps(*table, *record.value);
  if (!stamps) return std::nullopt;
  last_commit_us_[stream] = stamps->op == 'd' ? std::optional(stamps->commit_us) : std::nullopt;
  return stamps->commit_us;
}

void Sink::take(std::size_t stream, const ReadRecord& record) {
  std::optional<double> latency;
  if (const auto commit = commit_us(stream, record.record)) {
    latency = static_cast<double>(wall_clock_us() - *commit) / 1e6;
  }
  backlog_.read(Reader::sink, stream, record.record);
  const std::lock_guard lock(mutex_);
  figures_[streams()[stream].place.topic].record(steady_seconds(), latency);
}

std::map<std::string, Latencies> Sink::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::optional<std::int64_t> lsn_of(std::size_t stream, const OwnedRecord& record) {
  const Table* table = streams()[stream].table;
  if (table == nullptr || !record.value) return std::nullopt;
  const auto stamps = read_stamps(*table, *record.value);
  if (!stamps) return std::nullopt;
  return stamps->lsn;
}

std::int64_t steady_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace longspan::demo
