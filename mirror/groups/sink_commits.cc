#include "mirror/groups/sink_commits.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace longspan {
namespace {

constexpr std::string_view kGroupPrefix = "sink:";
constexpr std::string_view kTimePrefix = "at_ms=";
constexpr std::size_t kCausesMax = 100;                   // told until all is fine again
constexpr std::int64_t kTimeMaxMs = 100'000'000'000'000;  // the year 5138

}  // namespace

std::string sink_group(std::string_view sink) { return std::string(kGroupPrefix).append(sink); }

bool is_sink_group(std::string_view group) { return group.starts_with(kGroupPrefix); }

std::string sink_metadata(std::optional<TimestampMs> at) {
  return at ? std::string(kTimePrefix) + std::to_string(at->value) : std::string();
}

std::optional<TimestampMs> sink_time(std::string_view metadata) {
  if (!metadata.starts_with(kTimePrefix)) return std::nullopt;
  metadata.remove_prefix(kTimePrefix.size());
  TimestampMs at;
  const char* const end = metadata.data() + metadata.size();
  const auto parsed = std::from_chars(metadata.data(), end, at.value);
  const bool is_number = parsed.ec == std::errc{} && parsed.ptr == end;
  return is_number && at.value >= 0 && at.value <= kTimeMaxMs ? std::optional(at) : std::nullopt;
}

bool SinkCommits::add(const SinkReport& report) {
  const std::string group = sink_group(report.sink);
  const std::lock_guard lock(mutex_);
  const auto of = waiting_.find(group);
  const bool is_there = of != waiting_.end() && of->second.contains(report.partition);
  if (!is_there && count_ >= kWaitingMax) return false;
  if (!is_there) ++count_;
  waiting_[group][report.partition] = {report.offset.next(), sink_metadata(report.at)};
  return true;
}

void SinkCommits::run(const std::stop_token& stop) {
  const std::stop_callback wakes(stop, [this] { ports_.wakeup->notify(); });
  while (!stop.stop_requested()) ports_.wakeup->wait(turn(stop));
}

std::chrono::milliseconds SinkCommits::turn(const std::stop_token& stop) {
  std::map<std::string, Positions> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = std::exchange(waiting_, {});
    count_ = 0;
  }
  bool is_unreachable = false;
  bool is_fine = true;
  for (auto& [group, positions] : taken) {
    if (stop.stop_requested()) return kEach;
    if (!is_unreachable) {
      const auto done = commit(group, positions);
      if (done) continue;
      trouble(done.error());
      is_fine = false;
      // What the cluster refuses of one group is no reason for the others to wait; its next report
      // is another try.
      if (done.error().next != Next::retry) continue;
      is_unreachable = true;
    }
    keep(group, std::move(positions));
  }
  if (is_unreachable) {
    admin_.reset();
    return std::exchange(try_again_, std::min(2 * try_again_, kTryAgainMax));
  }
  if (!taken.empty()) try_again_ = kTryAgain;
  if (!taken.empty() && is_fine) told_.clear();
  return kEach;
}

Result<void> SinkCommits::commit(const std::string& group, const Positions& positions) {
  if (!admin_) {
    auto made = ports_.make_admin();
    if (!made) return made.error();
    admin_ = std::move(*made);
  }
  return admin_->commit_offsets(group, positions);
}

// Behind what came meanwhile.
void SinkCommits::keep(const std::string& group, Positions positions) {
  const std::lock_guard lock(mutex_);
  Positions& newer = waiting_[group];
  count_ -= newer.size();
  newer.merge(positions);
  count_ += newer.size();
}

void SinkCommits::trouble(const Error& error) {
  // Of two groups each may have a cause of its own.
  if (told_.size() >= kCausesMax || !told_.insert(error.cause()).second) return;
  log_warn(log_, "sink_reports_not_handed_on", {{"error", error.text()}});
}

}  // namespace longspan
