// What consumer groups commit on a real cluster, as the feed of it tells: from __consumer_offsets,
// and by asking where that is forbidden.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

#include "mirror/groups/commit_feed.h"
#include "mirror/groups/sink_commits.h"
#include "mirror/kafka/clients.h"
#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/wall_clock.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr std::chrono::seconds kDeadline{90};
constexpr int kCallMs = 30'000;

// A CommitFeed that runs, and all that it told.
class RunningFeed {
 public:
  RunningFeed(ClusterConfig cluster, const std::string& groups, CommitFeed::Partitions partitions)
      : cluster_(std::move(cluster)),
        feed_({*NamePatterns::make({groups}, "groups"), {}, std::chrono::milliseconds(200)},
              {*clock_, make_wakeup(),
               [this](Wakeup& wakeup) { return make_source(cluster_, "test|groups", {}, wakeup); },
               [this] { return make_admin(cluster_, "test|groups", std::chrono::seconds(10)); }},
              LogContext{},
              [this](const std::shared_ptr<const GroupCommits>& batch) { take(*batch); }) {
    feed_.watch(std::move(partitions));
    thread_ = std::jthread([this](const std::stop_token& stop) { feed_.run(stop); });
  }

  // Waits for a commit at or after the `from`-th that satisfies `wanted`.
  template <class Wanted>
  std::optional<ObservedCommit> await(Wanted&& wanted, std::size_t from = 0) {
    std::optional<ObservedCommit> found;
    static_cast<void>(eventually(kDeadline, [&] {
      const std::lock_guard lock(mutex_);
      for (auto i = from; i < commits_.size() && !found; ++i) {
        if (wanted(commits_[i])) found = commits_[i];
      }
      return found.has_value();
    }));
    return found;
  }
  std::optional<ObservedCommit> await_offset(const std::string& group, std::int64_t offset) {
    return await([&](const ObservedCommit& c) {
      return *c.group == group && c.commit && c.commit->offset.value == offset;
    });
  }
  bool await_state(const std::string& group, GroupState state) {
    return eventually(kDeadline, [&] {
      const std::lock_guard lock(mutex_);
      const auto found = states_.find(group);
      return found != states_.end() && found->second == state;
    });
  }
  bool await_snapshot() {
    return eventually(kDeadline, [&] {
      const std::lock_guard lock(mutex_);
      return firsts_ > 0;
    });
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return commits_.size();
  }
  bool has_told(std::int64_t offset) {
    const std::lock_guard lock(mutex_);
    return std::any_of(commits_.begin(), commits_.end(), [&](const ObservedCommit& c) {
      return c.commit && c.commit->offset.value == offset;
    });
  }

 private:
  void take(const GroupCommits& batch) {
    const std::lock_guard lock(mutex_);
    firsts_ += batch.is_first ? 1 : 0;
    commits_.insert(commits_.end(), batch.commits.begin(), batch.commits.end());
    for (const auto& seen : batch.groups) states_[*seen.group] = seen.state;
  }

  const std::unique_ptr<Clock> clock_ = make_clock();
  const ClusterConfig cluster_;
  std::mutex mutex_;
  int firsts_ = 0;                            // protected by mutex_
  std::vector<ObservedCommit> commits_;       // the same
  std::map<std::string, GroupState> states_;  // the same
  CommitFeed feed_;
  std::jthread thread_;
};

