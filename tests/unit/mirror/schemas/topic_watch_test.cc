#include "mirror/schemas/topic_watch.h"

#include <gtest/gtest.h>

#include "mirror/schemas/topic_key.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_source.h"

namespace longspan {
namespace {

TEST(SchemaTopicKey, NamesASubject) {
  const auto hint =
      hint_of_topic_key(R"({"keytype":"SCHEMA","subject":"orders-value","version":3,"magic":1})");
  EXPECT_EQ(hint.subjects, (std::set<Subject>{{".", "orders-value"}}));
  EXPECT_FALSE(hint.looks);
  const auto other = hint_of_topic_key(R"({"keytype":"CONFIG","subject":":.east:a","magic":0})");
  EXPECT_EQ(other.subjects, (std::set<Subject>{{".east", "a"}}));
}

TEST(SchemaTopicKey, MayMeanAnything) {
  EXPECT_TRUE(hint_of_topic_key(R"({"keytype":"NOOP","magic":0})").is_empty());
  for (const auto* key : {"", "{", "[1]", R"({"keytype":"CONFIG","subject":null})",
                          R"({"keytype":7,"subject":{}})", R"({"keytype":"CONTEXT"})"}) {
    const auto hint = hint_of_topic_key(key);
    EXPECT_TRUE(hint.looks) << key;
    EXPECT_TRUE(hint.subjects.empty()) << key;
  }
}

class SchemaTopicWatchTest : public testing::Test {
 protected:
  static std::string key_of(const std::string& subject) {
    return R"({"keytype":"SCHEMA","subject":")" + subject + R"(","version":1,"magic":1})";
  }
  void append(const std::string& subject) { cluster_.append(kTopic, key_of(subject), "{}"); }
  // What was told in this turn.
  SchemaHurry turn() {
    told_ = {};
    wait_ = watch_.turn();
    return told_;
  }
  SchemaHurry turn_later() {
    clock_.advance(SchemaTopicWatch::kTurn);
    return turn();
  }
  SchemaTopicPorts ports() {
    return {clock_, std::make_unique<FakeWakeup>(clock_),
            [this](Wakeup&) -> Result<std::unique_ptr<Source>> {
              ++clients_;
              return std::unique_ptr<Source>(std::make_unique<FakeSource>(cluster_, 7));
            },
            [this]() -> Result<std::unique_ptr<Admin>> {
              return std::unique_ptr<Admin>(std::make_unique<FakeAdmin>(cluster_));
            }};
  }

  static inline const TopicPartition kTopic{"_schemas", 0};
  FakeClock clock_;
  FakeCluster cluster_{"source", &clock_};
  int clients_ = 0;
  SchemaHurry told_;
  std::chrono::milliseconds wait_{0};
  SchemaTopicWatch watch_{"_schemas", ports(), {}, [this](const auto& hurry) { told_.add(hurry); }};
};

TEST_F(SchemaTopicWatchTest, TellsWhatComesFromNowOnTwice) {
  cluster_.create_topic("_schemas", 1);
  append("old");
  const auto first = turn();
  EXPECT_TRUE(first.looks) << "what came before was not seen";
  EXPECT_TRUE(first.subjects.empty());
  EXPECT_TRUE(turn_later().looks);
  EXPECT_TRUE(turn_later().is_empty());
  append("orders");
  EXPECT_EQ(turn().subjects, (std::set<Subject>{{".", "orders"}}));
  EXPECT_TRUE(turn().is_empty()) << "not before its time";
  EXPECT_EQ(turn_later().subjects, (std::set<Subject>{{".", "orders"}}));
  EXPECT_TRUE(turn_later().is_empty());
  EXPECT_EQ(clients_, 1);
}

TEST_F(SchemaTopicWatchTest, ATopicThatCannotBeReadIsTriedAgain) {
  EXPECT_TRUE(turn().is_empty());
  EXPECT_EQ(wait_, SchemaTopicWatch::kTryAgain);
  cluster_.create_topic("_schemas", 1);
  EXPECT_TRUE(turn().looks);
  EXPECT_EQ(wait_, SchemaTopicWatch::kTurn);
  turn_later();
  append("a");
  turn();
  // Made again: its log is another, and shorter.
  cluster_.delete_topic("_schemas");
  turn();
  EXPECT_EQ(wait_, SchemaTopicWatch::kTryAgain);
  cluster_.create_topic("_schemas", 1);
  EXPECT_TRUE(turn().looks);
  append("b");
  turn_later();
  append("c");
  EXPECT_TRUE(turn_later().subjects.contains({".", "c"}));
}

}  // namespace
}  // namespace longspan
