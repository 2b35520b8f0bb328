#include "tracing/metric_table.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr Metric kGood{
    "longspan_x_seconds", MetricKind::gauge, "flow,topic", "seconds", Per::topic, 1,
    Shown::charted,       "A thing"};

constexpr Metric changed(auto change) {
  Metric metric = kGood;
  change(metric);
  return metric;
}

// What the static_assert on the real table would refuse.
TEST(MetricTable, RefusesBadRows) {
  using detail::well_named;
  static_assert(well_named(kGood));
  static_assert(!well_named(changed([](Metric& m) { m.name = "mirror_x_seconds"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_x_total_seconds_total"; })));
  static_assert(!well_named(changed([](Metric& m) { m.kind = MetricKind::counter; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_x_ms", m.unit = "ms"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_ms_seconds"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_x_bytes"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan__seconds"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_X_seconds"; })));
  static_assert(!well_named(changed([](Metric& m) { m.name = "longspan_x_count", m.unit = ""; })));
  static_assert(!well_named(changed([](Metric& m) { m.labels = "flow,"; })));
  static_assert(!well_named(changed([](Metric& m) { m.labels = "flow topic"; })));
  static_assert(!well_named(changed([](Metric& m) { m.labels = "le"; })));
  static_assert(!well_named(changed([](Metric& m) { m.help = ""; })));
  static_assert(!well_named(changed([](Metric& m) { m.help = "A sentence."; })));
  static_assert(!well_named(changed([](Metric& m) { m.series = 0; })));
  static_assert(well_named(changed([](Metric& m) { m.name = "longspan_forms", m.unit = ""; })));
}

TEST(MetricTable, HasRisingBoundsFromAMillisecondToAnHour) {
  EXPECT_EQ(kLatencyBoundsSeconds.front(), 0.001);
  EXPECT_EQ(kLatencyBoundsSeconds.back(), 3600);
  EXPECT_TRUE(std::is_sorted(kLatencyBoundsSeconds.begin(), kLatencyBoundsSeconds.end()));
}

}  // namespace
}  // namespace longspan
