// The trace context that stands in a row, and the span of the batch that records came in.

#include "tests/unit/mirror/traces/trace_watch_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RowContextTest : public TraceWatchTest {
 protected:
  [[nodiscard]] Record row(std::int64_t offset, const std::string& context,
                           Headers headers = {}) const {
    Record out = make_record({"k",
                              R"({"id":7,"tracingspancontext":")" + context + R"("})",
                              {clock.now().value - 100},
                              std::move(headers)});
    out.offset = {offset};
    return out;
  }
  const std::string in_trace = "#now\\ntraceparent=" + kSampled + "\\ntracestate=a=b\\n";
};

TEST_F(RowContextTest, ReparentGoesOnWithItsTrace) {
  begin(TraceMode::reparent);
  const std::string hop = hex(passage.rule.ids.span({7}));
  EXPECT_EQ(
      fetch(row(7, in_trace, {{"a", "1"}})),
      (Headers{
          {"a", "1"}, {"traceparent", "00-" + kTrace + "-" + hop + "-01"}, {"tracestate", "a=b"}}));
  ack(7, 8);
  const Span& whole = *spans.find("mirror orders");
  EXPECT_EQ(hex(whole.ids.trace), kTrace);
  ASSERT_TRUE(whole.parent);
  EXPECT_EQ(hex(*whole.parent), kParent);
  EXPECT_EQ(traces->figures().in_rows, 1U);
  EXPECT_EQ(traces->figures().begun, 1U);
}

TEST_F(RowContextTest, LinkPointsAtIt) {
  begin(TraceMode::link);
  EXPECT_THAT(fetch(row(7, in_trace)), IsEmpty());
  ack(7, 8);
  const Span& whole = *spans.find("mirror orders");
  ASSERT_THAT(whole.links, SizeIs(1));
  EXPECT_EQ(hex(whole.links.front().ids.trace), kTrace);
}

TEST_F(RowContextTest, HeadersGoFirst) {
  begin(TraceMode::link);
  const std::string other = "00-" + std::string(32, 'a') + "-" + kParent + "-01";
  fetch(row(7, in_trace, {{"traceparent", other}}));
  ack(7, 8);
  EXPECT_EQ(hex(spans.find("mirror orders")->links.front().ids.trace), std::string(32, 'a'));
  fetch(row(8, in_trace, {{"traceparent", "00-zz"}}));
  EXPECT_EQ(traces->figures().in_rows, 0U) << "what we cannot read another reader may";
}

TEST_F(RowContextTest, ABrokenOneIsCountedAndLeft) {
  TraceSettings with = settings(TraceMode::reparent);
  with.starts = false;
  begin(std::move(with));
  EXPECT_THAT(fetch(row(7, R"(traceparent=00-zz)")), IsEmpty());
  EXPECT_THAT(fetch(row(8, R"(traceparent=\\u00)")), IsEmpty());
  EXPECT_EQ(traces->figures().rows_broken, 2U);
  EXPECT_EQ(traces->figures().in_rows, 0U);
}

class BatchSpan : public TraceWatchTest {
 protected:
  void fetch_batch(std::int64_t from, std::int64_t to, const Headers& headers) {
    const Record first = change(from, headers);
    traces->batch(passage, first, static_cast<std::size_t>(to - from), clock.steady());
    for (std::int64_t i = from; i < to; ++i) fetch(change(i, headers));
  }
  [[nodiscard]] std::vector<const Span*> batches() const {
    std::vector<const Span*> out;
    for (const Span& span : spans.spans) {
      if (text(span, "messaging.batch.message_count") != "absent") out.push_back(&span);
    }
    return out;
  }
  const Headers sampled{{"traceparent", kSampled}};
};

TEST_F(BatchSpan, LinksItsRecordsAndTheyLinkIt) {
  begin(TraceMode::reparent);
  fetch_batch(7, 10, sampled);
  clock.advance(milliseconds(30));
  ack(7, 9);
  EXPECT_THAT(batches(), IsEmpty()) << "one of it is on its way";
  ack(9, 10);
  ASSERT_THAT(batches(), SizeIs(1));
  const Span& batch = *batches().front();
  EXPECT_EQ(batch.name, "poll orders");
  EXPECT_EQ(text(batch, "messaging.batch.message_count"), "3");
  EXPECT_EQ(text(batch, "messaging.operation.type"), "receive");
  EXPECT_FALSE(batch.parent);
  EXPECT_NE(hex(batch.ids.trace), kTrace);
  ASSERT_THAT(batch.links, SizeIs(3));
  EXPECT_EQ(hex(batch.links.front().ids.trace), kTrace);
  EXPECT_NEAR(static_cast<double>(batch.end.value - batch.start.value), 15e6, 16e6);
  int linked = 0;
  for (const Span& span : spans.spans) {
    if (text(span, "longspan.hop") != "source_append_to_fetched") continue;
    ASSERT_THAT(span.links, SizeIs(1));
    EXPECT_EQ(span.links.front().ids.span, batch.ids.span);
    ++linked;
  }
  EXPECT_EQ(linked, 3);
}

TEST_F(BatchSpan, ThereIsNoneWhereNoRecordHasSpans) {
  begin(TraceMode::reparent);
  fetch_batch(7, 10, {{"traceparent", kUnsampled}});
  ack(7, 10);
  EXPECT_THAT(batches(), IsEmpty());
}

TEST_F(BatchSpan, ItsLinksHaveALimit) {
  begin(TraceMode::link);
  const auto records = static_cast<std::int64_t>(kLinksMax) + 5;
  fetch_batch(0, records, sampled);
  ack(0, records);
  ASSERT_THAT(batches(), SizeIs(1));
  EXPECT_THAT(batches().front()->links, SizeIs(kLinksMax));
  EXPECT_EQ(batches().front()->dropped_links, 5U);
}

// What is read again comes in another batch; the first one's records are gone.
TEST_F(BatchSpan, OneThatIsReadAgainIsToldOnce) {
  begin(TraceMode::reparent);
  fetch_batch(7, 10, sampled);
  clock.advance(milliseconds(30));
  fetch_batch(7, 10, sampled);
  ack(7, 10);
  EXPECT_THAT(batches(), SizeIs(1));
  traces->forget(passage);
}

}  // namespace
}  // namespace longspan
