#include "mirror/slot_hash.h"

#include <gtest/gtest.h>

#include <map>

namespace longspan {
namespace {

TEST(SlotHash, AnswersAreFixedForEver) {
  // Every process, of every version, must agree: a changed value here splits a running flow.
  EXPECT_EQ(slot_of({"orders", 0}, 16), 1);
  EXPECT_EQ(slot_of({"orders", 1}, 16), 10);
  EXPECT_EQ(slot_of({"orders", 1}, 3), 2);
  EXPECT_EQ(slot_of({"server1.public.orders", 7}, 16), 1);
  EXPECT_EQ(slot_of_duty("topics", 16), 8);
  EXPECT_EQ(slot_of_duty("heartbeats", 16), 15);
}

TEST(SlotHash, EverySlotIsInRange) {
  for (const auto slots : {1, 2, 3, 16, 100}) {
    for (std::int32_t partition = 0; partition < 200; ++partition) {
      const auto slot = slot_of({"orders", partition}, slots);
      EXPECT_GE(slot, 0);
      EXPECT_LT(slot, slots);
    }
  }
}

TEST(SlotHash, SpreadsPartitionsEvenly) {
  std::map<std::int32_t, int> load;
  for (int topic = 0; topic < 100; ++topic) {
    for (std::int32_t partition = 0; partition < 16; ++partition) {
      ++load[slot_of({"topic-" + std::to_string(topic), partition}, 16)];
    }
  }
  ASSERT_EQ(load.size(), 16U);
  for (const auto& [slot, count] : load) {
    EXPECT_GT(count, 60) << "slot " << slot;  // 100 on average
    EXPECT_LT(count, 160) << "slot " << slot;
  }
}

TEST(SlotHash, OneMoreSlotMovesPartitionsOnlyToIt) {
  for (std::int32_t partition = 0; partition < 1000; ++partition) {
    const auto before = slot_of({"orders", partition}, 16);
    const auto after = slot_of({"orders", partition}, 17);
    EXPECT_TRUE(after == before || after == 16) << partition;
  }
}

TEST(SlotHash, NamesThatLookAlikeAreToldApart) {
  int same = 0;
  for (std::int32_t n = 0; n < 64; ++n) {
    const TopicPartition one{"orders1", n};
    const TopicPartition other{"orders", 10 + n};
    same += slot_of(one, 1024) == slot_of(other, 1024) ? 1 : 0;
  }
  EXPECT_LT(same, 8);
}

TEST(SlotHash, DutiesAreInRangeAndSpread) {
  std::map<std::int32_t, int> load;
  for (int duty = 0; duty < 200; ++duty) {
    const auto slot = slot_of_duty("duty-" + std::to_string(duty), 4);
    ASSERT_GE(slot, 0);
    ASSERT_LT(slot, 4);
    ++load[slot];
  }
  EXPECT_EQ(load.size(), 4U);
}

TEST(SlotHashDeathTest, NoSlotsAbort) { EXPECT_DEATH(std::ignore = slot_of({"a", 0}, 0), ""); }

}  // namespace
}  // namespace longspan
