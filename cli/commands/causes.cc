#include "cli/commands/causes.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "cli/views/why_text.h"

namespace longspan {

const CommandRow kCausesCommand{
    .name = "causes",
    .summary = "Every cause that `longspan lag --why` may name, and what to do, as Markdown",
    .run = causes_command,
};

int causes_command(const CommandLine&) {
  std::fputs(causes_markdown().c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
