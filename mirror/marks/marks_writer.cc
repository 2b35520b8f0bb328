#include "mirror/marks/marks_writer.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

constexpr std::int64_t kSinkBytes = 32LL << 20;
constexpr std::chrono::milliseconds kLookAgain{100};
constexpr std::int64_t kJoinedMax = 3;  // intervals

}  // namespace

MarksWriter::MarksWriter(MarksSettings settings, Look look, MakeSink make_sink, const Clock& clock,
                         std::unique_ptr<Wakeup> wakeup, LogContext log, Prepare prepare)
    : settings_(std::move(settings)),
      look_(std::move(look)),
      make_sink_(std::move(make_sink)),
      clock_(clock),
      wakeup_(std::move(wakeup)),
      log_(std::move(log)),
      prepare_(std::move(prepare)),
      sets_(settings_.process, settings_.started_at),
      interval_(settings_.interval.count()),
      stop_by_(Clock::Steady::max().time_since_epoch().count()) {}

void MarksWriter::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    turn();
    const std::chrono::milliseconds next{until_next()};
    wakeup_->wait(in_flight_ > 0 ? std::min(next, kLookAgain) : next);
  }
  finish();
  is_finished_.store(true);
}

std::int64_t MarksWriter::until_next() const {
  constexpr std::int64_t kMost = 1000;  // the wall clock may step
  return std::clamp<std::int64_t>(next_at_.value_or(0) - clock_.now().value, 1, kMost);
}

void MarksWriter::turn() {
  look_for_answers();
  const std::int64_t now = clock_.now().value;
  const std::int64_t interval = interval_.load();
  const bool is_set_back = next_at_ && *next_at_ - now > interval;
  if (next_at_ && now < *next_at_ && !is_set_back) return;
  next_at_ = (now / interval + 1) * interval;
  if (in_flight_ > 0) {
    tell({Next::retry, 0, "the set before is not acknowledged", ""});
    sets_.note_causes(look_(), interval);
    return left_out();
  }
  write(false);
}

void MarksWriter::look_for_answers() {
  if (sink_) sink_->poll(*this);
  if (is_broken_) settle();
}

void MarksWriter::write(bool is_last) {
  const FlowSnapshot now = look_();
  if (now.partitions.empty() && now.slots.empty()) {
    part_since_.reset();
    is_part_known_ = false;
    return;
  }
  if (!part_since_) part_since_ = now.at;
  const std::int64_t interval = interval_.load();
  if (!open()) {
    sets_.note_causes(now, interval);
    return left_out();
  }
  // Later on the process has been there for longer than an interval.
  const bool has_joined = !is_part_known_ && now.at - *part_since_ <= kJoinedMax * interval;
  const auto set = sets_.take(now, interval, is_last, has_joined);
  bytes_in_flight_ = static_cast<std::int64_t>(set.bytes());
  offer(set, now.at);
  if (in_flight_ == 0) settle();  // nothing was taken
}

void MarksWriter::offer(const MarksSet& set, TimestampMs at) {
  for (const auto partition : {kMinutesPartition, kMarksPartition}) {
    for (const auto& value : partition == kMarksPartition ? set.marks : set.minutes) {
      Record record = make_record({std::nullopt, value, at, {}});
      if (sink_->produce(static_cast<PartitionIndex>(partition), record) == Accepted::yes) {
        ++in_flight_;
        continue;
      }
      return break_off({Next::retry, 0, "a set is larger than what may be in flight", ""});
    }
  }
}

bool MarksWriter::open() {
  if (sink_) return true;
  if (try_at_ && clock_.steady() < *try_at_) return false;
  const auto prepared = prepare_ ? prepare_() : Result<void>();
  if (!prepared) {
    break_off(prepared.error());
    settle();
    return false;
  }
  SinkLimits limits;
  limits.bytes_max = kSinkBytes;
  limits.record_bytes_max = kMarkBytesMax;
  auto made = make_sink_(limits, *wakeup_);
  if (!made) {
    break_off(made.error());
    settle();
    return false;
  }
  sink_ = std::move(*made);
  for (const auto partition : {kMarksPartition, kMinutesPartition}) {
    const auto opened =
        sink_->open(static_cast<PartitionIndex>(partition), {settings_.topic, partition});
    if (opened) continue;
    break_off(opened.error());
    settle();
    return false;
  }
  return true;
}

// What became of the records of a broken set is not asked: the next one replaces them.
void MarksWriter::settle() {
  sink_.reset();
  is_broken_ = false;
  in_flight_ = 0;
  try_later();
  if (!sets_.is_taken()) return;
  sets_.dropped();
  left_out();
}

void MarksWriter::try_later() {
  retry_ = retry_.count() == 0 ? kRetryFirst : std::min(2 * retry_, kRetryMost);
  try_at_ = clock_.steady() + retry_;
}

void MarksWriter::on_acked(PartitionIndex, Offset, std::size_t count) {
  in_flight_ -= std::min(in_flight_, count);
  if (in_flight_ > 0 || is_broken_) return;
  sets_.written();
  is_part_known_ = part_since_.has_value();
  const auto left_out = std::exchange(left_out_in_outage_, 0);
  bytes_total_ += std::exchange(bytes_in_flight_, 0);
  try_at_.reset();
  retry_ = std::chrono::seconds(0);
  if (!std::exchange(told_, std::nullopt)) return;
  log_info(log_, "marks_written_again", {{"topic", settings_.topic}, {"left_out", left_out}});
}

void MarksWriter::on_acked_somewhere(PartitionIndex partition, std::size_t count) {
  on_acked(partition, Offset{}, count);
}

void MarksWriter::on_failed(PartitionIndex, std::size_t, const Error& error) { break_off(error); }

void MarksWriter::on_sink_trouble(const Error& error) {
  if (error.next != Next::retry) break_off(error);
}

void MarksWriter::break_off(const Error& error) {
  is_broken_ = true;
  tell(error);
}

// One line for a cause, whatever else the library says of it.
void MarksWriter::tell(const Error& error) {
  if (std::exchange(told_, error.cause()) == told_) return;
  log_warn(log_, "marks_not_written", {{"topic", settings_.topic}, {"error", error.text()}});
}

void MarksWriter::left_out() {
  ++dropped_total_;
  ++left_out_in_outage_;
}

// In an outage nothing is waited for: a stop is not held up.
void MarksWriter::finish() {
  const Clock::Steady most{Clock::Steady::duration(stop_by_.load())};
  const auto deadline = std::min(clock_.steady() + kStopPatience, most);
  const auto wait_for_answers = [&] {
    look_for_answers();
    while (in_flight_ > 0 && clock_.steady() < deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.steady());
      wakeup_->wait(std::min(kLookAgain, left));
      look_for_answers();
    }
    return in_flight_ == 0;
  };
  if (told_ || !wait_for_answers() || clock_.steady() >= deadline) return;
  write(true);
  std::ignore = wait_for_answers();
}

MarksStatus MarksWriter::status() const { return {bytes_total_.load(), dropped_total_.load()}; }

}  // namespace longspan
