#include "mirror/observe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mirror/why/facts_of.h"
#include "tests/unit/mirror/flow_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::seconds;

const TopicPartition kOrders{"orders", 0};
const TopicPartition kUsers{"users", 0};

class Observe : public testing::Test {
 protected:
  Observe() {
    flow.target.create_topic(kStateTopic, 2);
    flow.source.create_topic("orders", 1);
    flow.source.create_topic("users", 1);
  }

  // `count` records, one a second, the last one now.
  void fill(const TopicPartition& partition, int count) {
    for (int i = count - 1; i >= 0; --i) {
      const TimestampMs at{flow.clock.now().value - i * 1000};
      flow.source.append(partition, {"k", "v", at, {}});
    }
  }
  void mirrored(const TopicPartition& partition, std::int64_t next,
                std::optional<std::int64_t> rate = {}) {
    Position position;
    position.next_source = Offset{next};
    position.next_target = Offset{next};
    position.records_per_1000_s = rate;
    flow.write_position(0, partition, position);
  }
  FlowSnapshot look() {
    const auto state = read_flow_state(flow.reader(), kStateTopic);
    EXPECT_TRUE(state);
    return observe_flow("east->west", *state,
                        {&flow.source_admin, &flow.source_reader, &flow.wakeup}, flow.clock);
  }

  FlowOnFakes flow;
};

