#include "lagcalc/clocks/interval.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace longspan {
namespace {

using Side = std::optional<Instant>;

TEST(Interval, AbsentSidesAreOpenAndLeaveNoPoint) {
  struct Row {
    const char* name;
    Side low;
    Side high;
    Side point;
    bool contains_5;
  };
  const Row rows[] = {
      {"closed", Instant{1}, Instant{9}, Instant{5}, true},
      {"rounded_down", Instant{-4}, Instant{9}, Instant{2}, true},
      {"outside", Instant{6}, Instant{8}, Instant{7}, false},
      {"no_low", {}, Instant{5}, {}, true},
      {"no_high", Instant{6}, {}, {}, false},
      {"nothing", {}, {}, {}, true},
  };
  for (const Row& row : rows) {
    const InstantInterval interval = centred(row.low, row.high);
    EXPECT_EQ(interval.point, row.point) << row.name;
    EXPECT_EQ(interval.contains(Instant{5}), row.contains_5) << row.name;
    EXPECT_EQ(interval.width().has_value(), row.low && row.high) << row.name;
  }
}

TEST(Interval, ADifferenceTakesTheWorstOfBoth) {
  const DurationInterval apart =
      difference(centred(Instant{100}, Instant{110}), centred(Instant{104}, Instant{106}, true));
  EXPECT_EQ(apart, (DurationInterval{DurationUs{-6}, DurationUs{0}, DurationUs{6}, true}));
  const DurationInterval open = difference(centred(Instant{100}, {}), centred(Instant{90}, {}));
  EXPECT_EQ(open, DurationInterval{});
  const DurationInterval half =
      difference(centred(Instant{100}, {}), centred(Instant{90}, Instant{92}));
  EXPECT_EQ(half, (DurationInterval{DurationUs{8}, {}, {}, false}));
}

TEST(Interval, ASumIsKnownWhereBothAre) {
  const DurationInterval a{DurationUs{1}, DurationUs{2}, DurationUs{3}, false};
  const DurationInterval b{DurationUs{-10}, {}, {}, true};
  EXPECT_EQ(a + a, (DurationInterval{DurationUs{2}, DurationUs{4}, DurationUs{6}, false}));
  EXPECT_EQ(a + b, (DurationInterval{DurationUs{-9}, {}, {}, true}));
}

}  // namespace
}  // namespace longspan
