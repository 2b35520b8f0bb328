#include "mirror/marker_rest.h"

#include <gtest/gtest.h>

#include <map>

namespace longspan {
namespace {

using std::chrono::milliseconds;

// How often each rest was taken in so many transactions, after which the markers stand `markers`
// behind the commit's answer; asking too early costs the library's 20 ms.
std::map<MarkerRest::Duration, int> rests(MarkerRest& rest, milliseconds markers, int count) {
  std::map<MarkerRest::Duration, int> out;
  for (int i = 0; i < count; ++i) {
    const auto taken = rest.begin();
    ++out[taken];
    rest.took(taken + milliseconds(3) + (taken < markers ? milliseconds(20) : milliseconds(0)));
  }
  return out;
}

TEST(MarkerRest, IsAsLongAsTheMarkersTake) {
  MarkerRest none;
  EXPECT_GE(rests(none, milliseconds(0), 160)[milliseconds(0)], 140);
  MarkerRest few;
  EXPECT_GE(rests(few, milliseconds(4), 160)[milliseconds(5)], 140);
  MarkerRest many;  // longer than any rest: waiting is in vain
  EXPECT_GE(rests(many, milliseconds(30), 160)[milliseconds(0)], 140);
}

TEST(MarkerRest, FollowsAClusterThatBecomesSlower) {
  MarkerRest rest;
  rests(rest, milliseconds(1), 200);
  rests(rest, milliseconds(8), 200);
  EXPECT_GE(rests(rest, milliseconds(8), 160)[milliseconds(10)], 140);
}

TEST(MarkerRest, WhereItSaysNothingTheFirstIsTaken) {
  MarkerRest rest;
  for (int i = 1; i < 16; ++i) EXPECT_EQ(rest.begin(), milliseconds(0));
}

}  // namespace
}  // namespace longspan
