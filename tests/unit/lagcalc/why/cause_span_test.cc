#include "lagcalc/why/cause_span.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr std::int64_t kApart = 30'000;

Diagnosis hung(const std::string& partition, Severity severity, const std::string& what) {
  return {Cause::hung_transaction,
          severity,
          Confidence::certain,
          {ScopeKind::partition, partition, "orders"},
          what};
}

TEST(CauseSpans, WhatIsFoundAgainIsOneAndItsWorstIsKept) {
  CauseSpans spans(10);
  spans.note({0}, {{hung("orders:1", Severity::warning, "open for 12 s")}, {}}, kApart);
  spans.note({10'000}, {{}, {}}, kApart);
  spans.note({20'000}, {{hung("orders:1", Severity::critical, "open for 70 s")}, {}}, kApart);
  spans.note({30'000}, {{hung("orders:1", Severity::warning, "open for 11 s")}, {}}, kApart);
  spans.note({60'001}, {{hung("orders:1", Severity::warning, "open for 10 s")}, {}}, kApart);
  spans.note({60'001}, {{hung("orders:2", Severity::warning, "another one")}, {}}, kApart);
  const auto found = spans.take();
  ASSERT_EQ(found.size(), 3u);
  const DiagnosisScope scope{ScopeKind::partition, "orders:1", "orders"};
  EXPECT_EQ(found[0], (CauseSpan{Cause::hung_transaction, Severity::critical, scope, TimestampMs{0},
                                 TimestampMs{30'000}, "open for 70 s"}));
  EXPECT_EQ(found[1].first, TimestampMs{60'001});
  EXPECT_EQ(found[1].scope.name, "orders:1");
  EXPECT_EQ(found[2].scope.name, "orders:2");
  EXPECT_TRUE(spans.is_empty());
}

TEST(CauseSpans, WhatAnotherCauseExplainsAndThatItKeepsUpAreNotKept) {
  CauseSpans spans(10);
  Diagnosis explained = hung("orders:1", Severity::critical, "because");
  explained.because_of = Cause::source_unreachable;
  const Diagnosis fine{Cause::keeping_up, Severity::info, Confidence::certain, {}, "fine"};
  spans.note({0}, {{explained, fine}, {}}, kApart);
  EXPECT_TRUE(spans.is_empty());
}

TEST(CauseSpans, WhatSeveralProcessesFoundOverlapsWhoeverIsReadFirst) {
  const DiagnosisScope source{ScopeKind::source, "", ""};
  const auto span = [&](std::int64_t first, std::int64_t last) {
    return CauseSpan{Cause::source_unreachable, Severity::critical,       source,
                     TimestampMs{first},        TimestampMs{last * 1000}, "gone"};
  };
  CauseSpans spans(10);
  for (const auto& each : {span(600'000, 700), span(0, 100), span(110'000, 580)}) {
    spans.add(each, kApart);
  }
  const auto found = spans.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, TimestampMs{0});
  EXPECT_EQ(found[0].last, TimestampMs{700'000});
}

// "orders:0" and so on, of which the n-th has been open longest.
Diagnoses some(int count, int worst = 0) {
  Diagnoses out;
  for (int i = 0; i < count; ++i) {
    const std::string name = "orders:" + std::to_string((worst + i) % count);
    out.found.push_back(hung(name, Severity::warning, name + " waits"));
  }
  return out;
}

// Whichever of them a look names first; and none of them hides another cause.
TEST(CauseSpans, ManyOfOneCauseAreOneThatLasts) {
  CauseSpans spans(10);
  for (int look = 0; look < 6; ++look) {
    Diagnoses all = some(20, look);
    all.found.back().more = 80;
    all.found.push_back({Cause::paused, Severity::info, Confidence::certain, {}, "paused by ann"});
    spans.note({look * 10'000}, all, kApart);
  }
  const auto found = spans.take();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].cause, Cause::hung_transaction);
  EXPECT_EQ(found[0].scope, DiagnosisScope());
  EXPECT_EQ(found[0].last, TimestampMs{50'000});
  EXPECT_EQ(found[0].what, "orders:5 waits, and 99 more");
  EXPECT_EQ(found[1].what, "paused by ann");
}

TEST(CauseSpans, IsBoundedAndSaysSo) {
  CauseSpans spans(2);
  spans.note({0}, some(3), kApart);
  EXPECT_EQ(spans.left_out(), 1);
  EXPECT_EQ(spans.take().size(), 2u);

  std::string umlauts;
  while (umlauts.size() < 2 * CauseSpans::kWhatBytesMax) umlauts += "\xC3\xA4";
  umlauts.insert(0, "x");
  spans.note({0}, {{hung(umlauts, Severity::warning, umlauts)}, {}}, kApart);
  const auto cut = spans.take();
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].what, umlauts.substr(0, CauseSpans::kWhatBytesMax - 1));
  EXPECT_LE(cut[0].scope.name.size(), CauseSpans::kNameBytesMax);
}

}  // namespace
}  // namespace longspan
