// Batches damaged on the source's disk: their partitions stop or step over them with the exact
// range, the others go on.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/log_segment.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int kBatches = 5;
constexpr int kRecordsPerBatch = 20;
constexpr size_t kDamaged = 2;  // the third batch of each partition but the first

struct Damage {
  const char* name;
  const char* codec;
  std::function<void(LogSegment&)> make;
  // The library says nothing when it begins to read within such a batch: so it stops its partition
  // whatever the policy says.
  bool is_partly_silent = false;
};

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"none", "none", [](LogSegment&) {}},
      {"checksum", "none", [](LogSegment& s) { s.break_checksum(kDamaged); }},
      {"checksum of lz4", "lz4", [](LogSegment& s) { s.break_checksum(kDamaged); }},
      {"gzip rubbish", "gzip", [](LogSegment& s) { s.replace_records_by_rubbish(kDamaged); }},
      {"lz4 rubbish", "lz4", [](LogSegment& s) { s.replace_records_by_rubbish(kDamaged); }},
      {"snappy rubbish", "snappy", [](LogSegment& s) { s.replace_records_by_rubbish(kDamaged); }},
      {"zstd rubbish", "zstd", [](LogSegment& s) { s.replace_records_by_rubbish(kDamaged); }},
      {"unknown codec", "none", [](LogSegment& s) { s.set_codec(kDamaged, 6); }},
      {"unknown format", "none", [](LogSegment& s) { s.set_format(kDamaged, 9); }, true},
  };
  return all;
}

class Unreadable : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_, .partitions = static_cast<int32_t>(damages().size())});
    for (size_t p = 0; p < damages().size(); ++p) {
      write(p, kRecordsPerBatch, kBatches);
      segments_.emplace_back(source_segment(topic_, static_cast<int32_t>(p)));
      ASSERT_EQ(segments_.back().batches().size(), kBatches) << damages()[p].name;
      damages()[p].make(segments_.back());
    }
  }

  void write(size_t partition, int count, int batches = 1) {
    Writer writer({.bootstrap = clusters().source,
                   .codec = damages()[partition].codec,
                   .extra = {{"linger.ms", "1000"}}});  // until it is flushed
    for (int i = 1; i <= count * batches; ++i) {
      writer.write(topic_, {.partition = static_cast<int32_t>(partition),
                            .key = "k",
                            .value = std::to_string(written_++) + std::string(100, 'x')});
      if (i % count == 0) writer.flush();
    }
  }
  Properties flow() {
    return Properties(clusters(), topic_)
        .of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1")
        .set("park.retry.ms", "500");
  }
  std::string copy() const { return alias_ + "." + topic_; }
  const StoredBatch& damaged(size_t partition) const {
    return segments_[partition].batches()[kDamaged];
  }

  std::map<int32_t, nlohmann::json> told(const std::filesystem::path& file) {
    std::map<int32_t, nlohmann::json> out;
    const auto answer = ask_json("events", file);
    for (const auto& event : answer.at("events")) {
      if (event.at("kind") != "batch_unreadable") continue;
      EXPECT_EQ(out.count(event.at("partition")), 0u) << "told twice: " << event;
      out[event.at("partition")] = event;
    }
    return out;
  }
  void expect_exact_ranges(const std::map<int32_t, nlohmann::json>& events) {
    EXPECT_EQ(events.count(0), 0u);
    for (size_t p = 1; p < damages().size(); ++p) {
      const auto found = events.find(static_cast<int32_t>(p));
      ASSERT_NE(found, events.end()) << damages()[p].name;
      std::cout << damages()[p].name << ": " << found->second.at("text") << "\n";
      EXPECT_EQ(found->second.at("from_offset"), damaged(p).first) << damages()[p].name;
      EXPECT_EQ(found->second.at("to_offset"), damaged(p).next) << damages()[p].name;
    }
  }
  int count(const std::filesystem::path& file, const std::string& state) {
    int out = 0;
    const auto answer = ask_json("lag", file);
    for (const auto& one : answer.at("flows").at(0).at("partitions")) {
      if (one.at("topic") == topic_ && one.at("state") == state) ++out;
    }
    return out;
  }
  bool holds(size_t partition, int64_t records) {
    return target_->range(copy(), static_cast<int32_t>(partition)).end >= records;
  }
  // Everything but the damaged batch, once and in order, behind which `more` records follow.
  void expect_all_but_the_damage() {
    for (size_t p = 0; p < damages().size(); ++p) {
      segments_[p].restore();
      if (damages()[p].is_partly_silent) continue;
      const auto number = static_cast<int32_t>(p);
      std::vector<std::string> wanted;
      std::vector<std::string> found;
      for (const auto& record : read_partition({clusters().source, topic_, number})) {
        const bool is_lost =
            p > 0 && record.offset >= damaged(p).first && record.offset < damaged(p).next;
        if (!is_lost) wanted.push_back(record.value.value());
      }
      for (const auto& record : read_partition({clusters().target, copy(), number})) {
        found.push_back(record.value.value());
      }
      EXPECT_EQ(found, wanted) << damages()[p].name;
    }
  }
  void step_over(const std::map<std::string, std::string>& more);

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("unreadable");
  int written_ = 0;
  std::vector<LogSegment> segments_;
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(Unreadable, APartitionStopsWithTheExactRangeUntilItIsAccepted) {
  const auto file = flow().write(folder());
  const auto begun = std::chrono::steady_clock::now();
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 1)) << run.last_lines();
  const int all = static_cast<int>(damages().size());
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return count(file, "parked") == all - 1; }))
      << run.last_lines();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::cout << "all of them parked " << took.count() << " s after the start\n";
  const auto events = told(file);
  expect_exact_ranges(events);
  // The one that is whole goes on.
  write(0, 10);
  ASSERT_TRUE(
      eventually(kMirrorDeadline, [&] { return holds(0, kBatches * kRecordsPerBatch + 10); }));
  // One heals by itself, the others are accepted.
  segments_[1].restore();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return holds(1, kBatches * kRecordsPerBatch); }))
      << run.last_lines();
  segments_[1].break_checksum(kDamaged);
  for (const auto& [partition, event] : events) {
    if (partition == 1) continue;
    const std::string id = std::to_string(event.at("slot").get<int>()) + "/" +
                           std::to_string(event.at("number").get<int64_t>());
    const Finished accepted =
        ask("resume", file,
            {"--partition", topic_ + ":" + std::to_string(partition), "--accept-loss", id});
    ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  }
  for (size_t p = 2; p < damages().size(); ++p) {
    ASSERT_TRUE(eventually(kMirrorDeadline,
                           [&] {
                             return holds(p, kBatches * kRecordsPerBatch -
                                                 (damaged(p).next - damaged(p).first));
                           }))
        << damages()[p].name << run.last_lines();
  }
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return count(file, "active") == all; }));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(told(file).size(), events.size()) << "told once, however often it was tried";
}

