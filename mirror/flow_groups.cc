// What a Flow has to do with consumer groups: what they commit on the target, told to its shards.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "mirror/flow.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kGroupPatience{3'000};

}  // namespace

bool Flow::wants_groups() const {
  return !config_.latency_groups.patterns().empty() && config_.latency_samples > 0;
}

// In each process, of the partitions that are its own.
void Flow::start_groups() {
  if (!wants_groups()) return;
  const std::string id = "longspan|" + config_.name() + "|groups";
  CommitFeedPorts ports{*ports_.clock, ports_.make_wakeup(), {}, {}};
  ports.make_source = [this, id](Wakeup& wakeup) {
    SourceLimits limits;
    limits.bytes_max = OffsetsTail::kBytesMax;
    limits.partitions_max = 50;
    return ports_.make_source(config_.target, id, limits, wakeup);
  };
  ports.make_admin = [this, id] {
    const auto patience = std::min(config_.admin_timeout, kGroupPatience);
    return ports_.make_admin(config_.target, id, patience);
  };
  commit_feed_ = std::make_unique<CommitFeed>(
      CommitFeedConfig{config_.latency_groups, config_.latency_groups_exclude,
                       config_.latency_groups_poll_interval},
      std::move(ports), log_, [this](const std::shared_ptr<const GroupCommits>& commits) {
        for (auto& running : shards_) {
          if (!running.shard->post(commits)) commit_feed_->begin_anew();
        }
      });
  commit_feed_thread_ =
      std::jthread([this](const std::stop_token& stop) { commit_feed_->run(stop); });
}

// Those that shards were given.
void Flow::watch_groups() {
  if (!commit_feed_ || !survey_) return;
  CommitFeed::Partitions partitions;
  for (const auto& ready : survey_->plan.ready) {
    const auto found = owned_.find(slot_of(ready.source, slots_total_));
    if (found == owned_.end() || found->second.is_leaving) continue;
    if (found->second.added.contains(ready.source)) partitions.insert(ready.target);
  }
  commit_feed_->watch(std::move(partitions));
}

// Before the shards that it tells.
void Flow::stop_groups() {
  if (!commit_feed_thread_.joinable()) return;
  commit_feed_thread_.request_stop();
  commit_feed_thread_.join();
}

// Names are kept for ever.
bool Flow::is_known_sink(const std::string& sink) {
  const std::lock_guard lock(sinks_mutex_);
  if (sinks_.size() < kSinksMax) sinks_.insert(sink);
  return sinks_.contains(sink);
}

// A group of the sink's name, whose commits are its reports.
bool Flow::report(const std::vector<SinkReport>& reports) {
  if (!wants_groups() || shards_.empty()) return false;
  std::map<std::string, std::shared_ptr<const std::string>> names;
  auto batch = std::make_shared<GroupCommits>();
  for (const SinkReport& report : reports) {
    if (!is_known_sink(report.sink)) return false;
    auto& name = names[report.sink];
    if (!name) {
      // No group's name: a sink may report beside what its group commits.
      name = std::make_shared<const std::string>("sink:" + report.sink);
      batch->groups.push_back({name, GroupState::stable});
    }
    ObservedCommit commit;
    commit.group = name;
    commit.partition = report.partition;
    commit.commit = GroupCommit{.offset = report.offset.next(), .at = report.at};
    commit.is_exact = report.at.has_value();
    if (!report.at) commit.seen_by = ports_.clock->now_us();
    commit.is_of_sink = true;
    batch->commits.push_back(std::move(commit));
  }
  bool is_taken = true;
  for (const auto& running : shards_) {
    is_taken = running.shard->post(std::shared_ptr<const GroupCommits>(batch)) && is_taken;
  }
  return is_taken;
}

}  // namespace longspan
