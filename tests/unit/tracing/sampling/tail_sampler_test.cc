#include "tracing/sampling/tail_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Sampler = TailSampler<int>;

Sampler::SteadyTime at(std::chrono::nanoseconds since) { return Sampler::SteadyTime{} + since; }

TEST(TailSampler, KeepsTheSlowestAndTheFailed) {
  Sampler sampler({2, 10, seconds(60)}, at(seconds(0)));
  sampler.offer(5, false, 1);
  sampler.offer(-3, false, 2);
  sampler.offer(9, false, 3);
  sampler.offer(7, false, 4);
  sampler.offer(1'000, true, 5);  // no place of the slowest
  sampler.offer({}, true, 6);
  sampler.offer({}, false, 7);
  const auto kept = sampler.take();
  EXPECT_EQ(kept.slowest, (std::vector<int>{3, 4}));
  EXPECT_EQ(kept.failed, (std::vector<int>{5, 6}));
  EXPECT_EQ(kept.failed_dropped, 0U);
  EXPECT_EQ(sampler.size(), 0U);
}

TEST(TailSampler, TellsBeforeWhatItWants) {
  Sampler sampler({2, 1, seconds(60)}, at(seconds(0)));
  EXPECT_TRUE(sampler.wants(-100, false));
  EXPECT_FALSE(sampler.wants({}, false));
  sampler.offer(5, false, 1);
  sampler.offer(7, false, 2);
  EXPECT_FALSE(sampler.wants(5, false));  // the first that came stays
  EXPECT_TRUE(sampler.wants(6, false));
  EXPECT_TRUE(sampler.wants({}, true));
  const Sampler none({0, 1, seconds(60)}, at(seconds(0)));
  EXPECT_FALSE(none.wants(5, false));
}

TEST(TailSampler, CountsFailedRecordsBeyondItsLimit) {
  Sampler sampler({1, 2, seconds(60)}, at(seconds(0)));
  for (int i = 0; i < 5; ++i) sampler.offer({}, true, i);
  EXPECT_EQ(sampler.size(), 2U);
  const auto kept = sampler.take();
  EXPECT_EQ(kept.failed, (std::vector<int>{0, 1}));
  EXPECT_EQ(kept.failed_dropped, 3U);
  EXPECT_EQ(sampler.take().failed_dropped, 0U);
}

TEST(TailSampler, ClosesWindowsOnTheirGrid) {
  Sampler sampler({5, 5, seconds(10)}, at(seconds(100)));
  sampler.offer(1, false, 1);
  EXPECT_FALSE(sampler.take_if_over(at(milliseconds(109'999))));
  const auto first = sampler.take_if_over(at(seconds(110)));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->slowest, (std::vector<int>{1}));
  // A late call, three windows on: the grid stays.
  const auto late = sampler.take_if_over(at(seconds(147)));
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->slowest.empty());
  EXPECT_FALSE(sampler.take_if_over(at(milliseconds(149'999))));
  EXPECT_TRUE(sampler.take_if_over(at(seconds(150))));
  EXPECT_FALSE(sampler.take_if_over(at(seconds(120))));  // a step back closes nothing
}

struct Offered {
  std::int64_t latency;
  int id;
};

TEST(TailSampler, KeepsWhatSortingAllWouldKeep) {
  for (const std::uint64_t seed : test_seeds(300)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const TailPolicy policy{random() % 8, random() % 8, seconds(1)};
    Sampler sampler(policy, at(seconds(0)));
    for (int window = 0; window < 3; ++window) {
      std::vector<Offered> slow;
      std::vector<int> failed;
      const int count = static_cast<int>(random() % 200);
      for (int id = 0; id < count; ++id) {
        const auto latency = static_cast<std::int64_t>(random() % 50) - 10;
        const bool has_failed = random() % 10 == 0;
        sampler.offer(latency, has_failed, id);
        if (has_failed) failed.push_back(id);
        if (!has_failed) slow.push_back({latency, id});
        EXPECT_LE(sampler.size(), policy.slowest_max + policy.failed_max);
      }
      std::stable_sort(slow.begin(), slow.end(),
                       [](const Offered& a, const Offered& b) { return a.latency > b.latency; });
      std::vector<int> slowest;
      for (const Offered& each : slow) slowest.push_back(each.id);
      slowest.resize(std::min(slowest.size(), policy.slowest_max));
      const auto dropped = failed.size() - std::min(failed.size(), policy.failed_max);
      failed.resize(failed.size() - dropped);
      const auto kept = sampler.take_if_over(at(seconds(window + 1)));
      ASSERT_TRUE(kept);
      EXPECT_EQ(kept->slowest, slowest);
      EXPECT_EQ(kept->failed, failed);
      EXPECT_EQ(kept->failed_dropped, dropped);
    }
  }
}

}  // namespace
}  // namespace longspan
