#include "mirror/surveyor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_admin.h"
#include "tests/unit/mirror/shard_on_fakes.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SurveyorTest : public testing::Test {
 protected:
  SurveyorTest() : flow(flow_on_fakes(2)) {
    set_log_level(LogLevel::error);
    flow.topics = *TopicFilter::make({".*"}, {}, true);
    auto source_admin = std::make_unique<FakeAdmin>(source);
    auto target_admin = std::make_unique<FakeAdmin>(target);
    at_target = target_admin.get();
    auto wakeup = std::make_unique<FakeWakeup>(clock);
    wakeup->on_wait = [this] {
      if (--turns <= 0) stop.request_stop();
    };
    surveyor = std::make_unique<Surveyor>(flow, std::move(source_admin), std::move(target_admin),
                                          clock, std::move(wakeup),
                                          [this](SurveyNews news) { take(std::move(news)); });
    surveyor->set_duty(true);
  }

  void run_for(std::chrono::seconds time) {
    turns = static_cast<int>(time / std::chrono::milliseconds(250));
    stop = {};
    surveyor->run(stop.get_token());
  }
  void take(SurveyNews news) {
    if (auto* report = std::get_if<SurveyReport>(&news)) {
      for (auto& event : report->events) events.push_back(event);
      for (const auto& action : report->plan.actions) {
        if (action.kind == TopicActionKind::recreated) ++recreated;
      }
      last = std::move(*report);
    } else if (const auto* trouble = std::get_if<ClusterTrouble>(&news)) {
      troubles.push_back(*trouble);
    } else if (const auto* ends = std::get_if<LogEndsReport>(&news)) {
      told_ends.push_back(ends->ends);
    }
  }
  std::vector<EventKind> kinds() {
    std::vector<EventKind> out;
    for (const auto& event : events) out.push_back(event.kind);
    events.clear();
    return out;
  }

  FakeClock clock;
  FakeCluster source{"source", &clock};
  FakeCluster target{"target", &clock};
  FlowConfig flow;
  FakeAdmin* at_target = nullptr;
  std::unique_ptr<Surveyor> surveyor;
  int turns = 0;
  std::stop_source stop;
  std::vector<Event> events;
  std::vector<ClusterTrouble> troubles;
  std::vector<LogEnds> told_ends;
  SurveyReport last;
  int recreated = 0;  // so many times a survey said so
};

TEST_F(SurveyorTest, CreatesAndGrowsWhatIsMissing) {
  source.create_topic("orders", 2);
  run_for(std::chrono::seconds(2));
  EXPECT_THAT(kinds(), ElementsAre(EventKind::topic_created));
  EXPECT_EQ(target.topic("east.orders").partitions.size(), 2u);
  EXPECT_EQ(last.plan.ready.size(), 2u);
  source.grow_topic("orders", 5);
  run_for(std::chrono::seconds(7));
  EXPECT_THAT(kinds(), ElementsAre(EventKind::topic_grown));
  EXPECT_EQ(last.plan.ready.size(), 5u);
}

TEST_F(SurveyorTest, WithoutTheDutyItOnlyLooks) {
  surveyor->set_duty(false);
  source.create_topic("orders", 2);
  run_for(std::chrono::seconds(7));
  EXPECT_EQ(target.writes(), 0);
  EXPECT_THAT(last.plan.ready, IsEmpty());
}

