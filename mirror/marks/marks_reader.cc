#include "mirror/marks/marks_reader.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "mirror/marks/marks_set.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRecordsPerPoll = 1000;
constexpr milliseconds kWait{100};
constexpr PartitionIndex kIndex = 0;

using OnMark = std::function<void(TimestampMs at, std::string_view bytes)>;

// What is read of one partition.
struct Stretch {
  TopicPartition partition;
  Offset from;
  Offset to;
  std::optional<TimestampMs> until = {};  // a record behind it ends the reading
};

class Delivery final : public SourceEvents {
 public:
  Delivery(const Stretch& stretch, const OnMark& on_mark)
      : stretch_(stretch), on_mark_(on_mark), next_(stretch.from) {}

  void on_records(PartitionIndex, std::span<Record> records) override {
    for (const auto& record : records) {
      next_ = record.offset.next();
      is_behind_ = is_behind_ || (stretch_.until && record.timestamp > *stretch_.until);
      if (is_done()) {
        if (!is_behind_ && record.offset < stretch_.to) tell(record);
        return;
      }
      tell(record);
    }
  }
  void on_end_of_partition(PartitionIndex, Offset next) override { next_ = std::max(next_, next); }
  void on_partition_failed(PartitionIndex, const Error& error) override { failure_ = error; }
  void on_source_trouble(const Error& error) override {
    (error.next == Next::retry ? trouble_ : failure_) = error;
  }

  [[nodiscard]] bool is_done() const { return is_behind_ || next_ >= stretch_.to; }
  [[nodiscard]] Offset next() const { return next_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

 private:
  void tell(const Record& record) const { on_mark_(record.timestamp, record.value.value_or("")); }

  const Stretch& stretch_;
  const OnMark& on_mark_;
  Offset next_;
  bool is_behind_ = false;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
};

Result<void> read(const StateReader& target, const Stretch& stretch, const OnMark& on_mark,
                  const ReadProgress& progress) {
  if (stretch.from >= stretch.to) return {};
  Delivery delivery(stretch, on_mark);
  if (auto started = target.source.start(kIndex, stretch.partition, stretch.from, {}); !started) {
    return started.error();
  }
  auto heard_at = target.clock.steady();
  auto next = stretch.from;
  while (!delivery.is_done() && !delivery.failure()) {
    const auto count = target.source.poll(delivery, kRecordsPerPoll);
    if (delivery.next() != next) {
      next = delivery.next();
      heard_at = target.clock.steady();
      if (progress) progress(next - stretch.from, stretch.to - stretch.from);
    }
    if (target.clock.steady() - heard_at > kStateSilence) {
      target.source.stop(kIndex);
      if (delivery.trouble()) return *delivery.trouble();
      return fail(Next::retry, "nothing came from the marks topic",
                  "topic=" + stretch.partition.topic);
    }
    if (count == 0 && !delivery.is_done()) target.wakeup.wait(kWait);
  }
  target.source.stop(kIndex);
  if (delivery.failure()) return *delivery.failure();
  return {};
}

struct Bounds {
  PartitionEnds ends;
  std::optional<Offset> first;  // not older than what was asked for
};

Result<Bounds> bounds(const StateReader& target, const TopicPartition& partition,
                      TimestampMs from) {
  const auto ends = target.admin.ends({partition});
  if (!ends) return ends.error();
  const auto found = ends->find(partition);
  if (found == ends->end()) {
    return fail(Next::retry, "the target does not tell the end of " + partition.text());
  }
  if (!found->second) {
    constexpr int kUnknownTopic = 3;
    if (found->second.error().kafka_code != kUnknownTopic) return found->second.error();
    return fail(Next::stop_process,
                "there is no history: the target has no topic " + partition.topic +
                    "; it is made when a longspan that writes marks runs the flow");
  }
  const auto times = target.admin.offsets_for_time({partition}, from);
  if (!times) return times.error();
  const auto first = times->find(partition);
  Bounds out{*found->second, {}};
  if (first != times->end()) out.first = first->second;
  return out;
}

// Feeds one fold with both partitions, by time.
class Feed {
 public:
  explicit Feed(HistoryFold& fold) : fold_(fold) {}

  void keep(TimestampMs at, std::string_view bytes) { minutes_.emplace_back(at, bytes); }
  void sort() {
    std::stable_sort(minutes_.begin(), minutes_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  void add(TimestampMs at, std::string_view bytes) {
    while (next_ < minutes_.size() && minutes_[next_].first <= at) take_minute();
    fold(bytes);
  }
  void add_rest() {
    while (next_ < minutes_.size()) take_minute();
  }
  [[nodiscard]] std::optional<TimestampMs> first_at() const {
    return minutes_.empty() ? std::nullopt : std::optional(minutes_.front().first);
  }

 private:
  void take_minute() { fold(std::exchange(minutes_[next_++].second, {})); }
  void fold(std::string_view bytes) {
    const auto mark = decode_mark(bytes);
    if (mark) {
      fold_.add(*mark);
    } else {
      fold_.add_unreadable();
    }
  }

  HistoryFold& fold_;
  std::vector<std::pair<TimestampMs, std::string>> minutes_;
  std::size_t next_ = 0;
};

}  // namespace

Result<History> read_history(const StateReader& target, const std::string& topic,
                             const HistorySpan& span, const ReadProgress& progress) {
  const bool of_minutes =
      span.to - span.from > kDetailMs && span.step_ms >= kRollUpMs && !span.per_topic;
  // A set counts from the one before, and from its base: a minute, and one more for a late one.
  const TimestampMs begin{span.from.value - 2 * kRollUpMs};
  const TimestampMs until{span.to.value + kRollUpMs};
  HistoryFold fold(span, begin, of_minutes);
  Feed feed(fold);
  const TopicPartition minutes{topic, kMinutesPartition};
  const auto kept = bounds(target, minutes, begin);
  if (!kept) return kept.error();
  const auto keep = [&feed](TimestampMs at, std::string_view bytes) { feed.keep(at, bytes); };
  const auto end = kept->ends.stable_end;
  auto done = read(target, {minutes, kept->first.value_or(end), end, until}, keep, progress);
  if (!done) return done.error();
  feed.sort();
  if (!of_minutes) {
    const TopicPartition marks{topic, kMarksPartition};
    const auto all = bounds(target, marks, begin);
    if (!all) return all.error();
    const auto add = [&feed](TimestampMs at, std::string_view bytes) { feed.add(at, bytes); };
    const auto last = all->ends.stable_end;
    done = read(target, {marks, all->first.value_or(last), last, until}, add, progress);
    if (!done) return done.error();
  }
  feed.add_rest();
  History out = fold.finish();
  if (kept->first && *kept->first <= kept->ends.start) {
    out.is_from_first = true;
    out.begins_at = feed.first_at();
    out.is_cut = kept->ends.start > Offset{0};
  }
  return out;
}

Result<std::optional<TimestampMs>> last_mark_before(const StateReader& target,
                                                    const std::string& topic, TimestampMs at) {
  const TopicPartition marks{topic, kMarksPartition};
  const auto found = bounds(target, marks, at);
  if (!found) return found.error();
  const Offset behind = found->first.value_or(found->ends.stable_end);
  std::optional<TimestampMs> last;
  if (behind <= found->ends.start) return last;
  const auto note = [&last](TimestampMs time, std::string_view) { last = time; };
  auto done = read(target, {marks, behind - Records{1}, behind, {}}, note, {});
  if (!done) return done.error();
  return last;
}

}  // namespace longspan
