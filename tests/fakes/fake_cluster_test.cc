#include "tests/fakes/fake_cluster.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/fake_source.h"
#include "tests/fakes/seed.h"

namespace longspan {
namespace {

const TopicPartition kOrders{"orders", 0};
const TopicPartition kOther{"orders", 1};

struct Heard final : SourceEvents, SinkEvents {
  std::map<PartitionIndex, std::vector<std::int64_t>> offsets;
  std::map<PartitionIndex, Offset> ends;
  std::map<PartitionIndex, Error> failed_reads;
  std::map<PartitionIndex, std::vector<std::pair<Offset, std::size_t>>> acks;
  std::map<PartitionIndex, std::size_t> acked, somewhere, failed;
  std::vector<Error> trouble;

  void on_records(PartitionIndex p, std::span<Record> records) override {
    for (const auto& record : records) offsets[p].push_back(record.offset.value);
  }
  void on_end_of_partition(PartitionIndex p, Offset next) override { ends[p] = next; }
  void on_partition_failed(PartitionIndex p, const Error& error) override {
    failed_reads.emplace(p, error);
  }
  void on_source_trouble(const Error& error) override { trouble.push_back(error); }
  void on_acked(PartitionIndex p, Offset first, std::size_t count) override {
    acks[p].emplace_back(first, count);
    acked[p] += count;
  }
  void on_acked_somewhere(PartitionIndex p, std::size_t count) override { somewhere[p] += count; }
  void on_failed(PartitionIndex p, std::size_t count, const Error&) override { failed[p] += count; }
  void on_sink_trouble(const Error& error) override { trouble.push_back(error); }
};

class FakeClusterTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  FakeClusterTest() { cluster.create_topic("orders", 2); }

  void fill(const TopicPartition& partition, int count) {
    for (int i = 0; i < count; ++i) cluster.append(partition, "k", std::to_string(i));
  }
  void offer(FakeSink& sink, PartitionIndex partition, int count) {
    for (int i = 0; i < count; ++i) {
      Record record = make_record({"k", std::to_string(offered[partition]++), kFakeStart, {}});
      ASSERT_EQ(sink.produce(partition, record), Accepted::yes);
    }
  }
  std::vector<std::string> values(const TopicPartition& partition) {
    std::vector<std::string> out;
    for (const auto& record : cluster.at(partition).records) out.push_back(*record.data.value);
    return out;
  }

  FakeClock clock;
  FakeCluster cluster{"cluster-a", &clock};
  Heard heard;
  std::map<PartitionIndex, int> offered;
};

TEST_P(FakeClusterTest, SourceDeliversInOrderOverGapsUpToTheStableEnd) {
  fill(kOrders, 3);
  cluster.append_gap(kOrders, 2);
  fill(kOrders, 3);
  cluster.append_aborted(kOrders, {"k", "no", kFakeStart, {}});
  cluster.remove(kOrders, Offset{6});
  cluster.open_transaction(kOrders);
  fill(kOrders, 5);
  FakeSource source(cluster, GetParam());
  ASSERT_TRUE(source.start(0, kOrders, Offset{1}, {}));
  for (int i = 0; i < 50; ++i) source.poll(heard, 4);
  EXPECT_EQ(heard.offsets[0], (std::vector<std::int64_t>{1, 2, 5, 7}));
  EXPECT_EQ(heard.ends[0], Offset{9});
  cluster.close_transaction(kOrders);
  for (int i = 0; i < 50; ++i) source.poll(heard, 4);
  EXPECT_EQ(heard.offsets[0].back(), 13);
  EXPECT_EQ(heard.ends[0], Offset{15});
}

TEST_P(FakeClusterTest, SourceFailsAPositionOutsideTheLogAndOnlyThatPartition) {
  fill(kOrders, 5);
  fill(kOther, 5);
  cluster.set_log_start(kOrders, Offset{3});
  FakeSource source(cluster, GetParam());
  ASSERT_TRUE(source.start(0, kOrders, Offset{0}, {}));
  ASSERT_TRUE(source.start(1, kOther, Offset{0}, {}));
  ASSERT_TRUE(source.start(2, {"nothing", 0}, Offset{0}, {}));
  for (int i = 0; i < 50; ++i) source.poll(heard, 4);
  EXPECT_EQ(heard.failed_reads.at(0).kafka_code, kafka_code::kOffsetOutOfRange);
  EXPECT_EQ(heard.failed_reads.at(2).kafka_code, kafka_code::kUnknownTopic);
  EXPECT_EQ(heard.offsets[1].size(), 5u);
  EXPECT_FALSE(source.is_started(0));
}

TEST_P(FakeClusterTest, SinkWritesInOrderAndAcksEveryRecordWithItsOffset) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  ASSERT_TRUE(sink.open(1, kOther));
  cluster.append(kOrders, "k", "foreign");
  offer(sink, 0, 20);
  offer(sink, 1, 20);
  while (heard.acked[0] < 10) sink.poll(heard);
  cluster.append(kOrders, "k", "foreign");
  while (sink.in_flight() > 0) sink.poll(heard);
  EXPECT_EQ(heard.acked[0], 20u);
  EXPECT_EQ(heard.acked[1], 20u);
  const auto log = values(kOrders);
  int next = 0;
  for (const auto& [first, count] : heard.acks[0]) {
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(log[static_cast<std::size_t>(first.value) + i], std::to_string(next++));
    }
  }
}

