// What a mirror must keep, on real Kafka: bytes, order, headers, timestamps, sizes, committed
// records only. Each test writes to the source, lets `longspan run` mirror it, and reads both
// sides.

#include <gtest/gtest.h>

#include <map>

#include "tests/broker/harness/cdc_records.h"
#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kcat.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

class MirrorFidelity : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
  }

  // Mirrors `topic` until `records` have arrived, then stops cleanly. Each test has a flow of its
  // own: aliases name the state topic.
  void mirror(const std::string& topic, size_t records) {
    const auto file = Properties(clusters(), topic)
                          .of_flow(alias_)
                          .set("mirror.debezium.heartbeats", "true")
                          .write(folder());
    MirrorRun run(file);
    ASSERT_TRUE(
        run.wait_for_records(clusters().target, mirrored(topic), static_cast<int64_t>(records)))
        << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }

  std::string mirrored(const std::string& topic) const { return alias_ + "." + topic; }

  void expect_equal(const std::string& topic) {
    const auto source = read_topic(clusters().source, topic);
    const auto target = read_topic(clusters().target, mirrored(topic));
    EXPECT_EQ(difference(source, target), "");
  }

  std::optional<Admin> source_;
  std::optional<Admin> target_;
  const std::string alias_ = unique_name("east");
};

TEST_F(MirrorFidelity, KeepsMixedRecordsOfEveryCodecAndDropsAbortedOnes) {
  const std::string topic = unique_name("mixed");
  source_->create({.name = topic, .partitions = 3});
  const Written written = produce_mixed({.bootstrap = clusters().source,
                                         .topic = topic,
                                         .mix = {.seed = seed(), .partitions = 3},
                                         .records = 5000});
  mirror(topic, written.visible.size());
  EXPECT_EQ(target_->partitions(mirrored(topic)), 3);
  EXPECT_EQ(target_->records(mirrored(topic)), static_cast<int64_t>(written.visible.size()));
  expect_equal(topic);
  if (have_kcat(folder())) {
    EXPECT_EQ(kcat_lines({clusters().target, mirrored(topic), folder()}),
              kcat_lines_expected(written.visible));
  }
}

TEST_F(MirrorFidelity, KeepsRecordsOfNothingAndOfTenMegabytes) {
  const std::string topic = unique_name("sizes");
  source_->create({.name = topic, .configs = {{"max.message.bytes", "12000000"}}});
  Writer writer({.bootstrap = clusters().source});
  const std::vector<size_t> sizes = {0, 1, 1'000'000, 10 << 20, 0, 10 << 20, 5};
  RecordMaker maker({.seed = seed(), .value_bytes_max = 100});
  for (const size_t size : sizes) {
    Record record = maker.next();
    record.value = std::string(size, static_cast<char>('a' + size % 7));
    writer.write(topic, record);
  }
  writer.flush();
  mirror(topic, sizes.size());
  EXPECT_EQ(target_->config(mirrored(topic), "max.message.bytes"), "12000000");
  expect_equal(topic);
}

TEST_F(MirrorFidelity, KeepsAppendTimesOfALogAppendTimeSource) {
  const std::string topic = unique_name("append");
  source_->create({.name = topic, .configs = {{"message.timestamp.type", "LogAppendTime"}}});
  const Written written = produce_mixed(
      {.bootstrap = clusters().source, .topic = topic, .mix = {.seed = seed()}, .records = 500});
  mirror(topic, written.visible.size());
  const auto source = read_topic(clusters().source, topic);
  ASSERT_FALSE(source.empty());
  EXPECT_EQ(source[0].stamp, Stamp::log_append_time);
  expect_equal(topic);
}

std::vector<Record> newest_of_each_key(const std::vector<Record>& records) {
  std::map<std::string, Record> by_key;
  for (const Record& record : records) by_key.insert_or_assign(*record.key, record);
  std::vector<Record> newest;
  for (const auto& [key, record] : by_key) newest.push_back(record);
  return newest;
}

