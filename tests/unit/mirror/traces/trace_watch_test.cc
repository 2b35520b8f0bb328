#include "mirror/traces/trace_watch.h"

#include "tests/unit/mirror/traces/trace_watch_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Headers one(const std::string& value) { return {{"traceparent", value}}; }

TEST_F(TraceWatchTest, PreserveLooksAtNoHeader) {
  begin(TraceMode::preserve);
  EXPECT_FALSE(TraceWatch::is_on(passage));
  const Headers headers{{"a", "1"}, {"traceparent", kSampled}, {"a", "1"}};
  EXPECT_EQ(fetch(change(0, headers)), headers);
  ack(0, 1);
  EXPECT_THAT(spans.spans, IsEmpty());
  EXPECT_EQ(traces->figures().contexts.records, 0U);
}

TEST_F(TraceWatchTest, WithoutAnExporterNothingIsRewritten) {
  TraceWatch nobody(clock, hops, nullptr, {"east->west", settings(TraceMode::reparent)});
  nobody.open(passage, source, target);
  EXPECT_FALSE(TraceWatch::is_on(passage));
  EXPECT_EQ(passage.rule.ids.span({7}), HopIds("east->west", source).span({7}));
}

TEST_F(TraceWatchTest, ReparentNamesTheHopAndNothingElseChanges) {
  begin(TraceMode::reparent);
  const Headers before{{"a", "1"}, {"traceparent", kSampled}, {"b", std::nullopt}, {"a", "1"}};
  const std::string hop = hex(passage.rule.ids.span({7}));
  EXPECT_EQ(fetch(change(7, before)),
            (Headers{{"a", "1"},
                     {"b", std::nullopt},
                     {"a", "1"},
                     {"traceparent", "00-" + kTrace + "-" + hop + "-01"}}));
  EXPECT_EQ(traces->figures().rewritten, 1U);
}

TEST_F(TraceWatchTest, ARecordWrittenAgainHasTheSameContext) {
  begin(TraceMode::reparent);
  const Headers first = fetch(change(7, one(kSampled)));
  EXPECT_EQ(fetch(change(7, one(kSampled))), first);
  EXPECT_NE(fetch(change(8, one(kSampled))), first);
  const Headers root = fetch(change(9, {}));
  ASSERT_THAT(root, SizeIs(1));
  EXPECT_EQ(fetch(change(9, {})), root) << "the trace it begins, too";
}

TEST_F(TraceWatchTest, TheSpansAreTheRecordsWay) {
  begin(TraceMode::reparent);
  fetch(change(7, one(kSampled)));
  clock.advance(milliseconds(30));
  ack(7, 8);
  EXPECT_THAT(spans.names(), ElementsAre("mirror orders", "capture orders", "append orders",
                                         "poll orders", "queue orders", "send east.orders"));
  const Span& whole = *spans.find("mirror orders");
  EXPECT_EQ(hex(whole.ids.trace), kTrace);
  ASSERT_TRUE(whole.parent);
  EXPECT_EQ(hex(*whole.parent), kParent);
  EXPECT_TRUE(whole.is_parent_remote);
  const Span& send = *spans.find("send east.orders");
  EXPECT_EQ(send.ids.span, passage.rule.ids.span({7})) << "what the copy's header names";
  EXPECT_EQ(send.kind, SpanKind::producer);
  EXPECT_EQ(text(send, "messaging.kafka.offset"), "107");
  EXPECT_EQ(text(send, "messaging.destination.partition.id"), "3");
  EXPECT_EQ(text(send, "messaging.kafka.cluster.id"), "w");
  EXPECT_EQ(text(*spans.find("poll orders"), "messaging.kafka.offset"), "7");
  EXPECT_EQ(text(*spans.find("poll orders"), "messaging.kafka.cluster.id"), "e");
  for (const Span& span : spans.spans) {
    EXPECT_EQ(span.ids.trace, whole.ids.trace);
    if (&span != &whole) {
      EXPECT_EQ(span.parent, whole.ids.span) << span.name;
    }
  }
}

