#include "mirror/topics/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace longspan {
namespace {

using Kind = TopicActionKind;

TopicId id(std::uint8_t n) {
  TopicId result{};
  result[0] = n;
  return result;
}

TopicInfo topic(std::string name, std::int32_t partitions, TopicId topic_id = kNoTopicId) {
  return {std::move(name), topic_id, partitions, std::nullopt};
}

TopicInfo broken(std::string name, Next next, std::string what) {
  return {std::move(name), kNoTopicId, 0, Error{next, 0, std::move(what), ""}};
}

// Lists and settings of one plan, with a flow east->west that mirrors everything.
struct Flow {
  std::vector<TopicInfo> source;
  std::vector<TopicInfo> target;
  std::map<std::string, KnownTopic> known{};
  std::set<std::string> own_target_topics{};
  std::vector<std::string> include{".*"};
  NamingPolicy policy = NamingPolicy::prefixed;
  std::vector<KeepingFlow> keeping{};

  [[nodiscard]] TopicPlan plan() const {
    const auto filter = TopicFilter::make(include, default_topics_exclude(), true);
    const auto naming = Naming::make({policy, "east", "west", ".", false, {}});
    return plan_topics({source, target, *filter, *naming, known, own_target_topics, true, keeping});
  }
};

std::vector<std::string> ready(const TopicPlan& plan) {
  std::vector<std::string> result;
  for (const auto& r : plan.ready) result.push_back(r.source.text() + ">" + r.target.text());
  return result;
}

using Texts = std::vector<std::string>;

TEST(Plan, CreatesFirstAndMirrorsNothingUntilTheTopicIsThere) {
  const auto plan = Flow{{topic("orders", 3)}, {}}.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0], (TopicAction{Kind::create, "orders", "east.orders", 3, ""}));
  EXPECT_EQ(ready(plan), Texts{});
}

TEST(Plan, MirrorsPartitionsThatExistOnBothSides) {
  const auto plan = Flow{{topic("orders", 2, id(7))}, {topic("east.orders", 2)}}.plan();
  EXPECT_EQ(plan.actions.size(), 0U);
  EXPECT_EQ(ready(plan), (Texts{"orders:0>east.orders:0", "orders:1>east.orders:1"}));
  EXPECT_EQ(plan.ready[0].source_id, id(7));
}

TEST(Plan, GrowsAndMeanwhileMirrorsWhatIsThere) {
  const auto plan = Flow{{topic("orders", 3)}, {topic("east.orders", 1)}}.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0], (TopicAction{Kind::grow, "orders", "east.orders", 3, ""}));
  EXPECT_EQ(ready(plan), (Texts{"orders:0>east.orders:0"}));
}

TEST(Plan, RefusesWhatAnotherFlowWouldBringBackUnderTheSameName) {
  const auto filter = [](const char* topics) { return *TopicFilter::make({topics}, {}, false); };
  Flow flow{{topic("both", 1), topic("here", 1)}, {topic("both", 1), topic("here", 1)}};
  flow.policy = NamingPolicy::identity;
  flow.keeping = {{"east", "west", filter(".*")}, {"west", "east", filter("both|there")}};
  const auto plan = flow.plan();
  EXPECT_EQ(ready(plan), Texts{"here:0>here:0"});
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::refuse);
  EXPECT_EQ(plan.actions[0].reason.find("it would go round in a circle: west->east"), 0U);
}

TEST(Plan, LeavesSurplusPartitionsOfTheTargetAlone) {
  const auto plan = Flow{{topic("orders", 1)}, {topic("east.orders", 2)}}.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::surplus);
  EXPECT_EQ(plan.actions[0].reason, "the target has 2 partitions, the source 1");
  EXPECT_EQ(ready(plan), (Texts{"orders:0>east.orders:0"}));
}

TEST(Plan, RefusesOneTopicAndGoesOnWithTheOthers) {
  const std::string long_name(245, 'x');
  const auto plan = Flow{
      {topic("b", 1), topic("west.orders", 1), topic(long_name, 1),
       broken("secret", Next::park_partition, "not authorised")},
      {topic("east.b",
             1)}}.plan();
  std::map<std::string, std::string> reasons;
  for (const auto& action : plan.actions) {
    EXPECT_EQ(action.kind, Kind::refuse) << action.source_topic;
    reasons[action.source_topic] = action.reason;
  }
  EXPECT_EQ(reasons.size(), 3U);
  EXPECT_EQ(reasons["secret"], "source: not authorised");
  EXPECT_NE(reasons["west.orders"].find("cycle"), std::string::npos);
  EXPECT_NE(reasons[long_name].find("250 characters"), std::string::npos);
  EXPECT_EQ(ready(plan), (Texts{"b:0>east.b:0"}));
}

TEST(Plan, SaysNothingAboutTopicsTheFilterNeverWanted) {
  const auto plan = Flow{{topic("__consumer_offsets", 50), topic("x.internal", 1)}, {}}.plan();
  EXPECT_TRUE(plan.actions.empty());
}

TEST(Plan, ReportsAMirroredTopicThatTheFilterNoLongerWants) {
  Flow flow{{topic("orders", 1)}, {topic("east.orders", 1)}, {{"orders", {id(1), 1}}}};
  flow.include = {"items"};
  const auto plan = flow.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::refuse);
  EXPECT_EQ(plan.actions[0].reason, "not in topics");
  EXPECT_TRUE(plan.ready.empty());
}

