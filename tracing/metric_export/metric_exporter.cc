#include "tracing/metric_export/metric_exporter.h"

#include <algorithm>
#include <utility>

#include "tracing/export/otlp_answer.h"

namespace longspan {

MetricExporter::MetricExporter(const ExportSettings& settings, SpanOrigin origin,
                               ExportTransport& transport, Collect collect, const Now& begin,
                               std::uint64_t seed, const RetryPolicy& retry)
    : settings_(settings),
      origin_(std::move(origin)),
      transport_(transport),
      collect_(std::move(collect)),
      retry_(retry),
      random_(seed),
      series_(settings.temporalities, begin.wall),
      look_at_(begin.steady + settings.schedule_delay) {
  for (const Attribute& each : settings.resource.all()) origin_.resource.put(each.key, each.value);
}

MetricExporter::SteadyTime MetricExporter::step(const NowFunction& now) {
  const Now begin = now();
  if (batches_.empty()) {
    if (begin.steady < look_at_) return look_at_;
    look(begin.wall);
    again_at_ = begin.steady;
  }
  if (batches_.empty()) {  // there is nothing to tell
    end_look(begin.steady);
    return look_at_;
  }
  if (begin.steady < again_at_) return again_at_;
  const Verdict verdict = send_front(now);
  const SteadyTime end = now().steady;
  if (verdict.after == AfterSend::accepted) {
    again_at_ = end;
    if (batches_.empty()) end_look(end);
  } else if (verdict.after == AfterSend::again && end + verdict.wait < next_look()) {
    again_at_ = end + verdict.wait;
  } else {
    end_look(end + verdict.wait);
  }
  return batches_.empty() ? look_at_ : again_at_;
}

void MetricExporter::look(UnixNs now) {
  points_ = series_.look(collect_(), now);
  Batches made = make_metric_batches(origin_, points_, settings_);
  batches_.assign(std::make_move_iterator(made.all.begin()),
                  std::make_move_iterator(made.all.end()));
  attempts_ = 0;
  if (made.too_large == 0) return;
  const std::lock_guard lock(mutex_);
  figures_.rejected += made.too_large;
  problem_ = "a point is larger than a request may be";
}

Verdict MetricExporter::send_front(const NowFunction& now) {
  ExportRequest request{settings_.url, settings_.headers, batches_.front().body, settings_.is_gzip};
  request.headers.emplace_back("Content-Type", content_type(settings_.form));
  ++attempts_;
  const SendResult result = transport_.send(request);
  const auto wall = std::chrono::sys_seconds(
      std::chrono::seconds(now().wall.value / std::uint64_t{1'000'000'000}));
  const Verdict verdict = judge_sending(result, attempts_, wall, retry_, random_);
  if (verdict.after == AfterSend::accepted) {
    take_answer(*result, batches_.front());
    batches_.pop_front();
    attempts_ = 0;
    return verdict;
  }
  const std::lock_guard lock(mutex_);
  ++figures_.attempts;
  ++figures_.failures;
  problem_ = answer_text(result);
  return verdict;
}

// Which points were rejected is not told; they would be rejected again.
void MetricExporter::take_answer(const CollectorAnswer& answer, const Batch& batch) {
  for (std::size_t i = 0; i < batch.count; ++i) series_.accept(points_[batch.first + i]);
  const PartialSuccess partial =
      read_partial_success(answer.content_type, answer.body).value_or(PartialSuccess{});
  const std::uint64_t rejected = rejected_of(partial, batch.count);
  const std::lock_guard lock(mutex_);
  ++figures_.attempts;
  figures_.rejected += rejected;
  figures_.sent += batch.count - rejected;
  if (rejected > 0 || !partial.message.empty()) {
    problem_ = "rejected " + std::to_string(rejected) + " points: " + partial.message;
  }
}

// The first multiple of the interval that is not before.
void MetricExporter::end_look(SteadyTime not_before) {
  batches_.clear();
  points_.clear();
  look_at_ = next_look();
  if (look_at_ >= not_before) return;
  const auto missed = (not_before - look_at_ + settings_.schedule_delay - SteadyTime::duration(1)) /
                      settings_.schedule_delay;
  look_at_ += missed * settings_.schedule_delay;
}

void MetricExporter::finish(SteadyTime until, const NowFunction& now) {
  if (now().steady >= until) return;
  look(now().wall);
  while (!batches_.empty() && now().steady < until) {
    if (send_front(now).after != AfterSend::accepted) batches_.pop_front();
  }
  batches_.clear();
}

MetricExportFigures MetricExporter::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::string MetricExporter::last_problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace longspan
