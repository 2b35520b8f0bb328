#include "mirror/groups/translate.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace longspan {
namespace {

// orders:0 starts at source offset 100, target offset 0; one transaction marker at 110.
class TranslateTest : public testing::Test {
 protected:
  TranslateTest() {
    maps_[{"orders", 0}].append({100}, {0}, 10);
    maps_[{"orders", 0}].append({111}, {10}, 10);
    maps_[{"orders", 0}].set_next_source({121});
    maps_[{"orders", 0}].set_next_target({20});
  }

  [[nodiscard]] PositionTranslator translator() const {
    const auto naming = Naming::make({NamingPolicy::prefixed, "east", "west", ".", false, {}});
    return {*naming, [this](const TopicPartition& source) {
              const auto it = maps_.find(source);
              return it == maps_.end() ? nullptr : &it->second;
            }};
  }

  std::map<TopicPartition, OffsetMap> maps_;
};

TEST_F(TranslateTest, GoesToTheTarget) {
  struct Row {
    const char* name;
    std::int64_t source;
    Translation target;
  };
  for (const Row& row : {
           Row{"first_record", 100, {{0}, Exactness::exact}},
           Row{"before_the_gap", 109, {{9}, Exactness::exact}},
           Row{"on_the_marker", 110, {{10}, Exactness::exact}},
           Row{"after_the_gap", 111, {{10}, Exactness::exact}},
           Row{"not_mirrored_yet", 121, {{20}, Exactness::ahead}},
           Row{"before_the_mirror", 5, {{0}, Exactness::before_start}},
       }) {
    const auto answer = translator().to_target({"orders", 0}, {row.source});
    ASSERT_TRUE(answer.to.has_value()) << row.name;
    EXPECT_EQ(*answer.to, row.target) << row.name;
    EXPECT_EQ(answer.target, (TopicPartition{"east.orders", 0}));
    EXPECT_EQ(answer.from, Offset{row.source});
    EXPECT_EQ(answer.reason, "");
  }
}

TEST_F(TranslateTest, GoesBackToTheSource) {
  const auto answer = translator().to_source({"east.orders", 0}, {10});
  ASSERT_TRUE(answer.to.has_value());
  EXPECT_EQ(answer.to->offset, Offset{111});
  EXPECT_EQ(answer.to->exactness, Exactness::exact);
  EXPECT_EQ(answer.source, (TopicPartition{"orders", 0}));
  EXPECT_EQ(answer.target, (TopicPartition{"east.orders", 0}));
}

TEST_F(TranslateTest, OnePositionWithoutAMapDoesNotHideTheOthers) {
  const auto answers = translator().to_target(
      Positions{{{"orders", 1}, {7}}, {{"items", 0}, {7}}, {{"orders", 0}, {105}}});
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].source.text(), "items:0");
  EXPECT_EQ(answers[0].to, std::nullopt);
  EXPECT_EQ(answers[0].reason, "no offset map: this flow does not mirror the partition");
  EXPECT_EQ(answers[1].source.text(), "orders:0");
  EXPECT_EQ(answers[1].to->offset, Offset{5});
  EXPECT_EQ(answers[2].to, std::nullopt);
}

TEST_F(TranslateTest, TopicsOfOtherClustersHaveNoSource) {
  const auto answers = translator().to_source(
      Positions{{{"east.items", 0}, {1}}, {{"east.orders", 0}, {3}}, {{"local", 0}, {1}}});
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].reason, "no offset map: this flow does not mirror the partition");
  EXPECT_EQ(answers[1].to->offset, Offset{103});
  EXPECT_EQ(answers[2].reason, "the topic does not come from the cluster 'east'");
  EXPECT_EQ(answers[2].source.topic, "");
  EXPECT_EQ(answers[2].to, std::nullopt);
}

// What a group commits on one side and gets back from the other must never lie behind a record it
// has not read.
TEST_F(TranslateTest, ThereAndBackSkipsNothing) {
  for (std::int64_t source = 95; source <= 125; ++source) {
    const auto there = translator().to_target({"orders", 0}, {source});
    const auto back = translator().to_source({"east.orders", 0}, there.to->offset);
    const std::int64_t first_unread = source < 100 ? 100 : source == 110 ? 111 : source;
    EXPECT_LE(back.to->offset.value, first_unread) << source;
    if (source >= 100 && source <= 120) {
      EXPECT_EQ(back.to->offset.value, first_unread);
    }
  }
}

}  // namespace
}  // namespace longspan
