#include "mirror/topics/circle.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

KeepingFlow flow(const std::string& source, const std::string& target, const std::string& topics) {
  return {source, target, *TopicFilter::make({topics}, {}, false)};
}

TEST(Circle, IsAWayBackThatMirrorsTheNameAllAlong) {
  const std::vector<KeepingFlow> flows = {flow("east", "west", ".*"), flow("west", "north", "a.*"),
                                          flow("north", "east", ".*b")};
  EXPECT_EQ(way_back("ab", "east", "west", flows), "west->north->east");
  EXPECT_EQ(way_back("ab", "north", "east", flows), "east->west->north");
  EXPECT_EQ(way_back("a", "east", "west", flows), std::nullopt);
  EXPECT_EQ(way_back("b", "east", "west", flows), std::nullopt);
}

TEST(Circle, NeedsMoreThanTheFlowItself) {
  EXPECT_EQ(way_back("a", "east", "west", {flow("east", "west", ".*")}), std::nullopt);
  EXPECT_EQ(way_back("a", "east", "west", {}), std::nullopt);
}

}  // namespace
}  // namespace longspan
