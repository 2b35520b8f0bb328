#include "cli/commands/version.h"

#include <cstdio>

#include "cli/exit_code.h"

namespace longspan {

const Command kVersionCommand{
    .name = "version",
    .summary = "The version, the client library linked, and what is off because of it",
    .run = version_command,
};

int version_command(const CommandLine&) {
  std::printf("longspan %s\n", LONGSPAN_VERSION);
  return kExitFine;
}

}  // namespace longspan
