// What an operator does and sees while the mirror runs: pauses, new topics and partitions, changed
// configs, a backlog far larger than the memory, MirrorMaker 2's records on the target.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "mirror/groups/mm2_formats.h"
#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int64_t kTimestampMs = 1'700'000'000'000;

class Operations : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
  }

  Properties flow(const std::string& topics) {
    return Properties(clusters(), topics)
        .of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1")
        .set("sync.topic.configs.interval.seconds", "1");
  }

  std::string mirrored(const std::string& topic) const { return alias_ + "." + topic; }

  void write(const std::string& topic, int32_t partition, int count) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      writer.write(topic, {.partition = partition,
                           .key = "k",
                           .value = std::to_string(i),
                           .timestamp_ms = kTimestampMs});
    }
    writer.flush();
  }

  void expect_equal(const std::string& topic) {
    EXPECT_EQ(difference(read_topic(clusters().source, topic),
                         read_topic(clusters().target, mirrored(topic))),
              "");
  }

  // As `longspan lag` tells it; "" while it does not know the topic.
  static std::string state_of(const std::filesystem::path& file, const std::string& topic) {
    const auto json = ask_json("lag", file);
    for (const auto& one : json.at("flows").at(0).at("partitions")) {
      if (one.at("topic") == topic) return one.at("state");
    }
    return "";
  }

  const std::string alias_ = unique_name("east");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(Operations, APauseHoldsItsTopicAloneAndEndsWithoutARestart) {
  const std::string held = unique_name("held");
  const std::string other = unique_name("other");
  for (const std::string& topic : {held, other}) {
    source_->create({.name = topic});
    write(topic, 0, 10);
  }
  const auto file = flow(held + ", " + other).write(folder());
  MirrorRun run(file);
  for (const std::string& topic : {held, other}) {
    ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 10)) << run.last_lines();
  }
  ASSERT_EQ(ask("pause", file, {"--topic", held, "--reason", "maintenance"}).exit_code, 0);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return run.output().find("event=paused") != std::string::npos;
  })) << run.last_lines();
  EXPECT_EQ(state_of(file, held), "paused");
  write(held, 0, 10);
  write(other, 0, 10);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(other), 20)) << run.last_lines();
  EXPECT_EQ(target_->records(mirrored(held)), 10);
  ASSERT_EQ(ask("resume", file, {"--topic", held}).exit_code, 0);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(held), 20)) << run.last_lines();
  EXPECT_EQ(state_of(file, held), "active");
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  expect_equal(held);
  expect_equal(other);
}

// A pause is kept in the state topic: the next process obeys it, too.
TEST_F(Operations, APauseOutlivesTheProcess) {
  const std::string topic = unique_name("held");
  source_->create({.name = topic});
  write(topic, 0, 10);
  const auto file = flow(topic).write(folder());
  {
    MirrorRun run(file, "first");
    ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 10)) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  ASSERT_EQ(ask("pause", file).exit_code, 0);
  write(topic, 0, 10);
  MirrorRun run(file, "second");
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto json = ask_json("lag", file);
    return json.at("flows").at(0).at("running").get<bool>();
  })) << run.last_lines();
  EXPECT_EQ(state_of(file, topic), "paused");
  EXPECT_EQ(target_->records(mirrored(topic)), 10);
  ASSERT_EQ(ask("resume", file).exit_code, 0);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), 20)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_F(Operations, TopicsAndPartitionsAppearAndConfigsFollow) {
  const std::string prefix = unique_name("live");
  const std::string first = prefix + "-first";
  const std::string second = prefix + "-second";
  source_->create({.name = first, .partitions = 2});
  write(first, 0, 10);
  const auto file = flow(prefix + ".*").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(first), 10)) << run.last_lines();
  source_->grow(first, 5);
  write(first, 4, 10);
  source_->create({.name = second,
                   .partitions = 3,
                   .configs = {{"cleanup.policy", "compact"},
                               {"max.message.bytes", "2000000"},
                               {"retention.ms", "86400000"}}});
  write(second, 2, 10);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(first), 20)) << run.last_lines();
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(second), 10)) << run.last_lines();
  EXPECT_EQ(target_->partitions(mirrored(first)), 5);
  EXPECT_EQ(target_->partitions(mirrored(second)), 3);
  EXPECT_EQ(target_->config(mirrored(second), "cleanup.policy"), "compact");
  EXPECT_EQ(target_->config(mirrored(second), "max.message.bytes"), "2000000");
  EXPECT_EQ(target_->config(mirrored(second), "retention.ms"), "86400000");
  EXPECT_EQ(target_->config(mirrored(first), "retention.ms"), "-1");
  source_->set_config(first, "retention.ms", "3110400000000");
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
    return target_->config(mirrored(first), "retention.ms") == "3110400000000";
  })) << run.last_lines();
  EXPECT_EQ(run.output().find("partition_parked"), std::string::npos) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  expect_equal(first);
  expect_equal(second);
}

