#include "cli/commands/trace.h"

#include <gtest/gtest.h>

#include "cli/commands/trace_scan.h"

namespace longspan {
namespace {

TEST(Trace, TellsAPlaceFromATrace) {
  const auto place = parse_traced("orders:3:1000");
  ASSERT_TRUE(place);
  EXPECT_EQ(std::get<PositionArgument>(*place).offset, Offset{1000});
  const auto whole = parse_traced("0AF7651916cd43dd8448eb211c80319c");
  ASSERT_TRUE(whole);
  EXPECT_FALSE(std::get<WantedTrace>(*whole).is_short);
  EXPECT_EQ(std::get<WantedTrace>(*whole).id, (TraceId{0x0af7651916cd43dd, 0x8448eb211c80319c}));
  const auto half = parse_traced("8448eb211c80319c");
  ASSERT_TRUE(half);
  EXPECT_TRUE(std::get<WantedTrace>(*half).is_short);
}

TEST(Trace, WhatIsNeitherSaysHowBothLook) {
  for (const char* text : {"orders", "orders:3", "orders:x:1", "orders:1:-4", "", "8448eb211c80319",
                           "0000000000000000", "8448eb211c80319g"}) {
    const auto parsed = parse_traced(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().what.find("as in orders:3:1000"), std::string::npos);
  }
}

TEST(Trace, AShortIdMeansItsLowerHalf) {
  const TraceId whole{1, 2};
  EXPECT_TRUE((WantedTrace{whole, false}.matches(whole)));
  EXPECT_FALSE((WantedTrace{whole, false}.matches(TraceId{3, 2})));
  EXPECT_TRUE((WantedTrace{whole, false}.matches(TraceId{0, 2}))) << "a format without the rest";
  EXPECT_TRUE((WantedTrace{TraceId{0, 2}, true}.matches(whole)));
  EXPECT_FALSE((WantedTrace{TraceId{0, 2}, true}.matches(TraceId{1, 3})));
}

TEST(TraceScan, WhatASmallPartitionLeavesTheOthersGet) {
  EXPECT_EQ(shares({10, 1'000, 1'000}, 110), (std::vector<std::int64_t>{10, 50, 50}));
  EXPECT_EQ(shares({5, 5}, 100), (std::vector<std::int64_t>{5, 5}));
  EXPECT_EQ(shares({5, 5, 5}, 1), (std::vector<std::int64_t>{0, 0, 1}));
  EXPECT_TRUE(shares({}, 7).empty());
}

}  // namespace
}  // namespace longspan
