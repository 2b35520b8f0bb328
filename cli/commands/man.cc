#include "cli/commands/man.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "cli/man_page.h"

namespace longspan {

const CommandRow kManCommand{
    .name = "man",
    .summary = "The manual page, for man(1)",
    .details =
        "longspan man | man -l -\n"
        "longspan man > /usr/local/share/man/man1/longspan.1",
    .run = man_command,
};

int man_command(const CommandLine&) {
  std::fputs(man_page().c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
