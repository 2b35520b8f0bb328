#include "tracing/pathways/pathway_settings.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(PathwaySettings, NothingIsSentUnlessItIsSaid) {
  EXPECT_FALSE(read_pathway_settings("", {{"DD_AGENT_HOST", "agent"}}).is_enabled);
  EXPECT_FALSE(read_pathway_settings("", {{"DD_DATA_STREAMS_ENABLED", "false"}}).is_enabled);
}

TEST(PathwaySettings, TheFileGoesFirst) {
  const auto found = read_pathway_settings(
      "http://here:1", {{"DD_DATA_STREAMS_ENABLED", "true"}, {"DD_TRACE_AGENT_URL", "http://b:2"}});
  EXPECT_TRUE(found.is_enabled);
  EXPECT_EQ(found.url, "http://here:1/v0.1/pipeline_stats");
  EXPECT_EQ(found.service.service, "longspan");
}

TEST(PathwaySettings, TheEnvironmentAsDatadogsTracersReadIt) {
  Environment environment{{"DD_DATA_STREAMS_ENABLED", "true"}, {"OTEL_SERVICE_NAME", "mirror"}};
  EXPECT_EQ(read_pathway_settings("", environment).url,
            "http://localhost:8126/v0.1/pipeline_stats");
  EXPECT_EQ(read_pathway_settings("", environment).service.service, "mirror");
  environment["DD_AGENT_HOST"] = "agent";
  environment["DD_TRACE_AGENT_PORT"] = "9";
  environment["DD_SERVICE"] = "hop";
  environment["DD_ENV"] = "prod";
  const auto found = read_pathway_settings("", environment);
  EXPECT_EQ(found.url, "http://agent:9/v0.1/pipeline_stats");
  EXPECT_EQ(found.service.service, "hop");
  EXPECT_EQ(found.service.env, "prod");
  environment["DD_TRACE_AGENT_URL"] = "http://b:2/stats";
  EXPECT_EQ(read_pathway_settings("", environment).url, "http://b:2/stats");
}

TEST(PathwaySettings, WhatIsNoUrlIsToldAndNotShown) {
  const auto found = read_pathway_settings(
      "", {{"DD_DATA_STREAMS_ENABLED", "1"}, {"DD_TRACE_AGENT_URL", "unix:///run/secret"}});
  EXPECT_FALSE(found.is_enabled);
  EXPECT_EQ(found.problem, "DD_TRACE_AGENT_URL is no URL of http or https; no pathways are kept");
}

}  // namespace
}  // namespace longspan
