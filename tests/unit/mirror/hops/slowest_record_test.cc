#include "mirror/hops/slowest_record.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(SlowestRecord, IsOfThisWindowAndTheOneBefore) {
  SlowestRecords slowest;
  EXPECT_EQ(slowest.of(5), std::nullopt);
  slowest.add({{1'000}, 40}, 5);
  slowest.add({{1'001}, 30}, 5);
  EXPECT_EQ(slowest.of(5), (SlowestRecord{{1'000}, 40}));
  slowest.add({{2'000}, -3}, 6);
  EXPECT_EQ(slowest.of(6), (SlowestRecord{{1'000}, 40})) << "no mark may have told it yet";
  EXPECT_EQ(slowest.of(7), (SlowestRecord{{2'000}, -3}));
  EXPECT_EQ(slowest.of(8), std::nullopt);
  slowest.add({{4'000}, 1}, 9);
  EXPECT_EQ(slowest.of(9), (SlowestRecord{{4'000}, 1})) << "what is older is gone";
}

}  // namespace
}  // namespace longspan
