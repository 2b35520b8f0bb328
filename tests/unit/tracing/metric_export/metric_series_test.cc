#include "tracing/metric_export/metric_series.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

constexpr Temporalities kCumulative{};
constexpr Temporalities kDelta{Temporality::delta, Temporality::delta};
constexpr UnixNs kStart{1'000};

Histogram histogram(const std::vector<double>& values) {
  Histogram out;
  for (const double value : values) out.record(value);
  return out;
}

MetricSet counter(double value, const std::string& level = "warn") {
  MetricSet set;
  set.add("longspan_log_lines_total", {level}, value);
  return set;
}

MetricSet latency(const Histogram& value) {
  MetricSet set;
  set.add("longspan_residence_seconds", {"f", "t"}, value);
  return set;
}

// The one point of a look, which is accepted or not.
MetricPoint only(MetricSeries& series, const MetricSet& set, std::uint64_t now,
                 bool is_accepted = true) {
  const auto points = series.look(set, {now});
  EXPECT_EQ(points.size(), 1U);
  if (points.empty()) return {};
  if (is_accepted) series.accept(points[0]);
  return points[0];
}

double number(const MetricPoint& point) { return std::get<double>(point.value); }

TEST(MetricSeries, AGaugeHasNoBeginning) {
  MetricSeries series(kDelta, kStart);
  MetricSet set;
  set.add("longspan_ready", {}, 1);
  const MetricPoint point = only(series, set, 2'000);
  EXPECT_EQ(point.start, UnixNs{});
  EXPECT_EQ(point.at, UnixNs{2'000});
  EXPECT_EQ(number(point), 1);
  EXPECT_EQ(series.size(), 0U);
}

TEST(MetricSeries, ACumulativeOneBeginsWithTheProcessUntilItBeginsAnew) {
  MetricSeries series(kCumulative, kStart);
  EXPECT_EQ(only(series, counter(5), 2'000).start, kStart);
  EXPECT_EQ(only(series, counter(9), 3'000).start, kStart);
  const MetricPoint anew = only(series, counter(2), 4'000);
  EXPECT_EQ(anew.start, UnixNs{3'000});
  EXPECT_EQ(number(anew), 2);
  EXPECT_EQ(only(series, counter(2), 5'000).start, UnixNs{3'000});
}

TEST(MetricSeries, OneThatComesLaterBeginsAtTheLookBefore) {
  for (const Temporalities& temporalities : {kCumulative, kDelta}) {
    MetricSeries series(temporalities, kStart);
    EXPECT_TRUE(series.look({}, {2'000}).empty());
    EXPECT_EQ(only(series, counter(5), 3'000).start, UnixNs{2'000});
    // Gone, and there again.
    EXPECT_TRUE(series.look({}, {4'000}).empty());
    EXPECT_EQ(series.size(), 0U);
    const MetricPoint again = only(series, counter(7), 5'000);
    EXPECT_EQ(again.start, UnixNs{4'000});
    EXPECT_EQ(number(again), 7);
  }
}

TEST(MetricSeries, ADeltaIsWhatCameSinceTheLastAcceptedOne) {
  MetricSeries series(kDelta, kStart);
  const MetricPoint first = only(series, counter(5), 2'000);
  EXPECT_EQ(first.start, kStart);
  EXPECT_EQ(number(first), 5);
  const MetricPoint lost = only(series, counter(8), 3'000, false);
  EXPECT_EQ(lost.start, UnixNs{2'000});
  EXPECT_EQ(number(lost), 3);
  const MetricPoint next = only(series, counter(10), 4'000);
  EXPECT_EQ(next.start, UnixNs{2'000});
  EXPECT_EQ(number(next), 5);
  EXPECT_EQ(number(only(series, counter(10), 5'000)), 0);
  const MetricPoint anew = only(series, counter(1), 6'000);
  EXPECT_EQ(anew.start, UnixNs{5'000});
  EXPECT_EQ(number(anew), 1);
}

TEST(MetricSeries, AHistogramIsTakenApartByBucket) {
  MetricSeries series(kDelta, kStart);
  EXPECT_EQ(std::get<Histogram>(only(series, latency(histogram({0.1, -2, 0})), 2'000).value),
            histogram({0.1, -2, 0}));
  const auto next = only(series, latency(histogram({0.1, 0.1, 5, -2, -3, 0, 0})), 3'000);
  EXPECT_EQ(std::get<Histogram>(next.value), histogram({0.1, 5, -3, 0}));
  EXPECT_EQ(next.start, UnixNs{2'000});
  // As many in another bucket: it began anew.
  const auto anew = only(series, latency(histogram({9, 9, 9, 9, 9, 9, 9})), 4'000);
  EXPECT_EQ(std::get<Histogram>(anew.value).count(), 7U);
  EXPECT_EQ(anew.start, UnixNs{3'000});
}

TEST(MetricSeries, LowMemoryKeepsCountersCumulative) {
  MetricSeries series({Temporality::cumulative, Temporality::delta}, kStart);
  EXPECT_EQ(number(only(series, counter(5), 2'000)), 5);
  EXPECT_EQ(number(only(series, counter(6), 3'000)), 6);
  only(series, latency(histogram({1})), 4'000);
  const auto delta = only(series, latency(histogram({1, 2})), 5'000);
  EXPECT_EQ(std::get<Histogram>(delta.value), histogram({2}));
}

TEST(Difference, IsAbsentWhereAnythingIsLess) {
  const Histogram before = histogram({0.5, 0.5, -1, 0});
  EXPECT_EQ(difference(before, before), Histogram());
  EXPECT_EQ(difference(before, {}), before);
  for (const Histogram& less :
       {histogram({0.5, -1, 0}), histogram({0.5, 0.5, 0}), histogram({0.5, 0.5, -1}), histogram({}),
        histogram({0.5, 0.6, 0.7, -1, 0})}) {
    EXPECT_EQ(difference(less, before), std::nullopt);
  }
}

// Accepted deltas, whatever was not, add up to what a cumulative series says.
TEST(MetricSeriesProperty, DeltasAddUp) {
  for (const std::uint64_t seed : test_seeds(100)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    MetricSeries series(kDelta, kStart);
    double count = 0;
    Histogram all;
    double sent = 0;
    Histogram received;
    UnixNs counter_end = kStart;
    for (std::uint64_t now = 2'000; now < 30'000; now += 1'000) {
      const bool is_last = now == 29'000;
      count += static_cast<double>(random() % 100);
      for (auto values = random() % 5; values > 0; --values) {
        all.record((static_cast<double>(random() % 2'000) - 500) / 1'000);
      }
      MetricSet set = counter(count);
      set.add("longspan_residence_seconds", {"f", "t"}, all);
      for (const MetricPoint& point : series.look(set, {now})) {
        if (!is_last && random() % 3 == 0) continue;
        series.accept(point);
        if (const auto* histogram = std::get_if<Histogram>(&point.value)) {
          received.merge(*histogram);
        } else {
          EXPECT_EQ(point.start, counter_end);
          counter_end = point.at;
          sent += number(point);
        }
      }
    }
    EXPECT_EQ(sent, count);
    EXPECT_EQ(received, all);
  }
}

}  // namespace
}  // namespace longspan