TEST_F(Observe, ShowsLagHeadAgeRateAndCatchUpOfARunningFlow) {
  fill(kOrders, 100);
  mirrored(kOrders, 70, 10'000);  // 10 records/s; the source grows by 1/s
  flow.write_owner(0, flow.clock.now());
  const auto before = flow.source.writes();
  const auto seen = look();
  EXPECT_TRUE(seen.running);
  EXPECT_FALSE(seen.not_running_since);
  ASSERT_EQ(seen.partitions.size(), 1u);
  const auto& orders = seen.partitions[0];
  EXPECT_EQ(orders.target_topic, "east.orders");
  EXPECT_EQ(orders.source_end, Offset{100});
  EXPECT_EQ(orders.offset_lag, Records{30});
  EXPECT_EQ(orders.head_age_ms, 29'000);
  EXPECT_EQ(orders.records_per_second, 10.0);
  ASSERT_TRUE(orders.catch_up_ms);
  EXPECT_NEAR(static_cast<double>(*orders.catch_up_ms), 3333, 50);
  EXPECT_EQ(flow.source.writes(), before);
  EXPECT_EQ(flow.source_reader.started(), 0u);
}

TEST_F(Observe, CaughtUpIsZeroAndNotUnknown) {
  fill(kOrders, 10);
  mirrored(kOrders, 10, 10'000);
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{0});
  EXPECT_EQ(seen.partitions[0].head_age_ms, 0);
  EXPECT_EQ(seen.partitions[0].catch_up_ms, 0);
}

TEST_F(Observe, MarkersBehindThePositionAreNoLag) {
  fill(kOrders, 10);
  flow.source.append_gap(kOrders, 3);
  mirrored(kOrders, 10);
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{0});
  EXPECT_EQ(seen.partitions[0].head_age_ms, 0);
}

TEST_F(Observe, OpenTransactionEndsTheReadableLog) {
  fill(kOrders, 10);
  flow.source.open_transaction(kOrders);
  fill(kOrders, 10);
  mirrored(kOrders, 8);
  EXPECT_EQ(look().partitions[0].offset_lag, Records{2});
}

TEST_F(Observe, SaysSinceWhenNothingRuns) {
  mirrored(kOrders, 0, 10'000);
  flow.write_owner(0, flow.clock.now());
  flow.clock.advance(seconds(4));
  flow.write_owner(1, flow.clock.now());
  const auto last_sign = flow.clock.now();
  flow.clock.advance(3 * kOwnerInterval);
  EXPECT_TRUE(look().running);
  flow.clock.advance(seconds(1));
  const auto seen = look();
  EXPECT_FALSE(seen.running);
  EXPECT_EQ(seen.not_running_since, last_sign);
  EXPECT_FALSE(seen.partitions[0].records_per_second);
}

TEST_F(Observe, AReleasedSlotIsNotAlive) {
  mirrored(kOrders, 0);
  flow.write_owner(0, flow.clock.now(), flow.clock.now());
  const auto seen = look();
  EXPECT_FALSE(seen.running);
  EXPECT_EQ(seen.not_running_since, flow.clock.now());
}

TEST_F(Observe, NobodyEverOwnedASlot) {
  const auto seen = look();
  EXPECT_FALSE(seen.running);
  EXPECT_FALSE(seen.not_running_since);
}

TEST_F(Observe, APartitionThatStandsStillHasRateZero) {
  fill(kOrders, 10);
  mirrored(kOrders, 5, 10'000);
  flow.clock.advance(seconds(60));
  flow.write_owner(0, flow.clock.now());
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].records_per_second, 0.0);
  EXPECT_FALSE(seen.partitions[0].catch_up_ms);
}

TEST_F(Observe, APausedOrParkedPartitionHasNeitherRateNorCatchUp) {
  fill(kOrders, 10);
  fill(kUsers, 10);
  mirrored(kOrders, 5, 10'000);
  Position parked;
  parked.state = PartitionState::parked;
  parked.next_source = Offset{5};
  parked.records_per_1000_s = 10'000;
  flow.write_position(0, kUsers, parked);
  flow.write_command(0, {"orders", std::nullopt}, CommandKind::pause);
  flow.write_owner(0, flow.clock.now());
  for (const auto& partition : look().partitions) {
    EXPECT_EQ(partition.records_per_second, 0.0);
    EXPECT_FALSE(partition.catch_up_ms);
    EXPECT_EQ(partition.offset_lag, Records{5});
  }
}

TEST_F(Observe, APausedPartitionWithoutLagHasNoCatchUpEither) {
  fill(kOrders, 10);
  mirrored(kOrders, 10, 10'000);
  flow.write_command(0, {"orders", std::nullopt}, CommandKind::pause);
  EXPECT_FALSE(look().partitions[0].catch_up_ms);
}

// What came in since the position was written is no backlog.
TEST_F(Observe, APartitionThatKeepsUpHasNothingToCatchUp) {
  fill(kOrders, 100);            // one a second
  mirrored(kOrders, 99, 1'050);  // hardly faster than the source: 20 s by the rates alone
  flow.write_owner(0, flow.clock.now());
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{1});
  EXPECT_EQ(seen.partitions[0].catch_up_ms, 0);
}

// Their times are the producer's, of long ago: what waits came just now.
TEST_F(Observe, OldRecordsThatPassAreNotLate) {
  for (int i = 0; i < 200; ++i) flow.source.append(kOrders, {"k", "v", TimestampMs{1'000 + i}, {}});
  mirrored(kOrders, 190, 20'000);
  flow.write_owner(0, flow.clock.now());
  auto seen = look();
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{10});
  EXPECT_GT(*seen.partitions[0].head_age_ms, 1'000'000);
  add_why(seen);
  for (const auto& each : seen.why->found) EXPECT_EQ(each.severity, Severity::info) << each.what;

  mirrored(kOrders, 190, 500);  // 20 s of it
  seen = look();
  add_why(seen);
  EXPECT_TRUE(std::ranges::any_of(
      seen.why->found, [](const Diagnosis& each) { return each.cause == Cause::catching_up; }));
}

// A few records of now among those of long ago: the source seems as fast as it is.
TEST_F(Observe, OldRecordsAmongNewOnesPassAtTheSourcesPace) {
  const auto now = flow.clock.now().value;
  for (int i = 0; i < 120; ++i) {
    flow.source.append(kOrders, {"k", "v", TimestampMs{i == 0 ? now - 59'000 : 1'000 + i}, {}});
  }
  mirrored(kOrders, 118, 1'900);  // two a second come
  flow.write_owner(0, flow.clock.now());
  auto seen = look();
  EXPECT_EQ(seen.partitions[0].waits.source_records_per_second, 2.0);
  EXPECT_EQ(seen.partitions[0].catch_up_ms, 0);
  add_why(seen);
  for (const auto& each : seen.why->found) EXPECT_EQ(each.severity, Severity::info) << each.what;
}

// It was killed: its last sign of life is young, and what waits is not.
TEST_F(Observe, APartitionWhosePositionIsOverdueHasNoRate) {
  mirrored(kOrders, 90, 10'000);
  flow.clock.advance(seconds(6));
  fill(kOrders, 100);
  flow.write_owner(0, flow.clock.now());
  const auto seen = look();
  EXPECT_TRUE(seen.running);
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{10});
  EXPECT_FALSE(seen.partitions[0].records_per_second);
  EXPECT_FALSE(seen.partitions[0].catch_up_ms);
}

// A position tells of the process, too.
TEST_F(Observe, DoesNotRunSinceItsLastSignOfAnyKind) {
  flow.write_owner(0, flow.clock.now());
  flow.clock.advance(seconds(4));
  mirrored(kOrders, 0);
  const auto written_at = flow.clock.now();
  flow.clock.advance(3 * kOwnerInterval);
  EXPECT_EQ(look().not_running_since, written_at);
}

// What is held back has only begun to lag, and will.
TEST_F(Observe, APartitionThatIsHeldBackDoesNotKeepUp) {
  fill(kOrders, 100);
  Position position;
  position.next_source = Offset{98};
  position.records_per_1000_s = 2'000;  // two a second, and one a second comes
  position.reason = "throttled";
  flow.write_position(0, kOrders, position);
  flow.write_owner(0, flow.clock.now());
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].reason, "throttled");
  ASSERT_TRUE(seen.partitions[0].catch_up_ms);
  EXPECT_GT(*seen.partitions[0].catch_up_ms, 1'000);
}

// The position was written when it was paused.
TEST_F(Observe, AResumedPartitionIsNotSaidToBePaused) {
  fill(kOrders, 10);
  Position position;
  position.next_source = Offset{5};
  position.state = PartitionState::paused;
  position.reason = "paused by alice";
  flow.write_position(0, kOrders, position);
  flow.write_owner(0, flow.clock.now());
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].state, PartitionState::active);
  EXPECT_EQ(seen.partitions[0].reason, "");
}

// The first record behind the position may be appended while the snapshot is made.
TEST_F(Observe, AnAgeIsNeverNegative) {
  flow.source.append(kOrders, {"k", "v", TimestampMs{flow.clock.now().value + 500}, {}});
  mirrored(kOrders, 0);
  EXPECT_EQ(look().partitions[0].head_age_ms, 0);
}

TEST_F(Observe, CountsOfTheProcessAreUnknown) {
  mirrored(kOrders, 0);
  EXPECT_FALSE(look().has_counts);
}

TEST_F(Observe, ATopicThatTheDefinitionLeftOutIsSetApart) {
  fill(kOrders, 10);
  fill(kUsers, 10);
  mirrored(kOrders, 5);
  mirrored(kUsers, 5);
  mirrored({"heartbeats", 0}, 5);
  Definition definition;
  definition.keys = {{"topics", "users,other.*"}, {"topics.exclude", "__.*"}};
  flow.write(0, DefinitionKey{}, encode(definition));
  const auto seen = look();
  ASSERT_EQ(seen.partitions.size(), 2u);
  EXPECT_EQ(seen.partitions[0].source.topic, "heartbeats");
  EXPECT_EQ(seen.partitions[1].source.topic, "users");
  const auto orders = std::find_if(seen.topics.begin(), seen.topics.end(),
                                   [](const auto& topic) { return topic.source == "orders"; });
  ASSERT_NE(orders, seen.topics.end());
  EXPECT_EQ(orders->reason,
            "the flow's topics do not select it any more (not in topics); 1 position is kept");
  definition.keys["topics"] = ".*";
  flow.write(0, DefinitionKey{}, encode(definition));
  EXPECT_EQ(look().partitions.size(), 3u);
}

TEST_F(Observe, UnreachableSourceStillShowsPositions) {
  fill(kOrders, 10);
  mirrored(kOrders, 5);
  flow.source.set_reachable(false);
  const auto seen = look();
  EXPECT_TRUE(seen.source_trouble);
  ASSERT_EQ(seen.partitions.size(), 1u);
  EXPECT_EQ(seen.partitions[0].next_source, Offset{5});
  EXPECT_FALSE(seen.partitions[0].source_end);
  EXPECT_FALSE(seen.partitions[0].offset_lag);
  EXPECT_FALSE(seen.partitions[0].head_age_ms);
}

TEST_F(Observe, OnePartitionInTroubleLeavesTheOthers) {
  fill(kOrders, 10);
  fill(kUsers, 10);
  mirrored(kOrders, 5);
  mirrored(kUsers, 5);
  flow.source.break_partition(kOrders, Error{Next::retry, kafka_code::kNotLeader, "no leader", ""});
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].reason, "no leader");
  EXPECT_FALSE(seen.partitions[0].offset_lag);
  EXPECT_EQ(seen.partitions[1].offset_lag, Records{5});
}

TEST_F(Observe, APartitionThatHasNoLeaderWhenAskedTwiceIsIt) {
  fill(kOrders, 10);
  fill(kUsers, 10);
  mirrored(kOrders, 5, 10'000);
  mirrored(kUsers, 10, 10'000);
  flow.source.at(kOrders).broken = Error{Next::retry, 5, "no leader", ""};
  auto seen = look();
  EXPECT_GE(seen.partitions[0].waits.source_leaderless_ms, 1000);
  EXPECT_EQ(seen.partitions[1].waits.source_leaderless_ms, 0);
  add_why(seen);
  ASSERT_FALSE(seen.why->found.empty());
  const auto found =
      std::ranges::find(seen.why->found, Cause::source_leaderless, &Diagnosis::cause);
  ASSERT_NE(found, seen.why->found.end());
  EXPECT_EQ(found->severity, Severity::warning);
  EXPECT_EQ(found->scope.name, "orders:0");

  flow.wakeup.on_wait = [this] { flow.source.at(kOrders).broken.reset(); };
  flow.source.at(kOrders).broken = Error{Next::retry, 5, "it is being elected", ""};
  seen = look();
  EXPECT_EQ(seen.partitions[0].waits.source_leaderless_ms, 0);
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{5});
}

TEST_F(Observe, SilentSourceCostsNoMoreThanTheDeadline) {
  fill(kOrders, 10);
  flow.source.append_gap(kOrders);
  flow.source_reader.silent_when_caught_up = true;
  mirrored(kOrders, 10);
  const auto before = flow.clock.steady();
  const auto seen = look();
  EXPECT_FALSE(seen.partitions[0].head_age_ms);
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{1});
  EXPECT_LE(flow.clock.steady() - before, ObserveLimits{}.deadline + seconds(1));
}

TEST_F(Observe, CommandsDecideWhatIsPaused) {
  mirrored(kOrders, 0);
  Position users;
  users.state = PartitionState::paused;
  flow.write_position(0, kUsers, users);
  flow.write_command(0, {"orders", std::nullopt}, CommandKind::pause, "backfill");
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].state, PartitionState::paused);
  EXPECT_EQ(seen.partitions[0].reason, "the topic is paused by alice@host: backfill");
  EXPECT_EQ(seen.partitions[1].state, PartitionState::active);  // nothing holds it any more
}

