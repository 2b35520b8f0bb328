#include "mirror/groups/coordinator_epochs.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(CoordinatorEpochs, NothingIsKnownBeforeItIsAsked) {
  CoordinatorEpochs writers;
  EXPECT_FALSE(writers.writer(0, 1));
  writers.asked({3, std::nullopt});
  EXPECT_EQ(writers.writer(0, 1), 3);
  EXPECT_FALSE(writers.writer(0, std::nullopt)) << "no epoch, no writer";
  EXPECT_FALSE(writers.writer(1, 1)) << "no leader";
  EXPECT_FALSE(writers.writer(2, 1)) << "no such partition";
}

TEST(CoordinatorEpochs, ANewerEpochIsSomebodyElses) {
  CoordinatorEpochs writers;
  writers.asked({3});
  EXPECT_EQ(writers.writer(0, 5), 3);
  EXPECT_FALSE(writers.wants_asking());
  EXPECT_FALSE(writers.writer(0, 6));
  EXPECT_TRUE(writers.wants_asking());
  EXPECT_EQ(writers.writer(0, 5), 3) << "on its way still";
  writers.asked({4});
  EXPECT_FALSE(writers.wants_asking());
  EXPECT_FALSE(writers.writer(0, 5));
  EXPECT_EQ(writers.writer(0, 6), 4);
}

TEST(CoordinatorEpochs, TheSameBrokerMayLeadInANewerEpoch) {
  CoordinatorEpochs writers;
  writers.asked({3});
  EXPECT_EQ(writers.writer(0, 5), 3);
  EXPECT_FALSE(writers.writer(0, 7));
  writers.asked({3});
  EXPECT_EQ(writers.writer(0, 7), 3);
}

// Asked again before a record of the new leader came.
TEST(CoordinatorEpochs, WhatIsOnItsWayIsNotTheNewLeaders) {
  CoordinatorEpochs writers;
  writers.asked({3});
  EXPECT_EQ(writers.writer(0, 5), 3);
  writers.asked({4});
  EXPECT_FALSE(writers.writer(0, 5));
  EXPECT_EQ(writers.writer(0, 6), 4);
}

// The epoch that was taken for the former leader's is the new one's: it goes on.
TEST(CoordinatorEpochs, AnEpochThatGoesOnIsTheLeaders) {
  CoordinatorEpochs writers;
  writers.asked({3});
  EXPECT_EQ(writers.writer(0, 5), 3);
  writers.asked({4});
  EXPECT_FALSE(writers.writer(0, 5));
  writers.asked({4});
  EXPECT_EQ(writers.writer(0, 5), 4);
}

}  // namespace
}  // namespace longspan
