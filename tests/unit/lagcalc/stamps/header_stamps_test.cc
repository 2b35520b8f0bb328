#include "lagcalc/stamps/header_stamps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longspan {
namespace {

using namespace std::string_view_literals;

TEST(HeaderStamps, ReadsTimesInEveryEncoding) {
  struct Row {
    const char* name;
    std::string_view bytes;
    std::optional<std::int64_t> time;
  };
  const Row rows[] = {
      {"digits", "1700000000000", 1700000000000},
      {"quoted_digits", "\"1700000000000\"", 1700000000000},
      {"with_schema", R"({"schema":{"type":"int64","optional":false},"payload":1700000000000})",
       1700000000000},
      {"big_endian", "\x00\x00\x01\x8b\xcf\xe5\x68\x00"sv, 1700000000000},
      {"greatest", "9223372036854775807", INT64_MAX},
      {"negative", "-5", -5},
      {"eight_digits_are_digits", "12345678", 12345678},
      {"too_great", "9223372036854775808", {}},
      {"too_great_with_schema", R"({"payload":9223372036854775808})", {}},
      {"fraction", "1.5", {}},
      {"space", " 1700000000000", {}},
      {"empty", "", {}},
      {"seven_bytes", "\x00\x01\x8b\xcf\xe5\x68\x00"sv, {}},
      {"nine_bytes", "\x00\x00\x00\x01\x8b\xcf\xe5\x68\x00"sv, {}},
      {"cut_json", R"({"schema":{"type":"int64"},"payload":17000)", {}},
      {"payload_of_null", R"({"schema":null,"payload":null})", {}},
  };
  for (const Row& row : rows) {
    const HeaderView header[] = {{"__source_ts_us", row.bytes}};
    const ChangeFields fields = read_headers(header);
    EXPECT_EQ(fields.commit.us, row.time) << row.name;
    EXPECT_EQ(fields.commit.is_damaged, !row.time) << row.name;
    EXPECT_EQ(fields.shape, ChangeShape::flattened) << row.name;
  }
  const std::string long_digits = std::string(kHeaderBytesMax, '0') + "1";
  const HeaderView too_long[] = {{"__source_ts_us", long_digits}};
  EXPECT_TRUE(read_headers(too_long).commit.is_damaged);
}

TEST(HeaderStamps, ReadsTheOperationInEveryEncoding) {
  for (const std::string_view op :
       {"d"sv, "\"d\""sv, R"({"schema":{"type":"string"},"payload":"d"})"sv}) {
    const HeaderView header[] = {{"__op", op}};
    EXPECT_EQ(read_headers(header).op, ChangeOp::remove) << op;
  }
  const HeaderView unknown[] = {{"__op", "delete"}};
  EXPECT_FALSE(read_headers(unknown).op);
}

TEST(HeaderStamps, EveryNameHasItsPlace) {
  const HeaderView headers[] = {{"__source_ts_ms", "1"}, {"__source_ts_us", "2"},
                                {"__source_ts_ns", "3"}, {"__ts_ms", "4"},
                                {"__ts_us", "5"},        {"__ts_ns", "6"},
                                {"__op", "m"},           {"__source_snapshot", "incremental"},
                                {"__source_txId", "77"}, {"__lsn", "26738784"},
                                {"traceparent", "00-"}};
  const ChangeFields fields = read_headers(headers);
  EXPECT_EQ(fields.commit, (WrittenTimes{1, 2, 3, false}));
  EXPECT_EQ(fields.connector, (WrittenTimes{4, 5, 6, false}));
  EXPECT_EQ(fields.op, ChangeOp::message);
  EXPECT_EQ(fields.snapshot, SnapshotMark::incremental);
  EXPECT_TRUE(fields.has_transaction);
  // Unqualified unknown names come from `source`.
  const HeaderView short_names[] = {{"__snapshot", "last"}, {"__txId", "77"}};
  EXPECT_EQ(read_headers(short_names).snapshot, SnapshotMark::snapshot);
  EXPECT_TRUE(read_headers(short_names).has_transaction);
}

TEST(HeaderStamps, OfSeveralTheLastCounts) {
  const HeaderView headers[] = {{"__ts_ms", "rubbish"},  {"__ts_ms", "5"}, {"__op", "c"},
                                {"__source_ts_ms", "6"}, {"__op", "d"},    {"__source_ts_ms", {}}};
  const ChangeFields fields = read_headers(headers);
  EXPECT_EQ(fields.connector, (WrittenTimes{5, {}, {}, false}));
  EXPECT_EQ(fields.op, ChangeOp::remove);
  EXPECT_TRUE(fields.commit.empty());
}

TEST(HeaderStamps, APrefixIsAnOptionAndOtherHeadersAreNothing) {
  const HeaderView headers[] = {{"cdc.source_ts_ms", "5"}, {"__source_ts_ms", "6"}, {"op", "c"}};
  EXPECT_EQ(read_headers(headers, {"cdc."}).commit.ms, 5);
  EXPECT_EQ(read_headers(headers).commit.ms, 6);
  const HeaderView others[] = {{"__debezium.context.taskId", "0"}, {"__ts", "1"}, {"", "1"}};
  EXPECT_EQ(read_headers(others), ChangeFields());
  EXPECT_EQ(read_headers({}), ChangeFields());
}

}  // namespace
}  // namespace longspan
