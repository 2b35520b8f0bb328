#include "mirror/why/pace.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

using std::chrono::milliseconds;

std::chrono::nanoseconds spent{};
bool is_known = true;
std::optional<std::chrono::nanoseconds> told_cpu() {
  return is_known ? std::optional(spent) : std::nullopt;
}

class PaceTest : public testing::Test {
 protected:
  PaceTest() { spent = {}, is_known = true; }
  // A window of ticks, of which every fourth waits for the target and every second for the source.
  void window() {
    bool is_over = false;
    for (int tick = 0; !is_over; ++tick) {
      now_ += milliseconds(100);
      spent += milliseconds(40);
      is_over = pace_.look({tick % 2 == 0, tick % 4 == 0}, now_);
    }
  }
  Pace pace_{told_cpu};
  Pace::Steady now_{std::chrono::hours(1)};
};

TEST_F(PaceTest, IsUnknownUntilAWindowIsOver) {
  pace_.look({true, true}, now_);
  EXPECT_EQ(pace_.ratios().cpu, std::nullopt);
  EXPECT_EQ(pace_.ratios().source_wait, std::nullopt);
}

TEST_F(PaceTest, TellsPartsOfTheTime) {
  window();
  window();
  EXPECT_NEAR(pace_.ratios().cpu.value(), 0.4, 0.01);
  EXPECT_NEAR(pace_.ratios().source_wait.value(), 0.5, 0.02);
  EXPECT_NEAR(pace_.ratios().target_wait.value(), 0.25, 0.02);
}

TEST_F(PaceTest, ForgetsTheWindowBefore) {
  window();
  for (int tick = 0; tick < 50; ++tick) pace_.look({}, now_ += milliseconds(100));
  EXPECT_EQ(pace_.ratios().target_wait, 0);
  EXPECT_EQ(pace_.ratios().cpu, 0);
}

TEST_F(PaceTest, AClockThatIsNotThereIsAbsent) {
  is_known = false;
  window();
  EXPECT_EQ(pace_.ratios().cpu, std::nullopt);
  EXPECT_TRUE(pace_.ratios().target_wait);
}

TEST(Pace, TheThreadsOwnTimeGrows) {
  const auto before = Pace::cpu_of_this_thread();
  std::uint64_t sum = 0;
  for (int i = 0; i < 1'000'000; ++i) sum = sum * 31 + static_cast<std::uint64_t>(i);
  const auto after = Pace::cpu_of_this_thread();
  ASSERT_TRUE(before && after) << sum;
  EXPECT_GT(*after, *before);
}

TEST(LoadSnapshot, TheBusierOneSpeaks) {
  LoadSnapshot a;
  a.shard_cpu_ratio = 0.5;
  a.target_wait_ratio = 0.2;
  a.in_flight_bytes = 10;
  LoadSnapshot b;
  b.target_wait_ratio = 0.9;
  b.in_flight_bytes = 99;
  b.source.throttle_ratio = 0.3;
  a.merge(b);
  EXPECT_EQ(a.shard_cpu_ratio, 0.5);
  EXPECT_EQ(a.target_wait_ratio, 0.9);
  EXPECT_EQ(a.in_flight_bytes, 99);
  EXPECT_EQ(a.source.throttle_ratio, 0.3);
  EXPECT_EQ(a.target.throttle_ratio, std::nullopt);
}

}  // namespace
}  // namespace longspan
