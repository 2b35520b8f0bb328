#include "cli/http/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "cli/http/page_assets.h"
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
  const HttpAnswer open = answer("/metrics", rich_views(), {}, "application/openmetrics-text");
  EXPECT_EQ(open.type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(open.body, testing::EndsWith("\n# EOF\n"));
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
  for (const char* path : {"", "/metrics/", "/nothing", "/api/v2", "/../etc/passwd", "/METRICS"}) {
    const HttpAnswer missing = answer(path, rich_views());
    EXPECT_EQ(missing.status, 404) << path;
    EXPECT_TRUE(json::parse(missing.body).contains("error")) << path;
  }
  auto views = rich_views();
  views.events = nullptr;
  EXPECT_EQ(answer("/api/v1/events", views).status, 404);
}

TEST(Pages, ASinkIsToldWhatBecameOfItsReports) {
  using Fate = SinkReportFate;
  const std::string body = R"({"sink":"w","reports":[{"topic":"a","partition":0,"offset":1},
                              {"topic":"b","partition":0,"offset":1}]})";
  const auto told = [&](Fate first, Fate second) {
    HttpViews views = rich_views();
    views.report = [&](const auto&) { return std::vector<Fate>{first, second}; };
    return answer_report(body, views);
  };
  EXPECT_EQ(told(Fate::taken, Fate::taken).body, R"({"taken":2})");
  const HttpAnswer partly = told(Fate::taken, Fate::not_mirrored);
  EXPECT_EQ(partly.status, 200);
  EXPECT_EQ(partly.body, R"({"taken":1,"not_mirrored":1})");
  EXPECT_EQ(told(Fate::not_mirrored, Fate::not_mirrored).status, 404);
  EXPECT_EQ(told(Fate::taken, Fate::busy).status, 503);
  EXPECT_EQ(told(Fate::is_off, Fate::is_off).status, 409);
  EXPECT_EQ(told(Fate::taken, Fate::too_many_sinks).status, 409);
}

TEST(Pages, TheApiListsItsPaths) {
  for (const char* path : {"/api/v1", "/api/v1/"}) {
    const HttpAnswer api = answer(path, rich_views());
    EXPECT_EQ(api.status, 200) << path;
    EXPECT_EQ(
        json::parse(api.body)["paths"],
        json::parse(R"(["/api/v1/flows", "/api/v1/lag", "/api/v1/events", "/api/v1/config"])"));
  }
}

TEST(Pages, LagAndEventsTakeAFlowAndATopic) {
  const auto lag = json::parse(answer("/api/v1/lag", rich_views(), {{"topic", "users"}}).body);
  ASSERT_EQ(lag["flows"].size(), 2U);
  ASSERT_EQ(lag["flows"][0]["partitions"].size(), 1U);
  EXPECT_EQ(lag["flows"][0]["partitions"][0]["topic"], "users");
  EXPECT_EQ(lag["flows"][0]["topics"].size(), 1U);
  const HttpQuery one_flow{{"flow", "west->east"}};
  EXPECT_EQ(json::parse(answer("/api/v1/lag", rich_views(), one_flow).body)["flows"].size(), 1U);
  EXPECT_EQ(answer("/api/v1/lag", rich_views(), {{"topic", "nope"}}).status, 404);
  EXPECT_EQ(answer("/api/v1/lag", rich_views(), {{"flow", "nope"}}).status, 404);
  const auto events = answer("/api/v1/events", rich_views(), one_flow);
  EXPECT_EQ(json::parse(events.body)["events"].size(), 0U);
}

TEST(Pages, NoFilterIsIgnored) {
  EXPECT_EQ(answer("/api/v1/lag", rich_views(), {{"partition", "3"}}).status, 400);
  EXPECT_EQ(answer("/api/v1/flows", rich_views(), {{"topic", "users"}}).status, 400);
  EXPECT_EQ(answer("/api/v1/events", rich_views(), {{"since", "2h"}}).status, 400);
  EXPECT_EQ(answer("/metrics", rich_views(), {{"cache", "no"}}).status, 200);
}

TEST(Pages, DetailIsOfTopics) {
  const HttpQuery topics{{"detail", "topics"}};
  EXPECT_EQ(answer("/api/v1/lag", rich_views(), topics).body, topics_json(rich_snapshot()));
  EXPECT_EQ(answer("/api/v1/lag", rich_views(), {{"detail", "all"}}).status, 400);
  EXPECT_EQ(answer("/api/v1/events", rich_views(), topics).status, 400);
}

TEST(Pages, ShowsTheConfigurationThatItIsGiven) {
  EXPECT_EQ(answer("/api/v1/config", rich_views()).status, 404);
  auto views = rich_views();
  views.config = [] { return std::string("flow east->west\n"); };
  EXPECT_EQ(answer("/api/v1/config", views).body, R"({"version":1,"text":"flow east->west\n"})");
}

