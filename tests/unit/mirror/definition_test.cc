#include "mirror/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

FlowConfig flow(NamingPolicy policy = NamingPolicy::prefixed, const std::string& separator = ".") {
  FlowConfig config;
  config.source.alias = "east";
  config.target.alias = "west";
  config.naming = *Naming::make({policy, "east", "west", separator, false, {}});
  return config;
}

const ClusterIds kIds{"source-id", "target-id"};

TEST(Definition, TheSameFileAgreesWithItself) {
  EXPECT_EQ(difference(definition_of(flow(), kIds), definition_of(flow(), kIds)), std::nullopt);
}

TEST(Definition, NamesTheKeyThatDiffersWithBothValues) {
  const auto running = definition_of(flow(), kIds);
  EXPECT_THAT(difference(running, definition_of(flow(NamingPolicy::identity), kIds)).value_or(""),
              AllOf(HasSubstr("replication.policy is 'identity' here"), HasSubstr("'prefixed'")));
  EXPECT_THAT(difference(running, definition_of(flow(), {"another", "target-id"})).value_or(""),
              AllOf(HasSubstr("source.cluster.id is 'another' here"), HasSubstr("'source-id'")));
  EXPECT_THAT(difference(running, definition_of(flow(), {"source-id", "another"})).value_or(""),
              HasSubstr("target.cluster.id"));
  EXPECT_THAT(
      difference(running, definition_of(flow(NamingPolicy::prefixed, "_"), kIds)).value_or(""),
      HasSubstr("replication.policy.separator"));
}

TEST(Definition, WhatMayDifferBetweenProcessesIsNotInIt) {
  auto other = flow();
  other.position_interval = std::chrono::milliseconds(10);
  other.compression = "zstd";
  other.on_data_loss = OnDataLoss::go_on;
  EXPECT_EQ(difference(definition_of(flow(), kIds), definition_of(other, kIds)), std::nullopt);
}

TEST(Definition, AKeyOnlyOneSideKnowsIsNoDifference) {
  auto newer = definition_of(flow(), kIds);
  newer.keys["a.key.of.tomorrow"] = "yes";
  EXPECT_EQ(difference(newer, definition_of(flow(), kIds)), std::nullopt);
  EXPECT_EQ(difference(definition_of(flow(), kIds), newer), std::nullopt);
}

}  // namespace
}  // namespace longspan
