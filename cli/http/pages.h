// cli/http/pages.h - what the HTTP server answers to a path.
//
// "/" is the status page (page/), and "/page/..." its parts. /api/v1/lag takes ?topic= and ?flow=,
// /api/v1/events too, and the first ?detail=topics (topics_json of lag_json.h); a scraper may send
// /metrics anything. /api/v1/config is {"version": 1, "text": ...}: what is in force, as
// `run FILE --check-config` shows it, and where nothing secret is.
//
// Errors:  a path that is not there is 404 with {"error": ...}, and so is a flow or topic that is
//          not; another parameter of /api/v1 is 400, so that no filter is ignored. /healthz is 503
//          while a thread is stuck, /readyz while the process is not ready.
// Threads: answer() calls the functions of HttpViews from the server's threads, several at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/http/process_figures.h"
#include "cli/views/events_json.h"
#include "mirror/groups/sink_report.h"
#include "mirror/snapshot.h"
#include "tracing/exposition.h"

namespace longspan {

// Where the pages get what they show. Each must be callable from any thread, and quick. Only
// `snapshot` is needed, or `fleet`.
struct HttpViews {
  std::function<ProcessSnapshot()> snapshot;
  std::function<std::vector<ShownEvent>()> events;    // newest last; empty: no such page
  std::function<std::optional<std::string>()> stuck;  // which thread, since when; absent: none
  std::function<ProcessFigures()> figures = read_process_figures;
  // The body of /metrics; empty: it is made of the others when it is asked for.
  std::function<std::shared_ptr<const std::string>(Exposition)> metrics = {};
  // The configuration in force, for people, without secrets. Empty: there is no such page.
  std::function<std::string()> config = {};
  // A fleet's /api/v1/fleet (fleet_view.h). Where it is set, "/" is the page of the fleet, and
  // there is nothing else but /healthz.
  std::function<std::string()> fleet = {};
  // Takes reports of sinks, and answers for each. Empty: there is no such page.
  std::function<std::vector<SinkReportFate>(const std::vector<SinkReport>&)> report = {};
};

struct HttpAnswer {
  int status = 200;
  std::string type;
  std::string body;
  std::string tag = {};  // of what stays the same until another version runs; empty: it changes
};

// What stands behind the ? of a URL, decoded.
using HttpQuery = std::multimap<std::string, std::string>;

// `path` without its query; `accept` chooses the form of /metrics.
[[nodiscard]] HttpAnswer answer(std::string_view path, const HttpViews& views,
                                const HttpQuery& query = {}, std::string_view accept = {});

// What a POST of `body` to kSinkPath is answered: {"taken": how many reports, "not_mirrored":
// how many were passed over, where there are such}.
inline constexpr std::string_view kSinkPath = "/api/v1/sink";
[[nodiscard]] HttpAnswer answer_report(std::string_view body, const HttpViews& views);

// What a snapshot holds of them, of all flows.
[[nodiscard]] std::vector<ShownEvent> events_of(const ProcessSnapshot& snapshot);

// The body of /metrics, of now.
[[nodiscard]] std::string metrics_page(const HttpViews& views, Exposition form);

// {"error": text}
[[nodiscard]] HttpAnswer error_answer(int status, std::string_view text);

}  // namespace longspan