TEST(Pages, EventsOfASnapshotAreThoseOfAllItsFlows) {
  ProcessSnapshot snapshot = rich_snapshot();
  snapshot.flows[0].recent_events = {{3, Event{}}};
  snapshot.flows[1].recent_events = {{0, Event{}}, {1, Event{}}};
  const auto events = events_of(snapshot);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].flow, "east->west");
  EXPECT_EQ(events[0].slot, 3);
  EXPECT_EQ(events[2].flow, "west->east");
}

// --- the status page -----------------------------------------------------------------------------

std::string scripts() {
  std::string out;
  for (const PageAsset& asset : page_assets()) {
    if (asset.path.ends_with(".js")) out += asset.text;
  }
  return out;
}

// What a pattern's first group finds in a text.
std::set<std::string> found_in(const std::string& text, const char* pattern) {
  std::set<std::string> out;
  const std::regex wanted(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), wanted), end; it != end; ++it) {
    out.insert((*it)[1]);
  }
  return out;
}

TEST(StatusPage, LinksOnlyToWhatThereIs) {
  auto views = rich_views();
  views.config = [] { return std::string(); };
  const HttpAnswer index = answer("/", views);
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.type, "text/html; charset=utf-8");
  const auto links = found_in(index.body, "(?:href|src)=\"([^\"#]+)\"");
  EXPECT_EQ(links.size(), 10U);  // all of kPages but /api/v1, and three files
  for (const auto& link : links) EXPECT_EQ(answer("/" + link, views).status, 200) << link;
}

TEST(StatusPage, ItsScriptsImportWhatThereIs) {
  const auto imports = found_in(scripts(), "from \"\\./([a-z_]+\\.js)\"");
  EXPECT_GE(imports.size(), 9U);
  for (const auto& name : imports) {
    const HttpAnswer script = answer("/page/" + name, rich_views());
    EXPECT_EQ(script.type, "text/javascript; charset=utf-8") << name;
    EXPECT_FALSE(script.tag.empty()) << name;
  }
  EXPECT_EQ(answer("/page/nothing.js", rich_views()).status, 404);
  EXPECT_EQ(answer("/page/", rich_views()).status, 404);
}

TEST(StatusPage, LoadsNothingFromElsewhereAndMakesNoHtmlOfText) {
  std::string all;
  for (const PageAsset& asset : page_assets()) all += asset.text;
  const auto outside = found_in(all, "(https?://[^\"' ]+)");
  EXPECT_EQ(outside, std::set<std::string>{"http://www.w3.org/2000/svg"});  // a name, not a place
  for (const char* banned : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                             "eval(", "Function(", "@import", " style=", "javascript:"}) {
    EXPECT_EQ(all.find(banned), std::string::npos) << banned;
  }
}

TEST(StatusPage, OfAFleetThereIsAnother) {
  HttpViews views;
  views.fleet = [] { return std::string(R"({"rows":[]})"); };
  const HttpAnswer index = answer("/", views);
  EXPECT_THAT(index.body, HasSubstr("<title>longspan fleet</title>"));
  EXPECT_EQ(answer("/api/v1/fleet", views).body, R"({"rows":[]})");
  const auto links = found_in(index.body, "(?:href|src)=\"([^\"#]+)\"");
  EXPECT_EQ(links.size(), 5U);
  for (const auto& link : links) EXPECT_EQ(answer("/" + link, views).status, 200) << link;
  for (const char* path : {"/metrics", "/readyz", "/api/v1/lag", "/api/v1/config"}) {
    EXPECT_EQ(answer(path, views).status, 404) << path;
  }
  EXPECT_EQ(answer("/api/v1/fleet", rich_views()).status, 404);
}

// Its scripts name members of the JSON; a renamed one must not leave an empty column.
TEST(StatusPage, ReadsMembersThatExist) {
  auto snapshot = rich_snapshot();
  snapshot.flows[0].lost_partitions = 1;
  snapshot.flows[0].slots_total = 16;
  Event event;
  event.partition = TopicPartition{"orders", 0};
  const std::string there =
      lag_json(snapshot) + topics_json(snapshot) + events_json({{"east->west", 1, event}});
  auto read = scripts();
  const auto fleet = answer("/page/fleet.js", rich_views()).body;  // of another JSON: fleet tests
  read.erase(read.find(fleet), fleet.size());
  const auto members = found_in(read, "\\.([a-z]+(?:_[a-z0-9]+)+)");
  EXPECT_GE(members.size(), 40U);
  for (const auto& member : members) {
    EXPECT_NE(there.find("\"" + member + "\":"), std::string::npos) << member;
  }
}

}  // namespace
}  // namespace longspan
