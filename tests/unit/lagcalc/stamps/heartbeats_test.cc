#include "lagcalc/stamps/heartbeats.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(Heartbeats, TopicsAreKnownByPattern) {
  struct Row {
    const char* pattern;
    const char* topic;
    bool is_match;
  };
  const Row rows[] = {
      {"__debezium-heartbeat.*", "__debezium-heartbeat.shop", true},
      {"__debezium-heartbeat.*", "__debezium-heartbeat.", true},
      {"__debezium-heartbeat.*", "__debezium-heartbeat", false},
      {"__debezium-heartbeat.*", "__debezium-heartbeatXshop", false},
      {"__debezium-heartbeat.*", "east.__debezium-heartbeat.shop", false},
      {"*.public.heartbeat", "shop.public.heartbeat", true},
      {"*.public.heartbeat", "shop.public.heartbeats", false},
      {"*.heart*beat", "a.heart.heart.beat.beat", true},
      {"*a*b", "aaab", true},
      {"*a*b", "aaabc", false},
      {"exact", "exact", true},
      {"exact", "exac", false},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {"**", "a", true},
  };
  for (const Row& row : rows) {
    HeartbeatPatterns patterns;
    patterns.topics = {row.pattern};
    patterns.tables = {"none", row.pattern};
    EXPECT_EQ(is_heartbeat_topic(row.topic, patterns), row.is_match) << row.pattern << row.topic;
    EXPECT_EQ(is_heartbeat_table(row.topic, patterns), row.is_match) << row.pattern << row.topic;
  }
}

TEST(Heartbeats, NoTableIsOneUnlessNamed) {
  EXPECT_TRUE(is_heartbeat_topic("__debezium-heartbeat.shop", {}));
  EXPECT_FALSE(is_heartbeat_table("shop.public.heartbeat", {}));
}

}  // namespace
}  // namespace longspan
