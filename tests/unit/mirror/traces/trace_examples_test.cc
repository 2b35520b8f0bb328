#include "mirror/traces/trace_examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/traces/trace_watch_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using testing::SizeIs;

using TraceExamplesTest = TraceWatchTest;

TEST_F(TraceExamplesTest, AHopOfARecordWithSpansIsAnExample) {
  begin(TraceMode::reparent);
  EXPECT_EQ(traces->examples(), nullptr);
  fetch(change(7, {{"traceparent", kSampled}}));
  clock.advance(milliseconds(30));
  ack(7, 8);
  const auto found = traces->examples();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(traces->examples(), found) << "made anew only when there are others";
  const Exemplars* const whole = found->find({"orders", "", "commit_to_target_append"});
  ASSERT_NE(whole, nullptr);
  ASSERT_THAT(whole->all(), SizeIs(1));
  EXPECT_EQ(hex(whole->all()[0].ids.trace), kTrace);
  EXPECT_EQ(whole->all()[0].ids.span, spans.find("mirror orders")->ids.span);
  EXPECT_NEAR(whole->all()[0].value, 1.03, 0.05) << "committed a second before its fetch";
  const Exemplars* const last = found->find({"orders", "", "produced_to_target_append"});
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->all()[0].ids.span, spans.find("send east.orders")->ids.span);
  EXPECT_EQ(found->find({"orders", "", "end_to_end"}), nullptr);
}

TEST_F(TraceExamplesTest, AGroupsCommitIsOne) {
  begin(TraceMode::reparent);
  fetch(change(7, {{"traceparent", kSampled}}));
  clock.advance(milliseconds(30));
  ack(7, 8);
  clock.advance(milliseconds(500));
  commit(108, "billing");
  const auto found = traces->examples();
  for (const std::string_view name : {TraceExamples::kEndToEnd, TraceExamples::kSinkCommit}) {
    const Exemplars* const of = found->find({"orders", "billing", name});
    ASSERT_NE(of, nullptr) << name;
    EXPECT_EQ(of->all()[0].ids.span, passage.rule.ids.sink_span({7}, "billing"));
  }
}

TEST_F(TraceExamplesTest, OfSeveralShardsAreOne) {
  begin(TraceMode::reparent);
  fetch(change(7, {{"traceparent", kSampled}}));
  clock.advance(milliseconds(30));
  ack(7, 8);
  TraceExamples all;
  all.merge(*traces->examples());
  all.merge(*traces->examples());
  ASSERT_NE(all.find({"orders", "", "commit_to_target_append"}), nullptr);
  EXPECT_THAT(all.find({"orders", "", "commit_to_target_append"})->all(), SizeIs(1));
}

TEST_F(TraceExamplesTest, WithoutSpansThereIsNone) {
  TraceSettings with = settings(TraceMode::reparent);
  begin(with, 0);  // none a second
  fetch(change(7, {{"traceparent", kSampled}}));
  ack(7, 8);
  EXPECT_EQ(traces->examples(), nullptr);
}

}  // namespace
}  // namespace longspan
