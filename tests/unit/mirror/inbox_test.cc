#include "mirror/inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Inbox, GivesEverythingInOrderOnce) {
  Inbox<int> inbox(10);
  EXPECT_TRUE(inbox.post(1));
  EXPECT_TRUE(inbox.post(2));
  EXPECT_THAT(inbox.take_all(), ElementsAre(1, 2));
  EXPECT_THAT(inbox.take_all(), IsEmpty());
}

TEST(Inbox, RefusesAboveItsCapacityAndTakesAgainWhenEmptied) {
  Inbox<int> inbox(2);
  EXPECT_TRUE(inbox.post(1));
  EXPECT_TRUE(inbox.post(2));
  EXPECT_FALSE(inbox.post(3));
  EXPECT_THAT(inbox.take_all(), ElementsAre(1, 2));
  EXPECT_TRUE(inbox.post(4));
  EXPECT_THAT(inbox.take_all(), ElementsAre(4));
}

TEST(Inbox, CarriesWhatCanOnlyBeMoved) {
  Inbox<std::unique_ptr<int>> inbox(1);
  EXPECT_TRUE(inbox.post(std::make_unique<int>(7)));
  EXPECT_EQ(*inbox.take_all().at(0), 7);
}

TEST(Inbox, LosesNothingBetweenThreadsAndKeepsEachOnesOrder) {
  constexpr int kEach = 2000;
  constexpr int kThreads = 3;
  Inbox<std::pair<int, int>> inbox(kEach * kThreads);
  std::vector<std::jthread> posters;
  for (int who = 0; who < kThreads; ++who) {
    posters.emplace_back([&inbox, who] {
      for (int n = 0; n < kEach; ++n) ASSERT_TRUE(inbox.post({who, n}));
    });
  }
  std::vector<int> next(kThreads, 0);
  for (int seen = 0; seen < kEach * kThreads;) {
    for (const auto& [who, n] : inbox.take_all()) {
      ASSERT_EQ(n, next[static_cast<std::size_t>(who)]++);
      ++seen;
    }
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace longspan
