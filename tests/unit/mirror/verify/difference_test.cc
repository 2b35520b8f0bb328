#include "mirror/verify/difference.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr TimestampMs kAt{1'700'000'000'000};

struct Case {
  const char* name;
  OwnedRecord source;
  OwnedRecord target;
  const char* says;  // nullptr: equal
};

const Case kCases[] = {
    {"equal", {"k", "v", kAt, {{"h", "1"}}}, {"k", "v", kAt, {{"h", "1"}}}, nullptr},
    {"equal_nulls", {{}, {}, kAt, {}}, {{}, {}, kAt, {}}, nullptr},
    {"key_null_is_not_empty", {{}, "v", kAt, {}}, {"", "v", kAt, {}}, "key: null, 0 bytes"},
    {"value_byte", {"k", "abcde", kAt, {}}, {"k", "abXde", kAt, {}}, "value at byte 2: 0x63, 0x58"},
    {"value_longer",
     {"k", "abc", kAt, {}},
     {"k", "abcd", kAt, {}},
     "value: 3 bytes, 4 bytes, equal up to the shorter end"},
    {"tombstone", {"k", {}, kAt, {}}, {"k", "v", kAt, {}}, "value: null, 1 bytes"},
    {"key_comes_first", {"a", "x", kAt, {}}, {"b", "y", kAt, {}}, "key at byte 0: 0x61, 0x62"},
    {"header_value",
     {"k", "v", kAt, {{"a", "1"}, {"b", "2"}, {"traceparent", "00"}}},
     {"k", "v", kAt, {{"a", "1"}, {"b", "2"}, {"traceparent", "01"}}},
     "header 3 `traceparent` at byte 1: 0x30, 0x31"},
    {"header_null",
     {"k", "v", kAt, {{"a", {}}}},
     {"k", "v", kAt, {{"a", ""}}},
     "header 1 `a`: null, 0 bytes"},
    {"header_order",
     {"k", "v", kAt, {{"a", "1"}, {"b", "2"}}},
     {"k", "v", kAt, {{"b", "2"}, {"a", "1"}}},
     "header 1 `a`: is `b`"},
    {"header_added",
     {"k", "v", kAt, {}},
     {"k", "v", kAt, {{"x", "1"}}},
     "header count: 0, 1; the first added is `x`"},
    {"header_duplicate_lost",
     {"k", "v", kAt, {{"x", "1"}, {"x", "1"}}},
     {"k", "v", kAt, {{"x", "1"}}},
     "header count: 2, 1; the first missing is `x`"},
    {"timestamp",
     {"k", "v", kAt, {}},
     {"k", "v", TimestampMs{7}, {}},
     "timestamp: 1700000000000, 7"},
};

TEST(Difference, NamesTheFirstThingThatDiffers) {
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto says = difference(make_record(c.source), make_record(c.target));
    EXPECT_EQ(says.value_or("equal"), c.says == nullptr ? "equal" : c.says);
  }
}

TEST(Difference, SaysWhyATimestampWasReplaced) {
  Record target = make_record({"k", "v", TimestampMs{7}, {}});
  target.timestamp_kind = TimestampKind::log_append_time;
  const auto says = difference(make_record({"k", "v", kAt, {}}), target);
  EXPECT_NE(says->find("LogAppendTime"), std::string::npos);
}

// A copy in a topic that is reparented is in the trace of its row, or in the one that begins with
// it, and in no other.
TEST(Difference, ACopyMayBeInTheTraceOfItsRow) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const RewriteRule rule{HopIds("east->west", {"orders", 0}), true, {TraceFormat::w3c}};
  std::string hop;
  append_hex(hop, rule.ids.span({0}).value);
  const auto copy = [&](const std::string& value, const std::string& in) {
    return make_record({"k", value, kAt, {{"traceparent", "00-" + in + "-" + hop + "-01"}}});
  };
  const std::string row = R"({"tracingspancontext":"traceparent=00-)" + trace + R"(-1-01"})";
  const Record source = make_record({"k", row, kAt, {}});
  EXPECT_EQ(difference(source, copy(row, trace), rule), std::nullopt);
  const std::string other(32, 'a');
  EXPECT_NE(difference(source, copy(row, other), rule), std::nullopt);
  EXPECT_NE(difference(make_record({"k", "v", kAt, {}}), copy("v", trace), rule), std::nullopt);
  EXPECT_NE(difference(source, copy("v", trace), rule), std::nullopt);
}

// What stands on the target may be older than the options.
TEST(Difference, ACopyOfOtherOptionsIsRightToTheByte) {
  const HopIds ids("east->west", {"orders", 0});
  const Record source = make_record({"k", "v", kAt, {{"a", "1"}}});
  const TraceId trace = ids.trace({0}, kAt);
  const std::string hop = hex(ids.span({0}));
  const auto copy = [&](const std::string& name, const std::string& value) {
    return make_record({"k", "v", kAt, {{"a", "1"}, {name, value}}});
  };
  const Record w3c = copy("traceparent", "00-" + hex(trace) + "-" + hop + "-03");
  const Record b3 = copy("b3", hex(trace) + "-" + hop + "-1");
  for (const bool starts : {true, false}) {
    for (const TraceFormat inject : {TraceFormat::w3c, TraceFormat::b3}) {
      const RewriteRule rule{ids, starts, {inject}};
      EXPECT_EQ(difference(source, w3c, rule), std::nullopt);
      EXPECT_EQ(difference(source, b3, rule), std::nullopt);
      EXPECT_EQ(difference(source, source, rule), std::nullopt);
      const std::string other(32, 'a');
      EXPECT_NE(difference(source, copy("b3", other + "-" + hop + "-1"), rule), std::nullopt);
      const Record of_nobody = copy("b3", hex(trace) + "-" + std::string(16, 'b') + "-1");
      EXPECT_NE(difference(source, of_nobody, rule), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace longspan
