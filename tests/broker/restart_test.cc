// The mirror is killed (-9) five times while records arrive, topics are added and partitions grow:
// nothing may be missing, first copies stand in source order, and every second copy is accounted
// for.
//
// LONGSPAN_BROKER_RECORDS (default 100000) sets the size.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"

namespace longspan::harness {
namespace {

constexpr int kKills = 5;
constexpr int kPortions = 8;
constexpr int32_t kPartitions = 8;
constexpr int32_t kKeyedPartitions = 2;
constexpr auto kArrivalDeadline = std::chrono::minutes(5);

size_t records_wanted() {
  const char* given = std::getenv("LONGSPAN_BROKER_RECORDS");
  return given == nullptr ? 100'000 : std::stoull(given);
}

class Restart : public BrokerTest {
 protected:
  // Writes the records in portions; a quarter in, the first topic grows, and half way the second
  // one appears. With every portion some records go to the compacted topic. Runs beside the mirror.
  void produce(const std::string& first, const std::string& second, const std::string& compacted) {
    Admin admin(clusters().source);
    const size_t portion = records_wanted() / kPortions;
    for (int i = 0; i < kPortions; ++i) {
      if (i == kPortions / 4) admin.grow(first, kPartitions);
      produce_keyed(compacted, i, portion / 20);
      if (i == kPortions / 2) admin.create({.name = second, .partitions = 3});
      const bool to_second = i >= kPortions / 2 && i % 2 == 1;
      const std::string& topic = to_second ? second : first;
      const RecordMix mix{.seed = seed() + static_cast<uint64_t>(i),
                          .partitions = admin.partitions(topic),
                          .value_bytes_max = 200};
      produce_mixed(
          {.bootstrap = clusters().source, .topic = topic, .mix = mix, .records = portion});
    }
  }

  void produce_keyed(const std::string& topic, int portion, size_t records) {
    const RecordMix mix{.seed = seed() + 1000 + static_cast<uint64_t>(portion),
                        .partitions = kKeyedPartitions,
                        .keys = Keys::always,
                        .value_bytes_max = 200};
    produce_mixed({.bootstrap = clusters().source, .topic = topic, .mix = mix, .records = records});
  }

  int64_t copies(const std::string& topic) {
    Admin target(clusters().target);
    return target.partitions(topic) > 0 ? target.records(topic) : 0;
  }

  struct Compared {
    std::string difference;
    size_t written_twice = 0;
    size_t first_copies = 0;
  };

  static std::map<std::string, std::string> newest_of_each_key(const std::vector<Record>& records) {
    std::map<std::string, std::string> newest;
    for (Record record : records) {
      record.offset = -1;  // another one on each side
      newest.insert_or_assign(std::to_string(record.partition) + " " + record.key.value(),
                              describe(record));
    }
    return newest;
  }