TEST_F(SurveyorTest, ATopicThatCannotBeCreatedIsToldOnceAndShown) {
  at_target->refuse_writes =
      Error{Next::park_partition, 0, "replication factor 3 is larger than the 1 broker", ""};
  source.create_topic("orders", 2);
  run_for(std::chrono::seconds(30));
  ASSERT_EQ(events.size(), 1u) << "every survey fails, one event tells it";
  EXPECT_EQ(events[0].kind, EventKind::topic_refused);
  EXPECT_EQ(events[0].partition->topic, "orders");
  EXPECT_THAT(events[0].text, HasSubstr("replication factor"));
  ASSERT_EQ(last.plan.actions.size(), 1u);
  EXPECT_EQ(last.plan.actions[0].kind, TopicActionKind::refuse);
  EXPECT_THAT(last.plan.actions[0].reason, HasSubstr("replication factor"));
  events.clear();
  at_target->refuse_writes.reset();
  run_for(std::chrono::seconds(10));
  EXPECT_THAT(kinds(), ElementsAre(EventKind::topic_created));
  EXPECT_EQ(last.plan.ready.size(), 2u);
}

TEST_F(SurveyorTest, ARefusedTopicIsToldAndThatItNoLongerIs) {
  const std::string name(245, 'x');  // too long once it is prefixed
  source.create_topic(name, 1);
  run_for(std::chrono::seconds(20));
  EXPECT_THAT(kinds(), ElementsAre(EventKind::topic_refused));
  source.delete_topic(name);
  run_for(std::chrono::seconds(20));
  EXPECT_THAT(kinds(), ElementsAre(EventKind::topic_accepted));
}

TEST_F(SurveyorTest, ATopicIsCreatedAnewOnceEachTime) {
  source.create_topic("orders", 3);
  run_for(std::chrono::seconds(30));
  EXPECT_EQ(recreated, 0);
  for (const int partitions : {2, 2, 1}) {
    source.delete_topic("orders");
    source.create_topic("orders", partitions);
    run_for(std::chrono::seconds(30));
    EXPECT_EQ(std::exchange(recreated, 0), 1) << "in one survey, to " << partitions;
  }
}

TEST_F(SurveyorTest, FollowsTheConfigsOfTargetTopics) {
  source.create_topic("orders", 1);
  run_for(std::chrono::seconds(8));
  EXPECT_EQ(last.settings.record_bytes_max["east.orders"], 1048588);
  flow.sync_topic_configs = false;
  target.topic("east.orders").configs["max.message.bytes"] = "20000";
  run_for(std::chrono::seconds(12));
  EXPECT_EQ(last.settings.record_bytes_max["east.orders"], 20000);
}

TEST_F(SurveyorTest, APartitionWithoutALeaderIsToldAlsoWhereItIsTheOnlyOne) {
  source.create_topic("orders", 1);
  source.create_topic("users", 1);
  const TopicPartition orders{"orders", 0};
  const TopicPartition users{"users", 0};
  source.at(orders).broken = Error{Next::retry, 5, "no leader", ""};
  surveyor->watch({{orders, orders}, {users, users}});
  run_for(std::chrono::seconds(3));
  ASSERT_FALSE(told_ends.empty());
  EXPECT_THAT(told_ends.back().leaderless, ElementsAre(orders));
  EXPECT_TRUE(told_ends.back().source.contains(users));

  surveyor->watch({{orders, orders}});
  told_ends.clear();
  run_for(std::chrono::seconds(10));
  ASSERT_FALSE(told_ends.empty());
  EXPECT_THAT(told_ends.back().leaderless, ElementsAre(orders));
  EXPECT_FALSE(troubles.back().source);

  source.set_reachable(false);
  run_for(std::chrono::seconds(5));
  told_ends.clear();
  run_for(std::chrono::seconds(10));
  EXPECT_THAT(told_ends, IsEmpty());  // nobody knows of leaders then
}

TEST_F(SurveyorTest, ASilentSourceIsTroubleUntilItAnswers) {
  source.create_topic("orders", 1);
  run_for(std::chrono::seconds(2));
  source.set_reachable(false);
  run_for(std::chrono::seconds(8));
  ASSERT_TRUE(troubles.back().source);
  EXPECT_FALSE(troubles.back().target);
  source.set_reachable(true);
  run_for(std::chrono::seconds(8));
  EXPECT_FALSE(troubles.back().source);
}

}  // namespace
}  // namespace longspan