TEST_F(TraceWatchTest, HopsJoinAndTheirIntervalsStandInAttributes) {
  begin(TraceMode::reparent);
  fetch(change(7, one(kSampled)));
  clock.advance(milliseconds(30));
  ack(7, 8);
  EXPECT_EQ(spans.find("append orders")->start, spans.find("capture orders")->end);
  EXPECT_EQ(spans.find("queue orders")->start, spans.find("poll orders")->end);
  EXPECT_EQ(spans.find("mirror orders")->start, spans.find("capture orders")->start);
  EXPECT_EQ(spans.find("mirror orders")->end, spans.find("send east.orders")->end);
  const Span& send = *spans.find("send east.orders");
  EXPECT_EQ(text(send, "longspan.hop"), "produced_to_target_append");
  EXPECT_NEAR(std::stoi(text(send, "longspan.duration.low_us")), 0, 1);
  EXPECT_NEAR(std::stoi(text(send, "longspan.duration.high_us")), 30'000, 1)
      << "between produced and acknowledged";
  EXPECT_EQ(text(*spans.find("mirror orders"), "longspan.assumed"), "true");
}

TEST_F(TraceWatchTest, ACommitOfAGroupIsASpanEach) {
  begin(TraceMode::reparent);
  fetch(change(7, one(kSampled)));
  ack(7, 8);
  commit(100, "one");
  commit(100, "two");
  spans.spans.clear();
  clock.advance(milliseconds(500));
  commit(108, "one");
  ASSERT_THAT(spans.names(), ElementsAre("commit east.orders"));
  const Span& sink = spans.spans.front();
  EXPECT_EQ(sink.parent, passage.rule.ids.span({7}));
  EXPECT_EQ(text(sink, "messaging.consumer.group.name"), "one");
  EXPECT_EQ(text(sink, "longspan.hop"), "target_append_to_sink_commit");
  commit(108, "two");
  ASSERT_THAT(spans.spans, SizeIs(2));
  EXPECT_NE(spans.spans[0].ids.span, spans.spans[1].ids.span);
}

TEST_F(TraceWatchTest, LinkKeepsTheHeaderAndLinksATraceOfItsOwn) {
  begin(TraceMode::link);
  EXPECT_EQ(fetch(change(7, {{"traceparent", kSampled}, {"tracestate", "a=b"}})),
            (Headers{{"traceparent", kSampled}, {"tracestate", "a=b"}}));
  ack(7, 8);
  const Span& whole = *spans.find("mirror orders");
  EXPECT_NE(hex(whole.ids.trace), kTrace);
  EXPECT_FALSE(whole.parent);
  ASSERT_THAT(whole.links, SizeIs(1));
  EXPECT_EQ(hex(whole.links[0].ids.trace), kTrace);
  EXPECT_EQ(hex(whole.links[0].ids.span), kParent);
  EXPECT_EQ(whole.links[0].tracestate, "a=b");
}

TEST_F(TraceWatchTest, WhoDecidedBeforeIsHonoured) {
  begin(TraceMode::reparent);
  const Headers copy = fetch(change(7, one(kUnsampled)));
  ack(7, 8);
  EXPECT_THAT(spans.spans, IsEmpty());
  EXPECT_EQ(copy[0].value, "00-" + kTrace + "-" + hex(passage.rule.ids.span({7})) + "-00");
}

TEST_F(TraceWatchTest, AboveTheLimitATraceGoesOnWithoutOurs) {
  begin(settings(TraceMode::reparent), 1);
  EXPECT_NE(fetch(change(7, one(kSampled))), one(kSampled));
  EXPECT_EQ(fetch(change(8, one(kSampled))), one(kSampled)) << "its reader stays the child it was";
  const Headers root = fetch(change(9, {}));
  ASSERT_THAT(root, SizeIs(1));
  EXPECT_TRUE(root[0].value->ends_with("-02")) << "random, not sampled: nobody has its spans";
  ack(7, 10);
  EXPECT_THAT(spans.spans, SizeIs(6));
  EXPECT_EQ(traces->figures().rate_limited, 2U);
}

TEST_F(TraceWatchTest, NeverBeginsNoTrace) {
  TraceSettings never = settings(TraceMode::reparent);
  never.starts = false;
  begin(never);
  EXPECT_THAT(fetch(change(7, {})), IsEmpty());
  EXPECT_NE(fetch(change(8, one(kSampled))), one(kSampled));
  ack(7, 9);
  EXPECT_THAT(spans.spans, SizeIs(6));
}

TEST_F(TraceWatchTest, ATraceBeginsInTheFormatsThatAreAskedFor) {
  TraceSettings both = settings(TraceMode::reparent);
  both.inject = {TraceFormat::b3, TraceFormat::datadog};
  begin(both);
  std::vector<std::string> names;
  for (const Header& header : fetch(change(7, {}))) names.push_back(header.name);
  EXPECT_THAT(names, UnorderedElementsAre("b3", "x-datadog-trace-id", "x-datadog-parent-id",
                                          "x-datadog-sampling-priority", "x-datadog-tags"));
}

TEST_F(TraceWatchTest, TheSlowestOfAMinuteAreKeptWhateverWasDecided) {
  begin(settings(TraceMode::reparent), 1000, 2);
  for (int i = 0; i < 10; ++i) {
    fetch(change(i, one(kUnsampled), milliseconds(1000 + (i * 7 % 10) * 100)));
  }
  ack(0, 10);
  commit(100, "sink");
  clock.advance(milliseconds(100));
  commit(110, "sink");
  EXPECT_THAT(spans.spans, IsEmpty());
  clock.advance(std::chrono::minutes(1));
  traces->tick(clock.steady());
  std::vector<std::string> offsets;
  int sinks = 0;
  for (const Span& span : spans.spans) {
    EXPECT_FALSE(span.is_sampled);
    if (span.name == "mirror orders") offsets.push_back(text(span, "messaging.kafka.offset"));
    if (span.name == "commit east.orders") ++sinks;
  }
  EXPECT_THAT(offsets, ElementsAre("7", "4")) << "1900 and 1800 ms";
  EXPECT_EQ(sinks, 2);
  EXPECT_EQ(traces->figures().kept_slow, 2U);
}

TEST_F(TraceWatchTest, ARecordThatWasLeftOutIsToldWithItsReason) {
  begin(TraceMode::reparent);
  fetch(change(7, one(kSampled)));
  traces->left_out(passage, {7}, "longspan.dead_letter", "too large");
  ASSERT_THAT(spans.names(), ElementsAre("mirror orders"));
  EXPECT_EQ(spans.spans[0].status, (SpanStatus{StatusCode::error, "too large"}));
  ASSERT_THAT(spans.spans[0].events, SizeIs(1));
  EXPECT_EQ(spans.spans[0].events[0].name, "longspan.dead_letter");
}

TEST_F(TraceWatchTest, WhatWasWrittenAgainSaysSoThoughNobodyAskedForIt) {
  begin(TraceMode::reparent);
  fetch(change(7, one(kUnsampled)));
  traces->trouble(passage, {{7}, {8}}, "longspan.retry", "the producer is gone");
  fetch(change(7, one(kUnsampled)));
  ack(7, 8);
  clock.advance(std::chrono::minutes(1));
  traces->tick(clock.steady());
  const Span* const whole = spans.find("mirror orders");
  ASSERT_NE(whole, nullptr);
  ASSERT_THAT(whole->events, SizeIs(1));
  EXPECT_EQ(whole->events[0].name, "longspan.retry");
  EXPECT_EQ(whole->status.code, StatusCode::unset) << "in the end it arrived";
  EXPECT_EQ(passage.troubles, nullptr) << "it is over";
}

TEST_F(TraceWatchTest, WhatIsOnItsWayIsBounded) {
  begin(settings(TraceMode::reparent), 1e9);
  for (std::size_t i = 0; i < TraceWatch::kOnWayMax + 5; ++i) {
    fetch(change(static_cast<std::int64_t>(i), one(kSampled)));
  }
  EXPECT_EQ(passage.on_way->size(), TraceWatch::kOnWayMax);
  EXPECT_EQ(traces->figures().dropped, 5U);
  traces->forget(passage);
  fetch(change(1'000'000, one(kSampled)));
  EXPECT_THAT(*passage.on_way, SizeIs(1));
}

struct Bad {
  std::string name;
  Headers headers;
};
class BadHeaders : public TraceWatchTest, public testing::WithParamInterface<Bad> {};

// What is broken is counted, and the record goes on as it was.
TEST_P(BadHeaders, GoOnAsTheyAre) {
  begin(TraceMode::reparent);
  EXPECT_EQ(fetch(change(7, GetParam().headers)), GetParam().headers);
  ack(7, 8);
  EXPECT_EQ(traces->figures().left_broken, 1U);
  EXPECT_EQ(traces->figures().rewritten + traces->figures().begun, 0U);
}

std::vector<Bad> bad_headers() {
  const auto state = [](std::string value) {
    return Headers{{"traceparent", kSampled}, {"tracestate", std::move(value)}};
  };
  std::string members = "m0=1";
  for (int i = 1; i < 33; ++i) members += ",m" + std::to_string(i) + "=1";
  return {{"a_megabyte", one(std::string(1 << 20, 'a'))},
          {"no_hex", one("00-" + std::string(32, 'z') + "-" + kParent + "-01")},
          {"upper_case", one("00-0AF7651916CD43DD8448EB211C80319C-" + kParent + "-01")},
          {"zero_trace", one("00-" + std::string(32, '0') + "-" + kParent + "-01")},
          {"zero_span", one("00-" + kTrace + "-" + std::string(16, '0') + "-01")},
          {"version_ff", one("ff-" + kTrace + "-" + kParent + "-01")},
          {"null", {{"traceparent", std::nullopt}}},
          {"empty", one("")},
          {"no_utf8_in_tracestate", state("a=\xff\xfe")},
          {"members_33", state(members)},
          {"good_w3c_beside_broken_b3", {{"traceparent", kSampled}, {"b3", "nonsense"}}}};
}
INSTANTIATE_TEST_SUITE_P(TraceWatch, BadHeaders, testing::ValuesIn(bad_headers()),
                         [](const auto& each) { return each.param.name; });

TEST_F(TraceWatchTest, TenThousandHeadersAreLookedAtOnce) {
  begin(TraceMode::reparent);
  Headers many(10'000, {"x-other", "1"});
  many.push_back({"traceparent", kSampled});
  const Headers copy = fetch(change(7, many));
  ASSERT_THAT(copy, SizeIs(10'001));
  EXPECT_NE(copy.back().value, kSampled);
  EXPECT_EQ(copy[9'999], many[9'999]);
}

TEST_F(TraceWatchTest, AFutureVersionIsReadAndWrittenAsTheFirst) {
  begin(TraceMode::reparent);
  const Headers copy = fetch(change(7, one("cc-" + kTrace + "-" + kParent + "-01-more")));
  EXPECT_EQ(copy[0].value, "00-" + kTrace + "-" + hex(passage.rule.ids.span({7})) + "-01");
}

}  // namespace
}  // namespace longspan
