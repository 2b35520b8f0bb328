// What was lost stops its partition until an operator decides; what was decided happens once.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

class Losses : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_});
  }

  Properties flow() {
    return Properties(clusters(), topic_)
        .of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1")
        .set("park.retry.ms", "500");
  }
  std::string copy() const { return alias_ + "." + topic_; }
  std::string partition() const { return topic_ + ":0"; }

  void write(int count) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      writer.write(topic_, {.partition = 0, .key = "k", .value = std::to_string(written_++)});
    }
    writer.flush();
  }
  // The events of a kind: {id, from, to}.
  std::vector<nlohmann::json> events(const std::filesystem::path& file, const std::string& kind) {
    std::vector<nlohmann::json> out;
    const auto answer = ask_json("events", file, {"--kind=" + kind});
    for (const auto& event : answer.at("events")) out.push_back(event);
    return out;
  }
  static std::string id_of(const nlohmann::json& event) {
    return std::to_string(event.at("slot").get<int>()) + "/" +
           std::to_string(event.at("number").get<int64_t>());
  }
  std::string state(const std::filesystem::path& file) {
    const auto answer = ask_json("lag", file);
    for (const auto& one : answer.at("flows").at(0).at("partitions")) {
      if (one.at("topic") == topic_) return one.at("state");
    }
    return "";
  }
  // The target topic is deleted and created anew, with so many records of somebody else's.
  void replace_target(int records) {
    target_->remove(copy());
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return target_->partitions(copy()) == 0; }));
    target_->create({.name = copy()});
    Writer writer({.bootstrap = clusters().target});
    for (int i = 0; i < records; ++i) {
      writer.write(copy(), {.partition = 0, .key = "k", .value = "foreign"});
    }
    writer.flush();
  }
  // Ten records mirrored, the mirror stopped, ten more written.
  std::filesystem::path mirrored_ten() {
    write(10);
    auto file = flow().write(folder());
    MirrorRun run(file, "before");
    EXPECT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
    write(10);
    return file;
  }
  std::vector<std::string> values(const std::string& bootstrap, const std::string& topic) {
    std::vector<std::string> out;
    for (const auto& record : read_topic(bootstrap, topic)) out.push_back(record.value.value());
    return out;
  }

  std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("losses");
  int written_ = 0;
  std::optional<Admin> source_;
  std::optional<Admin> target_;
};

TEST_F(Losses, ExpiredRecordsStopThePartitionUntilTheyAreAccepted) {
  const auto file = mirrored_ten();
  source_->delete_records(topic_, 0, 15);
  MirrorRun run(file, "after");
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "parked"; }))
      << run.last_lines();
  const auto expired = events(file, "source_expired");
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].at("from_offset"), 10);
  EXPECT_EQ(expired[0].at("to_offset"), 15);

  const Finished wrong =
      ask("resume", file, {"--partition", partition(), "--accept-loss", "0/4711"});
  EXPECT_EQ(wrong.exit_code, 2);
  const std::vector<std::string> order = {"--partition",     partition(), "--accept-loss",
                                          id_of(expired[0]), "--reason",  "seen"};
  auto dry = order;
  dry.push_back("--dry-run");
  EXPECT_EQ(ask("resume", file, dry).exit_code, 0);
  EXPECT_EQ(target_->records(copy()), 10);
  const Finished accepted = ask("resume", file, order);
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 15)) << run.last_lines();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "active"; }));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(events(file, "source_expired").size(), 1u) << "told once, however often it was tried";
  const auto told = events(file, "loss_accepted");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].at("text").get<std::string>().find("seen"), std::string::npos);
  const Finished verified = ask("verify", file);
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(Losses, APositionSetBackCopiesAgainOnce) {
  const auto file = mirrored_ten();
  const Finished dry =
      ask("offsets set", file, {"--partition", partition(), "--source", "5", "--dry-run"});
  ASSERT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_NE(dry.out.find("[5, 10) are copied once more"), std::string::npos) << dry.out;
  ASSERT_EQ(ask("offsets set", file, {"--partition", partition(), "--source", "5"}).exit_code, 0);
  for (const std::string name : {"after", "and-again"}) {
    MirrorRun run(file, name);
    ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 25)) << run.last_lines();
    ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  const auto all = values(clusters().source, topic_);
  std::vector<std::string> wanted(all.begin(), all.begin() + 10);
  wanted.insert(wanted.end(), all.begin() + 5, all.end());
  EXPECT_EQ(values(clusters().target, copy()), wanted);
  const auto set = events(file, "position_set");
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0].at("from_offset"), 5);
  EXPECT_EQ(set[0].at("to_offset"), 10);
}

