#include "cli/commands/lag_fleet.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/flow_choice.h"
#include "cli/commands/lag_checks.h"
#include "cli/exit_code.h"
#include "cli/fleet/cluster_looks.h"
#include "cli/fleet/fleet_files.h"
#include "cli/fleet/fleet_page.h"
#include "cli/fleet/fleet_view.h"
#include "cli/signals.h"
#include "cli/views/progress_bar.h"
#include "cli/views/terminal.h"
#include "lagcalc/text.h"

namespace longspan {
namespace {

// Of one flow and its rows.
constexpr const char* kOfOneFlow[] = {"flow",   "topic", "partition", "group", "partitions",
                                      "groups", "hops",  "top",       "by",    "csv",
                                      "why",    "at",    "since",     "step",  "url"};

std::vector<SeenFlow> look(ClusterLooks& looks) {
  ProgressBar bar;
  return looks.look([&bar](std::size_t done, std::size_t total) {
    bar.show("looking at flows", static_cast<std::int64_t>(done), static_cast<std::int64_t>(total));
  });
}

std::string rendered(const CommandLine& line, const std::vector<SeenFlow>& flows,
                     const std::vector<FleetFile>& files) {
  if (line.has("json")) return fleet_json(flows, files) + "\n";
  const auto style = stdout_style();
  const std::string drift = drift_text(files, style);
  return fleet_table(flows, style) + (drift.empty() ? "" : "\n" + drift);
}

// A flow that cannot be seen, then a file that is wrong, then what --fail-if finds.
int code_of(const std::vector<SeenFlow>& flows, const std::vector<FleetFile>& files,
            const std::vector<LagCondition>& conditions) {
  for (const SeenFlow& flow : flows) {
    if (flow.trouble) return exit_code_of(*flow.trouble);
  }
  for (const FleetFile& file : files) {
    if (!file.loaded.errors.empty()) return kExitUsage;
  }
  if (conditions.empty()) return kExitFine;
  return check_rows(conditions, LagRowsBy::topic, seen_of(flows));
}

int watch(const CommandLine& line, ClusterLooks& looks, const std::vector<FleetFile>& files) {
  std::vector<SeenFlow> flows = look(looks);
  Screen screen;
  do {
    screen.show(rendered(line, flows, files));
    if (!screen.wait(std::chrono::seconds(*line.number("interval")))) return kExitFine;
    flows = looks.look();
  } while (true);
}

// Until it is asked to stop.
int serve(const CommandLine& line, std::vector<FlowOfFile> flows, std::vector<FleetFile> files) {
  StopSignals signals;  // before any thread
  const std::chrono::seconds every(*line.number("interval"));
  FleetPage page(std::move(flows), std::move(files), every);
  const auto url = page.start(line.text("listen"));
  if (!url) return report_error("", url.error());
  std::printf("%s/\n", url->c_str());
  std::fflush(stdout);
  while (!signals.wait(every)) continue;
  // A look may wait for a broker for seconds; it holds nothing that has to be given back.
  std::quick_exit(kExitFine);
}

}  // namespace

int lag_fleet(const CommandLine& line) {
  if (!line.arguments().empty()) return usage_error("lag: give either FILE or --all DIR");
  for (const char* flag : kOfOneFlow) {
    if (line.has(flag)) {
      return usage_error("lag: --all shows a row per flow: leave out --" + std::string(flag));
    }
  }
  if (line.has("watch") && (line.has("json") || line.has("fail-if"))) {
    return usage_error("lag: --watch is for people: leave out --json and --fail-if");
  }
  std::vector<LagCondition> conditions;
  for (const std::string& text : line.list("fail-if")) {
    auto condition = parse_lag_condition(text);
    if (!condition) return usage_error("lag: " + condition.error().what);
    conditions.push_back(std::move(*condition));
  }
  if (line.has("listen") && (line.has("watch") || line.has("json") || line.has("fail-if"))) {
    return usage_error("lag: --listen serves a page: leave out --watch, --json and --fail-if");
  }
  auto files = load_fleet(line.text("all"));
  if (!files) return report_error("", files.error());
  std::vector<FlowOfFile> flows;
  for (const FleetFile& file : *files) {
    for (const FlowConfig& flow : file.loaded.flows) {
      flows.push_back({file.path, flow, file.loaded.process.http_listen});
    }
  }
  if (line.has("listen")) return serve(line, std::move(flows), std::move(*files));
  ClusterLooks looks(std::move(flows));
  if (line.has("watch")) return watch(line, looks, *files);
  const std::vector<SeenFlow> seen = look(looks);
  std::fputs(rendered(line, seen, *files).c_str(), stdout);
  return code_of(seen, *files, conditions);
}

}  // namespace longspan
