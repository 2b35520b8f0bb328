#include "mirror/floor_share.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

class AFloorShare : public testing::TestWithParam<std::int64_t> {};

TEST_P(AFloorShare, GivesItsPercentageOfAllBytesWhateverTheBatches) {
  FloorShare share;
  share.set_percent(GetParam());
  double high = 0;
  double normal = 0;
  for (int i = 0; i < 10'000; ++i) {
    share.earn(10'000);
    high += 10'000;
    while (share.level() > 0) {
      share.spend(7'777);
      normal += 7'777;
    }
  }
  EXPECT_NEAR(normal / (normal + high) * 100, static_cast<double>(GetParam()), 0.1);
}
INSTANTIATE_TEST_SUITE_P(Percent, AFloorShare, testing::Values(1, 10, 50, 90));

TEST(FloorShare, SavesNotWithoutEnd) {
  FloorShare share;
  share.set_percent(50);
  for (int i = 0; i < 100; ++i) share.earn(1 << 20);
  EXPECT_EQ(share.level(), FloorShare::kSavedMax);
  share.begin();
  EXPECT_EQ(share.level(), 0);
}

}  // namespace
}  // namespace longspan
