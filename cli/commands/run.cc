#include "cli/commands/run.h"

#include <array>
#include <cstdio>

#include "cli/config/load.h"
#include "cli/config/show.h"
#include "cli/exit_code.h"
#include "cli/http/http_server.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "mirror/process.h"
#include "tracing/log.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"check-config", FlagType::toggle, "", "",
     "Prints what the file comes to, and every error and warning; starts nothing"},
    {"clusters", FlagType::list, "ALIAS,...", "", "Only flows whose target is one of these"},
});

int exit_code_of(const Error& error) {
  return error.next == Next::stop_process ? kExitUsage : kExitUnreachable;
}

int fail_run(const Error& error) {
  std::fprintf(stderr, "longspan: %s\n", error.text().c_str());
  return exit_code_of(error);
}

// Until a signal asks for the end or a flow cannot go on.
int wait_for_end(const Process& process, StopSignals& signals) {
  while (!signals.wait(std::chrono::milliseconds(200))) {
    if (const auto failure = process.failed()) return fail_run(*failure);
  }
  log_info("stopping", {{"signal", signals.name()}});
  return kExitFine;
}

HttpViews views_of(const Process& process) {
  HttpViews views;
  views.figures = [shards = process.shards()] {
    ProcessFigures figures = read_process_figures();
    figures.shards = shards;
    return figures;
  };
  views.events = [&process] {
    std::vector<ShownEvent> shown;
    for (const auto& flow : process.snapshot().flows) {
      for (const auto& event : flow.recent_events) {
        shown.push_back({flow.flow, event.slot, event.event});
      }
    }
    return shown;
  };
  views.snapshot = [&process] { return process.snapshot(); };
  views.stuck = [&process]() -> std::optional<std::string> {
    if (process.is_alive()) return std::nullopt;
    return "a thread has not turned for longer than the session timeout";
  };
  return views;
}

int run_flows(const LoadedConfig& loaded) {
  StopSignals signals;  // before any thread: they inherit the mask
  Process process(loaded.process, loaded.flows, real_ports(), std::string(version()));
  std::unique_ptr<HttpServer> server;
  if (loaded.process.http_listen != "off") {
    auto made = HttpServer::start(loaded.process.http_listen, views_of(process));
    if (!made) return fail_run(made.error());
    server = std::move(*made);
  }
  log_info("started", {{"version", version()},
                       {"flows", loaded.flows.size()},
                       {"http", server ? server->url() : "off"}});
  if (auto started = process.start(); !started) return fail_run(started.error());
  const int code = wait_for_end(process, signals);
  process.stop();
  if (server) server->stop();
  flush_log();
  return code;
}

}  // namespace

const CommandRow kRunCommand{
    .name = "run",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Runs the flows of a MirrorMaker 2 properties file",
    .details =
        "The file's keys are in cli/OPTIONS.md (longspan options prints it).\n"
        "Ctrl-C or SIGTERM stops cleanly; a second one at once.",
    .flags = kFlags,
    .run = run_command,
};

int run_command(const CommandLine& line) {
  const LoadedConfig loaded = load_config({line.argument(0), line.list("clusters")});
  if (const int code = report(loaded); code != kExitFine) return code;
  if (line.has("check-config")) {
    std::fputs(describe(loaded).c_str(), stdout);
    return kExitFine;
  }
  return run_flows(loaded);
}

}  // namespace longspan
