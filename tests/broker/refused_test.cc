// Records that the target refuses for what they are: found out one by one, put aside, and told.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int kGood = 300;
constexpr std::int64_t kLater = 48LL * 3600 * 1000;

class Refused : public BrokerTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_,
                     .partitions = 2,
                     .configs = {{"message.timestamp.after.max.ms", "9223372036854775807"}}});
    // A target that takes less than the source does.
    target_->create({.name = copy(),
                     .partitions = 2,
                     .configs = {{"cleanup.policy", "compact"},
                                 {"min.cleanable.dirty.ratio", "1"},
                                 {"max.message.bytes", "100000"},
                                 {"message.timestamp.after.max.ms", "3600000"}}});
  }

  Properties flow(const std::string& policy) {
    return Properties(clusters(), topic_)
        .of_flow(alias_)
        .set("sync.topic.configs.enabled", "false")
        .set("exactly.once.source.support", GetParam())
        .set("on.record.refused", policy)
        .set("park.retry.ms", "500");
  }
  std::string copy() const { return alias_ + "." + topic_; }

  // In partition 0 three records that the target refuses, each for another reason.
  void write() {
    Writer writer({.bootstrap = clusters().source});
    const auto now = static_cast<std::int64_t>(std::time(nullptr)) * 1000;
    for (int i = 0; i < kGood; ++i) {
      for (int partition : {0, 1}) {
        writer.write(topic_, {.partition = partition,
                              .key = std::to_string(i),
                              .value = "value",
                              .timestamp_ms = now});
      }
      if (i == 100) {
        writer.write(topic_, {.partition = 0,
                              .key = "large",
                              .value = noise(300'000),
                              .headers = {{"h", "1"}},
                              .timestamp_ms = now});
      }
      if (i == 150) {
        writer.write(topic_, {.partition = 0, .value = "no key", .timestamp_ms = now});
      }
      if (i == 200) {
        writer.write(topic_, {.partition = 0,
                              .key = "late",
                              .value = "from the future",
                              .timestamp_ms = now + kLater});
      }
    }
    writer.flush();
  }
  // What no codec makes smaller.
  static std::string noise(std::size_t bytes) {
    std::mt19937 random(1);
    std::string out(bytes, ' ');
    for (char& c : out) c = static_cast<char>(random());
    return out;
  }
  std::vector<nlohmann::json> events(const std::filesystem::path& file, const std::string& kind) {
    std::vector<nlohmann::json> out;
    const auto answer = ask_json("events", file);
    for (const auto& event : answer.at("events")) {
      if (event.at("kind") == kind) out.push_back(event);
    }
    return out;
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("refused");
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_P(Refused, GoIntoTheDeadLetterTopicAndBack) {
  write();
  const auto file = flow("dlq").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();

  const auto listed = ask_json("dlq list", file);
  ASSERT_EQ(listed.at("letters").size(), 3u) << listed.dump(2) << run.last_lines();
  const std::vector<std::pair<int, std::string>> wanted = {{101, "RecordTooLargeException"},
                                                           {152, "InvalidRecordException"},
                                                           {203, "InvalidTimestampException"}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& letter = listed.at("letters").at(i);
    EXPECT_EQ(letter.at("offset"), wanted[i].first);
    EXPECT_TRUE(letter.at("error_class").get<std::string>().ends_with(wanted[i].second)) << letter;
    EXPECT_EQ(letter.at("topic"), topic_);
    EXPECT_EQ(letter.at("target_topic"), copy());
  }
  // All others are there, in order, and nothing else.
  for (const int partition : {0, 1}) {
    std::vector<std::string> keys;
    for (const auto& record : read_topic(clusters().target, copy())) {
      if (record.partition == partition) keys.push_back(record.key.value_or("none"));
    }
    ASSERT_EQ(keys.size(), static_cast<std::size_t>(kGood));
    for (int i = 0; i < kGood; ++i) EXPECT_EQ(keys[static_cast<std::size_t>(i)], std::to_string(i));
  }
  EXPECT_EQ(events(file, "record_dead_lettered").size(), 3u);
  const Finished verified = ask("verify", file, {"--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(nlohmann::json::parse(verified.out).at("total").at("left_out"), 3) << verified.out;
  // Behind the holes the map is exact.
  const auto translated = ask_json("offsets translate", file, {"--position", topic_ + ":0:102"});
  const auto at = translated.at("positions").at(0).at("target_offset").get<std::int64_t>();
  for (const auto& record : read_topic(clusters().target, copy())) {
    if (record.partition != 0 || record.offset != at) continue;
    EXPECT_EQ(record.key, "101");
  }

  // Replayed once the target takes it; the others are refused again.
  const auto number = std::to_string(listed.at("letters").at(0).at("letter").get<std::int64_t>());
  EXPECT_EQ(ask("dlq replay", file, {"--letter", number}).exit_code, 1);
  target_->set_config(copy(), "max.message.bytes", "1000000");
  EXPECT_EQ(ask("dlq replay", file, {"--letter", number, "--dry-run"}).exit_code, 0);
  const Finished replayed = ask("dlq replay", file, {"--letter", number});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.out << replayed.err;
  int found = 0;
  for (const auto& record : read_topic(clusters().target, copy())) {
    if (record.key != "large") continue;
    ++found;
    EXPECT_EQ(record.value, noise(300'000));
    EXPECT_EQ(record.headers, (Headers{{"h", "1"}}));
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(ask("dlq replay", file, {"--letter", "4711"}).exit_code, 2);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

TEST_P(Refused, AreSkippedWhereThePolicySaysSo) {
  write();
  const auto file = flow("skip").write(folder());
  MirrorRun run(file);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(events(file, "record_skipped").size(), 3u);
  const Finished verified = ask("verify", file, {"--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

INSTANTIATE_TEST_SUITE_P(BothModes, Refused, testing::Values("disabled", "enabled"));

}  // namespace
}  // namespace longspan::harness
