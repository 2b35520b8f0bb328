#include "tracing/log_repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<LogOutput>& output) {
  std::vector<std::string> lines;
  for (const auto& line : output) lines.push_back(line.text);
  return lines;
}

LogEvent retry(int partition, int attempt) {
  return {LogLevel::warn, {}, "produce_retried", {{"partition", partition}, {"attempt", attempt}}};
}

TEST(LogRepeats, PrintsTheFirstAtOnceAndTheRestWhenTheWindowEnds) {
  LogRepeats repeats;
  EXPECT_THAT(texts(repeats.add({0}, retry(1, 1))), ElementsAre(EndsWith("partition=1 attempt=1")));
  EXPECT_THAT(repeats.add({5'000}, retry(1, 2)), IsEmpty());
  EXPECT_THAT(repeats.add({9'999}, retry(1, 3)), IsEmpty());
  EXPECT_THAT(repeats.tick({9'999}), IsEmpty());
  EXPECT_THAT(texts(repeats.tick({10'000})),
              ElementsAre(EndsWith("level=warn event=produce_retried partition=1 attempt=3 "
                                   "repeated=2")));
  EXPECT_THAT(repeats.tick({30'000}), IsEmpty());
  EXPECT_EQ(repeats.counts().summarised, 2U);
  EXPECT_EQ(repeats.counts().lines[static_cast<int>(LogLevel::warn)], 2U);
}

TEST(LogRepeats, OpensANewWindowAfterTheEndOfOne) {
  LogRepeats repeats;
  EXPECT_EQ(repeats.add({0}, retry(1, 1)).size(), 1U);
  EXPECT_THAT(repeats.add({1}, retry(1, 2)), IsEmpty());
  EXPECT_THAT(texts(repeats.add({10'000}, retry(1, 3))),
              ElementsAre(EndsWith("repeated=1"), EndsWith("attempt=3")));
}

TEST(LogRepeats, LeavesNothingBehindAnEventThatDidNotRepeat) {
  LogRepeats repeats;
  EXPECT_EQ(repeats.add({0}, retry(1, 1)).size(), 1U);
  EXPECT_THAT(repeats.tick({10'000}), IsEmpty());
  EXPECT_THAT(repeats.flush({10'000}), IsEmpty());
}

TEST(LogRepeats, TellsApartLevelContextTextAndNamingNumbers) {
  LogRepeats repeats;
  const LogEvent base{LogLevel::warn, {}, "x", {{"reason", "a"}, {"partition", 1}, {"from", 5}}};
  auto level = base;
  level.level = LogLevel::error;
  auto context = base;
  context.context = LogContext({{"flow", "east->west"}});
  auto text = base;
  text.fields[0] = {"reason", "b"};
  auto partition = base;
  partition.fields[1] = {"partition", 2};
  auto range = base;
  range.fields[2] = {"from", 6};
  for (const auto& event : {base, level, context, text, partition, range}) {
    EXPECT_EQ(repeats.add({0}, event).size(), 1U);
  }
  EXPECT_THAT(repeats.add({0}, base), IsEmpty());
}

// A reason with the text of another field inside must not look like that field.
TEST(LogRepeats, IsNotFooledByTextThatLooksLikeFields) {
  LogRepeats repeats;
  EXPECT_EQ(repeats.add({0}, {LogLevel::info, {}, "x", {{"a", "1 b=2"}}}).size(), 1U);
  EXPECT_EQ(repeats.add({0}, {LogLevel::info, {}, "x", {{"a", "1"}, {"b", "2"}}}).size(), 1U);
}

TEST(LogRepeats, EndsTheOldestWindowEarlyWhenTheTableIsFull) {
  LogRepeats repeats({.keys_max = 2});
  EXPECT_EQ(repeats.add({0}, retry(1, 1)).size(), 1U);
  EXPECT_EQ(repeats.add({1}, retry(1, 2)).size(), 0U);
  EXPECT_EQ(repeats.add({2}, retry(2, 1)).size(), 1U);
  EXPECT_THAT(texts(repeats.add({3}, retry(3, 1))),
              ElementsAre(EndsWith("partition=1 attempt=2 repeated=1"), HasSubstr("partition=3")));
  EXPECT_THAT(repeats.add({4}, retry(2, 2)), IsEmpty());
}

TEST(LogRepeats, DropsAndCountsLinesAboveTheLimit) {
  LogRepeats repeats({.lines_max = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(repeats.add({0}, retry(i, 1)).size(), 1U);
  for (int i = 3; i < 10; ++i) EXPECT_THAT(repeats.add({1}, retry(i, 1)), IsEmpty());
  EXPECT_THAT(texts(repeats.tick({10'000})),
              ElementsAre(EndsWith("level=warn event=log_lines_dropped dropped=7")));
  EXPECT_EQ(repeats.counts().dropped, 7U);
  EXPECT_EQ(repeats.add({10'001}, retry(20, 1)).size(), 1U);
}

TEST(LogRepeats, EndsWindowsWhenTheClockStepsBack) {
  LogRepeats repeats;
  EXPECT_EQ(repeats.add({1'000'000}, retry(1, 1)).size(), 1U);
  EXPECT_THAT(repeats.add({1'000'001}, retry(1, 2)), IsEmpty());
  EXPECT_THAT(texts(repeats.tick({500})), ElementsAre(EndsWith("repeated=1")));
}

TEST(LogRepeats, FlushPrintsWhatIsStillCounted) {
  LogRepeats repeats({.lines_max = 3});
  for (int i = 0; i < 4; ++i) (void)repeats.add({0}, retry(i, 1));
  (void)repeats.add({1}, retry(0, 2));
  EXPECT_THAT(texts(repeats.flush({2})), ElementsAre(EndsWith("log_lines_dropped dropped=2")));
}

}  // namespace
}  // namespace longspan
