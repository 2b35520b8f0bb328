#include "mirror/dead_letters.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kWait{50};
constexpr std::size_t kRecordsPerPoll = 500;
constexpr PartitionIndex kIndex = 0;
constexpr int kUnknownTopic = 3;

class Letters final : public SourceEvents {
 public:
  Letters(const LetterVisit& visit, Offset to) : visit_(visit), to_(to) {}

  void on_records(PartitionIndex, std::span<Record> records) override {
    for (const Record& record : records) {
      if (is_done_ || record.offset >= to_) break;
      const auto letter = decode_dead_letter(record);
      if (!letter) {
        failure_ = letter.error();
        failure_->where = "offset=" + std::to_string(record.offset.value);
        return;
      }
      is_done_ = !visit_(record.offset, *letter);
    }
    reached(records.back().offset.next());
  }
  void on_end_of_partition(PartitionIndex, Offset next) override { reached(next); }
  void on_partition_failed(PartitionIndex, const Error& error) override { failure_ = error; }
  void on_source_trouble(const Error& error) override { trouble_ = error; }

  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  void reached(Offset next) { is_done_ = is_done_ || next >= to_; }

  const LetterVisit& visit_;
  Offset to_;
  bool is_done_ = false;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
};

Result<PartitionEnds> ends_of(Admin& admin, const TopicPartition& partition) {
  const auto topics = admin.topics();
  if (!topics) return topics.error();
  const bool is_there = std::any_of(topics->begin(), topics->end(), [&](const TopicInfo& topic) {
    return topic.name == partition.topic;
  });
  if (!is_there) {
    return Error{Next::stop_process, kUnknownTopic,
                 "the flow has no dead-letter topic " + partition.topic +
                     ": it is made when a process runs with on.record.refused=dlq",
                 ""};
  }
  const auto ends = admin.ends({partition});
  if (!ends) return ends.error();
  return ends->at(partition);
}

// The outcome of one record.
class Outcome final : public SinkEvents {
 public:
  void on_acked(PartitionIndex, Offset first, std::size_t) override { at_ = first; }
  void on_acked_somewhere(PartitionIndex, std::size_t) override {
    failure_ = Error{Next::retry, 0, "it was written, but the target did not say where", ""};
  }
  void on_failed(PartitionIndex, std::size_t, const Error& error) override { failure_ = error; }
  void on_sink_trouble(const Error& error) override {
    if (error.next != Next::retry) failure_ = error;
    trouble_ = error;
  }

  [[nodiscard]] bool is_known() const { return at_ || failure_; }
  [[nodiscard]] Result<Offset> result() const {
    if (at_) return *at_;
    if (failure_) return *failure_;
    return trouble_.value_or(Error{Next::retry, 0, "the target did not acknowledge in time", ""});
  }

 private:
  std::optional<Offset> at_;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
};

}  // namespace

Result<void> read_dead_letters(const StateReader& reader, const std::string& topic,
                               const LetterVisit& visit) {
  const TopicPartition partition{topic, 0};
  const auto ends = ends_of(reader.admin, partition);
  if (!ends) return ends.error();
  if (ends->start >= ends->stable_end) return {};
  Letters letters(visit, ends->stable_end);
  if (auto started = reader.source.start(kIndex, partition, ends->start, {}); !started) {
    return started;
  }
  auto heard_at = reader.clock.steady();
  while (!letters.is_done() && !letters.failure()) {
    if (reader.source.poll(letters, kRecordsPerPoll) > 0) {
      heard_at = reader.clock.steady();
    } else if (!letters.is_done()) {
      reader.wakeup.wait(kWait);
    }
    if (reader.clock.steady() - heard_at > kStateSilence) break;
  }
  reader.source.stop(kIndex);
  if (letters.failure()) return *letters.failure();
  if (letters.is_done()) return {};
  return letters.trouble().value_or(
      Error{Next::retry, 0, "nothing came from the dead-letter topic", "topic=" + topic});
}

Result<Offset> replay(const CommandWriter& writer, DeadLetter letter) {
  const TopicPartition target{letter.target_topic, letter.source.partition};
  if (auto opened = writer.sink.open(kIndex, target); !opened) return opened.error();
  Outcome outcome;
  const auto until = writer.clock.steady() + kCommandWait;
  Record record = make_record(std::move(letter.record));
  bool is_taken = false;
  while (!outcome.is_known() && writer.clock.steady() < until) {
    is_taken = is_taken || writer.sink.produce(kIndex, record) == Accepted::yes;
    writer.sink.poll(outcome);
    if (!outcome.is_known()) writer.wakeup.wait(kWait);
  }
  writer.sink.close(kIndex);
  return outcome.result();
}

}  // namespace longspan
