#include "mirror/topics/naming.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace longspan {
namespace {

NamingSpec east_to_west() { return {NamingPolicy::prefixed, "east", "west", ".", false, {}}; }

Naming naming(const NamingSpec& spec) {
  auto made = Naming::make(spec);
  EXPECT_TRUE(made.has_value()) << made.error().text();
  return *made;
}

Naming prefixed() { return naming(east_to_west()); }

Naming identity() {
  NamingSpec spec = east_to_west();
  spec.policy = NamingPolicy::identity;
  return naming(spec);
}

TEST(Naming, PrefixesWithTheSourceAlias) {
  EXPECT_EQ(prefixed().target_topic("orders"), "east.orders");
  EXPECT_EQ(prefixed().target_topic("south.orders"), "east.south.orders");
  EXPECT_EQ(prefixed().target_topic("heartbeats"), "east.heartbeats");
}

TEST(Naming, IdentityKeepsNamesExceptHeartbeats) {
  EXPECT_EQ(identity().target_topic("orders"), "orders");
  EXPECT_EQ(identity().target_topic("heartbeats"), "east.heartbeats");
  EXPECT_EQ(identity().target_heartbeats_topic(), "east.heartbeats");
}

// Under MM2 every name that ends with "heartbeats" gets a prefix per hop, so that two identity
// flows in opposite directions copy user topics around for ever (strimzi-kafka-operator 12218).
TEST(Naming, UserTopicsThatEndInHeartbeatsAreOrdinaryTopics) {
  for (const char* topic : {"device-heartbeats", "device.heartbeats", "myheartbeats"}) {
    EXPECT_FALSE(identity().is_heartbeats_topic(topic)) << topic;
    EXPECT_EQ(identity().target_topic(topic), topic);
    EXPECT_EQ(identity().refusal(topic), std::nullopt) << topic;
    EXPECT_FALSE(prefixed().is_heartbeats_topic(topic)) << topic;
  }
}

TEST(Naming, HeartbeatsChainsAreToldByKnownAliases) {
  NamingSpec spec = east_to_west();
  spec.clusters = {"east", "west", "south"};
  EXPECT_TRUE(naming(spec).is_heartbeats_topic("heartbeats"));
  EXPECT_TRUE(naming(spec).is_heartbeats_topic("south.heartbeats"));
  EXPECT_TRUE(naming(spec).is_heartbeats_topic("south.east.heartbeats"));
  EXPECT_FALSE(prefixed().is_heartbeats_topic("south.heartbeats"));
  spec.policy = NamingPolicy::identity;
  EXPECT_EQ(naming(spec).target_topic("south.heartbeats"), "east.south.heartbeats");
}

TEST(Naming, GoesBackFromTheTargetName) {
  EXPECT_EQ(prefixed().source_topic_of("east.orders"), "orders");
  EXPECT_EQ(prefixed().source_topic_of("east.south.orders"), "south.orders");
  EXPECT_EQ(prefixed().source_topic_of("east.heartbeats"), "heartbeats");
  EXPECT_EQ(prefixed().source_topic_of("orders"), std::nullopt);
  EXPECT_EQ(prefixed().source_topic_of("eastern.orders"), std::nullopt);
  EXPECT_EQ(prefixed().source_topic_of("east."), std::nullopt);
  EXPECT_EQ(prefixed().source_topic_of("east.checkpoints.internal"), std::nullopt);
  EXPECT_EQ(identity().source_topic_of("orders"), "orders");
  EXPECT_EQ(identity().source_topic_of("east.heartbeats"), "heartbeats");
  EXPECT_EQ(identity().source_topic_of("heartbeats"), std::nullopt);
  EXPECT_EQ(identity().source_topic_of("west.heartbeats"), std::nullopt);
}

TEST(Naming, RefusesWhatCameFromTheTarget) {
  struct Row {
    const char* topic;
    bool cycle;
  };
  for (const Row& row :
       {Row{"orders", false}, Row{"west.orders", true}, Row{"south.west.orders", true},
        Row{"south.orders", false}, Row{"western.orders", false}, Row{"west", false},
        Row{"west.", false}, Row{"orders.west", false}, Row{"west.heartbeats", true}}) {
    EXPECT_EQ(prefixed().is_cycle(row.topic), row.cycle) << row.topic;
    EXPECT_EQ(prefixed().refusal(row.topic).has_value(), row.cycle) << row.topic;
  }
  EXPECT_EQ(*prefixed().refusal("west.orders"),
            "it came from the target cluster 'west', mirroring it is a cycle");
}

TEST(Naming, IdentitySeesCyclesOnlyOfHeartbeats) {
  EXPECT_FALSE(identity().is_cycle("west.orders"));
  EXPECT_TRUE(identity().is_cycle("west.heartbeats"));
}

TEST(Naming, TellsTheUpstreamChain) {
  using Chain = std::vector<std::string>;
  EXPECT_EQ(prefixed().upstream_chain("orders"), Chain{});
  EXPECT_EQ(prefixed().upstream_chain("west.south.orders"), (Chain{"west", "south"}));
  EXPECT_EQ(prefixed().upstream_chain(".orders"), Chain{});
}

TEST(Naming, KnowsInternalTopics) {
  for (const char* topic :
       {"__consumer_offsets", "__transaction_state", ".hidden", "mm2-offset-syncs.west.internal",
        "mm2-offsets.east.internal", "mm2-configs.east.internal", "east.checkpoints.internal",
        "longspan.east.west.state.internal", "longspan.clock.internal"}) {
    EXPECT_TRUE(prefixed().is_internal(topic)) << topic;
    EXPECT_TRUE(prefixed().refusal(topic).has_value()) << topic;
    EXPECT_TRUE(identity().refusal(topic).has_value()) << topic;
  }
  // KIP-1074: what merely ends with .internal is a user's topic; topics.exclude decides about it.
  for (const char* topic : {"orders.internal", "orders-internal", "mm2", "longspan.orders",
                            "checkpoints.internals", "__debezium-heartbeat.pg"}) {
    EXPECT_FALSE(prefixed().is_internal(topic)) << topic;
    EXPECT_EQ(prefixed().refusal(topic), std::nullopt) << topic;
  }
}

TEST(Naming, RefusesATopicThatWouldLandInTheCheckpoints) {
  EXPECT_FALSE(prefixed().is_internal("checkpoints.internal"));
  EXPECT_EQ(*prefixed().refusal("checkpoints.internal"),
            "its name on the target, 'east.checkpoints.internal', is that of an internal topic");
}

TEST(Naming, RefusesNamesKafkaWouldRefuse) {
  const std::string longest(kTopicNameBytesMax - 5, 'x');  // "east." in front
  EXPECT_EQ(prefixed().refusal(longest), std::nullopt);
  const auto too_long = prefixed().refusal(longest + "x");
  ASSERT_TRUE(too_long.has_value());
  EXPECT_NE(too_long->find("has 250 characters, Kafka allows 249"), std::string::npos) << *too_long;
  EXPECT_EQ(identity().refusal(longest + "x"), std::nullopt);
  EXPECT_TRUE(identity().refusal("a b").has_value());
  EXPECT_TRUE(illegal_topic_name("..").has_value());
  EXPECT_TRUE(illegal_topic_name("").has_value());
}

TEST(Naming, NamesMm2TopicsAsMm2Does) {
  EXPECT_EQ(prefixed().checkpoints_topic(), "east.checkpoints.internal");
  EXPECT_EQ(prefixed().offset_syncs_topic_on_target(), "mm2-offset-syncs.east.internal");
  EXPECT_EQ(prefixed().offset_syncs_topic_on_source(), "mm2-offset-syncs.west.internal");
}

TEST(Naming, CustomSeparatorAppliesToInternalNamesUnlessToldOtherwise) {
  NamingSpec spec = east_to_west();
  spec.separator = "_";
  EXPECT_EQ(naming(spec).target_topic("orders"), "east_orders");
  EXPECT_EQ(naming(spec).checkpoints_topic(), "east_checkpoints_internal");
  EXPECT_EQ(naming(spec).offset_syncs_topic_on_target(), "mm2-offset-syncs_east_internal");
  EXPECT_TRUE(naming(spec).is_internal("mm2-offset-syncs_east_internal"));
  EXPECT_TRUE(naming(spec).is_internal("mm2-offsets.east.internal"));
  EXPECT_TRUE(naming(spec).is_cycle("west_orders"));
  EXPECT_FALSE(naming(spec).is_cycle("west.orders"));
  spec.internal_separator_dot = true;
  EXPECT_EQ(naming(spec).target_topic("orders"), "east_orders");
  EXPECT_EQ(naming(spec).checkpoints_topic(), "east.checkpoints.internal");
  EXPECT_EQ(naming(spec).offset_syncs_topic_on_source(), "mm2-offset-syncs.west.internal");
}

TEST(Naming, AliasMayHoldTheSeparator) {
  NamingSpec spec{NamingPolicy::prefixed, "us-east", "us-west", "-", false, {}};
  EXPECT_EQ(naming(spec).source_topic_of("us-east-orders"), "orders");
  EXPECT_TRUE(naming(spec).is_cycle("us-west-orders"));
  EXPECT_FALSE(naming(spec).is_cycle("us-orders"));
}

TEST(Naming, MakeRefusesWhatCouldNotBeToldApart) {
  const auto error = [](auto change) {
    NamingSpec spec = east_to_west();
    change(spec);
    auto made = Naming::make(spec);
    return made.has_value() ? std::string() : made.error().text();
  };
  EXPECT_EQ(error([](NamingSpec&) {}), "");
  EXPECT_NE(error([](NamingSpec& s) { s.source_alias = "eu.east"; }).find("has a dot"),
            std::string::npos);
  EXPECT_NE(error([](NamingSpec& s) { s.source_alias = ""; }).find("is empty"), std::string::npos);
  EXPECT_NE(error([](NamingSpec& s) { s.target_alias = "w est"; }), "");
  EXPECT_NE(error([](NamingSpec& s) { s.target_alias = "east"; }).find("same cluster alias"),
            std::string::npos);
  EXPECT_NE(error([](NamingSpec& s) { s.separator = ""; }), "");
  EXPECT_NE(error([](NamingSpec& s) { s.separator = "->"; }), "");
  EXPECT_NE(error([](NamingSpec& s) {
              s.separator = "-";
              s.clusters = {"east-2"};
            }).find("cannot be told apart"),
            std::string::npos);
}

}  // namespace
}  // namespace longspan
