#include "cli/commands/version.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "mirror/kafka/clients.h"

namespace longspan {

const CommandRow kVersionCommand{
    .name = "version",
    .summary = "The version, the client library linked, and what is off because of it",
    .run = version_command,
};

int version_command(const CommandLine&) {
  const LibraryReport library = library_report();
  std::printf("longspan %s\nlibrdkafka %s\n", LONGSPAN_VERSION, library.version.c_str());
  for (const std::string& lack : library.missing) std::printf("  off: %s\n", lack.c_str());
  return kExitFine;
}

}  // namespace longspan
