#include "tracing/context/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tracing/context/context_tally.h"

namespace longspan {
namespace {

constexpr std::string_view kW3c = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kB3 = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1";
constexpr std::string_view kOtherB3 = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1";
constexpr std::string_view kJaeger = "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1";
const SpanIds kIds{{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}};
const SpanIds kB3Ids{{0x80f198ee56343ba8, 0x64fe8b2a57d3eff7}, {0xe457b5a2e4d86bd1}};

TraceContext read(std::vector<HeaderView> headers) { return read_trace_context(headers); }
TraceFault fault(const TraceContext& context, TraceFormat format) {
  return context.faults[static_cast<std::size_t>(format)];
}

TEST(TraceContext, IsReadInEachFormat) {
  const std::vector<std::pair<TraceFormat, std::vector<HeaderView>>> rows{
      {TraceFormat::w3c, {{"traceparent", kW3c}}},
      {TraceFormat::b3, {{"b3", kB3}}},
      {TraceFormat::b3_multi,
       {{"x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"},
        {"x-b3-spanid", "b7ad6b7169203331"},
        {"x-b3-sampled", "1"}}},
      {TraceFormat::b3_multi,
       {{"X-B3-TraceId", "0af7651916cd43dd8448eb211c80319c"},
        {"X-B3-SpanId", "b7ad6b7169203331"},
        {"X-B3-Sampled", "1"}}},
      {TraceFormat::jaeger, {{"uber-trace-id", kJaeger}}},
      {TraceFormat::datadog,
       {{"x-datadog-trace-id", "9532127138774266268"},
        {"x-datadog-parent-id", "13235353014750950193"},
        {"x-datadog-sampling-priority", "1"},
        {"x-datadog-tags", "_dd.p.tid=0af7651916cd43dd"}}},
  };
  for (const auto& [format, headers] : rows) {
    SCOPED_TRACE(name(format));
    const TraceContext found = read(headers);
    EXPECT_EQ(found.ids, kIds);
    EXPECT_EQ(found.sampled, true);
    EXPECT_EQ(found.formats, TraceFormats{format});
    EXPECT_TRUE(found.is_intact());
    EXPECT_FALSE(found.disagreement.any());
  }
}

TEST(TraceContext, IsAbsentWithoutItsHeaders) {
  for (const auto& headers : std::vector<std::vector<HeaderView>>{
           {},
           {{"__op", "c"}, {"", "1"}, {"t", "1"}},
           {{"Traceparent", kW3c}, {"B3", kB3}, {"Uber-Trace-Id", kJaeger}},  // other names
           {{"x-datadog-origin", "rum"}, {"x-b3-parentspanid", "b7ad6b7169203331"}}}) {
    const TraceContext found = read(headers);
    EXPECT_FALSE(found.ids);
    EXPECT_TRUE(found.formats.empty());
    EXPECT_TRUE(found.is_intact());
  }
}

TEST(TraceContext, IsThatOfTheLastHeaderOfAName) {
  const std::string other = "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00";
  EXPECT_EQ(read({{"traceparent", kW3c}, {"traceparent", other}}).ids, kB3Ids);
  EXPECT_EQ(read({{"traceparent", "rubbish"}, {"traceparent", kW3c}}).ids, kIds);
  EXPECT_TRUE(read({{"traceparent", "rubbish"}, {"traceparent", kW3c}}).is_intact());
  EXPECT_FALSE(read({{"traceparent", kW3c}, {"traceparent", "rubbish"}}).ids);
  // Two spellings of B3's are one name.
  const TraceContext mixed = read({{"X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"},
                                   {"X-B3-SpanId", "e457b5a2e4d86bd1"},
                                   {"x-b3-spanid", "b7ad6b7169203331"}});
  EXPECT_EQ(mixed.ids, (SpanIds{kB3Ids.trace, kIds.span}));
}

TEST(TraceContext, FollowsThePrecedence) {
  const HeaderView w3c{"traceparent", "00-00000000000000000000000000000001-0000000000000001-00"};
  const HeaderView b3{"b3", "00000000000000000000000000000002-0000000000000002-1"};
  const HeaderView trace{"x-b3-traceid", "00000000000000000000000000000003"};
  const HeaderView span{"x-b3-spanid", "0000000000000003"};
  const HeaderView jaeger{"uber-trace-id", "4:4:0:1"};
  const HeaderView dd{"x-datadog-trace-id", "5"};
  const HeaderView dd_span{"x-datadog-parent-id", "5"};
  std::vector<HeaderView> headers{dd, dd_span, jaeger, trace, span, b3, w3c};
  for (std::uint64_t expected = 1; expected <= 5; ++expected) {
    const TraceContext found = read_trace_context(headers);
    ASSERT_TRUE(found.ids);
    EXPECT_EQ(found.ids->trace.low, expected);
    EXPECT_EQ(found.disagreement.of_trace, expected < 5);
    headers.pop_back();
    if (expected == 3) headers.pop_back();
  }
}

TEST(TraceContext, GoesOnToTheNextFormatWhereOneIsBroken) {
  const TraceContext found = read({{"traceparent", "00-what"}, {"b3", kOtherB3}});
  EXPECT_EQ(found.ids, kB3Ids);
  EXPECT_EQ(fault(found, TraceFormat::w3c), TraceFault::wrong_form);
  EXPECT_FALSE(found.is_intact());
  EXPECT_EQ(found.formats, TraceFormats{TraceFormat::b3});
}

TEST(TraceContext, LeavesADeferredDecisionAbsent) {
  const std::string_view deferred = kB3.substr(0, kB3.size() - 2);
  EXPECT_EQ(read({{"b3", deferred}}).sampled, std::nullopt);
  // That of the format which decides counts; who is asked next decides for all.
  const TraceContext both = read({{"b3", deferred}, {"uber-trace-id", kJaeger}});
  EXPECT_EQ(both.sampled, std::nullopt);
  EXPECT_FALSE(both.disagreement.any());
}

TEST(TraceContext, TellsALoneDecision) {
  const TraceContext found = read({{"b3", "0"}});
  EXPECT_FALSE(found.ids);
  EXPECT_EQ(found.sampled, false);
  EXPECT_EQ(found.formats, TraceFormats{TraceFormat::b3});
  EXPECT_TRUE(read({{"b3", "d"}}).is_debug);
  // Ids of another format go before it; that they differ in the decision is told.
  const TraceContext beside = read({{"b3", "0"}, {"uber-trace-id", kJaeger}});
  EXPECT_EQ(beside.ids, kIds);
  EXPECT_EQ(beside.sampled, true);
  EXPECT_EQ(beside.disagreement, (Disagreement{false, false, true}));
}

struct DisagreementRow {
  std::vector<HeaderView> headers;
  Disagreement expected;
};

TEST(TraceContext, TellsWhereFormatsDisagree) {
  const HeaderView w3c{"traceparent", kW3c};
  const HeaderView dd{"x-datadog-trace-id", "9532127138774266268"};
  const HeaderView dd_span{"x-datadog-parent-id", "13235353014750950193"};
  const DisagreementRow rows[] = {
      {{w3c, {"b3", kB3}, {"uber-trace-id", kJaeger}}, {}},
      {{w3c, {"b3", kOtherB3}}, {true, true, false}},
      {{w3c, {"b3", "0af7651916cd43dd8448eb211c80319c-e457b5a2e4d86bd1-1"}}, {false, true, false}},
      {{w3c, {"b3", "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"}}, {false, false, true}},
      // 64 bits are compared with 64 bits.
      {{w3c, {"b3", "8448eb211c80319c-b7ad6b7169203331"}}, {}},
      {{w3c, {"b3", "00000000000000008448eb211c80319c-b7ad6b7169203331"}}, {true, false, false}},
      {{w3c, dd, dd_span}, {}},
      {{w3c, dd, dd_span, {"x-datadog-tags", "_dd.p.tid=0af7651916cd43dd"}}, {}},
      {{w3c, dd, dd_span, {"x-datadog-tags", "_dd.p.tid=0000000000000001"}}, {true, false, false}},
      {{w3c, dd, dd_span, {"x-datadog-sampling-priority", "-1"}}, {false, false, true}},
      {{w3c, {"tracestate", "dd=s:2"}}, {}},
      {{w3c, {"tracestate", "dd=s:0"}}, {false, false, true}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.headers[1].name) + "=" + std::string(*row.headers[1].value));
    EXPECT_EQ(read_trace_context(row.headers).disagreement, row.expected);
  }
}

TEST(TraceContext, HasTheTracestateAsItStands) {
  const std::string_view state = "rojo=00f067aa0ba902b7 ,, congo=t61rcWkgMzE";
  const std::vector<HeaderView> headers{{"traceparent", kW3c}, {"tracestate", state}};
  const TraceContext found = read_trace_context(headers);
  EXPECT_EQ(found.tracestate.data(), state.data());
  EXPECT_EQ(found.tracestate, state);
  // A broken one does no harm to traceparent.
  const TraceContext broken = read({{"traceparent", kW3c}, {"tracestate", "A=\xff"}});
  EXPECT_EQ(broken.ids, kIds);
  EXPECT_EQ(broken.tracestate, "");
  EXPECT_EQ(fault(broken, TraceFormat::w3c), TraceFault::bad_member);
  // Without a traceparent it says nothing.
  const TraceContext alone = read({{"tracestate", state}});
  EXPECT_FALSE(alone.ids);
  EXPECT_EQ(fault(alone, TraceFormat::w3c), TraceFault::missing_part);
}

TEST(TraceContext, BoundsWhatItLooksAt) {
  const std::string large(std::size_t{1} << 20, 'a');
  const std::string_view names[] = {"traceparent",   "tracestate",          "b3",
                                    "x-b3-traceid",  "x-b3-sampled",        "x-b3-flags",
                                    "uber-trace-id", "x-datadog-parent-id", "x-datadog-tags"};
  for (const std::string_view header : names) {
    SCOPED_TRACE(header);
    for (const HeaderView& bad : {HeaderView{header, large}, HeaderView{header, std::nullopt}}) {
      const TraceContext found = read({{"traceparent", kW3c}, bad});
      EXPECT_EQ(found.ids.has_value(), header != "traceparent");
      EXPECT_FALSE(found.is_intact());
    }
  }
  const TraceContext state = read({{"traceparent", kW3c}, {"tracestate", "a=" + large}});
  EXPECT_EQ(fault(state, TraceFormat::w3c), TraceFault::too_long);
  const std::string tags = "_dd.p.x=" + std::string(504, 'y');
  const HeaderView dd{"x-datadog-trace-id", "1"};
  const HeaderView dd_span{"x-datadog-parent-id", "1"};
  EXPECT_TRUE(read({dd, dd_span, {"x-datadog-tags", tags}}).is_intact());
  EXPECT_EQ(fault(read({dd, dd_span, {"x-datadog-tags", tags + "y"}}), TraceFormat::datadog),
            TraceFault::too_long);

  std::vector<HeaderView> many(10'000, {"x-other", "1"});
  many[5'000] = {"traceparent", kW3c};
  EXPECT_EQ(read_trace_context(many).ids, kIds);
  many.assign(10'000, {"traceparent", kW3c});
  EXPECT_EQ(read_trace_context(many).ids, kIds);
}

TEST(ContextTally, CountsByFormatAndReason) {
  ContextTally tally;
  tally.add(read({}));
  tally.add(read({{"traceparent", kW3c}, {"b3", kOtherB3}}));
  tally.add(read({{"traceparent", "?"}, {"b3", "0"}}));
  tally.add(read({{"traceparent", "?"}, {"b3", "what"}}));
  EXPECT_EQ(tally.records, 4U);
  EXPECT_EQ(tally.in_a_trace, 1U);
  EXPECT_EQ(tally.formats, (std::array<std::uint64_t, kTraceFormats>{1, 2, 0, 0, 0}));
  const auto of = [&](TraceFormat format, TraceFault fault) {
    return tally.faults[static_cast<std::size_t>(format)][static_cast<std::size_t>(fault)];
  };
  EXPECT_EQ(of(TraceFormat::w3c, TraceFault::wrong_form), 2U);
  EXPECT_EQ(of(TraceFormat::b3, TraceFault::wrong_form), 1U);
  EXPECT_EQ(of(TraceFormat::w3c, TraceFault::none), 0U);
  EXPECT_EQ(tally.other_trace, 1U);
  EXPECT_EQ(tally.other_span, 1U);
  EXPECT_EQ(tally.other_decision, 0U);
  ContextTally twice = tally;
  twice.merge(tally);
  EXPECT_EQ(twice.records, 8U);
  EXPECT_EQ(twice.faults[0][static_cast<std::size_t>(TraceFault::wrong_form)], 4U);
  EXPECT_EQ(twice.other_trace, 2U);
}

}  // namespace
}  // namespace longspan