  // Reads both sides, one partition at a time.
  Compared compare(const std::string& topic, const std::string& copy) {
    Compared total;
    Admin source(clusters().source);
    Admin target(clusters().target);
    if (target.partitions(copy) != source.partitions(topic)) {
      return {.difference = copy + " has other partitions than " + topic};
    }
    for (int32_t p = 0; p < source.partitions(topic) && total.difference.empty(); ++p) {
      const Comparison one = compare_copies(
          read_partition({.bootstrap = clusters().source, .topic = topic, .partition = p}),
          read_partition({.bootstrap = clusters().target, .topic = copy, .partition = p}));
      total.written_twice += one.written_twice;
      total.first_copies += one.first_copies.size();
      if (!one.difference.empty()) total.difference = topic + ": " + one.difference;
    }
    return total;
  }
};

// Kills the mirror after a random number of further copies each time, and starts it again at once.
// After the last kill the producer may still be writing.
TEST_F(Restart, LosesNothingWhenKilledFiveTimesWhileTopicsAndPartitionsAppear) {
  const std::string alias = unique_name("east");
  const std::string first = unique_name("restart-a");
  const std::string second = unique_name("restart-b");
  const std::string compacted = unique_name("restart-c");
  Admin(clusters().source).create({.name = first, .partitions = kPartitions / 2});
  Admin(clusters().source)
      .create({.name = compacted,
               .partitions = kKeyedPartitions,
               .configs = {{"cleanup.policy", "compact"},
                           {"segment.ms", "1000"},
                           {"min.cleanable.dirty.ratio", "0.0"},
                           {"max.compaction.lag.ms", "1000"}}});
  const auto file = Properties(clusters(), first + ", " + second + ", " + compacted)
                        .of_flow(alias)
                        .set("refresh.topics.interval.seconds", "1")
                        .set("ownership.session.timeout.ms", "3000")
                        .write(folder());
  std::exception_ptr failure;
  std::atomic<bool> produced{false};
  std::jthread producer([&] {
    try {
      produce(first, second, compacted);
    } catch (...) {
      failure = std::current_exception();
    }
    produced = true;
  });
  std::mt19937_64 random(seed());
  auto run = std::make_unique<MirrorRun>(file, "longspan-0");
  for (int kill = 1; kill <= kKills; ++kill) {
    const auto more = static_cast<int64_t>(random() % (records_wanted() / (2 * kKills)) + 1);
    const int64_t wanted = copies(alias + "." + first) + more;
    ASSERT_TRUE(eventually(kArrivalDeadline, [&] {
      return !run->running() || produced || copies(alias + "." + first) >= wanted;
    }));
    ASSERT_TRUE(run->running()) << run->last_lines();
    run->kill_hard();
    run = std::make_unique<MirrorRun>(file, "longspan-" + std::to_string(kill));
  }
  producer.join();
  if (failure) std::rethrow_exception(failure);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {first, second, compacted}))
      << run->last_lines();
  EXPECT_EQ(run->stop(), 0) << run->last_lines();

  const Compared a = compare(first, alias + "." + first);
  const Compared b = compare(second, alias + "." + second);
  EXPECT_EQ(a.difference, "");
  EXPECT_EQ(b.difference, "");
  EXPECT_EQ(newest_of_each_key(read_topic(clusters().source, compacted)),
            newest_of_each_key(read_topic(clusters().target, alias + "." + compacted)));
  EXPECT_EQ(reported_twice(file, first) + reported_twice(file, second),
            a.written_twice + b.written_twice);

  // The program's own comparison says the same, also of the compacted topic.
  const Finished verified = ask("verify", file);
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  size_t twice = 0;
  size_t equal = 0;
  for (const auto& topic : {first, second}) {
    const auto total = ask_json("verify", file, {"--topic", topic}).at("total");
    twice += total.at("twice").get<size_t>();
    equal += total.at("equal").get<size_t>();
  }
  EXPECT_EQ(twice, a.written_twice + b.written_twice);
  EXPECT_EQ(equal, a.first_copies + b.first_copies);
  std::cout << "written twice: " << twice << " of " << equal << "\n";
}

// A clean stop is not a crash: the next start writes nothing twice.
TEST_F(Restart, WritesNothingTwiceAfterACleanStop) {
  const std::string alias = unique_name("east");
  const std::string topic = unique_name("clean");
  Admin(clusters().source).create({.name = topic, .partitions = 4});
  const auto file = Properties(clusters(), topic).of_flow(alias).write(folder());
  int64_t written = 0;
  for (uint64_t start = 0; start < 3; ++start) {
    const RecordMix mix{.seed = seed() + start, .partitions = 4};
    written += static_cast<int64_t>(
        produce_mixed({.bootstrap = clusters().source, .topic = topic, .mix = mix, .records = 2000})
            .visible.size());
    MirrorRun run(file, "longspan-" + std::to_string(start));
    ASSERT_TRUE(run.wait_for_records(clusters().target, alias + "." + topic, written))
        << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  const Compared comparison = compare(topic, alias + "." + topic);
  EXPECT_EQ(comparison.difference, "");
  EXPECT_EQ(comparison.written_twice, 0u);
}

}  // namespace
}  // namespace longspan::harness
