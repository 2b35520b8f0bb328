#include "cli/http/sink_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

constexpr TimestampMs kNow{1'795'222'923'456};

TEST(SinkReports, AreRead) {
  const auto reports = parse_sink_reports(
      R"({"sink": "warehouse", "reports": [
          {"topic": "east.orders", "partition": 3, "offset": 1041, "at_ms": 1795222923456},
          {"topic": "east.users", "partition": 0, "offset": 0}]})",
      kNow);
  ASSERT_TRUE(reports) << reports.error().text();
  ASSERT_EQ(reports->size(), 2u);
  EXPECT_EQ((*reports)[0].sink, "warehouse");
  EXPECT_EQ((*reports)[0].partition, (TopicPartition{"east.orders", 3}));
  EXPECT_EQ((*reports)[0].offset, Offset{1041});
  EXPECT_EQ((*reports)[0].at, TimestampMs{1'795'222'923'456});
  EXPECT_EQ((*reports)[1].sink, "warehouse");
  EXPECT_FALSE((*reports)[1].at);
}

TEST(SinkReports, WhatIsWrongIsNamed) {
  struct Row {
    std::string body;
    const char* told;
  };
  const Row rows[] = {
      {"", "not JSON"},
      {"[]", "not an object"},
      {R"({"reports": []})", "sink is missing"},
      {R"({"sink": "", "reports": []})", "sink has"},
      {R"({"sink": "a\nb", "reports": []})", "sink has"},
      {R"({"sink": "\u001b[31m", "reports": []})", "sink has"},
      {R"({"sink": 7, "reports": []})", "sink has the wrong type"},
      {R"({"sink": "a"})", "reports is not an array"},
      {R"({"sink": "a", "reports": [7]})", "reports[0] is not an object"},
      {R"({"sink": "a", "reports": [{"topic": "t", "partition": 0}]})", "reports[0].offset is"},
      {R"({"sink": "a", "reports": [{"topic": "t", "partition": 5000000000, "offset": 1}]})",
       "reports[0].partition has"},
      {R"({"sink": "a", "reports": [{"topic": "t", "partition": 0, "offset": -1}]})",
       "an offset is out of range"},
      {R"({"sink": "a", "reports": [{"topic": "t", "partition": 0, "offset": 1, "at_ms": "x"}]})",
       "reports[0].at_ms has"},
      {R"({"sink": "a", "reports": [{"topic": "t", "partition": 0, "offset": 1, "at_ms": -1}]})",
       "an at_ms is before 2001"},
      {R"({"sink":"a","reports":[{"topic":"t","partition":0,"offset":1,"at_ms":1795222923}]})",
       "an at_ms is before 2001"},
      {R"({"sink":"a","reports":[{"topic":"t","partition":0,"offset":1,"at_ms":1795223223457}]})",
       "more than 5 minutes ahead"},
      {std::string(100'000, '['), "nested too deeply"},
  };
  for (const Row& row : rows) {
    const auto reports = parse_sink_reports(row.body, kNow);
    ASSERT_FALSE(reports) << row.told;
    EXPECT_THAT(reports.error().text(), testing::HasSubstr(row.told));
  }
}

TEST(SinkReports, OneBodyHoldsSoManyReports) {
  std::string body = R"({"sink": "a", "reports": [)";
  for (std::size_t i = 0; i <= kSinkReportsMax; ++i) {
    body += std::string(i == 0 ? "" : ",") + R"({"topic": "t", "partition": 0, "offset": 1})";
  }
  EXPECT_FALSE(parse_sink_reports(body + "]}", kNow));
}

}  // namespace
}  // namespace longspan
