#include "cli/http/pages.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/http/metrics_page.h"
#include "cli/http/page_assets.h"
#include "cli/http/sink_reports.h"
#include "cli/views/lag_json.h"

namespace longspan {
namespace {

constexpr auto kJson = "application/json";

// What stands beside the path.
struct Asked {
  const HttpQuery& query;
  std::string_view accept;
};

TimestampMs wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

HttpAnswer metrics(const HttpViews& views, const Asked& asked) {
  const Exposition form = exposition_of(asked.accept);
  return {200, std::string(content_type(form)),
          views.metrics ? *views.metrics(form) : metrics_page(views, form)};
}

HttpAnswer health(const HttpViews& views, const Asked&) {
  const auto reason = views.stuck ? views.stuck() : std::nullopt;
  nlohmann::ordered_json json;
  json["status"] = reason ? "stuck" : "ok";
  if (reason) json["reason"] = *reason;
  return {reason ? 503 : 200, kJson, dump(json)};
}

// Why the process is not ready, as far as the snapshot tells.
std::string unready_reason(const ProcessSnapshot& snapshot) {
  for (const FlowSnapshot& flow : snapshot.flows) {
    if (flow.target_trouble) return "flow " + flow.flow + ": target: " + *flow.target_trouble;
    if (flow.source_trouble) return "flow " + flow.flow + ": source: " + *flow.source_trouble;
  }
  return "a flow does not hold its slots yet";
}

HttpAnswer readiness(const HttpViews& views, const Asked&) {
  const ProcessSnapshot snapshot = views.snapshot();
  nlohmann::ordered_json json;
  json["ready"] = snapshot.ready;
  if (!snapshot.ready) json["reason"] = unready_reason(snapshot);
  return {snapshot.ready ? 200 : 503, kJson, dump(json)};
}

// The value of a parameter; absent: it was not given.
std::optional<std::string> given(const HttpQuery& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : std::optional(found->second);
}

// Leaves the flow and the topic that are asked for; what is not there is told.
std::optional<HttpAnswer> keep_asked(ProcessSnapshot& snapshot, const HttpQuery& query) {
  const auto flow = given(query, "flow");
  if (flow) std::erase_if(snapshot.flows, [&](const auto& each) { return each.flow != *flow; });
  if (flow && snapshot.flows.empty()) return error_answer(404, "no flow " + *flow);
  const auto topic = given(query, "topic");
  if (!topic) return std::nullopt;
  std::size_t kept = 0;
  for (auto& each : snapshot.flows) {
    std::erase_if(each.partitions, [&](const auto& p) { return p.source.topic != *topic; });
    std::erase_if(each.topics, [&](const auto& t) { return t.source != *topic; });
    kept += each.partitions.size() + each.topics.size();
  }
  if (kept == 0) return error_answer(404, "no topic " + *topic);
  return std::nullopt;
}

HttpAnswer flows(const HttpViews& views, const Asked&) {
  return {200, kJson, flows_json(views.snapshot())};
}

HttpAnswer lag(const HttpViews& views, const Asked& asked) {
  const auto detail = given(asked.query, "detail");
  if (detail && *detail != "topics") return error_answer(400, "detail is topics, or not given");
  auto snapshot = views.snapshot();
  if (auto refused = keep_asked(snapshot, asked.query)) return *refused;
  return {200, kJson, detail ? topics_json(snapshot) : lag_json(snapshot)};
}

HttpAnswer config(const HttpViews& views, const Asked&) {
  if (!views.config) return error_answer(404, "this process has no configuration of its own");
  nlohmann::ordered_json json;
  json["version"] = 1;
  json["text"] = views.config();
  return {200, kJson, dump(json)};
}

// A topic may have vanished, or have no event yet: nothing to show is no error here.
HttpAnswer events(const HttpViews& views, const Asked& asked) {
  if (!views.events) return error_answer(404, "this process keeps no events");
  auto shown = views.events();
  const auto flow = given(asked.query, "flow");
  const auto topic = given(asked.query, "topic");
  std::erase_if(shown, [&](const ShownEvent& each) {
    const auto& partition = each.event.partition;
    return (flow && each.flow != *flow) || (topic && (!partition || partition->topic != *topic));
  });
  return {200, kJson, events_json(shown)};
}

HttpAnswer api(const HttpViews&, const Asked&);

struct Page {
  std::string_view path;
  HttpAnswer (*render)(const HttpViews&, const Asked&);
};

constexpr std::string_view kApi = "/api/v1";

// The status page lists them, but /api/v1; a test compares.
constexpr auto kPages = std::to_array<Page>({
    {"/metrics", metrics},
    {"/healthz", health},
    {"/readyz", readiness},
    {kApi, api},
    {"/api/v1/flows", flows},
    {"/api/v1/lag", lag},
    {"/api/v1/events", events},
    {"/api/v1/config", config},
});

std::optional<HttpAnswer> asset(std::string_view path) {
  for (const PageAsset& each : page_assets()) {
    if (each.path != path) continue;
    return HttpAnswer{200, std::string(each.type), std::string(each.text), std::string(each.tag)};
  }
  return std::nullopt;
}

HttpAnswer api(const HttpViews&, const Asked&) {
  nlohmann::ordered_json json;
  json["version"] = 1;
  for (const auto& page : kPages) {
    if (page.path.starts_with(std::string(kApi) + "/")) json["paths"].push_back(page.path);
  }
  return {200, kJson, dump(json)};
}

// Of a process that only looks at many flows.
HttpAnswer fleet_answer(std::string_view path, const HttpViews& views, const Asked& asked) {
  if (path == "/healthz") return health(views, asked);
  if (path == "/api/v1/fleet") return {200, kJson, views.fleet()};
  if (auto found = asset(path == "/" ? "/page/fleet.html" : path)) return std::move(*found);
  return error_answer(404, "no such page of a fleet; there are /, /api/v1/fleet and /healthz");
}

// A filter that is not known must not be taken for one that found everything.
std::optional<std::string> unknown_parameter(const Page& page, const HttpQuery& query) {
  if (!page.path.starts_with(kApi)) return std::nullopt;
  const bool filters = page.render == lag || page.render == events;
  for (const auto& [name, value] : query) {
    const bool has_detail = page.render == lag && name == "detail";
    if (!has_detail && (!filters || (name != "flow" && name != "topic"))) return name;
  }
  return std::nullopt;
}

}  // namespace

std::vector<ShownEvent> events_of(const ProcessSnapshot& snapshot) {
  std::vector<ShownEvent> shown;
  for (const auto& flow : snapshot.flows) {
    for (const auto& event : flow.recent_events) {
      shown.push_back({flow.flow, event.slot, event.event});
    }
  }
  return shown;
}

HttpAnswer answer(std::string_view path, const HttpViews& views, const HttpQuery& query,
                  std::string_view accept) {
  if (views.fleet) return fleet_answer(path, views, {query, accept});
  if (path == "/api/v1/" || path == "/api" || path == "/api/") path = kApi;
  if (auto found = asset(path)) return std::move(*found);
  const auto page = std::find_if(kPages.begin(), kPages.end(),
                                 [&](const Page& candidate) { return candidate.path == path; });
  if (page == kPages.end()) return error_answer(404, "no such page; / lists those there are");
  if (const auto name = unknown_parameter(*page, query)) {
    return error_answer(400, std::string(path) + " knows no parameter " + *name);
  }
  return page->render(views, {query, accept});
}

HttpAnswer answer_report(std::string_view body, const HttpViews& views) {
  if (!views.report) return error_answer(404, "this process takes no reports of sinks");
  const auto reports = parse_sink_reports(body, wall_clock());
  if (!reports) return error_answer(400, reports.error().what);
  std::array<std::size_t, kSinkReportFates> counts{};
  for (const SinkReportFate fate : views.report(*reports)) ++counts[static_cast<std::size_t>(fate)];
  const auto count = [&](SinkReportFate fate) { return counts[static_cast<std::size_t>(fate)]; };
  if (count(SinkReportFate::busy) > 0) {
    return error_answer(503, "too busy, or just started: send the reports again in a while");
  }
  if (count(SinkReportFate::too_many_sinks) > 0) {
    return error_answer(409, "not taken: so many other sinks report already");
  }
  const std::size_t taken = count(SinkReportFate::taken);
  const std::size_t others = count(SinkReportFate::not_mirrored);
  if (taken == 0 && others > 0) {
    return error_answer(404,
                        "no flow here mirrors to any of these partitions: name topics as they "
                        "are called on the target");
  }
  if (taken == 0 && !reports->empty()) {
    return error_answer(409,
                        "latencies of groups are off here: see latency.groups and "
                        "latency.samples.per.second");
  }
  nlohmann::ordered_json json;
  json["taken"] = taken;
  if (others > 0) json["not_mirrored"] = others;
  return {200, kJson, dump(json)};
}

std::string metrics_page(const HttpViews& views, Exposition form) {
  const ProcessFigures figures = views.figures ? views.figures() : ProcessFigures();
  return exposed(collect(views.snapshot(), figures), form);
}

HttpAnswer error_answer(int status, std::string_view text) {
  nlohmann::ordered_json json;
  json["error"] = text;
  return {status, kJson, dump(json)};
}

}  // namespace longspan
