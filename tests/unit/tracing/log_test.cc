#include "tracing/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "tracing/log_capture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

TEST(Log, CarriesTheContextInFrontOfTheFields) {
  LogCapture capture([] { return TimestampMs{0}; });
  const LogContext flow({{"flow", "east->west"}});
  const LogContext shard = flow.with({"shard", 1});
  log_info(shard, "partition_started", {{"topic", "orders"}, {"partition", 3}});
  log_warn(flow, "target_slow");
  log_error("stopped", {{"reason", "told to"}});
  log_debug("looked");
  EXPECT_THAT(
      capture.lines(),
      ElementsAre("1970-01-01T00:00:00.000Z level=info event=partition_started flow=east->west "
                  "shard=1 topic=orders partition=3",
                  "1970-01-01T00:00:00.000Z level=warn event=target_slow flow=east->west",
                  "1970-01-01T00:00:00.000Z level=error event=stopped reason=\"told to\"",
                  "1970-01-01T00:00:00.000Z level=debug event=looked"));
  EXPECT_THAT(capture.lines_with("event=target_slow"), SizeIs(1));
}

TEST(Log, PrintsNothingBelowTheLevel) {
  LogCapture capture;
  set_log_level(LogLevel::warn);
  log_info("quiet");
  log_warn("loud");
  EXPECT_THAT(capture.lines(), ElementsAre(EndsWith("event=loud")));
}

TEST(Log, GivesTheLevelBackAfterACapture) {
  const LogLevel before = log_level();
  { LogCapture capture; }
  EXPECT_EQ(log_level(), before);
}

TEST(Log, SummarisesOnTheClockGiven) {
  std::int64_t now = 0;
  LogCapture capture([&] { return TimestampMs{now}; });
  for (int i = 0; i < 1000; ++i) log_warn("retried", {{"topic", "orders"}, {"attempt", i}});
  EXPECT_THAT(capture.lines(), SizeIs(1));
  now = kLogWindow.count();
  capture.tick();
  EXPECT_THAT(capture.lines_with("repeated="), ElementsAre(EndsWith("attempt=999 repeated=999")));
  EXPECT_EQ(log_counts().summarised, 999U);
}

TEST(Log, FlushPrintsOpenSummaries) {
  LogCapture capture([] { return TimestampMs{0}; });
  log_info("again");
  log_info("again");
  flush_log();
  EXPECT_THAT(capture.lines_with("repeated=1"), SizeIs(1));
}

TEST(Log, LosesNothingBetweenThreads) {
  LogCapture capture([] { return TimestampMs{0}; });
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([t] {
        const LogContext shard{{"shard", t}};
        for (int i = 0; i < kEach; ++i) {
          log_info(shard, "unique", {{"number", i}});
          log_info("shared", {{"detail", i}});
        }
      });
    }
  }
  EXPECT_THAT(capture.lines_with("event=unique"), SizeIs(kThreads * kEach));
  EXPECT_THAT(capture.lines_with("event=shared"), SizeIs(1));
  EXPECT_EQ(log_counts().summarised, kThreads * kEach - 1U);
}

TEST(Log, WritesWholeLinesWithoutColourToAFile) {
  testing::internal::CaptureStderr();
  log_error("disk_full", {{"path", "/x y"}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("[0-9TZ:.-]+ level=error event=disk_full path=\"/x y\"\n"));
}

}  // namespace
}  // namespace longspan
