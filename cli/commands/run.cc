#include "cli/commands/run.h"

#include <array>
#include <cstdio>

#include "cli/config/load.h"
#include "cli/config/show.h"
#include "cli/exit_code.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"check-config", FlagType::toggle, "", "",
     "Prints what the file comes to, and every error and warning; starts nothing"},
    {"clusters", FlagType::list, "ALIAS,...", "", "Only flows whose target is one of these"},
});

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
  return usage_error("run: this build can only --check-config");
}

}  // namespace longspan