// Compaction runs on both sides when it likes, so what must agree is the newest record of every
// key.
TEST_F(MirrorFidelity, KeepsTheNewestRecordOfEveryKeyOfACompactedTopic) {
  const std::string topic = unique_name("compacted");
  source_->create({.name = topic,
                   .configs = {{"cleanup.policy", "compact"},
                               {"segment.bytes", "1048576"},
                               {"min.cleanable.dirty.ratio", "0.01"},
                               {"max.compaction.lag.ms", "500"}}});
  const RecordMix mix{
      .seed = seed(), .keys = Keys::always, .distinct_keys = 200, .value_bytes_max = 2000};
  const Written written =
      produce_mixed({.bootstrap = clusters().source, .topic = topic, .mix = mix, .records = 8000});
  // All but the active segment (1 MiB) is cleaned.
  ASSERT_TRUE(eventually(std::chrono::seconds(60), [&] {
    return read_topic(clusters().source, topic).size() < written.visible.size() / 2;
  })) << "the source was not compacted, so the test would prove nothing";
  Writer last({.bootstrap = clusters().source});
  last.write(topic, {.key = "last", .timestamp_ms = 1'700'000'000'000});
  last.flush();
  MirrorRun run(Properties(clusters(), topic).of_flow(alias_).write(folder()));
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 1)) << run.last_lines();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto copies = read_topic(clusters().target, mirrored(topic));
    return !copies.empty() && copies.back().key == "last";
  })) << run.last_lines();
  EXPECT_EQ(run.stop(), 0);
  EXPECT_EQ(target_->config(mirrored(topic), "cleanup.policy"), "compact");
  EXPECT_EQ(difference(newest_of_each_key(read_topic(clusters().source, topic)),
                       newest_of_each_key(read_topic(clusters().target, mirrored(topic)))),
            "");
}

TEST_F(MirrorFidelity, KeepsRealChangeEvents) {
  const std::string prefix = unique_name("cdc");
  std::vector<std::string> topics;
  for (const char* capture : {"cdcav", "cdcj", "cdcjs", "cdcx", "cdcxa"}) {
    int64_t records = 0;
    Writer writer({.bootstrap = clusters().source, .codec = "zstd"});
    for (const auto& [captured, all] : cdc_records(capture)) {
      if (captured.starts_with("__")) continue;  // selected by their own key, tested apart
      topics.push_back(prefix + "." + capture + "." + captured);
      source_->create({.name = topics.back(), .partitions = 1});
      for (Record record : all) {
        record.partition = 0;
        writer.write(topics.back(), record);
      }
      records += static_cast<int64_t>(all.size());
    }
    writer.flush();
    ASSERT_GT(records, 20) << capture;
  }
  MirrorRun run(Properties(clusters(), prefix + ".*").of_flow(alias_).write(folder()));
  for (const std::string& topic : topics) {
    ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), source_->records(topic)))
        << topic << "\n"
        << run.last_lines();
    expect_equal(topic);
  }
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(MirrorFidelity, MirrorsDebeziumHeartbeatsThoughTheyStartWithUnderscores) {
  const std::string topic = unique_name("__debezium-heartbeat.");
  source_->create({.name = topic});
  Writer writer({.bootstrap = clusters().source});
  writer.write(topic, {.key = "{}", .value = "{\"ts_ms\":1}", .timestamp_ms = 1'700'000'000'000});
  writer.flush();
  mirror(topic, 1);
  expect_equal(topic);
}

// Replication copies a transaction when it is committed, not when it is written.
TEST_F(MirrorFidelity, WaitsForAnOpenTransactionAndKeepsItsOrder) {
  const std::string topic = unique_name("open");
  source_->create({.name = topic});
  Writer transactional({.bootstrap = clusters().source, .transactional_id = unique_name("txn")});
  Writer plain({.bootstrap = clusters().source});
  plain.write(topic, {.value = "before", .timestamp_ms = 1'700'000'000'000});
  plain.flush();
  transactional.begin();
  transactional.write(topic, {.value = "inside", .timestamp_ms = 1'700'000'000'001});
  transactional.flush();
  plain.write(topic, {.value = "behind", .timestamp_ms = 1'700'000'000'002});
  plain.flush();
  MirrorRun run(Properties(clusters(), topic).of_flow(alias_).write(folder()));
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 1)) << run.last_lines();
  EXPECT_EQ(target_->records(mirrored(topic)), 1);  // what lies behind the open one is not readable
  transactional.commit();
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 3)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0);
  expect_equal(topic);
}

}  // namespace
}  // namespace longspan::harness