// A topic took the name: the position was set for the one that is gone.
TEST_F(Losses, APositionIsSetForTheTopicThatWasThere) {
  const auto file = mirrored_ten();
  ASSERT_EQ(ask("offsets set", file, {"--partition", partition(), "--source", "5"}).exit_code, 0);
  source_->remove(topic_);
  source_->create({.name = topic_});
  write(3);
  MirrorRun run(file, "after");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 13)) << run.last_lines();
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(values(clusters().target, copy()).size(), 13u);
  EXPECT_TRUE(events(file, "position_set").empty());
}

// The same, and it is set when no process has seen the new topic: the source is asked for its id.
TEST_F(Losses, APositionIsSetForATopicThatNobodyHasSeenYet) {
  const auto file = mirrored_ten();
  source_->remove(topic_);
  source_->create({.name = topic_});
  write(6);
  ASSERT_EQ(ask("offsets set", file, {"--partition", partition(), "--source", "4"}).exit_code, 0);
  MirrorRun run(file, "after");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 12)) << run.last_lines();
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  const auto anew = values(clusters().source, topic_);
  const auto copies = values(clusters().target, copy());
  ASSERT_EQ(copies.size(), 12u);
  EXPECT_EQ(std::vector<std::string>(copies.end() - 2, copies.end()),
            std::vector<std::string>(anew.end() - 2, anew.end()));
}

TEST_F(Losses, APositionSetForwardSkipsAndSaysWhat) {
  const auto file = mirrored_ten();
  MirrorRun run(file, "after");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 20)) << run.last_lines();
  ASSERT_EQ(ask("pause", file, {"--partition", partition()}).exit_code, 0);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "paused"; }));
  write(10);
  ASSERT_EQ(ask("offsets set", file, {"--partition", partition(), "--source", "latest"}).exit_code,
            0);
  ASSERT_EQ(ask("resume", file, {"--partition", partition()}).exit_code, 0);
  ASSERT_TRUE(
      eventually(kMirrorDeadline, [&] { return !events(file, "records_left_out").empty(); }));
  write(5);
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 25)) << run.last_lines();
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(values(clusters().target, copy()).at(20), "30");
}

TEST_F(Losses, AForeignWriterStopsThePartitionWhereThePolicySaysSo) {
  write(10);
  const auto file = flow().set("on.foreign.writer", "stop").write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
  {
    Writer foreign({.bootstrap = clusters().target});
    foreign.write(copy(), {.partition = 0, .key = "k", .value = "foreign"});
    foreign.flush();
  }
  write(5);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "parked"; }))
      << run.last_lines();
  // Noticed by the next acknowledgement, or before it by watching the ends of the target.
  auto foreign = events(file, "unexpected_target_offset");
  if (foreign.empty()) foreign = events(file, "tail_mismatch");
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_EQ(foreign[0].at("from_offset"), 10);
  EXPECT_EQ(foreign[0].at("to_offset"), 11);
  const Finished accepted =
      ask("resume", file, {"--partition", partition(), "--accept-loss", id_of(foreign[0])});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  write(5);
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 21)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// Another topic under the same name while the mirror runs: its records follow the old ones, once
// and in order, and nothing of it is taken for the old one's.
TEST_F(Losses, ATopicCreatedAnewIsMirroredFromItsBeginning) {
  write(10);
  const auto file = flow().write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
  auto wanted = values(clusters().source, topic_);
  source_->remove(topic_);
  source_->create({.name = topic_});
  write(30);  // beyond the old position at once
  const auto anew = values(clusters().source, topic_);
  wanted.insert(wanted.end(), anew.begin(), anew.end());
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 40)) << run.last_lines();
  ASSERT_TRUE(
      eventually(kMirrorDeadline, [&] { return !events(file, "topic_recreated").empty(); }));
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  const auto copies = values(clusters().target, copy());
  // Whatever was read under the old position before the new topic was noticed is told and written
  // again in order.
  ASSERT_GE(copies.size(), 40u);
  EXPECT_EQ(std::vector<std::string>(copies.end() - 30, copies.end()), anew);
  EXPECT_EQ(std::vector<std::string>(copies.begin(), copies.begin() + 10),
            std::vector<std::string>(wanted.begin(), wanted.begin() + 10));
  std::cout << "copied before it was noticed: " << copies.size() - 40 << "\n";
}

