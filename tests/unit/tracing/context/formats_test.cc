#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tracing/context/b3.h"
#include "tracing/context/datadog.h"
#include "tracing/context/jaeger.h"
#include "tracing/context/w3c.h"

namespace longspan {
namespace {

// What a value must be read as: ids as the specifications write them, or a fault.
struct Row {
  std::string value;
  TraceFault fault = TraceFault::none;
  std::string trace = {};  // 32 digits; empty: no ids
  std::string span = {};
  std::optional<bool> sampled = {};
  bool is_debug = false;
  bool is_random = false;
  bool is_short = false;
};

void expect(const Row& row, const FormatResult& found) {
  SCOPED_TRACE(row.value);
  if (row.fault != TraceFault::none) {
    ASSERT_FALSE(found);
    EXPECT_EQ(name(found.error()), name(row.fault));
    return;
  }
  ASSERT_TRUE(found) << name(found.error());
  EXPECT_EQ(found->ids ? hex(found->ids->trace) : "", row.trace);
  EXPECT_EQ(found->ids ? hex(found->ids->span) : "", row.span);
  EXPECT_EQ(found->sampled, row.sampled);
  EXPECT_EQ(found->is_debug, row.is_debug);
  EXPECT_EQ(found->is_random, row.is_random);
  EXPECT_EQ(found->is_short, row.is_short);
}

// Ids of the examples in W3C Trace Context, B3 and Jaeger.
const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpan = "b7ad6b7169203331";
const std::string kB3Trace = "80f198ee56343ba864fe8b2a57d3eff7";
const std::string kB3Span = "e457b5a2e4d86bd1";
const std::string kZeros(32, '0');

TEST(W3c, ReadsTraceparent) {
  const std::string ids = kTrace + "-" + kSpan;
  const Row rows[] = {
      {"00-" + ids + "-01", {}, kTrace, kSpan, true},
      {"00-" + ids + "-00", {}, kTrace, kSpan, false},
      {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
       {},
       "4bf92f3577b34da6a3ce929d0e0e4736",
       "00f067aa0ba902b7",
       true},
      {"00-" + ids + "-03", {}, kTrace, kSpan, true, false, true},
      {"00-" + ids + "-02", {}, kTrace, kSpan, false, false, true},
      {"00-" + ids + "-ff", {}, kTrace, kSpan, true, false, true},  // unknown flags are no fault
      {"01-" + ids + "-01", {}, kTrace, kSpan, true},
      {"cc-" + ids + "-01-what-comes-later", {}, kTrace, kSpan, true},
      {"cc-" + ids + "-01.what", TraceFault::wrong_form},
      {"00-" + ids + "-01-more", TraceFault::wrong_form},
      {"00-" + ids + "-01-", TraceFault::wrong_form},
      {"ff-" + ids + "-01", TraceFault::bad_version},
      {"00-" + kZeros + "-" + kSpan + "-01", TraceFault::zero_id},
      {"00-" + kTrace + "-0000000000000000-01", TraceFault::zero_id},
      {"00-0AF7651916CD43DD8448EB211C80319C-" + kSpan + "-01", TraceFault::upper_case},
      {"00-" + kTrace + "-B7AD6B7169203331-01", TraceFault::upper_case},
      {"00-" + kTrace + "-" + kSpan + "-0A", TraceFault::upper_case},
      {"00-0af7651916cd43dd8448eb211c80319g-" + kSpan + "-01", TraceFault::not_hex},
      {"0x-" + ids + "-01", TraceFault::not_hex},
      {"00-" + ids + "-x1", TraceFault::not_hex},
      {"00_" + ids + "-01", TraceFault::wrong_form},
      {"00-" + kTrace + "_" + kSpan + "-01", TraceFault::wrong_form},
      {" 00-" + ids + "-01", TraceFault::wrong_form},
      {"00-" + ids + "-1", TraceFault::wrong_form},
      {"", TraceFault::wrong_form},
  };
  for (const Row& row : rows) expect(row, read_traceparent(row.value));
}

TEST(B3, ReadsTheSingleHeader) {
  const std::string ids = kB3Trace + "-" + kB3Span;
  const std::string low = kB3Trace.substr(16);
  const std::string short_trace = kZeros.substr(16) + low;
  const Row rows[] = {
      {ids + "-1-05e3ac9a4f6e3b90", {}, kB3Trace, kB3Span, true},
      {ids + "-0", {}, kB3Trace, kB3Span, false},
      {ids + "-d", {}, kB3Trace, kB3Span, true, true},
      {ids, {}, kB3Trace, kB3Span},
      {low + "-" + kB3Span + "-1", {}, short_trace, kB3Span, true, false, false, true},
      {"0", {}, "", "", false},
      {"1", {}, "", "", true},
      {"d", {}, "", "", true, true},
      {"x", TraceFault::bad_sampling},
      {"", TraceFault::wrong_form},
      {ids + "-2", TraceFault::bad_sampling},
      {ids + "-", TraceFault::wrong_form},
      {ids + "-1-", TraceFault::wrong_form},
      {ids + "-1-05e3ac9a4f6e3b9", TraceFault::wrong_form},
      {ids + "-1-05e3ac9a4f6e3b9x", TraceFault::not_hex},
      {ids + "-1_05e3ac9a4f6e3b90", TraceFault::wrong_form},
      {ids + "_1", TraceFault::wrong_form},
      {kB3Trace, TraceFault::wrong_form},
      {kB3Trace + "-", TraceFault::wrong_form},
      {kB3Trace + "0-" + kB3Span, TraceFault::wrong_form},
      {"0" + low + "-" + kB3Span, TraceFault::wrong_form},
      {"80F198EE56343BA864FE8B2A57D3EFF7-" + kB3Span, TraceFault::upper_case},
      {kZeros + "-" + kB3Span, TraceFault::zero_id},
      {kB3Trace + "-0000000000000000-1", TraceFault::zero_id},
      {kB3Trace + "-e457b5a2e4d86bdx", TraceFault::not_hex},
  };
  for (const Row& row : rows) expect(row, read_b3(row.value));
}

struct MultiRow {
  B3Values values;
  Row row;
};

TEST(B3, ReadsTheSeveralHeaders) {
  const Row both{"ids", {}, kB3Trace, kB3Span};
  const auto told = [&](bool sampled, bool is_debug = false) {
    return Row{"told", {}, kB3Trace, kB3Span, sampled, is_debug};
  };
  const MultiRow rows[] = {
      {{kB3Trace, kB3Span}, both},
      {{kB3Trace, kB3Span, "1"}, told(true)},
      {{kB3Trace, kB3Span, "0"}, told(false)},
      {{kB3Trace, kB3Span, "true"}, told(true)},
      {{kB3Trace, kB3Span, "false"}, told(false)},
      {{kB3Trace, kB3Span, {}, "1"}, told(true, true)},
      {{kB3Trace, kB3Span, "1", "1"}, told(true, true)},
      {{kB3Trace, kB3Span, "1", "0"}, told(true)},
      {{{}, {}, "0"}, {"alone", {}, "", "", false}},
      {{{}, {}, {}, "1"}, {"debug alone", {}, "", "", true, true}},
      {{kB3Trace}, {"no span", TraceFault::missing_part}},
      {{{}, kB3Span}, {"no trace", TraceFault::missing_part}},
      {{kB3Trace, kB3Span, "d"}, {"d", TraceFault::bad_sampling}},
      {{kB3Trace, kB3Span, "yes"}, {"yes", TraceFault::bad_sampling}},
      {{kB3Trace, kB3Span, {}, "2"}, {"flags", TraceFault::bad_sampling}},
      {{"", kB3Span}, {"empty", TraceFault::wrong_form}},
      {{kB3Trace, "e457"}, {"short span", TraceFault::wrong_form}},
  };
  for (const MultiRow& row : rows) expect(row.row, read_b3(row.values));
}

TEST(Jaeger, ReadsUberTraceId) {
  const std::string zeros = kZeros.substr(16);
  const Row rows[] = {
      {kTrace + ":" + kSpan + ":0:1", {}, kTrace, kSpan, true},
      {kTrace + ":" + kSpan + ":0:00", {}, kTrace, kSpan, false},
      {kTrace + ":" + kSpan + ":00f067aa0ba902b7:3", {}, kTrace, kSpan, true, true},
      {kTrace + ":" + kSpan + ":0:2", {}, kTrace, kSpan, true, true},
      {kTrace + ":" + kSpan + "::8", {}, kTrace, kSpan, false},
      {"ff00ff:ab:0:1",
       {},
       zeros + "0000000000ff00ff",
       "00000000000000ab",
       true,
       false,
       false,
       true},
      {"1" + zeros + ":1:0:1", {}, "0000000000000001" + zeros, "0000000000000001", true},
      {"FF:AB:0:1", {}, zeros + "00000000000000ff", "00000000000000ab", true, false, false, true},
      {kTrace + "%3A" + kSpan + "%3A0%3a1", {}, kTrace, kSpan, true},
      {kTrace + ":" + kSpan + ":0", TraceFault::wrong_form},
      {kTrace + ":" + kSpan + ":0:1:0", TraceFault::wrong_form},
      {kTrace + "0:" + kSpan + ":0:1", TraceFault::wrong_form},
      {kTrace + ":" + kSpan + "0:0:1", TraceFault::wrong_form},
      {kTrace + ":" + kSpan + ":0:001", TraceFault::wrong_form},
      {":" + kSpan + ":0:1", TraceFault::wrong_form},
      {kTrace + "::0:1", TraceFault::wrong_form},
      {kTrace + ":" + kSpan + ":0:", TraceFault::wrong_form},
      {kTrace + ":" + kSpan + ":0:x", TraceFault::not_hex},
      {"0:" + kSpan + ":0:1", TraceFault::zero_id},
      {kTrace + ":0:0:1", TraceFault::zero_id},
      {"", TraceFault::wrong_form},
  };
  for (const Row& row : rows) expect(row, read_jaeger(row.value));
}

struct DatadogRow {
  DatadogValues values;
  Row row;
};

// 9532127138774266268 is 0x8448eb211c80319c, 13235353014750950193 is 0xb7ad6b7169203331.
TEST(Datadog, ReadsItsHeaders) {
  const std::string low = "9532127138774266268";
  const std::string span = "13235353014750950193";
  const std::string half = kZeros.substr(16) + kTrace.substr(16);
  const auto told = [&](std::optional<bool> sampled) {
    return Row{"told", {}, half, kSpan, sampled, false, false, true};
  };
  const Row whole{"whole", {}, kTrace, kSpan, true};
  const std::string high = "_dd.p.tid=0af7651916cd43dd";
  const std::string among = "_dd.p.dm=-4," + high + ",_dd.p.x=y";
  const DatadogRow rows[] = {
      {{low, span}, told({})},
      {{low, span, "1"}, told(true)},
      {{low, span, "2"}, told(true)},
      {{low, span, "0"}, told(false)},
      {{low, span, "-1"}, told(false)},
      {{low, span, "1", high}, whole},
      {{low, span, "1", among}, whole},
      {{low, span, "1", "_dd.p.dm=-4"}, told(true)},
      {{low, span, "1", ""}, told(true)},
      {{{}, {}, "0"}, {"alone", {}, "", "", false}},
      {{low}, {"no span", TraceFault::missing_part}},
      {{{}, span}, {"no trace", TraceFault::missing_part}},
      {{low, span, "1", "_dd.p.tid=0af7"}, {"short high", TraceFault::wrong_form}},
      {{low, span, "1", "_dd.p.tid=0af7651916cd43dx"}, {"high", TraceFault::not_hex}},
      {{"18446744073709551616", span}, {"2^64", TraceFault::not_decimal}},
      {{"18446744073709551615", "1"},
       {"2^64-1",
        {},
        kZeros.substr(16) + "ffffffffffffffff",
        "0000000000000001",
        {},
        false,
        false,
        true}},
      {{kTrace, span}, {"hex", TraceFault::not_decimal}},
      {{"-1", span}, {"negative", TraceFault::not_decimal}},
      {{"", span}, {"empty", TraceFault::not_decimal}},
      {{"0", span}, {"zero", TraceFault::zero_id}},
      {{low, "0"}, {"zero span", TraceFault::zero_id}},
      {{low, span, "1.5"}, {"fraction", TraceFault::not_decimal}},
      {{low, span, ""}, {"no number", TraceFault::not_decimal}},
  };
  for (const DatadogRow& row : rows) expect(row.row, read_datadog(row.values));
}

TEST(Formats, AreWrittenAsTheSpecificationsHaveThem) {
  FormatContext context;
  context.ids = SpanIds{{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}};
  context.sampled = true;
  EXPECT_EQ(traceparent(context), "00-" + kTrace + "-" + kSpan + "-01");
  EXPECT_EQ(b3(context), kTrace + "-" + kSpan + "-1");
  EXPECT_EQ(jaeger(context), kTrace + ":" + kSpan + ":0:1");
  context.sampled = false;
  context.is_random = true;
  EXPECT_EQ(traceparent(context), "00-" + kTrace + "-" + kSpan + "-02");
  EXPECT_EQ(b3(context), kTrace + "-" + kSpan + "-0");
  EXPECT_EQ(jaeger(context), kTrace + ":" + kSpan + ":0:0");
  context.sampled.reset();
  EXPECT_EQ(b3(context), kTrace + "-" + kSpan);
  context.sampled = true;
  context.is_debug = true;
  EXPECT_EQ(b3(context), kTrace + "-" + kSpan + "-d");
  EXPECT_EQ(jaeger(context), kTrace + ":" + kSpan + ":0:3");
  context.is_short = true;  // the high half is kept all the same
  EXPECT_EQ(b3(context), kTrace + "-" + kSpan + "-d");
  context.ids->trace.high = 0;
  EXPECT_EQ(b3(context), "8448eb211c80319c-" + kSpan + "-d");
  EXPECT_EQ(jaeger(context), "8448eb211c80319c:" + kSpan + ":0:3");
}

}  // namespace
}  // namespace longspan
