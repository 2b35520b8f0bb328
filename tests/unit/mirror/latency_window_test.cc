#include "mirror/latency_window.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr std::int64_t kMax = 96LL << 20;
constexpr LatencyWindow::Tolerance kTolerance{10, milliseconds(1000), milliseconds(2000)};
constexpr LatencyWindow::Steady kBegin{seconds(1000)};

TEST(LatencyWindow, IsWholeUntilAcknowledgementsTakeMuchLongerThanTheyDid) {
  LatencyWindow window(kMax);
  for (int i = 0; i < 100; ++i) window.add(milliseconds(20), kMax, kBegin, kTolerance);
  window.add(milliseconds(999), kMax, kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), kMax);
  window.add(milliseconds(1001), kMax, kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), kMax / 10 * 7);
}

TEST(LatencyWindow, ShrinksFromWhatWasInFlightNotFromWhatMightHaveBeen) {
  LatencyWindow window(kMax);
  window.add(milliseconds(20), 1000, kBegin, kTolerance);
  window.add(seconds(2), 20 << 20, kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), (20 << 20) / 10 * 7);
}

TEST(LatencyWindow, KeepsAFloor) {
  LatencyWindow window(kMax);
  window.add(milliseconds(20), kMax, kBegin, kTolerance);
  for (int i = 0; i < 100; ++i) window.add(seconds(5), kMax, kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), kMax / 32);
  LatencyWindow small(100'000);
  for (int i = 0; i < 10; ++i) small.add(seconds(5 * i), 100'000, kBegin, kTolerance);
  EXPECT_EQ(small.bytes(), 100'000);  // below kBytesMin it is never cut
}

TEST(LatencyWindow, GrowsAgainWhileItIsUsed) {
  LatencyWindow window(kMax);
  window.add(milliseconds(20), kMax, kBegin, kTolerance);
  for (int i = 0; i < 20; ++i) window.add(seconds(5), kMax, kBegin, kTolerance);
  const auto low = window.bytes();
  for (int i = 0; i < 50; ++i) window.add(milliseconds(30), 100, kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), low);  // too little was in flight to tell
  for (int i = 0; i < 100; ++i) window.add(milliseconds(30), window.bytes(), kBegin, kTolerance);
  EXPECT_EQ(window.bytes(), kMax);
}

// A target that takes 20 MB/s: what is in flight takes its size to be acknowledged.
TEST(LatencyWindow, SettlesWhereTheTargetKeepsUpAndNeverBelowWhatItNeeds) {
  LatencyWindow window(kMax);
  const double rate = 20e6;
  auto now = kBegin;
  window.add(milliseconds(5), 1000, now, kTolerance);
  for (int i = 0; i < 2000; ++i) {
    const auto took = milliseconds(5 + static_cast<int>(1000.0 * window.bytes() / rate));
    now += took;
    window.add(took, window.bytes(), now, kTolerance);
    if (i < 100) continue;
    EXPECT_LT(window.bytes(), static_cast<std::int64_t>(rate * 2.2));
    EXPECT_GT(window.bytes(), static_cast<std::int64_t>(rate * 0.6));
  }
}

TEST(LatencyWindow, AWayThatBecameLongerIsFoundOut) {
  LatencyWindow window(kMax);
  auto now = kBegin;
  window.add(milliseconds(1), kMax, now, kTolerance);
  for (int i = 0; i < 600; ++i) {
    now += milliseconds(1500);
    window.add(milliseconds(1500), window.bytes(), now, kTolerance);
  }
  EXPECT_EQ(window.best(), milliseconds(1500));
  EXPECT_EQ(window.bytes(), kMax);
}

}  // namespace
}  // namespace longspan