TEST_P(FakeClusterTest, SinkIsGaplessBehindAFailure) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  offer(sink, 0, 10);
  while (heard.acked[0] < 2) sink.poll(heard);
  sink.fail_next(0, {Next::retry, kafka_code::kRequestTimedOut, "timed out", ""});
  offer(sink, 0, 10);
  while (sink.in_flight() > 0) sink.poll(heard);
  EXPECT_EQ(heard.acked[0] + heard.failed[0], 20u);
  const auto log = values(kOrders);
  ASSERT_EQ(log.size(), heard.acked[0]);
  for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i], std::to_string(i));
}

TEST_P(FakeClusterTest, SinkFailsARecordTheTopicDoesNotAllow) {
  cluster.topic("orders").configs["max.message.bytes"] = "10";
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  Record large = make_record({"k", std::string(100, 'x'), kFakeStart, {}});
  ASSERT_EQ(sink.produce(0, large), Accepted::yes);
  while (sink.in_flight() > 0) sink.poll(heard);
  EXPECT_EQ(heard.failed[0], 1u);
  EXPECT_TRUE(values(kOrders).empty());
}

TEST_P(FakeClusterTest, DeadSinkReportsAllFailedAndLandsOnlyPrefixes) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  offer(sink, 0, 30);
  sink.poll(heard);
  sink.die();
  sink.poll(heard);
  EXPECT_EQ(heard.acked[0] + heard.failed[0], 30u);
  ASSERT_EQ(heard.trouble.size(), 1u);
  EXPECT_EQ(heard.trouble[0].next, Next::rebuild_client);
  cluster.land_late();
  const auto log = values(kOrders);
  EXPECT_LE(log.size(), 30u);
  for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i], std::to_string(i));
}

TEST_P(FakeClusterTest, PurgeFailsWhatHasNotLanded) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  offer(sink, 0, 10);
  sink.poll(heard);
  sink.purge();
  sink.hold_landing = true;
  while (sink.in_flight() > 0) sink.poll(heard);
  EXPECT_EQ(heard.acked[0] + heard.failed[0], 10u);
  EXPECT_EQ(values(kOrders).size(), heard.acked[0]);
}

TEST_P(FakeClusterTest, SinkAnswersFullAtItsBoundAndTakesNothing) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  sink.records_max = 2;
  offer(sink, 0, 2);
  Record record = make_record({"k", "v", kFakeStart, {}});
  EXPECT_EQ(sink.produce(0, record), Accepted::full);
  EXPECT_EQ(record.value, "v");
}

TEST_P(FakeClusterTest, AckWithoutOffsetComesWhenAskedFor) {
  FakeSink sink(cluster, GetParam());
  ASSERT_TRUE(sink.open(0, kOrders));
  sink.lose_offsets(0, 1);
  offer(sink, 0, 10);
  while (sink.in_flight() > 0) sink.poll(heard);
  EXPECT_GT(heard.somewhere[0], 0u);
  EXPECT_EQ(heard.somewhere[0] + heard.acked[0], 10u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FakeClusterTest, testing::ValuesIn(test_seeds(20)));

TEST(FakeAdmin, RecreatedTopicHasAnotherId) {
  FakeCluster cluster("c");
  FakeAdmin admin(cluster);
  cluster.create_topic("t", 1);
  const auto before = admin.topics().value().at(0).id;
  cluster.delete_topic("t");
  ASSERT_TRUE(admin.create_topic({"t", 3, -1, {{"cleanup.policy", "compact"}}}));
  EXPECT_NE(admin.topics().value().at(0).id, before);
  const auto config = admin.describe_configs({"t", "none"}).value();
  EXPECT_EQ(config.at("t")->at("cleanup.policy").value, "compact");
  EXPECT_FALSE(config.at("none").has_value());
}

TEST(FakeAdmin, EndsNameBothEndsAndBrokenPartitionsAlone) {
  FakeCluster cluster("c");
  FakeAdmin admin(cluster);
  cluster.create_topic("t", 2);
  cluster.append({"t", 0}, "k", "v");
  cluster.open_transaction({"t", 0});
  cluster.append({"t", 0}, "k", "v");
  cluster.break_partition({"t", 1}, Error{Next::retry, kafka_code::kNotLeader, "no leader", ""});
  const auto ends = admin.ends({{"t", 0}, {"t", 1}}).value();
  EXPECT_EQ(ends.at({"t", 0})->end, Offset{2});
  EXPECT_EQ(ends.at({"t", 0})->stable_end, Offset{1});
  EXPECT_FALSE(ends.at({"t", 1}).has_value());
  cluster.set_reachable(false);
  EXPECT_FALSE(admin.ends({{"t", 0}}).has_value());
}

TEST(FakeClock, WaitMovesTimeUnlessNotified) {
  FakeClock clock;
  FakeWakeup wakeup(clock);
  wakeup.notify();
  wakeup.wait(std::chrono::milliseconds(100));
  EXPECT_EQ(clock.now(), kFakeStart);
  wakeup.wait(std::chrono::milliseconds(100));
  EXPECT_EQ(clock.now() - kFakeStart, 100);
}

}  // namespace
}  // namespace longspan
