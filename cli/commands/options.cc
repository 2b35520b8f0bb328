#include "cli/commands/options.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "cli/options_doc.h"

namespace longspan {

const CommandRow kOptionsCommand{
    .name = "options",
    .summary = "Every key of a properties file, as Markdown",
    .run = options_command,
};

int options_command(const CommandLine&) {
  std::fputs(options_markdown().c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
