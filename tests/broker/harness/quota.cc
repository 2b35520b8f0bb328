#include "tests/broker/harness/quota.h"

#include <cstdio>
#include <utility>

#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/process.h"

namespace longspan::harness {
namespace {

// The brokers' own jars hold the command.
std::string jars(const std::filesystem::path& folder) {
  const Finished prepared = run_command(
      {.arguments = {LONGSPAN_CLUSTERS_SCRIPT, "prepare"}, .folder = folder, .name = "prepare"});
  require(prepared.exit_code == 0, "no jars: " + prepared.err);
  return prepared.out.substr(0, prepared.out.find('\n'));
}

}  // namespace

Quota::Quota(std::string bootstrap, std::string key, int64_t per_second,
             std::filesystem::path folder)
    : bootstrap_(std::move(bootstrap)), key_(std::move(key)), folder_(std::move(folder)) {
  alter({"--add-config", key_ + "=" + std::to_string(per_second)});
}

Quota::~Quota() {
  try {
    alter({"--delete-config", key_});
  } catch (const HarnessError& error) {
    std::fprintf(stderr, "the quota stays: %s\n", error.what());
  }
}

void Quota::alter(const std::vector<std::string>& how) const {
  std::vector<std::string> words = {"java",
                                    "-cp",
                                    jars(folder_) + "/*",
                                    "kafka.admin.ConfigCommand",
                                    "--bootstrap-server",
                                    bootstrap_,
                                    "--alter",
                                    "--entity-type",
                                    "clients",
                                    "--entity-default"};
  words.insert(words.end(), how.begin(), how.end());
  const Finished done = run_command({.arguments = words, .folder = folder_, .name = "quota"});
  require(done.exit_code == 0, "kafka-configs failed: " + done.out + done.err);
}

}  // namespace longspan::harness
