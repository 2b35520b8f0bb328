#include "cli/http/pages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/http/index_page.h"
#include "cli/http/metrics_page.h"
#include "cli/views/lag_json.h"

namespace longspan {
namespace {

constexpr auto kJson = "application/json";

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

HttpAnswer index(const HttpViews&) {
  return {200, "text/html; charset=utf-8", std::string(kIndexPage)};
}

HttpAnswer metrics(const HttpViews& views) {
  const ProcessFigures figures = views.figures ? views.figures() : ProcessFigures();
  return {200, std::string(kExpositionType), collect(views.snapshot(), figures).text()};
}

HttpAnswer health(const HttpViews& views) {
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

HttpAnswer readiness(const HttpViews& views) {
  const ProcessSnapshot snapshot = views.snapshot();
  nlohmann::ordered_json json;
  json["ready"] = snapshot.ready;
  if (!snapshot.ready) json["reason"] = unready_reason(snapshot);
  return {snapshot.ready ? 200 : 503, kJson, dump(json)};
}

HttpAnswer flows(const HttpViews& views) { return {200, kJson, flows_json(views.snapshot())}; }
HttpAnswer lag(const HttpViews& views) { return {200, kJson, lag_json(views.snapshot())}; }

HttpAnswer events(const HttpViews& views) {
  if (!views.events) return error_answer(404, "this process keeps no events");
  return {200, kJson, events_json(views.events())};
}

struct Page {
  std::string_view path;
  HttpAnswer (*render)(const HttpViews&);
};

// kIndexPage lists them; a test compares.
constexpr auto kPages = std::to_array<Page>({
    {"/", index},
    {"/metrics", metrics},
    {"/healthz", health},
    {"/readyz", readiness},
    {"/api/v1/flows", flows},
    {"/api/v1/lag", lag},
    {"/api/v1/events", events},
});

}  // namespace

HttpAnswer answer(std::string_view path, const HttpViews& views) {
  const auto page = std::find_if(kPages.begin(), kPages.end(),
                                 [&](const Page& candidate) { return candidate.path == path; });
  if (page == kPages.end()) return error_answer(404, "no such page; / lists those there are");
  return page->render(views);
}

HttpAnswer error_answer(int status, std::string_view text) {
  nlohmann::ordered_json json;
  json["error"] = text;
  return {status, kJson, dump(json)};
}

}  // namespace longspan
