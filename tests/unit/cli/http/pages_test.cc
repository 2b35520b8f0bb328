#include "cli/http/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "cli/views/lag_json.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using nlohmann::json;
using testing::HasSubstr;

HttpViews rich_views() {
  HttpViews views;
  views.snapshot = rich_snapshot;
  views.events = [] { return std::vector<ShownEvent>{{"east->west", 1, Event{}}}; };
  return views;
}

TEST(Pages, ServesTheSameJsonAsTheCommand) {
  const HttpAnswer lag = answer("/api/v1/lag", rich_views());
  EXPECT_EQ(lag.status, 200);
  EXPECT_EQ(lag.type, "application/json");
  EXPECT_EQ(lag.body, lag_json(rich_snapshot()));
  EXPECT_EQ(answer("/api/v1/flows", rich_views()).body, flows_json(rich_snapshot()));
  EXPECT_EQ(json::parse(answer("/api/v1/events", rich_views()).body)["events"].size(), 1U);
}

TEST(Pages, ServesMetricsAsTextExposition) {
  const HttpAnswer metrics = answer("/metrics", rich_views());
  EXPECT_EQ(metrics.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, HasSubstr("longspan_flow_running{flow=\"east->west\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nlongspan_process_resident_memory_bytes "));
}

TEST(Pages, HealthTellsWhichThreadIsStuck) {
  auto views = rich_views();
  EXPECT_EQ(answer("/healthz", views).status, 200);
  EXPECT_EQ(answer("/healthz", views).body, R"({"status":"ok"})");
  views.stuck = [] { return std::optional<std::string>(); };
  EXPECT_EQ(answer("/healthz", views).status, 200);
  views.stuck = [] { return std::optional<std::string>("shard 2 has not turned for 31 s"); };
  EXPECT_EQ(answer("/healthz", views).status, 503);
  EXPECT_EQ(answer("/healthz", views).body,
            R"({"status":"stuck","reason":"shard 2 has not turned for 31 s"})");
}

TEST(Pages, ReadinessTellsWhyNot) {
  EXPECT_EQ(answer("/readyz", rich_views()).body, R"({"ready":true})");
  auto views = rich_views();
  auto snapshot = rich_snapshot();
  snapshot.ready = false;
  views.snapshot = [&] { return snapshot; };
  EXPECT_EQ(answer("/readyz", views).status, 503);
  EXPECT_THAT(answer("/readyz", views).body, HasSubstr("east->west: source: unreachable"));
  snapshot.flows.clear();
  EXPECT_THAT(answer("/readyz", views).body, HasSubstr("does not hold its slots yet"));
}

TEST(Pages, UnknownPathsAreJsonErrors) {
  for (const char* path : {"", "/metrics/", "/nothing", "/api/v1", "/../etc/passwd", "/METRICS"}) {
    const HttpAnswer missing = answer(path, rich_views());
    EXPECT_EQ(missing.status, 404) << path;
    EXPECT_TRUE(json::parse(missing.body).contains("error")) << path;
  }
  auto views = rich_views();
  views.events = nullptr;
  EXPECT_EQ(answer("/api/v1/events", views).status, 404);
}

TEST(Pages, TheIndexLinksOnlyToPagesThatExistAndLoadsNothingElse) {
  const HttpAnswer index = answer("/", rich_views());
  EXPECT_EQ(index.type, "text/html; charset=utf-8");
  const std::regex link("href=\"([^\"]*)\"");
  int links = 0;
  for (std::sregex_iterator it(index.body.begin(), index.body.end(), link), end; it != end; ++it) {
    EXPECT_EQ(answer((*it)[1].str(), rich_views()).status, 200) << (*it)[1];
    ++links;
  }
  EXPECT_EQ(links, 6);
  for (const char* outside : {"http://", "https://", "src=", "@import", "innerHTML"}) {
    EXPECT_EQ(index.body.find(outside), std::string::npos) << outside;
  }
}

// The page's script names members of the JSON; a renamed one must not leave an empty column.
TEST(Pages, TheIndexReadsMembersThatExist) {
  const std::string page = answer("/", rich_views()).body;
  const json flow = json::parse(lag_json(rich_snapshot()))["flows"][0];
  const std::regex member("p\\.([a-z_]+)");
  int members = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), member), end; it != end; ++it) {
    const std::string name = (*it)[1];
    const bool there = flow["partitions"][2].contains(name) || flow["partitions"][1].contains(name);
    EXPECT_TRUE(there) << name;
    ++members;
  }
  EXPECT_GE(members, 9);
}

}  // namespace
}  // namespace longspan