class Groups : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    target_.emplace(clusters().target);
    target_->create({.name = topic_, .partitions = 2});
  }
  ClusterConfig cluster() const {
    ClusterConfig out;
    out.alias = "west";
    out.common = {{"bootstrap.servers", clusters().target}};
    return out;
  }
  CommitFeed::Partitions partitions() const { return {{topic_, 0}, {topic_, 1}}; }
  void commit(std::int64_t offset) { target_->commit(group_, topic_, {{0, offset}}); }

  // The id of the broker of a cluster that has one.
  int broker_id() {
    const Client client =
        open_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", clusters().target}});
    const rd_kafka_metadata_t* metadata = nullptr;
    require_ok(rd_kafka_metadata(client.get(), 0, nullptr, &metadata, kCallMs), "metadata");
    EXPECT_EQ(metadata->broker_cnt, 1);
    const int id = metadata->brokers[0].id;
    rd_kafka_metadata_destroy(metadata);
    return id;
  }
  // Calls an admin function of the library and waits for its answer.
  template <class Call>
  void administer(Call&& call) {
    const Client client =
        open_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", clusters().target}});
    const Queue queue(rd_kafka_queue_new(client.get()));
    call(client.get(), queue.get());
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), kCallMs);
    require(event != nullptr, "the cluster does not answer");
    const auto code = rd_kafka_event_error(event);
    rd_kafka_event_destroy(event);
    require_ok(code, "administering");
  }
  void delete_offset(std::int32_t partition) {
    administer([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
      const Partitions list(rd_kafka_topic_partition_list_new(1));
      rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
      auto* what = rd_kafka_DeleteConsumerGroupOffsets_new(group_.c_str(), list.get());
      rd_kafka_DeleteConsumerGroupOffsets(client, &what, 1, nullptr, queue);
      rd_kafka_DeleteConsumerGroupOffsets_destroy(what);
    });
  }
  void delete_group() {
    administer([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
      auto* what = rd_kafka_DeleteGroup_new(group_.c_str());
      rd_kafka_DeleteGroups(client, &what, 1, nullptr, queue);
      rd_kafka_DeleteGroup_destroy(what);
    });
  }
  void forbid_offsets_topic() {
    administer([&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
      std::array<char, 256> reason{};
      auto* what = rd_kafka_AclBindingFilter_new(
          RD_KAFKA_RESOURCE_TOPIC, "__consumer_offsets", RD_KAFKA_RESOURCE_PATTERN_LITERAL, nullptr,
          nullptr, RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, reason.data(),
          reason.size());
      rd_kafka_DeleteAcls(client, &what, 1, nullptr, queue);
      rd_kafka_AclBinding_destroy(what);
    });
  }

  const std::string topic_ = unique_name("followed");
  const std::string group_ = unique_name("sink");
  std::optional<Admin> target_;
};

TEST_F(Groups, CommitsAreToldAsTheyHappen) {
  commit(1);
  RunningFeed feed(cluster(), group_, partitions());
  const auto first = feed.await_offset(group_, 1);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->is_exact);
  EXPECT_TRUE(first->seen_by);

  const auto before = now_ms();
  commit(7);
  const auto after = now_ms();
  const auto seen = feed.await_offset(group_, 7);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->is_exact);
  EXPECT_EQ(seen->partition, (TopicPartition{topic_, 0}));
  EXPECT_EQ(seen->coordinator, broker_id());
  ASSERT_TRUE(seen->commit->at);
  EXPECT_GE(seen->commit->at->value, before);
  EXPECT_LE(seen->commit->at->value, after);

  const auto told = feed.count();
  delete_offset(0);
  EXPECT_TRUE(feed.await(
      [&](const ObservedCommit& c) { return !c.commit && c.partition.partition == 0; }, told));
  target_->commit(group_, topic_, {{1, 9}});
  ASSERT_TRUE(feed.await_offset(group_, 9));
  const auto then = feed.count();
  delete_group();
  EXPECT_TRUE(feed.await(
      [&](const ObservedCommit& c) { return !c.commit && c.partition.partition == 1; }, then));
  EXPECT_TRUE(feed.await_state(group_, GroupState::dead));
}

// What a sink reports to one process comes to all.
TEST_F(Groups, ASinksReportIsHandedOn) {
  const std::string sink = unique_name("warehouse");
  RunningFeed feed(cluster(), group_, partitions());
  ASSERT_TRUE(feed.await_snapshot());
  const auto clock = make_clock();
  SinkCommits commits(
      {*clock, make_wakeup(),
       [&] { return make_admin(cluster(), "test|sinks", std::chrono::seconds(30)); }},
      {});
  constexpr TimestampMs kAt{1'700'000'000'123};
  ASSERT_TRUE(commits.add({sink, {topic_, 0}, {41}, kAt}));
  ASSERT_TRUE(commits.add({sink, {topic_, 1}, {6}, {}}));
  ASSERT_EQ(commits.turn(), SinkCommits::kEach);
  const auto seen = feed.await_offset(sink_group(sink), 42);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->is_of_sink);
  EXPECT_EQ(seen->commit->at, kAt);
  const auto without = feed.await_offset(sink_group(sink), 7);
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->is_of_sink);
  EXPECT_FALSE(without->commit->at);
  ASSERT_TRUE(commits.add({sink, {topic_, 0}, {43}, kAt}));
  ASSERT_EQ(commits.turn(), SinkCommits::kEach) << "the group is there already";
  EXPECT_TRUE(feed.await_offset(sink_group(sink), 44));
}

