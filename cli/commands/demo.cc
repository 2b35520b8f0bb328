#include "cli/commands/demo.h"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "cli/demo/demo.h"
#include "cli/exit_code.h"
#include "cli/signals.h"
#include "tracing/log.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"for", FlagType::number, "SECONDS", "", "Ends by itself after this time; else Ctrl-C ends it",
     1, 86'400},
    {"rate", FlagType::number, "N", "400", "Records the source writes per second", 1, 10'000},
    {"port", FlagType::number, "P", "9464",
     "Port of the status page and the API on loopback; 0 takes any free one", 0, 65'535},
    {"chaos", FlagType::toggle, "", "", "Cuts the line to the source region for 4 s, every 15 s"},
});

demo::DemoOptions options_of(const CommandLine& line) {
  demo::DemoOptions options;
  if (const auto seconds = line.number("for")) options.run_for = std::chrono::seconds(*seconds);
  options.rate = line.number("rate").value_or(options.rate);
  if (line.has("port")) options.port = static_cast<std::uint16_t>(*line.number("port"));
  options.chaos = line.has("chaos");
  return options;
}

}  // namespace

const CommandRow kDemoCommand{
    .name = "demo",
    .summary = "Two embedded clusters, a CDC-like source, a mirror, a sink: live, needs nothing",
    .details =
        "Everything runs in this process and nothing is kept. Exit code 0: every record written\n"
        "in us-east arrived in eu-west once, unchanged and in order.",
    .flags = kFlags,
    .run = demo_command,
};

int demo_command(const CommandLine& line) {
  StopSignals signals;  // before any thread
  // The table says what matters; on a terminal the log goes to a file beside it.
  set_log_level(::isatty(STDOUT_FILENO) == 1 ? LogLevel::warn : LogLevel::error);
  demo::Demo demo(options_of(line));
  const auto compared = demo.run([&](auto at_most) { return signals.wait(at_most); });
  if (!compared) {
    std::fprintf(stderr, "longspan: %s\n", compared.error().text().c_str());
    return kExitNo;
  }
  return compared->all_equal() ? kExitFine : kExitNo;
}

}  // namespace longspan
