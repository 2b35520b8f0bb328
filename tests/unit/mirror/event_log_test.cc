#include "mirror/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::SizeIs;

SlotEvent told(std::int64_t number, EventKind kind = EventKind::record_skipped) {
  SlotEvent out{3, {}};
  out.event.number = number;
  out.event.kind = kind;
  return out;
}

TEST(EventLog, CountsByKindAndKeepsTheNewest) {
  EventLog log;
  for (std::size_t i = 0; i < kRecentEventsMax + 5; ++i) log.add(told(static_cast<int>(i)));
  log.add(told(999, EventKind::paused));
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 205);
  EXPECT_EQ(log.totals().at(EventKind::paused), 1);
  EXPECT_THAT(log.recent(), SizeIs(kRecentEventsMax));
  EXPECT_EQ(log.recent().back().event.number, 999);
}

TEST(EventLog, WhatIsNotCommittedDoesNotCount) {
  EventLog log;
  log.add_uncommitted(told(1));
  EXPECT_TRUE(log.totals().empty());
  log.begin_commit();
  log.add_uncommitted(told(2));  // comes while that commit is under way: of the next one
  log.commit();
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 1);
  ASSERT_THAT(log.recent(), SizeIs(1));
  log.settle(3, {told(1).event});
  log.add_uncommitted(told(2));  // once more
  log.begin_commit();
  log.commit();
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 2);
  EXPECT_EQ(log.recent().back().event.number, 2);
}

// The answer to the commit was lost, or the commit.
TEST(EventLog, WhatTheSlotHoldsWasCommitted) {
  EventLog log;
  for (const std::int64_t number : {1, 2, 3}) log.add_uncommitted(told(number));
  SlotEvent elsewhere = told(1);
  elsewhere.slot = 4;
  log.add_uncommitted(elsewhere);
  log.begin_commit();
  Event of_another = told(3).event;
  of_another.who = "the next owner";
  log.settle(3, {told(1).event, told(2).event, of_another});
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 2);
  log.commit();
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 2);
}

TEST(EventLog, OneThatGrowsIsNotCountedTwice) {
  EventLog log;
  log.add(told(1));
  log.add_uncommitted(told(2));
  for (const std::int64_t number : {1, 2}) {
    SlotEvent grown = told(number);
    grown.event.to = Offset{50};
    log.grow(grown);
  }
  SlotEvent elsewhere = told(1);
  elsewhere.slot = 4;
  log.grow(elsewhere);
  log.begin_commit();
  log.commit();
  EXPECT_EQ(log.totals().at(EventKind::record_skipped), 2);
  for (const auto& event : log.recent()) EXPECT_EQ(event.event.to, Offset{50});
}

}  // namespace
}  // namespace longspan