// A producer that died in the middle of a transaction: what is behind it cannot be read.
TEST_F(Losses, AHungTransactionIsToldWithWhatItHoldsBack) {
  write(10);
  const auto file = flow().set("hung.transaction.ms", "2000").write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
  Writer hung({.bootstrap = clusters().source, .transactional_id = unique_name("hung")});
  hung.begin();
  hung.write(topic_, {.partition = 0, .key = "k", .value = "never committed"});
  hung.flush();
  write(5);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return !events(file, "source_transaction_hung").empty();
  })) << run.last_lines();
  const auto told = events(file, "source_transaction_hung");
  EXPECT_EQ(told[0].at("from_offset"), 10);
  EXPECT_EQ(told[0].at("to_offset"), 16);
  EXPECT_EQ(target_->records(copy()), 10);
  hung.abort();
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 15)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(events(file, "source_transaction_hung").size(), 1u);
}

TEST_F(Losses, CopiesThatTheTargetDeletesAtOnceAreTold) {
  write(20);
  const auto file = flow().write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 20)) << run.last_lines();
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  write(10);
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 30)) << run.last_lines();
  target_->delete_records(copy(), 0, 28);  // what retention does to records that are too old
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return !events(file, "expired_at_target").empty();
  })) << run.last_lines();
  EXPECT_EQ(events(file, "expired_at_target")[0].at("to_offset"), 28);
  write(5);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return target_->range(copy(), 0).end == 35; }))
      << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// A delete can be read for delete.retention.ms; the mirror stood still for longer.
TEST_F(Losses, DeletesThatMayHaveBeenCompactedAwayAreTold) {
  source_->set_config(topic_, "cleanup.policy", "compact");
  source_->set_config(topic_, "delete.retention.ms", "100");
  const auto file = mirrored_ten();
  MirrorRun run(file, "after");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 20)) << run.last_lines();
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
    return !events(file, "deletes_may_be_lost").empty();
  })) << run.last_lines();
  const auto told = events(file, "deletes_may_be_lost");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("from_offset"), 10);
  EXPECT_EQ(told[0].at("to_offset"), 20);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// The target topic is deleted while nothing moves; the mirror makes it again, and stops.
TEST_F(Losses, ATargetThatLosesItsCopiesStopsThePartition) {
  write(10);
  const auto file = flow().write(folder());
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
  target_->remove(copy());
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "parked"; }))
      << run.last_lines();
  const auto lost = events(file, "target_truncated");
  ASSERT_EQ(lost.size(), 1u) << run.last_lines();
  EXPECT_EQ(lost[0].at("from_offset"), 0);
  EXPECT_EQ(lost[0].at("to_offset"), 10);
  // All of it once more, from the source.
  ASSERT_EQ(
      ask("offsets set", file, {"--partition", partition(), "--source", "earliest"}).exit_code, 0);
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy(), 10)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(values(clusters().target, copy()), values(clusters().source, topic_));
}

// Somebody makes it again, with a log that is longer than ours was.
TEST_F(Losses, AnotherTopicOfTheTargetsNameIsNotTakenForIt) {
  for (const std::string support : {"disabled", "enabled"}) {
    SCOPED_TRACE("exactly.once.source.support=" + support);
    alias_ = unique_name("east");
    write(10);
    const auto file = flow().set("exactly.once.source.support", support).write(folder());
    {
      MirrorRun run(file, "before-" + support);
      ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
      EXPECT_EQ(run.stop(), 0) << run.last_lines();
    }
    replace_target(50);
    MirrorRun run(file, "after-" + support);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return state(file) == "parked"; }))
        << run.last_lines();
    const auto lost = events(file, "target_truncated");
    ASSERT_EQ(lost.size(), 1u) << run.last_lines();
    EXPECT_EQ(lost[0].at("from_offset"), 0);
    EXPECT_GE(lost[0].at("to_offset"), written_);
    ASSERT_EQ(
        ask("offsets set", file, {"--partition", partition(), "--source", "earliest"}).exit_code,
        0);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
      const auto all = values(clusters().target, copy());
      const auto wanted = values(clusters().source, topic_);
      return all.size() == 50 + wanted.size() &&
             std::equal(wanted.begin(), wanted.end(), all.begin() + 50);
    })) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
}

}  // namespace
}  // namespace longspan::harness
