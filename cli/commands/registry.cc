#include "cli/commands/registry.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "cli/config/secrets.h"
#include "cli/exit_code.h"
#include "cli/registry/registry_server.h"
#include "cli/signals.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"port", FlagType::number, "P", "8081", "Port on 127.0.0.1; 0 takes any free one", 0, 65'535},
    {"fault", FlagType::list, "WORD", "", "How to misbehave, as slow=250; may be repeated"},
    {"user", FlagType::text, "USER", "", "Who must log in, by HTTP basic authentication"},
    {"password-file", FlagType::text, "FILE", "", "Its first line is the password of --user"},
});

const std::string& details() {
  static const std::string text =
      "Contexts, subjects, versions, ids, modes and configs by Confluent's rules, in memory, "
      "until\n"
      "SIGTERM or SIGINT. Faults, also to be set with PUT /longspan/faults {\"WORD\":N}:\n" +
      embedded::faults_text();
  return text;
}

Result<RegistryAccess> access_of(const CommandLine& line) {
  RegistryAccess access;
  access.port = static_cast<std::uint16_t>(line.number("port").value_or(0));
  if (line.has("user") != line.has("password-file")) {
    return fail(Next::stop_process, "registry: --user and --password-file go together");
  }
  if (!line.has("user")) return access;
  const std::string path = line.text("password-file");
  const auto content = real_surroundings().file(path);
  if (!content) return fail(Next::stop_process, "registry: cannot read " + path);
  access.user = line.text("user");
  access.password = content->substr(0, content->find_first_of("\r\n"));
  return access;
}

}  // namespace

const CommandRow kRegistryCommand{
    .name = "registry",
    .summary = "A schema registry in memory, for tests and trials",
    .details = details(),
    .flags = kFlags,
    .is_hidden = true,
    .run = registry_command,
};

int registry_command(const CommandLine& line) {
  StopSignals signals;  // before any thread
  embedded::EmbeddedRegistry registry;
  if (auto set = registry.set_faults(line.list("fault")); !set) {
    return usage_error("registry: --fault: " + set.error());
  }
  const auto access = access_of(line);
  if (!access) return usage_error(access.error().what);
  const auto server = RegistryServer::start(registry, *access);
  if (!server) return usage_error("registry: " + server.error().what);
  std::printf("registry listens on %s\n", (*server)->url().c_str());
  std::fflush(stdout);
  while (!signals.wait(std::chrono::seconds(60))) {
  }
  return kExitFine;
}

}  // namespace longspan
