#include "cli/commands/run.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>

#include "cli/config/load.h"
#include "cli/config/show.h"
#include "cli/exit_code.h"
#include "cli/http/http_server.h"
#include "cli/http/metrics_page.h"
#include "cli/reload.h"
#include "cli/signals.h"
#include "cli/telemetry/telemetry.h"
#include "cli/version.h"
#include "mirror/process.h"
#include "tracing/log.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"check-config", FlagType::toggle, "", "",
     "Prints what the file comes to, and every error and warning; starts nothing"},
    {"clusters", FlagType::list, "ALIAS,...", "", "Only flows whose target is one of these"},
    {"new-definition", FlagType::toggle, "", "",
     "Changed topics or naming replace what the flow ran with; every process of it is stopped"},
});

int exit_code_of(const Error& error) {
  return error.next == Next::stop_process ? kExitUsage : kExitUnreachable;
}

int fail_run(const Error& error) {
  std::fprintf(stderr, "longspan: %s\n", error.text().c_str());
  return exit_code_of(error);
}

// What is in force as text; it is read while a reload changes it.
class ShownConfig {
 public:
  explicit ShownConfig(const LoadedConfig& loaded) { show(loaded); }
  void show(const LoadedConfig& loaded) {
    std::string text = describe(loaded);
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// Until a signal asks for the end or a flow cannot go on.
int wait_for_end(const Process& process, StopSignals& signals, Reload& reload,
                 ShownConfig& config) {
  while (!signals.wait(std::chrono::milliseconds(200))) {
    if (signals.take_hangup()) {
      reload.read_again();
      config.show(reload.running());
    }
    if (const auto failure = process.failed()) return fail_run(*failure);
  }
  log_info("stopping", {{"signal", signals.name()}});
  return kExitFine;
}

// Whatever the way out, nothing looks at the process when it is taken down.
class MetricsEnd {
 public:
  explicit MetricsEnd(Telemetry& telemetry) : telemetry_(telemetry) {}
  ~MetricsEnd() { telemetry_.stop_metrics(std::chrono::milliseconds(0)); }
  MetricsEnd(const MetricsEnd&) = delete;
  MetricsEnd& operator=(const MetricsEnd&) = delete;

 private:
  Telemetry& telemetry_;
};

ProcessFigures figures_of(const Process& process, const Telemetry& telemetry) {
  ProcessFigures figures = read_process_figures();
  figures.shards = process.shards();
  figures.spans = telemetry.span_figures();
  figures.metric_points = telemetry.metric_figures();
  figures.pathways = telemetry.pathway_figures();
  return figures;
}

HttpViews views_of(Process& process, const Telemetry& telemetry, const ShownConfig& config) {
  HttpViews views;
  views.config = [&config] { return config.text(); };
  views.figures = [&process, &telemetry] { return figures_of(process, telemetry); };
  views.events = [&process] { return events_of(process.snapshot()); };
  views.snapshot = [&process] { return process.snapshot(); };
  views.report = [&process](const auto& reports) { return process.report(reports); };
  views.stuck = [&process]() -> std::optional<std::string> {
    if (process.is_alive()) return std::nullopt;
    return "a thread has not turned for longer than the session timeout";
  };
  return views;
}

// Starting may wait long for a cluster; nothing is in flight yet, so a signal ends it at once.
Result<void> start_unless_stopped(Process& process, StopSignals& signals) {
  auto starting = std::async(std::launch::async, [&process] { return process.start(); });
  while (starting.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
    if (!signals.wait(std::chrono::milliseconds(50))) continue;
    log_info("stopping", {{"signal", signals.name()}, {"text", "before every flow had started"}});
    flush_log();
    std::_Exit(kExitFine);
  }
  return starting.get();
}

// A cluster that does not answer must not keep the process: what it holds is on the target or not.
void stop_in_time(Process& process, std::chrono::milliseconds patience) {
  auto stopping = std::async(std::launch::async, [&process] { process.stop(); });
  if (stopping.wait_for(patience) == std::future_status::ready) return;
  log_warn("stopped_late",
           {{"text", "a cluster did not answer in time; the next owner matches the tail"}});
  flush_log();
  std::_Exit(kExitUnreachable);
}

int run_flows(const LoadRequest& request, const LoadedConfig& loaded, bool is_new_definition) {
  StopSignals signals(StopSignals::OnHangup::note);  // before any thread: they inherit the mask
  FlowPorts ports = real_ports();
  Telemetry telemetry(loaded.telemetry, loaded.pathways,
                      {std::string(version()), process_name(), ports.clock->now()});
  ports.spans = telemetry.spans();
  ports.pathways = telemetry.pathways();
  ports.span_names = loaded.telemetry.names;
  Process process(loaded.process, loaded.flows, std::move(ports), std::string(version()));
  const MetricsEnd metrics_end(telemetry);
  telemetry.send_metrics(
      [&] { return collect(process.snapshot(), figures_of(process, telemetry)); });
  ShownConfig config(loaded);
  std::unique_ptr<HttpServer> server;
  if (loaded.process.http_listen != "off") {
    auto made = HttpServer::start(loaded.process.http_listen, views_of(process, telemetry, config));
    if (!made) return fail_run(made.error());
    server = std::move(*made);
  }
  log_info("started", {{"version", version()},
                       {"flows", loaded.flows.size()},
                       {"http", server ? server->url() : "off"}});
  if (is_new_definition) process.replace_definitions();
  if (auto started = start_unless_stopped(process, signals); !started) {
    return fail_run(started.error());
  }
  Reload reload(request, loaded, process);
  const int code = wait_for_end(process, signals, reload, config);
  if (server) server->stop();  // its pages look at what is taken down next
  telemetry.stop_metrics(loaded.process.shutdown_timeout / 4);
  stop_in_time(process, loaded.process.shutdown_timeout);
  telemetry.stop(loaded.process.shutdown_timeout / 4);
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
        "The file's keys are in cli/OPTIONS.md (longspan options prints it). http.listen serves /\n"
        "(the status page), /metrics, /healthz, /readyz, /api/v1/flows, /api/v1/lag,\n"
        "/api/v1/events (both take ?flow= and ?topic=) and /api/v1/config.\n"
        "Ctrl-C or SIGTERM stops cleanly; a second one at once. SIGHUP reads the file again: keys\n"
        "marked live in cli/OPTIONS.md change, and the log names those that need a restart.",
    .flags = kFlags,
    .run = run_command,
};

int run_command(const CommandLine& line) {
  const LoadRequest request{line.argument(0), line.list("clusters")};
  const LoadedConfig loaded = load_config(request);
  if (const int code = report(loaded); code != kExitFine) return code;
  if (line.has("check-config")) {
    std::fputs(describe(loaded).c_str(), stdout);
    return kExitFine;
  }
  return run_flows(request, loaded, line.has("new-definition"));
}

}  // namespace longspan
