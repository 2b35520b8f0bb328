#include "cli/telemetry/pathway_thread.h"

#include <optional>
#include <span>
#include <utility>

#include "tracing/export/otlp_answer.h"
#include "tracing/log.h"

namespace longspan {

PathwayThread::PathwayThread(std::string url, PathwayOrigin origin, const MakeTransport& make,
                             std::uint64_t seed, const RetryPolicy& retry)
    : url_(std::move(url)),
      origin_(std::move(origin)),
      retry_(retry),
      transport_(make(thread_.broken_off())),
      random_(seed) {
  thread_.start([this](const std::stop_token& stop) { run(stop); });
}

void PathwayThread::push(PathwayBucket bucket) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kBucketsMax) {
    waiting_.pop_front();
    ++figures_.dropped_full;
  }
  waiting_.push_back(std::move(bucket));
  pushed_.notify_one();
}

void PathwayThread::run(const std::stop_token& stop) {
  std::optional<PathwayBucket> in_hand;
  std::unique_lock lock(mutex_);
  const auto has_more = [this] { return !waiting_.empty(); };
  while (pushed_.wait(lock, stop, [&] { return in_hand || has_more(); })) {
    if (stop.stop_requested()) break;
    if (!in_hand) {
      in_hand = std::move(waiting_.front());
      waiting_.pop_front();
      attempts_ = 0;
    }
    lock.unlock();
    const SendResult result = send(*in_hand);
    lock.lock();
    const auto wait = judge(result);
    if (wait.count() == 0) {
      in_hand.reset();
    } else {
      static_cast<void>(pushed_.wait_for(lock, stop, wait, [] { return false; }));
    }
  }
  if (in_hand) waiting_.push_front(std::move(*in_hand));
  lock.unlock();
  send_rest();
}

// One attempt each, as long as there is time.
void PathwayThread::send_rest() {
  while (true) {
    PathwayBucket bucket;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return;
      bucket = std::move(waiting_.front());
      waiting_.pop_front();
      if (BoundedThread::Steady::now() >= thread_.deadline()) {
        ++figures_.dropped_tried;
        continue;
      }
    }
    const SendResult result = send(bucket);
    const std::lock_guard lock(mutex_);
    attempts_ = retry_.attempts_max;
    static_cast<void>(judge(result));
  }
}

SendResult PathwayThread::send(const PathwayBucket& bucket) {
  ++attempts_;
  return transport_->send({url_,
                           {{"Content-Type", "application/msgpack"},
                            {"Datadog-Meta-Lang", "cpp"},
                            {"Datadog-Meta-Tracer-Version", origin_.tracer_version}},
                           pathway_payload(origin_, std::span(&bucket, 1)),
                           true});
}

std::chrono::milliseconds PathwayThread::judge(const SendResult& result) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Verdict verdict = judge_sending(result, attempts_, now, retry_, random_);
  ++figures_.attempts;
  const bool is_failing = verdict.after != AfterSend::accepted;
  figures_.failures += is_failing ? 1 : 0;
  tell(is_failing, result);
  switch (verdict.after) {
    case AfterSend::accepted:
      ++figures_.sent;
      break;
    case AfterSend::refused:
      ++figures_.dropped_refused;
      break;
    case AfterSend::given_up:
      ++figures_.dropped_tried;
      break;
    case AfterSend::again:
      return std::max(verdict.wait, std::chrono::milliseconds(1));
  }
  return std::chrono::milliseconds(0);
}

void PathwayThread::tell(bool is_failing, const SendResult& result) {
  if (is_failing == is_failing_) return;
  is_failing_ = is_failing;
  if (is_failing) {
    log_warn("pathways_not_sent", {{"error", answer_text(result)}});
  } else {
    log_info("pathways_sent_again", {});
  }
}

PathwayExportFigures PathwayThread::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace longspan
