#include "mirror/groups/sink_commits.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace longspan {
namespace {

constexpr std::string_view kGroupPrefix = "sink:";
constexpr std::string_view kTimePrefix = "at_ms=";
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
  const std::lock_guard lock(mutex_);
  Positions& positions = waiting_[sink_group(report.sink)];
  const auto found = positions.find(report.partition);
  if (found == positions.end()) {
    if (count_ >= kWaitingMax) return false;
    ++count_;
  }
  positions[report.partition] = {report.offset.next(), sink_metadata(report.at)};
  return true;
}

void SinkCommits::run(const std::stop_token& stop) {
  const std::stop_callback wakes(stop, [this] { ports_.wakeup->notify(); });
  while (!stop.stop_requested()) ports_.wakeup->wait(turn());
}

std::chrono::milliseconds SinkCommits::turn() {
  std::map<std::string, Positions> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = std::exchange(waiting_, {});
    count_ = 0;
  }
  std::optional<Error> failed;
  for (auto& [group, positions] : taken) {
    if (!failed) {
      const auto done = commit(group, positions);
      if (done) continue;
      failed = done.error();
    }
    keep(group, std::move(positions));
  }
  if (!failed) {
    if (!taken.empty()) try_again_ = kTryAgain;
    if (!taken.empty()) told_.clear();
    return kEach;
  }
  trouble(*failed);
  admin_.reset();
  return std::exchange(try_again_, std::min(2 * try_again_, kTryAgainMax));
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
  if (std::exchange(told_, error.text()) == told_) return;
  log_warn(log_, "sink_reports_not_handed_on", {{"error", error.text()}});
}

}  // namespace longspan
