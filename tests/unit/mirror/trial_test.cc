#include "mirror/trial.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr TimestampMs kStarted{1'000'000};

Owner owner(std::int64_t seconds, bool follows_death) {
  Owner out;
  out.process = "host:1";
  out.taken_at = {500'000};
  out.alive_at = {500'000 + seconds * 1000};
  out.follows_death = follows_death;
  return out;
}

TEST(DeathsOf, ASlotThatWasReleasedOrNeverOwnedTellsOfNone) {
  EXPECT_FALSE(deaths_of(std::nullopt, "host:2", kStarted).died);
  Owner released = owner(3, true);
  released.released_at = TimestampMs{503'000};
  EXPECT_FALSE(deaths_of(released, "host:2", kStarted).died);
}

TEST(DeathsOf, OneDeathIsNoReasonToReadWithCare) {
  const Deaths deaths = deaths_of(owner(3, false), "host:2", kStarted);
  EXPECT_TRUE(deaths.died);
  EXPECT_FALSE(deaths.is_repeated);
}

TEST(DeathsOf, TheSecondIsWhereItsOwnerDiedYoung) {
  EXPECT_TRUE(deaths_of(owner(3, true), "host:2", kStarted).is_repeated);
  EXPECT_EQ(deaths_of(owner(3, true), "host:2", kStarted).since, TimestampMs{500'000});
  EXPECT_TRUE(deaths_of(owner(59, true), "host:2", kStarted).is_repeated);
  EXPECT_FALSE(deaths_of(owner(60, true), "host:2", kStarted).is_repeated);
}

// In a container every process is number 1 of the same host.
TEST(DeathsOf, AProcessDidNotDieOfWhatItOwnedItself) {
  Owner own = owner(3, true);
  EXPECT_TRUE(deaths_of(own, "host:1", kStarted).died);
  own.taken_at = {1'000'000};
  EXPECT_FALSE(deaths_of(own, "host:1", kStarted).died);
}

TEST(TrialTurn, IsOneAtATime) {
  TrialTurn turn;
  EXPECT_TRUE(turn.try_take());
  EXPECT_FALSE(turn.try_take());
  turn.give_back();
  EXPECT_TRUE(turn.try_take());
}

}  // namespace
}  // namespace longspan
