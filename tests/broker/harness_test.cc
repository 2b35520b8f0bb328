// Proves the harness on real Kafka: what the writer says it wrote is what the readers read, so a
// difference that a broker test reports is the mirror's.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kcat.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

class Harness : public BrokerTest {};

std::vector<Record> of_partition(const std::vector<Record>& records, int32_t partition) {
  std::vector<Record> result;
  for (const Record& record : records) {
    if (record.partition == partition) result.push_back(record);
  }
  return result;
}

TEST_F(Harness, ReadsBackAllCodecsAndTransactionsExactly) {
  Admin admin(clusters().source);
  const std::string topic = unique_name("harness-mixed");
  admin.create({.name = topic, .partitions = 3});
  const Written written = produce_mixed({.bootstrap = clusters().source,
                                         .topic = topic,
                                         .mix = {.seed = seed(), .partitions = 3},
                                         .records = 4000});
  EXPECT_EQ(written.visible.size() + written.aborted, 4000u);
  EXPECT_GT(written.aborted, 0u);
  for (int32_t partition = 0; partition < 3; ++partition) {
    const auto expected = of_partition(written.visible, partition);
    const auto read =
        read_partition({.bootstrap = clusters().source, .topic = topic, .partition = partition});
    EXPECT_EQ(difference(expected, read), "");
    for (size_t i = 0; i < std::min(expected.size(), read.size()); ++i) {
      ASSERT_EQ(expected[i].offset, read[i].offset);
    }
  }
  // Aborted records and markers take offsets that no reader sees.
  EXPECT_GT(admin.records(topic), 4000);
  admin.remove(topic);
}

TEST_F(Harness, KcatAgrees) {
  if (!have_kcat(folder())) GTEST_SKIP() << "kcat is not installed";
  Admin admin(clusters().target);
  const std::string topic = unique_name("harness-kcat");
  admin.create({.name = topic, .partitions = 2});
  const Written written = produce_mixed({.bootstrap = clusters().target,
                                         .topic = topic,
                                         .mix = {.seed = seed(), .partitions = 2},
                                         .records = 500});
  EXPECT_EQ(kcat_lines({clusters().target, topic, folder()}), kcat_lines_expected(written.visible));
  admin.remove(topic);
}

TEST_F(Harness, KeepsSizesFromNothingToTenMegabytes) {
  Admin admin(clusters().source);
  const std::string topic = unique_name("harness-sizes");
  admin.create({.name = topic, .configs = {{"max.message.bytes", "12000000"}}});
  Writer writer({.bootstrap = clusters().source, .codec = "lz4"});
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1'000'000}, size_t{10} << 20}) {
    Record record;
    record.value = std::string(size, 'x');
    record.timestamp_ms = 1'700'000'000'000;
    writer.write(topic, record);
  }
  writer.flush();
  EXPECT_EQ(difference(writer.take_written(), read_topic(clusters().source, topic)), "");
  admin.remove(topic);
}

TEST_F(Harness, SeesLogAppendTimeConfigsGrowthAndDeletedRecords) {
  Admin admin(clusters().source);
  const std::string topic = unique_name("harness-append");
  admin.create({.name = topic, .configs = {{"message.timestamp.type", "LogAppendTime"}}});
  EXPECT_EQ(admin.config(topic, "message.timestamp.type"), "LogAppendTime");
  Writer writer({.bootstrap = clusters().source});
  for (int i = 0; i < 10; ++i) {
    writer.write(topic, {.value = std::to_string(i), .timestamp_ms = 1'000'000'000'000});
  }
  writer.flush();
  admin.delete_records(topic, 0, 4);
  const auto records = read_topic(clusters().source, topic);
  ASSERT_EQ(records.size(), 6u);
  EXPECT_EQ(records[0].offset, 4);
  EXPECT_EQ(records[0].stamp, Stamp::log_append_time);
  EXPECT_GT(records[0].timestamp_ms, 1'000'000'000'000);
  admin.grow(topic, 4);
  EXPECT_EQ(admin.partitions(topic), 4);
  admin.remove(topic);
  EXPECT_TRUE(eventually(std::chrono::seconds(10), [&] { return admin.partitions(topic) == 0; }));
}

