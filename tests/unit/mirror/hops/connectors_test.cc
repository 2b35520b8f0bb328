#include "mirror/hops/connectors.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr TimestampMs kNow{1'795'222'800'000};

TopicSign heartbeats(const std::string& topic, std::int64_t last_ms_ago, bool is_all_read = true) {
  HeartbeatRhythm rhythm;
  for (int i = 3; i >= 0; --i) {
    const TimestampMs at{kNow.value - last_ms_ago - i * 10'000};
    rhythm.beat(at, at);
  }
  return {topic, rhythm, std::nullopt, is_all_read};
}

TopicSign changes(const std::string& topic, std::int64_t commit_us) {
  return {topic, std::nullopt, TimestampUs{commit_us}, true};
}

TEST(Connectors, AnIdleDatabaseIsNoDeadConnector) {
  const auto seen = connectors_of(
      {heartbeats("__debezium-heartbeat.shop", 5'000), changes("shop.public.orders", 700),
       changes("shop.public.users", 900), changes("shopping.x", 5'000)},
      kNow);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].prefix, "shop");
  EXPECT_EQ(seen[0].liveness, Liveness::alive);
  EXPECT_EQ(seen[0].interval_ms, 10'000);
  EXPECT_EQ(seen[0].newest_commit, TimestampUs{900}) << "of its own topics only";
}

TEST(Connectors, EachIsJudgedByItsOwnHeartbeats) {
  const auto seen = connectors_of(
      {heartbeats("__debezium-heartbeat.a", 25'000), heartbeats("__debezium-heartbeat.b", 15'000),
       heartbeats("__debezium-heartbeat.c", 25'000, false)},
      kNow);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].liveness, Liveness::dead);
  EXPECT_EQ(seen[1].liveness, Liveness::late);
  EXPECT_EQ(seen[2].liveness, Liveness::unknown) << "its topic is not read to the end";
  EXPECT_FALSE(seen[0].newest_commit);
}

TEST(Connectors, WithoutHeartbeatsNothingIsSaid) {
  EXPECT_TRUE(connectors_of({changes("shop.public.orders", 700)}, kNow).empty());
}

TopicSign table(const std::string& topic, std::int64_t last_ms_ago, std::int64_t commit_us) {
  TopicSign out = heartbeats(topic, last_ms_ago);
  out.newest_commit = TimestampUs{commit_us};
  out.is_heartbeat_table = true;
  return out;
}

TEST(Connectors, AHeartbeatTableMovesTheCommitOfAnIdleDatabase) {
  const auto seen = connectors_of(
      {heartbeats("__debezium-heartbeat.shop", 5'000),
       table("shop.public.debezium_heartbeat", 25'000, 900), changes("shop.public.orders", 700)},
      kNow);
  ASSERT_EQ(seen.size(), 1u) << "a table is no connector of its own";
  EXPECT_EQ(seen[0].liveness, Liveness::alive) << "Connect lives, whatever the database does";
  EXPECT_EQ(seen[0].heartbeat_topic, "__debezium-heartbeat.shop");
  EXPECT_EQ(seen[0].newest_commit, TimestampUs{900});
  EXPECT_EQ(seen[0].heartbeat_commit, TimestampUs{900});
}

TEST(Connectors, WhereThereIsOnlyATableItTellsWhoLives) {
  const auto judged = [](std::int64_t ms_ago) {
    const auto seen = connectors_of(
        {table("eu.shop.public.debezium_heartbeat", ms_ago, 900),
         changes("eu.shop.public.orders", 1'700), changes("eu.other.public.orders", 2'000)},
        kNow);
    EXPECT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen.at(0).prefix, "eu.shop");
    EXPECT_EQ(seen.at(0).newest_commit, TimestampUs{1'700});
    EXPECT_EQ(seen.at(0).heartbeat_commit, TimestampUs{900});
    return seen.at(0).liveness;
  };
  EXPECT_EQ(judged(5'000), Liveness::alive);
  EXPECT_EQ(judged(15'000), Liveness::late);
  EXPECT_EQ(judged(21'500), Liveness::dead) << "two intervals, and what a heartbeat may be late";
}

TEST(Connectors, AHeartbeatTopicIsNoTableWhateverThePatternSays) {
  auto both = heartbeats("__debezium-heartbeat.shop", 5'000);
  both.is_heartbeat_table = true;
  const auto seen = connectors_of({both, changes("shop.public.orders", 700)}, kNow);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].prefix, "shop");
  EXPECT_EQ(seen[0].newest_commit, TimestampUs{700});
}

TEST(Connectors, OfSeveralTablesTheNewestJudges) {
  const auto seen = connectors_of({table("shop.a.debezium_heartbeat", 95'000, 900),
                                   table("shop.b.debezium_heartbeat", 5'000, 400)},
                                  kNow);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].liveness, Liveness::alive);
  EXPECT_EQ(seen[0].heartbeat_commit, TimestampUs{900});
}

TEST(Connectors, OnlyThoseWhoseTopicsTheFlowMirrors) {
  const auto all = connectors_of({heartbeats("__debezium-heartbeat.shop", 5'000),
                                  heartbeats("__debezium-heartbeat.pay", 5'000),
                                  heartbeats("__debezium-heartbeat.sho", 5'000)},
                                 kNow);
  ASSERT_EQ(all.size(), 3u);
  const auto own = only_own(all, {"pay-old.public.x", "shop.public.orders", "shopping.x"});
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].prefix, "shop");
  EXPECT_EQ(only_own(all, {"orders"}).size(), 3u) << "their topics were given other names";
  EXPECT_EQ(only_own(all, {}).size(), 3u);
}

// A process that begins after the connector died: it knows when the last heartbeat was written.
TEST(Connectors, OneThatDiedBeforeWeBeganIsDeadAfterAWhile) {
  const auto after = [](std::int64_t ms) {
    HeartbeatRhythm rhythm;
    rhythm.beat({kNow.value - 3'600'000}, {kNow.value - ms});
    return connectors_of({{"__debezium-heartbeat.shop", rhythm, std::nullopt, true}}, kNow)[0];
  };
  EXPECT_EQ(after(60'000).liveness, Liveness::unknown);
  EXPECT_EQ(after(HeartbeatRhythm::kUnheardMs + 1).liveness, Liveness::dead);
  EXPECT_EQ(after(60'000).heartbeat_at, TimestampMs{kNow.value - 3'600'000});
}

}  // namespace
}  // namespace longspan
