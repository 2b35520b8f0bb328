// What a Flow has to do with consumer groups: what they commit on both clusters, told to its
// shards.
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

bool Flow::wants_groups(EventSide side) const {
  if (side == EventSide::source) return !config_.latency_groups_source.patterns().empty();
  return !config_.latency_groups.patterns().empty() && config_.latency_samples > 0;
}

void Flow::start_groups() {
  for (const EventSide side : kEventSides) {
    if (wants_groups(side)) start_groups(side);
  }
  if (!wants_groups(EventSide::target)) return;
  sink_commits_ = std::make_unique<SinkCommits>(
      SinkCommitsPorts{*ports_.clock, ports_.make_wakeup(),
                       [this] {
                         const auto patience = std::min(config_.admin_timeout, kGroupPatience);
                         return ports_.make_admin(
                             config_.target, "longspan|" + config_.name() + "|sinks", patience);
                       }},
      log_);
  sink_commits_thread_ =
      std::jthread([this](const std::stop_token& stop) { sink_commits_->run(stop); });
}

// In each process, of the partitions that are its own.
void Flow::start_groups(EventSide side) {
  const bool is_source = side == EventSide::source;
  const ClusterConfig& cluster = is_source ? config_.source : config_.target;
  const std::string id = "longspan|" + config_.name() + (is_source ? "|source_groups" : "|groups");
  CommitFeedPorts ports{*ports_.clock, ports_.make_wakeup(), {}, {}};
  ports.make_source = [this, id, &cluster](Wakeup& wakeup) {
    SourceLimits limits;
    limits.bytes_max = OffsetsTail::kBytesMax;
    limits.partitions_max = 50;
    return ports_.make_source(cluster, id, limits, wakeup);
  };
  ports.make_admin = [this, id, &cluster] {
    const auto patience = std::min(config_.admin_timeout, kGroupPatience);
    return ports_.make_admin(cluster, id, patience);
  };
  auto& feed = commit_feeds_[static_cast<std::size_t>(side)];
  const auto take = [this, &feed](const std::shared_ptr<const GroupCommits>& commits) {
    for (auto& running : shards_) {
      if (!running.shard->post(commits)) feed->begin_anew();
    }
  };
  feed = std::make_unique<CommitFeed>(
      CommitFeedConfig{is_source ? config_.latency_groups_source : config_.latency_groups,
                       config_.latency_groups_exclude, config_.latency_groups_poll_interval, side},
      std::move(ports), log_, take);
  commit_feed_threads_[static_cast<std::size_t>(side)] =
      std::jthread([&feed](const std::stop_token& stop) { feed->run(stop); });
}

// Those that shards were given.
void Flow::watch_groups() {
  const bool has_feed = commit_feeds_[0] || commit_feeds_[1];
  if (!survey_ || (!has_feed && !sink_commits_)) return;
  auto copies = std::make_shared<std::unordered_map<TopicPartition, bool>>();
  std::array<CommitFeed::Partitions, 2> partitions;
  for (const auto& ready : survey_->plan.ready) {
    const auto found = owned_.find(slot_of(ready.source, slots_total_));
    const bool is_ours = found != owned_.end() && !found->second.is_leaving &&
                         found->second.added.contains(ready.source);
    copies->emplace(ready.target, is_ours);
    if (!is_ours) continue;
    partitions[static_cast<std::size_t>(EventSide::source)].insert(ready.source);
    partitions[static_cast<std::size_t>(EventSide::target)].insert(ready.target);
  }
  for (std::size_t side = 0; side < partitions.size(); ++side) {
    if (commit_feeds_[side]) commit_feeds_[side]->watch(std::move(partitions[side]));
  }
  const std::lock_guard lock(sinks_mutex_);
  copies_ = std::move(copies);
}

// Before the shards that they tell.
void Flow::stop_groups() {
  if (sink_commits_thread_.joinable()) {
    sink_commits_thread_.request_stop();
    sink_commits_thread_.join();
  }
  for (auto& thread : commit_feed_threads_) {
    if (!thread.joinable()) continue;
    thread.request_stop();
    thread.join();
  }
}

// Names are kept for ever.
Flow::OwnReports Flow::sort_reports(const std::vector<SinkReport>& reports,
                                    std::vector<SinkReportFate>& fates) {
  OwnReports out;
  const std::lock_guard lock(sinks_mutex_);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const SinkReport& report = reports[i];
    fates[i] = SinkReportFate::busy;
    if (!copies_) continue;
    const auto copy = copies_->find(report.partition);
    fates[i] = SinkReportFate::not_mirrored;
    if (copy == copies_->end()) continue;
    fates[i] = SinkReportFate::too_many_sinks;
    if (sinks_.size() < kSinksMax) sinks_.insert(report.sink);
    if (!sinks_.contains(report.sink)) continue;
    fates[i] = SinkReportFate::busy;
    (copy->second ? out.ours : out.others).push_back(i);
  }
  return out;
}

// A group of the sink's name, whose commits are its reports. Those of partitions that another
// process mirrors go to it by way of the cluster.
std::vector<SinkReportFate> Flow::report(const std::vector<SinkReport>& reports) {
  std::vector<SinkReportFate> fates(reports.size(), SinkReportFate::is_off);
  if (!sink_commits_ || shards_.empty()) return fates;
  const OwnReports sorted = sort_reports(reports, fates);
  for (const std::size_t i : sorted.others) {
    if (sink_commits_->add(reports[i])) fates[i] = SinkReportFate::taken;
  }
  if (sorted.ours.empty()) return fates;
  std::map<std::string, std::shared_ptr<const std::string>> names;
  auto batch = std::make_shared<GroupCommits>();
  for (const std::size_t i : sorted.ours) {
    const SinkReport& report = reports[i];
    auto& name = names[report.sink];
    if (!name) {
      // No group's name: a sink may report beside what its group commits.
      name = std::make_shared<const std::string>(sink_group(report.sink));
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
  bool is_posted = true;
  for (const auto& running : shards_) {
    is_posted = running.shard->post(std::shared_ptr<const GroupCommits>(batch)) && is_posted;
  }
  if (!is_posted) return fates;
  for (const std::size_t i : sorted.ours) fates[i] = SinkReportFate::taken;
  return fates;
}

}  // namespace longspan