TEST_F(Groups, AConsumersStateAndCommitsAreTold) {
  Writer writer({.bootstrap = clusters().target});
  for (int i = 0; i < 5; ++i) writer.write(topic_, {.partition = 0, .key = "k", .value = "v"});
  writer.flush();
  RunningFeed feed(cluster(), group_, partitions());
  ASSERT_TRUE(feed.await_snapshot());
  {
    const Client consumer =
        open_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", clusters().target},
                                        {"group.id", group_},
                                        {"auto.offset.reset", "earliest"},
                                        {"enable.auto.commit", "false"}});
    rd_kafka_poll_set_consumer(consumer.get());
    const Partitions topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
    require_ok(rd_kafka_subscribe(consumer.get(), topics.get()), "subscribe");
    for (int read = 0; read < 5;) {
      const Message message(rd_kafka_consumer_poll(consumer.get(), kCallMs));
      require(message != nullptr, "nothing arrives");
      read += message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0;
    }
    EXPECT_TRUE(feed.await_state(group_, GroupState::stable));
    require_ok(rd_kafka_commit(consumer.get(), nullptr, 0), "commit");
    const auto seen = feed.await_offset(group_, 5);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->is_exact);
    EXPECT_TRUE(seen->coordinator);
    require_ok(rd_kafka_consumer_close(consumer.get()), "close");
  }
  EXPECT_TRUE(feed.await_state(group_, GroupState::empty));
}

TEST_F(Groups, OfTransactionsOnlyWhatIsCommitted) {
  RunningFeed feed(cluster(), group_, partitions());
  ASSERT_TRUE(feed.await_snapshot());
  const Client producer = open_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", clusters().target},
                                                          {"transactional.id", unique_name("tx")}});
  require_ok(rd_kafka_init_transactions(producer.get(), kCallMs), "init");
  const auto send = [&](std::int64_t offset) {
    require_ok(rd_kafka_begin_transaction(producer.get()), "begin");
    const Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), 0)->offset = offset;
    auto* group = rd_kafka_consumer_group_metadata_new(group_.c_str());
    auto* error = rd_kafka_send_offsets_to_transaction(producer.get(), list.get(), group, kCallMs);
    rd_kafka_consumer_group_metadata_destroy(group);
    require_ok(error, "send offsets");
  };
  send(11);
  require_ok(rd_kafka_abort_transaction(producer.get(), kCallMs), "abort");
  send(12);
  require_ok(rd_kafka_commit_transaction(producer.get(), kCallMs), "commit");
  const auto seen = feed.await_offset(group_, 12);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->is_exact);
  EXPECT_FALSE(feed.has_told(11)) << "it came before, and was aborted";
}

TEST_F(Groups, WhereTheTopicIsForbiddenTheyAreAskedFor) {
  forbid_offsets_topic();
  target_->allow(clusters().user, {.name = topic_, .operation = RD_KAFKA_ACL_OPERATION_DESCRIBE});
  target_->allow(clusters().user, {.type = RD_KAFKA_RESOURCE_GROUP,
                                   .name = group_,
                                   .operation = RD_KAFKA_ACL_OPERATION_DESCRIBE});
  commit(1);
  auto secure = cluster();
  secure.common = {{"bootstrap.servers", clusters().target_secure},
                   {"security.protocol", "SASL_PLAINTEXT"},
                   {"sasl.mechanism", "SCRAM-SHA-256"},
                   {"sasl.username", clusters().user},
                   {"sasl.password", clusters().password}};
  RunningFeed feed(secure, group_, partitions());
  ASSERT_TRUE(feed.await_offset(group_, 1));
  const auto before = now_ms();
  commit(2);
  const auto after = now_ms();
  const auto asked = feed.await_offset(group_, 2);
  ASSERT_TRUE(asked);
  EXPECT_FALSE(asked->is_exact);
  ASSERT_TRUE(asked->seen_after && asked->seen_by);
  EXPECT_LE(asked->seen_after->value / 1000, after);
  EXPECT_GE(asked->seen_by->value / 1000, before);

  target_->allow(clusters().user, {.name = "__consumer_offsets"});
  std::int64_t offset = 3;
  EXPECT_TRUE(eventually(kDeadline, [&] {
    commit(offset);
    const auto seen = feed.await_offset(group_, offset++);
    return seen && seen->is_exact;
  }));
  forbid_offsets_topic();
}

}  // namespace
}  // namespace longspan::harness
