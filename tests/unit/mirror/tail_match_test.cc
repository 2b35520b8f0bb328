#include "mirror/tail_match.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

Record record(std::int64_t offset, const std::string& value) {
  Record made = make_record({"k", value, {1000}, {}});
  made.offset = {offset};
  return made;
}

TEST(TailMatch, RecognisesCopiesInOrderAndSaysWhereTheyAre) {
  TailMatch tail({100}, {103});
  EXPECT_TRUE(tail.add(record(100, "a")));
  EXPECT_TRUE(tail.add(record(101, "b")));
  EXPECT_FALSE(tail.add(record(102, "c"))) << "the tail is read";
  EXPECT_EQ(tail.match(record(7, "a")), Offset{100});
  EXPECT_EQ(tail.match(record(9, "b")), Offset{101});
  EXPECT_EQ(tail.unmatched_from(), Offset{102});
  EXPECT_EQ(tail.match(record(10, "c")), Offset{102});
  EXPECT_TRUE(tail.is_done());
  EXPECT_EQ(tail.matched(), 3);
  EXPECT_EQ(tail.unmatched_from(), Offset{103});
}

TEST(TailMatch, EndsAtTheFirstDisagreementForGood) {
  TailMatch tail({100}, {102});
  std::ignore = tail.add(record(100, "a"));
  std::ignore = tail.add(record(101, "b"));
  EXPECT_EQ(tail.match(record(0, "x")), std::nullopt);
  EXPECT_EQ(tail.match(record(1, "a")), std::nullopt) << "what is behind was written by another";
  EXPECT_TRUE(tail.is_done());
  EXPECT_EQ(tail.unmatched_from(), Offset{100});
}

TEST(TailMatch, ComparesKeyValueHeadersAndTimestamp) {
  const OwnedRecord original{"k", "v", {1000}, {{"h", "1"}}};
  const auto differs = [&](OwnedRecord other) {
    TailMatch tail({0}, {1});
    std::ignore = tail.add(make_record(std::move(other)));
    return !tail.match(make_record(original)).has_value();
  };
  EXPECT_FALSE(differs(original));
  EXPECT_TRUE(differs({"K", "v", {1000}, {{"h", "1"}}}));
  EXPECT_TRUE(differs({"k", std::nullopt, {1000}, {{"h", "1"}}}));
  EXPECT_TRUE(differs({"k", "v", {1001}, {{"h", "1"}}}));
  EXPECT_TRUE(differs({"k", "v", {1000}, {{"h", "2"}}}));
  EXPECT_TRUE(differs({"k", "v", {1000}, {}}));
}

TEST(TailMatch, WhatAnEventNamesIsLeftOutThoughItIsACopyOfTheNextRecords) {
  TailMatch tail({100}, {105}, {{{0}, {50}}, {{101}, {103}}});
  for (const auto& [offset, value] :
       {std::pair(100, "a"), {101, "b"}, {102, "c"}, {103, "b"}, {104, "c"}}) {
    std::ignore = tail.add(record(offset, value));
  }
  EXPECT_EQ(tail.read_up_to(), Offset{105});
  EXPECT_EQ(tail.match(record(7, "a")), Offset{100});
  EXPECT_EQ(tail.match(record(8, "b")), Offset{103});
  EXPECT_EQ(tail.match(record(9, "c")), Offset{104});
  EXPECT_EQ(tail.unmatched_from(), Offset{105});
}

TEST(TailMatch, GapsOfTheTargetAreNormal) {
  TailMatch tail({100}, {110});
  EXPECT_TRUE(tail.add(record(102, "a")));
  EXPECT_TRUE(tail.add(record(107, "b")));
  EXPECT_EQ(tail.read_up_to(), Offset{108}) << "only the end of the partition tells the rest";
  EXPECT_EQ(tail.matched_from(), Offset{100}) << "none has";
  EXPECT_EQ(tail.match(record(0, "a")), Offset{102});
  EXPECT_EQ(tail.matched_from(), Offset{102}) << "what lies before it is nobody's";
  EXPECT_EQ(tail.match(record(1, "b")), Offset{107});
  EXPECT_EQ(tail.unmatched_from(), Offset{110});
}

TEST(TailMatch, RecordsBehindTheTailAreNotCompared) {
  TailMatch tail({100}, {101});
  EXPECT_FALSE(tail.add(record(101, "written since")));
  EXPECT_EQ(tail.read_up_to(), Offset{101});
  EXPECT_TRUE(tail.is_done());
}

TEST(TailMatch, ATailLongerThanTheLimitIsNotSaidToBeMatched) {
  TailMatch tail({0}, {10}, {}, 4);
  std::int64_t offset = 0;
  while (tail.add(record(offset, std::to_string(offset)))) ++offset;
  EXPECT_EQ(offset, 4);
  EXPECT_EQ(tail.read_up_to(), Offset{10}) << "no need to read on";
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tail.match(record(i, std::to_string(i))));
  EXPECT_TRUE(tail.is_done());
  EXPECT_EQ(tail.unmatched_from(), Offset{4}) << "[4, 10) will be written a second time";
}

}  // namespace
}  // namespace longspan