// MirrorMaker 2's own readers find what they look for: pairs of one record's two offsets, and a
// sign of life.
TEST_F(Operations, MirrorMaker2RecordsOnTheTargetAreTrue) {
  const std::string topic = unique_name("synced");
  source_->create({.name = topic, .partitions = 2});
  produce_mixed({.bootstrap = clusters().source,
                 .topic = topic,
                 .mix = {.seed = seed(), .partitions = 2},
                 .records = 2000});
  const auto file = flow(topic).write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic})) << run.last_lines();
  ASSERT_TRUE(run.wait_for_records(clusters().target, alias_ + ".heartbeats", 2))
      << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  std::set<std::pair<int64_t, int64_t>> pairs[2];
  for (int32_t p = 0; p < 2; ++p) {
    const Comparison both = compare_copies(
        read_partition({.bootstrap = clusters().source, .topic = topic, .partition = p}),
        read_partition({.bootstrap = clusters().target, .topic = mirrored(topic), .partition = p}));
    ASSERT_EQ(both.difference, "");
    pairs[p].insert(both.first_copies.begin(), both.first_copies.end());
  }
  const auto syncs = read_topic(clusters().target, "mm2-offset-syncs." + alias_ + ".internal");
  EXPECT_GE(syncs.size(), 2u);  // one a partition at least
  for (const Record& record : syncs) {
    const auto sync = decode_offset_sync(record.key.value(), record.value.value());
    ASSERT_TRUE(sync) << sync.error().text();
    EXPECT_EQ(sync->source.topic, topic);
    ASSERT_LT(sync->source.partition, 2);
    EXPECT_TRUE(pairs[sync->source.partition].contains(
        {sync->source_offset.value, sync->target_offset.value}))
        << sync->source.text() << " " << sync->source_offset.value << " "
        << sync->target_offset.value;
  }
  for (const Record& record : read_topic(clusters().target, alias_ + ".heartbeats")) {
    const auto beat = decode_heartbeat(record.key.value(), record.value.value());
    ASSERT_TRUE(beat) << beat.error().text();
    EXPECT_EQ(beat->source_alias, alias_);
    EXPECT_EQ(beat->target_alias, "west");
    EXPECT_GT(beat->at.value, kTimestampMs);
  }
}

// Several hundred partitions, far more bytes than the limit allows in memory at once, an eighth of
// them as they are stored: nothing bounds what a fetch of batches of one repeated byte inflates to
// (ARCHITECTURE.md). A sanitizer's own memory would count, too: ./dev test runs the release build.
TEST_F(Operations, ABacklogLargerThanTheMemoryStaysBelowItsLimit) {
  constexpr int32_t kPartitions = 400;
  constexpr int kRecords = 60'000;
  constexpr size_t kValueBytes = 10'000;
  constexpr int64_t kLimitKib = 512 * 1024;
  const std::string topic = unique_name("backlog");
  source_->create({.name = topic, .partitions = kPartitions});
  Writer writer({.bootstrap = clusters().source,
                 .codec = "zstd",
                 .extra = {{"sticky.partitioning.linger.ms", "0"}, {"linger.ms", "50"}},
                 .remember = false});
  std::mt19937_64 random(seed());
  for (int i = 0; i < kRecords; ++i) {
    Record record{.partition = i / 16 % kPartitions, .timestamp_ms = kTimestampMs + i};
    std::string value(kValueBytes, 'x');
    for (size_t at = 0; at < kValueBytes / 8; ++at) value[at] = static_cast<char>(random());
    record.value = std::move(value);
    writer.write(topic, record);
  }
  writer.flush();
  const auto file = flow(topic).write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(run.wait_for_records(clusters().target, mirrored(topic), kRecords))
      << target_->records(mirrored(topic)) << " of " << kRecords << "\n"
      << run.last_lines();
  const auto peak = run.peak_memory_kib();
  ASSERT_TRUE(peak);
  EXPECT_LT(*peak, kLimitKib);
  std::cout << "peak memory: " << *peak / 1024 << " MiB\n";
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  source_->remove(topic);
  target_->remove(mirrored(topic));
}

}  // namespace
}  // namespace longspan::harness
