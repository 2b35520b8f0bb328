#include "mirror/outages.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Outages::Steady kBegin{std::chrono::hours(1)};

TEST(Outages, AShortOneIsNone) {
  Outages outages;
  std::vector<Event> events;
  outages.note("the source", "no answer", kBegin, events);
  outages.note("the source", "no answer", kBegin + milliseconds(2900), events);
  outages.note("the source", {}, kBegin + seconds(3), events);
  EXPECT_TRUE(events.empty());
}

TEST(Outages, ALongOneIsToldOnceAndItsEndWithItsLength) {
  Outages outages;
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) outages.note("the source", "no answer", kBegin + seconds(i), events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::cluster_unreachable);
  EXPECT_EQ(events[0].text, "the source does not answer: no answer");
  outages.note("the source", {}, kBegin + seconds(60), events);
  outages.note("the source", {}, kBegin + seconds(61), events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].kind, EventKind::cluster_reachable);
  EXPECT_EQ(events[1].text, "the source answers again, after 60 s");
  outages.note("the source", "no answer", kBegin + seconds(70), events);
  EXPECT_EQ(events.size(), 2u) << "the next one begins anew";
}

}  // namespace
}  // namespace longspan