TEST_F(Observe, ParkedKeepsItsReason) {
  Position position;
  position.state = PartitionState::parked;
  position.reason = "not authorised";
  flow.write_position(0, kOrders, position);
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].state, PartitionState::parked);
  EXPECT_EQ(seen.partitions[0].reason, "not authorised");
}

TEST_F(Observe, ExpiredAndTruncatedSourcesAreNamed) {
  fill(kOrders, 20);
  fill(kUsers, 3);
  flow.source.set_log_start(kOrders, Offset{10});
  mirrored(kOrders, 4);
  mirrored(kUsers, 8);
  const auto seen = look();
  EXPECT_EQ(seen.partitions[0].offset_lag, Records{10});
  EXPECT_EQ(seen.partitions[0].head_age_ms, 9'000);
  EXPECT_NE(seen.partitions[0].reason.find("4 to 9"), std::string::npos);
  EXPECT_FALSE(seen.partitions[1].offset_lag);
  EXPECT_NE(seen.partitions[1].reason.find("truncated"), std::string::npos);
}

TEST_F(Observe, SaysWhichTopicsAreRefusedAndWhy) {
  const auto tell = [this](std::int32_t number, EventKind kind, const std::string& topic) {
    Event event;
    event.number = number;
    event.kind = kind;
    event.at = TimestampMs{kFakeStart.value + number};
    event.partition = TopicPartition{topic, 0};
    event.text = "too long";
    flow.write(1, EventKey{number}, encode(event));
  };
  tell(0, EventKind::topic_refused, "a");
  tell(1, EventKind::topic_refused, "b");
  tell(2, EventKind::topic_created, "b");
  tell(3, EventKind::topic_refused, "c");
  tell(4, EventKind::topic_accepted, "c");
  const auto seen = look();
  ASSERT_EQ(seen.topics.size(), 1u);
  EXPECT_EQ(seen.topics[0].source, "a");
  EXPECT_EQ(seen.topics[0].reason, "too long");
}

TEST_F(Observe, ATopicCreatedAnewCountsInItsLatestLife) {
  Position old_life;
  old_life.next_source = Offset{500};
  old_life.written_at = TimestampMs{kFakeStart.value - 1000};
  flow.write(0, PositionKey{kOrders, TopicId{1}, 3}, encode(old_life));
  fill(kOrders, 5);
  mirrored(kOrders, 2);
  const auto seen = look();
  ASSERT_EQ(seen.partitions.size(), 1u);
  EXPECT_EQ(seen.partitions[0].next_source, Offset{2});
}

}  // namespace
}  // namespace longspan