void Unreadable::step_over(const std::map<std::string, std::string>& more) {
  auto properties = flow().set("on.batch.unreadable", "continue");
  for (const auto& [key, value] : more) properties.set(key, value);
  const auto file = properties.write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 1)) << run.last_lines();
  for (size_t p = 0; p < damages().size(); ++p) {
    const int64_t lost = p == 0 ? 0 : damaged(p).next - damaged(p).first;
    if (damages()[p].is_partly_silent) continue;
    ASSERT_TRUE(
        eventually(kMirrorDeadline, [&] { return holds(p, kBatches * kRecordsPerBatch - lost); }))
        << damages()[p].name << run.last_lines();
  }
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return told(file).size() == damages().size() - 1 && count(file, "parked") == 1;
  }));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  expect_exact_ranges(told(file));
  const Finished verified = ask("verify", file);
  std::cout << verified.out << verified.err;
  // What was stepped over is named, and nothing else is wrong; in the batch of which the library
  // says nothing the comparison ends.
  EXPECT_EQ(verified.exit_code, 3) << verified.out;
  EXPECT_NE(verified.out.find(" 0 different, 0 missing, 0 twice, 0 foreign"), std::string::npos);
  EXPECT_NE(verified.out.find("cannot be read"), std::string::npos);
  expect_all_but_the_damage();
}

TEST_F(Unreadable, ByPolicyItIsSteppedOver) { step_over({}); }

TEST_F(Unreadable, ByPolicyItIsSteppedOverExactlyOnce) {
  step_over({{"exactly.once.source.support", "enabled"}});
}

}  // namespace
}  // namespace longspan::harness
