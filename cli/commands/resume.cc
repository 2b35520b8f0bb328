#include "cli/commands/resume.h"

#include <array>

#include "cli/commands/pause.h"
#include "cli/commands/remedy.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partition", FlagType::text, "TOPIC:N", "", "Only this source partition"},
    {"accept-loss", FlagType::text, "EVENT", "",
     "With --partition: goes on over the loss that stopped it, by its ID in longspan events"},
    {"dry-run", FlagType::toggle, "", "", "With --accept-loss: only says what would be done"},
    {"reason", FlagType::text, "TEXT", "", "Why, for those who look at `longspan events` later"},
});

}  // namespace

const CommandRow kResumeCommand{
    .name = "resume",
    .arguments = "FILE",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Goes on with a paused flow, topic or partition",
    .details =
        "Takes back one pause of the same scope. What is paused by another one stays paused, and\n"
        "is listed. A partition that is parked because records were lost goes on by itself when\n"
        "the cause goes; --accept-loss goes on without them. Exit code 1: nothing to resume.",
    .flags = kFlags,
    .run = resume_command,
};

int resume_command(const CommandLine& line) {
  if (line.has("accept-loss")) return accept_loss(line);
  if (line.has("dry-run")) return usage_error("resume: --dry-run goes with --accept-loss");
  return write_from_command_line(line, CommandKind::resume);
}

}  // namespace longspan
