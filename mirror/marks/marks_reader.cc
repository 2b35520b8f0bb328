#include "mirror/marks/marks_reader.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "mirror/marks/marks_feed.h"
#include "mirror/marks/marks_set.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRecordsPerPoll = 1000;
constexpr milliseconds kWait{100};
constexpr PartitionIndex kIndex = 0;

// A record's time, where the broker wrote it, is so far from that of its process at most.
constexpr std::int64_t kClocksApartMs = 5 * 60'000;
// The longest time whose full sets are kept at once is twice that.
constexpr std::int64_t kStretchMs = 30 * 60'000;

using OnMark = std::function<void(const Record& record)>;

// What is read of one partition.
struct Stretch {
  TopicPartition partition;
  Offset from;
  Offset to;
  // A record that the broker wrote later ends the reading. By their own clocks processes may be
  // far apart: of those nothing ends it but `to`.
  std::optional<TimestampMs> until = {};
};

class Delivery final : public SourceEvents {
 public:
  Delivery(const Stretch& stretch, const OnMark& on_mark)
      : stretch_(stretch), on_mark_(on_mark), next_(stretch.from) {}

  void on_records(PartitionIndex, std::span<Record> records) override {
    for (const auto& record : records) {
      next_ = record.offset.next();
      is_behind_ = is_behind_ || is_behind(record);
      if (!is_behind_ && record.offset < stretch_.to) on_mark_(record);
      if (is_done()) return;
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
  [[nodiscard]] bool is_behind(const Record& record) const {
    return stretch_.until && record.timestamp_kind == TimestampKind::log_append_time &&
           record.timestamp > *stretch_.until;
  }

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
  PartitionEnds marks;
  PartitionEnds minutes;
};

Error without_partition(const TopicPartition& partition, const Error& error) {
  constexpr int kUnknownTopic = 3;
  if (error.kafka_code != kUnknownTopic) return error;
  if (partition.partition == kMinutesPartition) {
    return {Next::stop_process, 0,
            "there is no history: topic " + partition.topic +
                " of the target has 1 partition and needs 2; grow it to 2",
            ""};
  }
  return {Next::stop_process, 0,
          "there is no history: the target has no topic " + partition.topic +
              "; it is made when a longspan that writes marks runs the flow",
          ""};
}

Result<Bounds> bounds(Admin& admin, const TopicPartition& marks, const TopicPartition& minutes) {
  const auto ends = admin.ends({marks, minutes});
  if (!ends) return ends.error();
  Bounds out;
  for (const auto& [partition, into] : {std::pair(&marks, &out.marks), {&minutes, &out.minutes}}) {
    const auto found = ends->find(*partition);
    if (found == ends->end()) {
      return fail(Next::retry, "the target does not tell the end of " + partition->text());
    }
    if (!found->second) return without_partition(*partition, found->second.error());
    *into = *found->second;
  }
  return out;
}

// Reads one flow's marks into a fold.
class Reading {
 public:
  Reading(const StateReader& target, const std::string& topic, const HistorySpan& span,
          const ReadProgress& progress)
      : target_(target),
        marks_{topic, kMarksPartition},
        minutes_{topic, kMinutesPartition},
        of_minutes_(span.to - span.from > kDetailMs && span.step_ms >= kRollUpMs &&
                    !span.per_topic),
        // A set counts from the one before, and from its base, which is of the same minute.
        begin_{(span.from.value - 2 * kRollUpMs) / kRollUpMs * kRollUpMs},
        until_{span.to.value + kRollUpMs},
        progress_(progress),
        fold_(span, begin_, of_minutes_),
        feed_(fold_, until_) {}

  Result<History> run() {
    const auto found = bounds(target_.admin, marks_, minutes_);
    if (!found) return found.error();
    bounds_ = *found;
    const auto first = starts({begin_.value - kClocksApartMs});
    if (!first) return first.error();
    total_ = bounds_.minutes.stable_end - first->minutes;
    if (!of_minutes_) total_ += bounds_.marks.stable_end - first->marks;
    const auto done = of_minutes_ ? read_minutes(*first) : read_all(*first);
    if (!done) return done.error();
    feed_.add_rest();
    History out = fold_.finish();
    out.held_bytes_max = feed_.held_bytes_max();
    if (first->minutes <= bounds_.minutes.start) {
      out.is_from_first = true;
      out.begins_at = feed_.first_at();
      out.is_cut = bounds_.minutes.start > Offset{0};
      std::erase_if(out.silences, [&out](const HistorySilence& silence) {
        return !out.begins_at || silence.from < *out.begins_at;
      });
    }
    return out;
  }

 private:
  // Where the records from a time on begin.
  struct Starts {
    Offset marks;
    Offset minutes;
  };
  Result<Starts> starts(TimestampMs from) {
    const auto times = target_.admin.offsets_for_time({marks_, minutes_}, from);
    if (!times) return times.error();
    const auto of = [&](const TopicPartition& partition, const PartitionEnds& ends) {
      const auto found = times->find(partition);
      if (found == times->end() || !found->second) return ends.stable_end;
      return std::clamp(*found->second, ends.start, std::max(ends.start, ends.stable_end));
    };
    return Starts{of(marks_, bounds_.marks), of(minutes_, bounds_.minutes)};
  }

  Result<void> read(const TopicPartition& partition, Offset from, Offset to,
                    const OnMark& on_mark) {
    const TimestampMs last{until_.value + kClocksApartMs};
    const auto tell = [this](Records done, Records) {
      if (progress_) progress_(done_ + done, std::max(total_, done_ + done));
    };
    auto done = longspan::read(target_, {partition, from, to, last}, on_mark, tell);
    if (from < to) done_ += to - from;
    return done;
  }
  Result<void> read_minutes(const Starts& first) {
    const auto add = [this](const Record& mark) { feed_.add(mark.value.value_or("")); };
    return read(minutes_, first.minutes, bounds_.minutes.stable_end, add);
  }
  // Stretch by stretch, the full sets one ahead: those of a process whose clock is off, too, are
  // there when they are needed.
  Result<void> read_all(Starts at) {
    const auto keep = [this](const Record& mark) { feed_.keep(mark.value.value_or("")); };
    const auto add = [this](const Record& mark) { feed_.add(mark.value.value_or("")); };
    Offset minutes = at.minutes;
    auto next = starts_of_stretch(1);
    for (std::int64_t stretch = 1; next; ++stretch) {
      const auto ahead = starts_of_stretch(stretch + 1);
      if (!ahead) return ahead.error();
      auto done = read(minutes_, minutes, ahead->minutes, keep);
      if (!done) return done;
      minutes = std::max(minutes, ahead->minutes);
      done = read(marks_, at.marks, next->marks, add);
      if (!done) return done;
      at.marks = std::max(at.marks, next->marks);
      if (is_last_stretch(stretch)) return {};
      next = ahead;
    }
    return next.error();
  }
  [[nodiscard]] TimestampMs begin_of_stretch(std::int64_t stretch) const {
    return {begin_.value - kClocksApartMs + stretch * kStretchMs};
  }
  [[nodiscard]] bool is_last_stretch(std::int64_t stretch) const {
    return begin_of_stretch(stretch).value >= until_.value + kClocksApartMs;
  }
  // Behind the last one there is the end.
  Result<Starts> starts_of_stretch(std::int64_t stretch) {
    if (!is_last_stretch(stretch)) return starts(begin_of_stretch(stretch));
    return Starts{bounds_.marks.stable_end, bounds_.minutes.stable_end};
  }

  const StateReader& target_;
  const TopicPartition marks_;
  const TopicPartition minutes_;
  const bool of_minutes_;
  const TimestampMs begin_;
  const TimestampMs until_;
  const ReadProgress& progress_;
  HistoryFold fold_;
  MarksFeed feed_;
  Bounds bounds_;
  Records done_;
  Records total_;
};

}  // namespace

Result<History> read_history(const StateReader& target, const std::string& topic,
                             const HistorySpan& span, const ReadProgress& progress) {
  return Reading(target, topic, span, progress).run();
}

// Looks at the records before the first one that is later: of several processes the last of them is
// not the newest. By the processes' own clocks there may be some behind it, too.
Result<std::optional<TimestampMs>> last_mark_before(const StateReader& target,
                                                    const std::string& topic, TimestampMs at) {
  constexpr Records kLooked{1000};
  const TopicPartition marks{topic, kMarksPartition};
  const auto found = bounds(target.admin, marks, {topic, kMinutesPartition});
  if (!found) return found.error();
  const auto times = target.admin.offsets_for_time({marks}, {at.value + kClocksApartMs});
  if (!times) return times.error();
  const auto first = times->find(marks);
  const bool is_told = first != times->end() && first->second;
  const Offset behind = is_told ? *first->second : found->marks.stable_end;
  std::optional<TimestampMs> last;
  bool is_by_process = false;
  const auto note = [&](const Record& record) {
    is_by_process = is_by_process || record.timestamp_kind != TimestampKind::log_append_time;
    const auto mark = decode_head(record.value.value_or(""));
    if (mark && mark->head.at < at) last = std::max(last, std::optional(mark->head.at));
  };
  auto to = behind;
  while (!last && to > found->marks.start) {
    const Offset from = std::max(found->marks.start, to - kLooked);
    auto done = read(target, {marks, from, to, {}}, note, {});
    if (!done) return done.error();
    to = from;
  }
  if (!is_by_process) return last;
  const auto done = read(target, {marks, behind, found->marks.stable_end, {}}, note, {});
  if (!done) return done.error();
  return last;
}

}  // namespace longspan
