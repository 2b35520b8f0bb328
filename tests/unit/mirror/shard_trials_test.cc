// Claims about a shard whose predecessors died of what they read.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardTrialsTest : public ShardTest {
 protected:
  static constexpr int kPartitions = 4;

  ShardTrialsTest() {
    world.source.grow_topic("orders", kPartitions);
    world.target.grow_topic("east.orders", kPartitions);
  }

  void put_bomb(std::int32_t partition, std::int64_t from, std::int64_t to) {
    FakeBadBatch bomb{Offset{from}, Offset{to}};
    bomb.is_deadly = true;
    world.source.at(WorldOnFakes::orders(partition)).bad_batches.push_back(bomb);
  }
  ProcessOnFakes& start_one() {
    one = std::make_unique<ProcessOnFakes>(world, ++seed);
    one->idle = std::chrono::milliseconds(100);
    begin(*one, kPartitions);
    return *one;
  }
  // Starts a process whenever the one before has died; false: after ten deaths it is not so.
  [[nodiscard]] bool lives_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 10; ++i) {
      ProcessOnFakes& now = one && !one->is_dead() ? *one : start_one();
      if (now.step_until([&] { return now.is_dead() || condition(); }, 4'000) && !now.is_dead()) {
        return true;
      }
      now.kill();
    }
    return false;
  }
  [[nodiscard]] bool all_but(std::int32_t partition) {
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      if (p != partition && world.written(p) != world.wanted(p)) return false;
    }
    return true;
  }
  [[nodiscard]] std::optional<Trial> trial(std::int32_t partition) {
    const auto entry = world.entry(kSlot, partition);
    return entry ? entry->position.trial : std::nullopt;
  }
  [[nodiscard]] bool is_given_up(std::int32_t partition) {
    return trial(partition) && trial(partition)->deaths == kDeathsForGood &&
           world.entry(kSlot, partition)->position.state == PartitionState::parked;
  }

  std::unique_ptr<ProcessOnFakes> one;
  std::uint64_t seed = 0;
};

TEST_F(ShardTrialsTest, TheDeadlyPartitionIsNamedAndTheOthersGoOn) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(1, 20, 30);
  ASSERT_TRUE(lives_until([&] { return is_given_up(1) && all_but(1); }));
  EXPECT_LE(world.source.deaths, 5);
  const auto told = world.events(kSlot, EventKind::partition_suspected);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].partition, WorldOnFakes::orders(1));
  EXPECT_LE(told[0].from, Offset{20});
  EXPECT_EQ(told[1].partition, WorldOnFakes::orders(1));
  const auto reason = world.entry(kSlot, 1)->position.reason;
  EXPECT_THAT(reason, HasSubstr("from offset " + std::to_string(position(kSlot, 1)) + " on"));
  EXPECT_THAT(reason, HasSubstr("longspan resume FILE --partition orders:1 --accept-loss 0/" +
                                std::to_string(told[1].number)));
  // It is left alone from then on, over restarts in order, too.
  const int deaths = world.source.deaths;
  one->drop(kSlot);
  ASSERT_TRUE(one->step_until([&] { return one->held.empty(); }));
  one.reset();
  start_one().steps(2'000);
  EXPECT_EQ(world.source.deaths, deaths);
  EXPECT_TRUE(is_given_up(1));
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 10);
  EXPECT_TRUE(one->step_until([&] { return all_but(1); }));
}

TEST_F(ShardTrialsTest, WhereTheFirstBatchIsDeadlyItIsNamed) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(2, 0, 50);
  ASSERT_TRUE(lives_until([&] { return is_given_up(2) && all_but(2); }));
  EXPECT_LE(world.source.deaths, 5);
}

TEST_F(ShardTrialsTest, TwoDeadlyPartitionsAreBothNamed) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(0, 10, 20);
  put_bomb(3, 40, 50);
  ASSERT_TRUE(lives_until([&] {
    return is_given_up(0) && is_given_up(3) && world.written(1) == world.wanted(1) &&
           world.written(2) == world.wanted(2);
  }));
  EXPECT_LE(world.source.deaths, 8);
}