TEST(Plan, KeepsAndReportsWhatVanishedAtTheSource) {
  const auto plan = Flow{{}, {topic("east.orders", 1)}, {{"orders", {id(1), 1}}}}.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::vanished);
  EXPECT_EQ(plan.actions[0].target_topic, "east.orders");
  EXPECT_TRUE(plan.ready.empty());
}

TEST(Plan, ReportsARecreatedTopic) {
  struct Row {
    const char* name;
    TopicInfo now;
    KnownTopic before;
    bool recreated;
  };
  for (const Row& row : {
           Row{"same_id", topic("orders", 2, id(1)), {id(1), 2}, false},
           Row{"another_id", topic("orders", 2, id(2)), {id(1), 2}, true},
           Row{"ids_not_told", topic("orders", 2), {id(1), 2}, false},
           Row{"fewer_partitions_without_ids", topic("orders", 1), {kNoTopicId, 2}, true},
       }) {
    const auto plan = Flow{{row.now}, {topic("east.orders", 2)}, {{"orders", row.before}}}.plan();
    const bool reported =
        std::any_of(plan.actions.begin(), plan.actions.end(),
                    [](const TopicAction& action) { return action.kind == Kind::recreated; });
    EXPECT_EQ(reported, row.recreated) << row.name;
    EXPECT_EQ(plan.ready.size(), static_cast<std::size_t>(row.now.partitions)) << row.name;
  }
}

TEST(Plan, GoesOnThroughPassingTrouble) {
  const std::map<std::string, KnownTopic> known = {{"orders", {id(1), 2}}};
  const Flow at_source{
      {broken("orders", Next::retry, "leader not available")}, {topic("east.orders", 2)}, known};
  const Flow at_target{{topic("orders", 2, id(1))},
                       {broken("east.orders", Next::retry, "leader not available")},
                       known};
  for (const Flow* flow : {&at_source, &at_target}) {
    const auto plan = flow->plan();
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].kind, Kind::wait);
    EXPECT_EQ(ready(plan), (Texts{"orders:0>east.orders:0", "orders:1>east.orders:1"}));
    EXPECT_EQ(plan.ready[0].source_id, id(1));
  }
  const Flow never_mirrored{{broken("orders", Next::retry, "leader not available")},
                            {topic("east.orders", 2)}};
  EXPECT_TRUE(never_mirrored.plan().ready.empty());
}

TEST(Plan, CreatesAgainWhatIsGoneOnTheTarget) {
  const auto plan = Flow{{topic("orders", 1, id(1))}, {}, {{"orders", {id(1), 1}}}}.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::create);
  EXPECT_EQ(plan.actions[0].reason, "it was mirrored and is gone on the target");
}

TEST(Plan, NeverMirrorsIntoATopicThatLongspanWritesItself) {
  Flow flow{{topic("heartbeats", 1)}, {topic("east.heartbeats", 1)}};
  EXPECT_EQ(ready(flow.plan()), (Texts{"heartbeats:0>east.heartbeats:0"}));
  flow.own_target_topics = {"east.heartbeats"};
  EXPECT_TRUE(flow.plan().ready.empty());
  EXPECT_EQ(flow.plan().actions.at(0).reason,
            "longspan writes 'east.heartbeats' on the target itself");
}

TEST(Plan, MirrorsHeartbeatsThatTheFilterDoesNotName) {
  Flow flow{{topic("heartbeats", 1)}, {topic("east.heartbeats", 1)}};
  flow.include = {"orders"};
  EXPECT_EQ(ready(flow.plan()), (Texts{"heartbeats:0>east.heartbeats:0"}));
}

TEST(Plan, SeesNamesThatCollideOnTheTarget) {
  Flow flow{{topic("orders_eu", 1)}, {topic("orders.eu", 1)}};
  flow.policy = NamingPolicy::identity;
  const auto plan = flow.plan();
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions[0].kind, Kind::refuse);
  EXPECT_NE(plan.actions[0].reason.find("collides with 'orders.eu'"), std::string::npos);
}

TEST(Plan, OrderDoesNotDependOnTheListing) {
  Flow flow{{topic("c", 2), topic("a", 1), topic("west.z", 1), topic("b", 3)},
            {topic("east.b", 1), topic("east.c", 2)},
            {{"gone", {id(1), 1}}}};
  const auto first = flow.plan();
  std::reverse(flow.source.begin(), flow.source.end());
  std::reverse(flow.target.begin(), flow.target.end());
  const auto second = flow.plan();
  EXPECT_EQ(first.actions, second.actions);
  EXPECT_EQ(first.ready, second.ready);
  Texts order;
  for (const auto& action : first.actions) order.push_back(action.source_topic);
  EXPECT_EQ(order, (Texts{"a", "b", "gone", "west.z"}));
}

TEST(Plan, ConvergesInTwoRounds) {
  Flow flow{{topic("a", 2), topic("b", 3)}, {topic("east.b", 1)}};
  for (const auto& action : flow.plan().actions) {
    std::erase_if(flow.target, [&](const auto& t) { return t.name == action.target_topic; });
    flow.target.push_back(topic(action.target_topic, action.partitions));
  }
  const auto plan = flow.plan();
  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ(plan.ready.size(), 5U);
}

}  // namespace
}  // namespace longspan
