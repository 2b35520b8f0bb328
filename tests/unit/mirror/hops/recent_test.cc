#include "mirror/hops/recent.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

struct Sum {
  int count = 0;
  void merge(const Sum& other) { count += other.count; }
};

constexpr Instant at(std::int64_t seconds) { return {(1'795'222'800 + seconds) * 1'000'000}; }

TEST(Recent, IsOfThisMinuteAndTheOneBefore) {
  Recent<Sum> recent;
  EXPECT_FALSE(recent.of(at(0)));
  recent.at(at(1)).count += 3;
  recent.at(at(59)).count += 4;
  EXPECT_EQ(recent.of(at(59))->count, 7);
  EXPECT_EQ(recent.of(at(119))->count, 7);
  recent.at(at(61)).count += 10;
  EXPECT_EQ(recent.of(at(61))->count, 17);
  EXPECT_EQ(recent.of(at(120))->count, 10) << "the minute before";
  EXPECT_FALSE(recent.of(at(180)));
  recent.at(at(300)).count += 1;
  EXPECT_EQ(recent.of(at(300))->count, 1) << "what is older is gone";
  EXPECT_FALSE(recent.of(at(0))) << "a timeline does not go back";
}

}  // namespace
}  // namespace longspan
