#include "cli/demo/feed.h"

#include <algorithm>
#include <random>
#include <utility>

namespace longspan::demo {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHeartbeatInterval{1000};
constexpr std::chrono::seconds kFlushPatience{5};

}  // namespace

std::int64_t wall_clock_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Feed::Feed(std::unique_ptr<EmbeddedWriter> writer, std::int64_t rate, Comparer& comparer,
           Backlog& backlog)
    : writer_(std::move(writer)),
      rate_(rate),
      comparer_(comparer),
      backlog_(backlog),
      shop_(std::random_device{}()),
      written_(streams().size(), 0) {}

void Feed::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Feed::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Feed::run(const std::stop_token& stop) {
  const std::int64_t changes = std::max<std::int64_t>(1, rate_ / kTransactionsPerSecond);
  auto next = Steady::now();
  auto next_heartbeat = next;
  while (!stop.stop_requested() && !has_failed_) {
    is_waiting_ = !backlog_.has_room();
    const auto now = Steady::now();
    if (now >= next_heartbeat) {
      write({shop_.heartbeat(wall_clock_us())});
      next_heartbeat = now + kHeartbeatInterval;
    }
    if (!is_waiting_ && now >= next) {
      const auto records = shop_.transaction(changes, wall_clock_us());
      write(records);
      // A stall is not made up for: the rate is a rate, not a debt.
      next = std::max(next, now - milliseconds(100)) +
             std::chrono::microseconds(std::ssize(records) * 1'000'000 / rate_);
    }
    const auto wait = std::chrono::ceil<milliseconds>(std::min(next, next_heartbeat) - now);
    collect(std::clamp(wait, milliseconds(is_waiting_ ? 5 : 0), milliseconds(20)));
  }
  const auto deadline = Steady::now() + kFlushPatience;
  while (pending_ > 0 && !has_failed_ && Steady::now() < deadline) collect(milliseconds(10));
}

void Feed::write(const std::vector<ShopRecord>& records) {
  for (const ShopRecord& r : records) {
    comparer_.expect(r.stream, r.lsn, r.record);
    backlog_.written(r.stream, r.record);
    auto taken = writer_->write(streams()[r.stream].place, r.record, r.stream);
    while (taken && !*taken) {
      collect(milliseconds(1));
      taken = writer_->write(streams()[r.stream].place, r.record, r.stream);
    }
    if (!taken) return fail_with(taken.error());
    ++pending_;
  }
}

void Feed::collect(milliseconds at_most) {
  const auto done = writer_->poll(at_most);
  if (!done) return fail_with(done.error());
  pending_ -= std::ssize(*done);
  const std::lock_guard lock(mutex_);
  for (const Written& w : *done) ++written_[w.ticket];
}

void Feed::fail_with(const Error& error) {
  const std::lock_guard lock(mutex_);
  failure_ = error;
  has_failed_ = true;
}

std::vector<std::int64_t> Feed::written() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

std::optional<Error> Feed::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace longspan::demo