TEST_F(Harness, NamesTheFirstDifference) {
  Record source{.offset = 7, .key = "k", .value = "v", .headers = {{"a", "1"}, {"b", "2"}}};
  Record target = source;
  target.offset = 9;
  EXPECT_EQ(difference(source, target), "");
  std::swap(target.headers[0], target.headers[1]);
  EXPECT_EQ(difference(source, target),
            "headers differs: source [a=\"1\" b=\"2\" ], target [b=\"2\" a=\"1\" ] "
            "(source offset 7, target offset 9)");
  target = source;
  target.value = "";
  source.value = std::nullopt;
  EXPECT_NE(difference(source, target), "");
  EXPECT_NE(difference(std::vector<Record>{source}, std::vector<Record>{}), "");
}

std::vector<Record> numbered(const std::vector<int>& numbers) {
  std::vector<Record> records;
  for (const int number : numbers) {
    records.push_back({.value = std::to_string(number), .timestamp_ms = number + 1});
  }
  return records;
}

TEST_F(Harness, TellsSecondCopiesFromMissingForeignAndDisorderedOnes) {
  const auto source = numbered({0, 1, 2, 3, 4});
  const auto copies = [&](const std::vector<int>& numbers) {
    return compare_copies(source, numbered(numbers));
  };
  EXPECT_EQ(copies({0, 1, 2, 3, 4}).difference, "");
  EXPECT_EQ(copies({0, 1, 2, 3, 4}).written_twice, 0u);
  const Comparison rewound = copies({0, 1, 2, 1, 2, 3, 4, 4});
  EXPECT_EQ(rewound.difference, "");
  EXPECT_EQ(rewound.written_twice, 3u);
  EXPECT_NE(copies({0, 1, 3, 4}).difference, "");        // 2 is missing
  EXPECT_NE(copies({0, 1, 2, 3}).difference, "");        // the end is missing
  EXPECT_NE(copies({0, 2, 1, 3, 4}).difference, "");     // out of order
  EXPECT_NE(copies({0, 1, 9, 2, 3, 4}).difference, "");  // not ours
  EXPECT_NE(copies({0, 1, 2, 3, 4, 9}).difference, "");  // not ours, at the end
}

TEST_F(Harness, SecureListenerKnowsAliceAndHerRightsOnly) {
  if (clusters().source_secure.empty()) GTEST_SKIP() << "clusters run without --secure";
  const int version = rd_kafka_version();
  if (version < 0x020601ff) GTEST_SKIP() << "SCRAM needs librdkafka 2.6.1";
  Admin admin(clusters().source);
  const std::string topic = unique_name("harness-acl");
  admin.create({.name = topic});
  Writer writer({.bootstrap = clusters().source});
  writer.write(topic, {.value = "secret", .timestamp_ms = 1'700'000'000'000});
  writer.flush();
  const ReadFrom as_alice{.bootstrap = clusters().source_secure,
                          .topic = topic,
                          .extra = {{"security.protocol", "sasl_plaintext"},
                                    {"sasl.mechanism", "SCRAM-SHA-256"},
                                    {"sasl.username", clusters().user},
                                    {"sasl.password", clusters().password}}};
  EXPECT_THROW(read_partition(as_alice), HarnessError);
  admin.allow(clusters().user, topic, RD_KAFKA_ACL_OPERATION_READ);
  EXPECT_TRUE(eventually(std::chrono::seconds(10), [&] {
    try {
      return read_partition(as_alice).size() == 1;
    } catch (const HarnessError&) {
      return false;  // the ACL reaches the broker a moment after the controller took it
    }
  }));
  admin.remove(topic);
}

TEST_F(Harness, ProcessesRunEndAndDie) {
  const Finished finished =
      run_command({.arguments = {"sh", "-c", "echo out; echo $GREETING >&2; exit 3"},
                   .folder = folder(),
                   .environment = {{"GREETING", "hello"}}});
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_EQ(finished.out, "out\n");
  EXPECT_EQ(finished.err, "hello\n");
  Process sleeper({.arguments = {"sleep", "1000"}, .folder = folder(), .name = "sleeper"});
  EXPECT_TRUE(sleeper.running());
  EXPECT_EQ(sleeper.wait(std::chrono::milliseconds(50)), std::nullopt);
  sleeper.kill_hard();
  EXPECT_EQ(sleeper.wait(std::chrono::seconds(1)), 128 + SIGKILL);
}

TEST_F(Harness, WritesPropertiesOfOneFlow) {
  const auto path = Properties(clusters(), "orders.*").set("tasks.max", "2").write(folder());
  auto values = read_env_file(path);
  EXPECT_EQ(values["east.bootstrap.servers"], clusters().source);
  EXPECT_EQ(values["east->west.topics"], "orders.*");
  EXPECT_EQ(values["tasks.max"], "2");
}

}  // namespace
}  // namespace longspan::harness
