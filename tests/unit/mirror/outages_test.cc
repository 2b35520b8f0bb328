#include "mirror/outages.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Outages::Steady kBegin{std::chrono::hours(1)};

TEST(Outages, AShortOneIsNone) {
  Outages outages;
  outages.note("the source", "no answer", kBegin);
  outages.note("the source", "no answer", kBegin + milliseconds(2900));
  outages.note("the source", {}, kBegin + seconds(3));
  EXPECT_TRUE(outages.take().empty());
}

TEST(Outages, ALongOneIsToldOnceAndItsEndWithItsLength) {
  Outages outages;
  for (int i = 0; i < 60; ++i) outages.note("the source", "no answer", kBegin + seconds(i));
  auto events = outages.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::cluster_unreachable);
  EXPECT_EQ(events[0].text, "the source does not answer: no answer");
  outages.note("the source", {}, kBegin + seconds(60));
  outages.note("the source", {}, kBegin + seconds(61));
  events = outages.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, EventKind::cluster_reachable);
  EXPECT_EQ(events[0].text, "the source answers again, after 60 s");
  outages.note("the source", "no answer", kBegin + seconds(70));
  EXPECT_TRUE(outages.take().empty()) << "the next one begins anew";
}

TEST(Outages, WhoCannotTellAtOnceTellsAfterwardsOrNotAtAll) {
  Outages outages;
  for (int i = 0; i < 60; ++i) outages.note("the target", "no answer", kBegin + seconds(i));
  outages.note("the target", {}, kBegin + seconds(60));
  outages.note("the target", {}, kBegin + seconds(90));
  EXPECT_EQ(Outages(outages).take().size(), 2u);
  outages.note("the target", {}, kBegin + seconds(121));
  EXPECT_TRUE(outages.take().empty());
}

}  // namespace
}  // namespace longspan
