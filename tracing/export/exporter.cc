#include "tracing/export/exporter.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace longspan {

SpanExporter::SpanExporter(const ExportSettings& settings, SpanOrigin origin,
                           ExportTransport& transport, std::uint64_t seed, const RetryPolicy& retry)
    : settings_(settings),
      origin_(std::move(origin)),
      transport_(transport),
      retry_(retry),
      random_(seed),
      queue_({settings.queue_max}) {
  for (const Attribute& each : settings.resource.all()) origin_.resource.put(each.key, each.value);
}

bool SpanExporter::push(Span span, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  ++counts_.pushed;
  const bool is_first = queue_.size() == 0;
  if (is_first) oldest_at_ = now;
  queue_.push(std::move(span));
  return is_first || queue_.size() == settings_.batch_max;
}

// A batch that waits for its next attempt holds up what is behind it: the collector is the same.
std::optional<SpanExporter::SteadyTime> SpanExporter::due() const {
  if (!batches_.empty()) return again_at_.value_or(SteadyTime::min());
  const std::lock_guard lock(mutex_);
  if (queue_.size() == 0) return std::nullopt;
  if (queue_.size() >= settings_.batch_max) return SteadyTime::min();
  return *oldest_at_ + settings_.schedule_delay;
}

std::optional<SpanExporter::SteadyTime> SpanExporter::step(const NowFunction& now) {
  const auto at = due();
  const SteadyTime begin = now().steady;
  if (!at || *at > begin) return at;
  if (batches_.empty()) fill_batches();
  if (!batches_.empty()) static_cast<void>(send_front(now));
  const auto next = due();
  return next ? std::optional(std::max(*next, begin)) : std::nullopt;
}

// Spans are taken with the lock and written without it: who pushes must not wait for that.
void SpanExporter::fill_batches() {
  std::vector<Span> spans;
  {
    const std::lock_guard lock(mutex_);
    spans = queue_.take(settings_.batch_max);
    batched_ += spans.size();
  }
  Batches made = make_batches(origin_, spans, settings_.form);
  const std::lock_guard lock(mutex_);
  counts_.dropped_large += made.too_large;
  batched_ -= made.too_large;
  for (Batch& batch : made.all) batches_.push_back(std::move(batch));
}

AfterSend SpanExporter::send_front(const NowFunction& now) {
  const Batch& batch = batches_.front();
  ExportRequest request{settings_.url, settings_.headers, batch.body, settings_.is_gzip};
  request.headers.emplace_back("Content-Type", content_type(settings_.form));
  ++attempts_;
  again_at_.reset();
  const SendResult result = transport_.send(request);
  const Now at = now();
  const Verdict verdict = judge_sending(result, attempts_, at.wall, retry_, random_);
  const bool is_accepted = verdict.after == AfterSend::accepted;
  const PartialSuccess partial = is_accepted ? partial_of(*result) : PartialSuccess{};
  const std::lock_guard lock(mutex_);
  ++counts_.attempts;
  if (is_accepted) {
    take_answer(partial, batch.count);
    end_front();
    return verdict.after;
  }
  ++counts_.failures;
  problem_ = answer_text(result);
  if (verdict.after == AfterSend::again) {
    again_at_ = at.steady + verdict.wait;
    return verdict.after;
  }
  (verdict.after == AfterSend::refused ? counts_.dropped_refused : counts_.dropped_tried) +=
      batch.count;
  end_front();
  return verdict.after;
}

// A body that we cannot read says nothing.
PartialSuccess SpanExporter::partial_of(const CollectorAnswer& answer) const {
  if (settings_.form == ExportForm::zipkin_json) return {};
  return read_partial_success(answer.content_type, answer.body).value_or(PartialSuccess{});
}

// What is rejected is never sent again.
void SpanExporter::take_answer(const PartialSuccess& partial, std::size_t spans) {
  const std::uint64_t rejected = rejected_of(partial, spans);
  counts_.rejected += rejected;
  counts_.sent += spans - rejected;
  if (rejected > 0 || !partial.message.empty()) {
    problem_ = "rejected " + std::to_string(rejected) + " spans: " + partial.message;
  }
}

void SpanExporter::end_front() {
  batched_ -= batches_.front().count;
  batches_.pop_front();
  attempts_ = 0;
  again_at_.reset();
}

void SpanExporter::finish(SteadyTime until, const NowFunction& now) {
  while (waiting() > 0 && now().steady < until) send_last(now);
  give_up_waiting();
}

void SpanExporter::send_last(const NowFunction& now) {
  if (batches_.empty()) fill_batches();
  if (batches_.empty() || send_front(now) != AfterSend::again) return;
  const std::lock_guard lock(mutex_);
  counts_.dropped_tried += batches_.front().count;
  end_front();
}

void SpanExporter::give_up_waiting() {
  const std::lock_guard lock(mutex_);
  while (!batches_.empty()) {
    counts_.dropped_tried += batches_.front().count;
    end_front();
  }
  counts_.dropped_tried += queue_.take(queue_.size()).size();
}

ExportCounts SpanExporter::counts() const {
  const std::lock_guard lock(mutex_);
  ExportCounts out = counts_;
  out.dropped_full = queue_.dropped();
  return out;
}

std::size_t SpanExporter::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + batched_;
}

std::string SpanExporter::last_problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace longspan
