#include "tracing/export/exporter.h"

#include <algorithm>
#include <utility>

#include "tracing/export/otlp_answer.h"

namespace longspan {
namespace {

std::string answer_text(const SendResult& result) {
  if (!result) return result.error().text();
  std::string out = "HTTP " + std::to_string(result->status);
  if (const auto message = read_status_message(result->content_type, result->body)) {
    out += ": " + *message;
  }
  return out;
}

}  // namespace

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

void SpanExporter::push(Span span, SteadyTime now) {
  ++counts_.pushed;
  if (queue_.size() == 0) oldest_at_ = now;
  queue_.push(std::move(span));
}

// A batch that waits for its next attempt holds up what is behind it: the collector is the same.
std::optional<SpanExporter::SteadyTime> SpanExporter::due() const {
  if (!batches_.empty()) return again_at_.value_or(SteadyTime::min());
  if (queue_.size() == 0) return std::nullopt;
  if (queue_.size() >= settings_.batch_max) return SteadyTime::min();
  return *oldest_at_ + settings_.schedule_delay;
}

std::optional<SpanExporter::SteadyTime> SpanExporter::step(const Now& now) {
  const auto at = due();
  if (!at || *at > now.steady) return at;
  if (batches_.empty()) fill_batches();
  if (!batches_.empty()) static_cast<void>(send_front(now));
  const auto next = due();
  return next ? std::optional(std::max(*next, now.steady)) : std::nullopt;
}

void SpanExporter::fill_batches() {
  const auto spans = queue_.take(settings_.batch_max);
  Batches made = make_batches(origin_, spans, settings_.form);
  counts_.dropped_large += made.too_large;
  for (Batch& batch : made.all) {
    batched_ += batch.spans;
    batches_.push_back(std::move(batch));
  }
}

AfterSend SpanExporter::send_front(const Now& now) {
  const Batch& batch = batches_.front();
  ExportRequest request{settings_.url, settings_.headers, batch.body, settings_.is_gzip,
                        settings_.timeout};
  request.headers.emplace_back("Content-Type", content_type(settings_.form));
  ++counts_.attempts;
  ++attempts_;
  again_at_.reset();
  const SendResult result = transport_.send(request);
  const Verdict verdict = judge_sending(result, attempts_, now.wall, retry_, random_);
  if (verdict.after == AfterSend::accepted) {
    take_answer(*result, batch.spans);
    end_front();
    return verdict.after;
  }
  ++counts_.failures;
  problem_ = answer_text(result);
  if (verdict.after == AfterSend::again) {
    again_at_ = now.steady + verdict.wait;
    return verdict.after;
  }
  (verdict.after == AfterSend::refused ? counts_.dropped_refused : counts_.dropped_tried) +=
      batch.spans;
  end_front();
  return verdict.after;
}

// What is rejected is never sent again. A body that we cannot read says nothing.
void SpanExporter::take_answer(const HttpAnswer& answer, std::size_t spans) {
  PartialSuccess partial;
  if (settings_.form != ExportForm::zipkin_json) {
    partial = read_partial_success(answer.content_type, answer.body).value_or(PartialSuccess{});
  }
  const auto all = static_cast<std::int64_t>(spans);
  const auto rejected =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(partial.rejected_spans, 0, all));
  counts_.rejected += rejected;
  counts_.sent += spans - rejected;
  if (rejected > 0 || !partial.message.empty()) {
    problem_ = "rejected " + std::to_string(rejected) + " spans: " + partial.message;
  }
}

void SpanExporter::end_front() {
  batched_ -= batches_.front().spans;
  batches_.pop_front();
  attempts_ = 0;
  again_at_.reset();
}

void SpanExporter::send_last(const Now& now) {
  if (batches_.empty()) fill_batches();
  if (batches_.empty() || send_front(now) != AfterSend::again) return;
  counts_.dropped_tried += batches_.front().spans;
  end_front();
}

void SpanExporter::give_up_waiting() {
  while (!batches_.empty()) {
    counts_.dropped_tried += batches_.front().spans;
    end_front();
  }
  counts_.dropped_tried += queue_.take(queue_.size()).size();
}

ExportCounts SpanExporter::counts() const {
  ExportCounts out = counts_;
  out.dropped_full = queue_.dropped();
  return out;
}

}  // namespace longspan
