// tests/unit/mirror/groups/commit_feed_on_fakes.h - a CommitFeed of a FakeCluster, whose groups
// commit as a broker writes it down: in __consumer_offsets, and for whoever asks.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mirror/groups/commit_feed.h"
#include "mirror/state/byte_codec.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_source.h"

namespace longspan {

inline const TopicPartition kOrders{"east.orders", 0};
inline const TopicPartition kOrders1{"east.orders", 1};
inline const std::string kOffsetsTopic = "__consumer_offsets";

class CommitFeedOnFakes : public testing::Test {
 protected:
  static constexpr std::int32_t kOffsetsPartitions = 3;

  void make_feed(const std::string& groups = ".*", const std::string& exclude = "",
                 std::chrono::milliseconds poll_interval = std::chrono::milliseconds(5'000)) {
    feed_.emplace(CommitFeedConfig{*NamePatterns::make({groups}, "groups"),
                                   *NamePatterns::make({exclude}, "exclude"), poll_interval},
                  ports(), LogContext{}, [this](const std::shared_ptr<const GroupCommits>& batch) {
                    if (keeps_) kept_.push_back(batch);
                    batches_.push_back(*batch);
                  });
    feed_->watch({kOrders, kOrders1});
  }
  CommitFeedPorts ports() {
    return {clock_, std::make_unique<FakeWakeup>(clock_),
            [this](Wakeup&) -> Result<std::unique_ptr<Source>> {
              ++sources_;
              auto source = std::make_unique<FakeSource>(cluster_, seed_);
              source->batch_max = batch_max_;
              return std::unique_ptr<Source>(std::move(source));
            },
            [this]() -> Result<std::unique_ptr<Admin>> {
              auto admin = std::make_unique<FakeAdmin>(cluster_);
              admin_ = admin.get();
              if (prepare_) prepare_(*admin);
              return std::unique_ptr<Admin>(std::move(admin));
            }};
  }

  static TopicPartition offsets_partition(const std::string& group) {
    std::int32_t sum = 0;
    for (const char c : group) sum += c;
    return {kOffsetsTopic, sum % kOffsetsPartitions};
  }
  static std::string commit_key(const std::string& group, const TopicPartition& partition) {
    ByteWriter out;
    out.put_i16(1);
    out.put_string(group);
    out.put_string(partition.topic);
    out.put_i32(partition.partition);
    return out.take();
  }
  [[nodiscard]] std::string commit_value(std::int64_t offset,
                                         const std::string& metadata = "") const {
    ByteWriter out;
    out.put_i16(3);
    out.put_i64(offset);
    out.put_i32(4);  // leader epoch
    out.put_string(metadata);
    out.put_i64(clock_.now().value);
    return out.take();
  }
  // Only the record.
  void append_commit(const std::string& group, const TopicPartition& partition,
                     std::int64_t offset) {
    cluster_.append(offsets_partition(group), commit_key(group, partition), commit_value(offset));
  }
  void commit(const std::string& group, const TopicPartition& partition, std::int64_t offset) {
    append_commit(group, partition, offset);
    cluster_.commit(group, partition, Offset{offset});
  }
  void delete_commit(const std::string& group, const TopicPartition& partition) {
    cluster_.append(offsets_partition(group),
                    {commit_key(group, partition), std::nullopt, clock_.now(), {}});
    cluster_.delete_commit(group, partition);
  }
  // A classic group's record: so many members.
  void append_group(const std::string& group, int members) {
    ByteWriter key;
    key.put_i16(2);
    key.put_string(group);
    ByteWriter value;
    value.put_i16(0);
    value.put_string("consumer");
    value.put_i32(1);
    value.put_string("range");
    value.put_string("m");
    value.put_i32(members);
    for (int i = 0; i < members; ++i) {
      for (const auto* text : {"m", "client", "/host"}) value.put_string(text);
      for (int zero = 0; zero < 3; ++zero) value.put_i32(0);  // timeout, subscription, assignment
    }
    cluster_.append(offsets_partition(group), key.take(), value.take());
  }

  using Pair = std::pair<std::string, TopicPartition>;  // group and partition
  // What the cluster says.
  std::map<Pair, Offset> committed() const {
    std::map<Pair, Offset> out;
    for (const auto& [group, offsets] : cluster_.groups()) {
      for (const auto& [partition, offset] : offsets) out[{group, partition}] = offset;
    }
    return out;
  }

  // Turns, and the time between them, until so much has passed.
  void run_for(std::chrono::milliseconds time) {
    for (const auto until = clock_.steady() + time; clock_.steady() < until;) {
      clock_.advance(std::max(feed_->turn(), std::chrono::milliseconds(1)));
    }
  }
  // As text: "orders 0 = 5 exact, ..." in the order they were told; is_first as "|".
  std::string told() {
    std::string out;
    for (const auto& batch : std::exchange(batches_, {})) {
      if (batch.is_first) out += "| ";
      for (const auto& commit : batch.commits) out += text_of(commit) + " ";
    }
    return out.empty() ? out : out.substr(0, out.size() - 1);
  }
  static std::string text_of(const ObservedCommit& commit) {
    const auto value = commit.commit ? std::to_string(commit.commit->offset.value) : "none";
    return *commit.group + "/" + std::to_string(commit.partition.partition) + "=" + value +
           (commit.is_exact ? "" : "?");
  }
  // The last state of each group that was told.
  std::map<std::string, GroupState> states() const {
    std::map<std::string, GroupState> out;
    for (const auto& batch : batches_) {
      if (batch.is_first) out.clear();
      for (const auto& seen : batch.groups) out[*seen.group] = seen.state;
    }
    return out;
  }

  CommitFeedOnFakes() { cluster_.create_topic(kOffsetsTopic, kOffsetsPartitions); }

  std::uint64_t seed_ = 7;
  std::size_t batch_max_ = 100;
  FakeClock clock_;
  FakeCluster cluster_{"target", &clock_};
  FakeAdmin* admin_ = nullptr;               // the feed's, once it made it
  std::function<void(FakeAdmin&)> prepare_;  // what it is when it is made; may be empty
  int sources_ = 0;
  std::vector<GroupCommits> batches_;
  bool keeps_ = false;
  std::vector<std::shared_ptr<const GroupCommits>> kept_;
  std::optional<CommitFeed> feed_;
};

}  // namespace longspan
