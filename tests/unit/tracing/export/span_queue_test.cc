#include "tracing/export/span_queue.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/fakes/seed.h"
#include "tracing/export/batch.h"

namespace longspan {
namespace {

Span numbered(std::uint64_t number, std::size_t name_bytes = 0) {
  Span span;
  span.ids = {{1, number}, {1}};
  span.name = std::string(name_bytes, 'n');
  return span;
}

TEST(SpanQueue, DropsTheOldestAndCountsThem) {
  SpanQueue queue({3});
  for (std::uint64_t i = 0; i < 5; ++i) queue.push(numbered(i));
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.dropped(), 2U);
  const auto first = queue.take(2);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].ids.trace.low, 2U);
  EXPECT_EQ(first[1].ids.trace.low, 3U);
  EXPECT_EQ(queue.take(9).size(), 1U);
  EXPECT_EQ(queue.take(9).size(), 0U);
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(SpanQueue, HoldsBothLimitsAndLosesNothingUncounted) {
  for (const std::uint64_t seed : test_seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const SpanQueueLimits limits{1 + random() % 20, 2'000 + random() % 20'000};
    SpanQueue queue(limits);
    std::uint64_t next = 0;
    std::uint64_t expected = 0;  // what take() must give at the earliest
    std::uint64_t taken = 0;
    for (int i = 0; i < 500; ++i) {
      if (random() % 3 != 0) {
        queue.push(numbered(next++, random() % 3'000));
        EXPECT_LE(queue.size(), limits.spans_max);
        EXPECT_TRUE(queue.bytes() <= limits.bytes_max || queue.size() == 1);
      } else {
        for (const Span& span : queue.take(random() % 4)) {
          EXPECT_GE(span.ids.trace.low, expected);
          expected = span.ids.trace.low + 1;
          ++taken;
        }
      }
      EXPECT_EQ(taken + queue.size() + queue.dropped(), next);
    }
  }
}

TEST(ApproximateBytes, GrowWithWhatASpanHolds) {
  Span span = numbered(1);
  const std::size_t bare = approximate_bytes(span);
  EXPECT_GE(bare, sizeof(Span));
  span.attributes.put("key", std::string(500, 'x'));
  const std::size_t with_attribute = approximate_bytes(span);
  EXPECT_GE(with_attribute, bare + 503);
  span.add(SpanLink{{{1, 1}, {1}}, {}, std::string(100, 't')});
  EXPECT_GE(approximate_bytes(span), with_attribute + 100 + sizeof(SpanLink));
}

TEST(Batches, AreBelowTheirLimitAndInOrder) {
  std::vector<Span> spans;
  for (std::uint64_t i = 0; i < 50; ++i) spans.push_back(numbered(i, 100));
  for (const ExportForm form :
       {ExportForm::otlp_protobuf, ExportForm::otlp_json, ExportForm::zipkin_json}) {
    const Batches one = make_batches({}, spans, form);
    ASSERT_EQ(one.all.size(), 1U);
    EXPECT_EQ(one.all[0].count, 50U);
    const Batches many = make_batches({}, spans, form, 2'000);
    EXPECT_GE(many.all.size(), 4U);
    std::size_t total = 0;
    for (const Batch& batch : many.all) {
      EXPECT_LE(batch.body.size(), 2'000U);
      EXPECT_EQ(batch.body,
                make_batches({}, std::span(spans).subspan(total, batch.count), form).all[0].body);
      total += batch.count;
    }
    EXPECT_EQ(total, 50U);
    EXPECT_EQ(many.too_large, 0U);
  }
}

TEST(Batches, LeaveOutASpanThatIsTooLargeAlone) {
  const std::vector<Span> spans{numbered(1), numbered(2, 5'000), numbered(3)};
  const Batches found = make_batches({}, spans, ExportForm::otlp_protobuf, 2'000);
  EXPECT_EQ(found.too_large, 1U);
  std::size_t total = 0;
  for (const Batch& batch : found.all) total += batch.count;
  EXPECT_EQ(total, 2U);
  EXPECT_TRUE(make_batches({}, {}, ExportForm::otlp_json).all.empty());
}

}  // namespace
}  // namespace longspan
