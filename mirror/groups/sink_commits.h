// mirror/groups/sink_commits.h - hands what sinks report on to the process that mirrors the
// partition.
//
//   POST /api/v1/sink --> Flow::report() --own partitions--> shards
//                            +--others'--> SinkCommits --> commits of the group sink:NAME
//                                                                    |
//   the owner's CommitFeed <--------------- __consumer_offsets ------+
//
// A report becomes the position of a group of the sink's name, with the sink's own time as the
// commit's metadata: every process follows commits anyway. Of a partition only the newest report
// goes on, each kEach.
//
// Errors:  what keeps it from committing is logged once. Where the cluster does not answer it is
//          tried again, after kTryAgain at first; what it refuses waits for the next report.
// Threads: add() from anywhere; run() or turn() on one thread, which waits for the cluster.
// Owns:    its admin client.
// Limits:  kWaitingMax partitions wait; further ones are not taken.
// Source:  Kafka OffsetCommit, of groups without members.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "mirror/admin.h"
#include "mirror/groups/sink_report.h"
#include "mirror/ports.h"
#include "tracing/log.h"

namespace longspan {

// The group of a sink: no other group has such a name.
[[nodiscard]] std::string sink_group(std::string_view sink);
[[nodiscard]] bool is_sink_group(std::string_view group);
// The sink's time, as metadata of its commit; absent where it told none.
[[nodiscard]] std::string sink_metadata(std::optional<TimestampMs> at);
[[nodiscard]] std::optional<TimestampMs> sink_time(std::string_view metadata);

struct SinkCommitsPorts {
  const Clock& clock;
  std::unique_ptr<Wakeup> wakeup;
  std::function<Result<std::unique_ptr<Admin>>()> make_admin;
};

class SinkCommits {
 public:
  static constexpr std::size_t kWaitingMax = 100'000;
  static constexpr std::chrono::milliseconds kEach{500};
  static constexpr std::chrono::milliseconds kTryAgain{1'000};  // doubled up to the next
  static constexpr std::chrono::milliseconds kTryAgainMax{60'000};

  SinkCommits(SinkCommitsPorts ports, LogContext log)
      : ports_(std::move(ports)), log_(std::move(log)) {}

  // False: too many wait.
  [[nodiscard]] bool add(const SinkReport& report);
  void run(const std::stop_token& stop);
  // One turn of run(); for tests. Until the next.
  std::chrono::milliseconds turn(const std::stop_token& stop = {});

 private:
  using Positions = std::map<TopicPartition, GroupPosition>;
  [[nodiscard]] Result<void> commit(const std::string& group, const Positions& positions);
  void keep(const std::string& group, Positions positions);
  void trouble(const Error& error);

  const SinkCommitsPorts ports_;
  const LogContext log_;

  std::mutex mutex_;
  std::map<std::string, Positions> waiting_;  // by group; protected by mutex_, as the next
  std::size_t count_ = 0;

  // run()'s thread.
  std::unique_ptr<Admin> admin_;
  std::chrono::milliseconds try_again_ = kTryAgain;
  std::set<std::string> told_;  // what was logged last
};

}  // namespace longspan
