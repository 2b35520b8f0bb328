// `longspan verify` on real Kafka must not only agree when all is well: a target that was tampered
// with is a difference, named by both offsets.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

class Verify : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    target_.emplace(clusters().target);
    Admin(clusters().source).create({.name = topic_});
    file_ = Properties(clusters(), topic_).of_flow(alias_).write(folder());
  }

  void mirror_some(uint64_t portion) {
    produce_mixed({.bootstrap = clusters().source,
                   .topic = topic_,
                   .mix = {.seed = seed() + portion},
                   .records = 400});
    MirrorRun run(file_, "longspan-" + std::to_string(portion));
    ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
    ASSERT_EQ(run.stop(), 0) << run.last_lines();
  }

  static void write(Writer& writer, const std::string& topic, const std::vector<Record>& records) {
    for (const Record& record : records) writer.write(topic, record);
    writer.flush();
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("verified");
  const std::string copy_ = alias_ + "." + topic_;
  std::optional<Admin> target_;
  std::filesystem::path file_;
};

// The target is replaced by one in which a single record is another.
TEST_F(Verify, NamesTheOnlyRecordThatDiffers) {
  constexpr size_t kTampered = 57;
  mirror_some(0);
  const Finished before = ask("verify", file_);
  EXPECT_EQ(before.exit_code, 0) << before.out << before.err;
  const auto source = read_topic(clusters().source, topic_);
  auto copies = read_topic(clusters().target, copy_);
  ASSERT_EQ(copies.size(), source.size());
  copies[kTampered].value = "tampered";
  target_->remove(copy_);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return target_->partitions(copy_) == 0; }));
  target_->create({.name = copy_});
  Writer writer({.bootstrap = clusters().target});
  write(writer, copy_, copies);

  const Finished after = ask("verify", file_);
  EXPECT_EQ(after.exit_code, 1) << after.out << after.err;
  for (const std::string& said :
       {"source " + topic_ + ":0 offset " + std::to_string(source[kTampered].offset),
        "target " + copy_ + ":0 offset " + std::to_string(copies[kTampered].offset),
        std::string("value"), std::string("1 different")}) {
    EXPECT_NE(after.out.find(said), std::string::npos) << said << " not in " << after.out;
  }
}

// An operator left records out, and the target lost others: verify says so, and by which event.
TEST_F(Verify, TellsWhatWasLeftOutAndWhatTheTargetLost) {
  mirror_some(0);
  produce_mixed({.bootstrap = clusters().source,
                 .topic = topic_,
                 .mix = {.seed = seed() + 7},
                 .records = 50});
  ASSERT_EQ(
      ask("offsets set", file_, {"--partition", topic_ + ":0", "--source", "latest"}).exit_code, 0);
  mirror_some(1);
  const Finished left_out = ask("verify", file_);
  EXPECT_EQ(left_out.exit_code, 0) << left_out.out << left_out.err;
  EXPECT_NE(left_out.out.find(" left out, as events say"), std::string::npos) << left_out.out;
  EXPECT_NE(left_out.out.find("records_left_out (event "), std::string::npos) << left_out.out;
  const auto before = ask_json("verify", file_);
  EXPECT_GT(before.at("total").at("left_out"), 0) << before;

  target_->remove(copy_);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return target_->partitions(copy_) == 0; }));
  target_->create({.name = copy_});
  MirrorRun run(file_, "after");
  std::string lost;
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto events = ask_json("events", file_);
    for (const auto& event : events.at("events")) {
      if (event.at("kind") != "target_truncated") continue;
      EXPECT_EQ(event.at("side"), "target");
      EXPECT_EQ(event.at("source_from_offset"), 0);
      lost = std::to_string(event.at("slot").get<int>()) + "/" +
             std::to_string(event.at("number").get<int>());
    }
    return !lost.empty();
  })) << run.last_lines();
  const Finished accepted =
      ask("resume", file_, {"--partition", topic_ + ":0", "--accept-loss", lost});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  produce_mixed({.bootstrap = clusters().source,
                 .topic = topic_,
                 .mix = {.seed = seed() + 8},
                 .records = 60});
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
  ASSERT_EQ(run.stop(), 0) << run.last_lines();
  const Finished after = ask("verify", file_);
  EXPECT_EQ(after.exit_code, 0) << after.out << after.err;
  EXPECT_NE(after.out.find("target_truncated (event " + lost + "): event " + lost),
            std::string::npos)
      << after.out;
  EXPECT_NE(after.out.find(" lost on the target and gone over"), std::string::npos) << after.out;
  const auto total = ask_json("verify", file_).at("total");
  EXPECT_EQ(total.at("lost_on_target"), before.at("total").at("equal")) << total;
}

// The mirror goes on behind a record of somebody else, says so, and verify names it.
TEST_F(Verify, NamesAForeignRecordOnTheTarget) {
  mirror_some(0);
  const int64_t foreign = target_->range(copy_, 0).end;
  Writer writer({.bootstrap = clusters().target});
  write(writer, copy_, {{.key = "who", .value = "foreign", .timestamp_ms = 1'700'000'000'000}});
  mirror_some(1);
  const auto json = ask_json("events", file_);
  EXPECT_TRUE(std::ranges::any_of(json.at("events"), [&](const auto& event) {
    return event.at("kind") == "tail_mismatch" && event.at("from_offset") == foreign &&
           event.at("to_offset") == foreign + 1;
  })) << json;
  const Finished verified = ask("verify", file_);
  EXPECT_EQ(verified.exit_code, 1) << verified.out << verified.err;
  EXPECT_NE(verified.out.find("1 foreign"), std::string::npos) << verified.out;
  EXPECT_NE(verified.out.find("target " + copy_ + ":0 offset " + std::to_string(foreign)),
            std::string::npos)
      << verified.out;
}

}  // namespace
}  // namespace longspan::harness