TEST_F(ShardTrialsTest, AnOperatorMayHaveItReadAgain) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(1, 20, 30);
  ASSERT_TRUE(lives_until([&] { return is_given_up(1) && all_but(1); }));
  const auto accept = [&] {
    const auto stop = world.entry(kSlot, 1)->position.stopped_by;
    ASSERT_TRUE(stop);
    one->remedy(kSlot, 1, {RemedyKind::accept_loss, stop->event, {}, {}, "", ""});
  };
  accept();  // in vain
  const auto told = world.events(kSlot, EventKind::partition_suspected).size();
  ASSERT_TRUE(lives_until([&] {
    return world.events(kSlot, EventKind::partition_suspected).size() > told && is_given_up(1);
  }));
  world.source.at(WorldOnFakes::orders(1)).bad_batches.clear();  // more memory was given
  accept();
  ASSERT_TRUE(drains(*one, 1));
  ASSERT_TRUE(one->step_until([&] { return !trial(1); }));
  EXPECT_EQ(world.entry(kSlot, 1)->position.state, PartitionState::active);
}

TEST_F(ShardTrialsTest, AnOperatorMayLeaveItOut) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(1, 20, 30);
  ASSERT_TRUE(lives_until([&] { return is_given_up(1) && all_but(1); }));
  one->remedy(kSlot, 1, {RemedyKind::set_position, 0, Offset{30}, {}, "", ""});
  ASSERT_TRUE(one->step_until([&] { return position(kSlot, 1) == 50; }));
  EXPECT_FALSE(trial(1));
  const auto wanted = world.wanted(1);
  const auto written = world.written(1);
  EXPECT_TRUE(std::equal(wanted.begin() + 30, wanted.end(), written.end() - 20));
}

TEST_F(ShardTrialsTest, OrdinaryDeathsCostNobodyAnything) {
  for (int i = 0; i < 6; ++i) {
    for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
    start_one();
    ASSERT_TRUE(one->step_until([&] { return all_but(-1); })) << "life " << i;
    ASSERT_TRUE(one->step_until([&] { return position(kSlot, 0) == 50 * (i + 1); }));
    one->kill();
  }
  EXPECT_THAT(world.events(kSlot, EventKind::partition_suspected), IsEmpty());
  for (int p = 0; p < kPartitions; ++p) EXPECT_FALSE(trial(p));
}

// Processes that are killed as soon as they begin: all of it is suspected, and goes on by itself.
TEST_F(ShardTrialsTest, WhoIsInnocentGoesOnByItself) {
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  start_one();
  ASSERT_TRUE(one->step_until([&] { return all_but(-1); }));
  ASSERT_TRUE(one->step_until([&] { return position(kSlot, kPartitions - 1) == 50; }));
  one->kill();
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  for (int i = 0; i < 2; ++i) {
    world.clock.advance(std::chrono::seconds(1));
    start_one().hold_measures = true;
    one->steps(20);
    one->kill();
  }
  start_one();
  // The last one is killed while it tries one.
  ASSERT_TRUE(one->step_until([&] {
    for (int p = 0; p < kPartitions; ++p) {
      if (trial(p) && trial(p)->is_running) return true;
    }
    return false;
  }));
  one->kill();
  ASSERT_TRUE(lives_until([&] { return all_but(-1); }));
  ASSERT_TRUE(lives_until([&] {
    for (int p = 0; p < kPartitions; ++p) {
      if (trial(p) || position(kSlot, p) != 100) return false;
    }
    return true;
  }));
  EXPECT_THAT(world.events(kSlot, EventKind::partition_suspected), SizeIs(1));
  for (int p = 0; p < kPartitions; ++p) {
    EXPECT_EQ(one->snapshot(p)->state, PartitionState::active);
    EXPECT_EQ(one->snapshot(p)->reason, "");
  }
}

// Under exactly once the mark is committed before it is read.
TEST_F(ShardTrialsTest, UnderExactlyOnceTheDeadlyPartitionIsNamedToo) {
  world.flow.delivery = Delivery::exactly_once;
  for (int p = 0; p < kPartitions; ++p) world.fill(p, 50);
  put_bomb(1, 20, 30);
  ASSERT_TRUE(lives_until([&] { return is_given_up(1) && all_but(1); }));
  EXPECT_LE(world.source.deaths, 5);
  EXPECT_LE(world.written(1).size(), 20U);
}

}  // namespace
}  // namespace longspan
