#include "cli/commands/resume.h"

#include <array>

#include "cli/commands/pause.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"flow", FlagType::text, "A->B", "", "The flow; needed when the file has several"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partition", FlagType::text, "TOPIC:N", "", "Only this source partition"},
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
        "is listed.",
    .flags = kFlags,
    .run = resume_command,
};

int resume_command(const CommandLine& line) {
  return write_from_command_line(line, CommandKind::resume);
}

}  // namespace longspan
