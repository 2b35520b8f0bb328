#include "lagcalc/slo_window.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3'600;

}  // namespace

SloCounts& SloWindow::at(Buckets& buckets, std::int64_t number) {
  const auto found =
      std::lower_bound(buckets.begin(), buckets.end(), number,
                       [](const Bucket& bucket, std::int64_t n) { return bucket.number < n; });
  if (found != buckets.end() && found->number == number) return found->counts;
  return buckets.insert(found, {number, {}})->counts;
}

void SloWindow::drop(Buckets& buckets, std::int64_t kept) {
  while (!buckets.empty() && buckets.front().number <= buckets.back().number - kept) {
    buckets.pop_front();
  }
}

void SloWindow::record(SloVerdict verdict, std::uint64_t count, std::int64_t now_s) {
  first_s_ = std::min(first_s_.value_or(now_s), now_s);
  at(minutes_, now_s / kMinute).record(verdict, count);
  at(hours_, now_s / kHour).record(verdict, count);
  drop(minutes_, kMinutes);
  drop(hours_, kHours);
}

void SloWindow::merge(const SloWindow& other) {
  if (other.first_s_) first_s_ = std::min(first_s_.value_or(*other.first_s_), *other.first_s_);
  for (const Bucket& bucket : other.minutes_) at(minutes_, bucket.number).add(bucket.counts);
  for (const Bucket& bucket : other.hours_) at(hours_, bucket.number).add(bucket.counts);
  drop(minutes_, kMinutes);
  drop(hours_, kHours);
}

SloCounts SloWindow::over(std::int64_t span_s, std::int64_t now_s) const {
  const bool is_short = span_s <= kMinutes * kMinute;
  const Buckets& buckets = is_short ? minutes_ : hours_;
  const std::int64_t length = is_short ? kMinute : kHour;
  const std::int64_t last = now_s / length;
  const std::int64_t first = last - (span_s + length - 1) / length;
  SloCounts sum;
  for (const Bucket& bucket : buckets) {
    if (bucket.number > first && bucket.number <= last) sum.add(bucket.counts);
  }
  return sum;
}

std::optional<std::int64_t> SloWindow::since_s() const {
  if (hours_.empty()) return std::nullopt;
  return std::max(hours_.front().number * kHour, *first_s_);
}

}  // namespace longspan
