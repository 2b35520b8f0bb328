#include "tests/chaos/brokers.h"

#include <signal.h>

#include <fstream>

#include "tests/broker/harness/process.h"

namespace longspan::chaos {
namespace {

constexpr auto kScriptDeadline = std::chrono::seconds(150);
constexpr int kSkipped = 77;
constexpr int kStartTries = 3;  // another socket may have its port for a moment

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end + 1);
}

}  // namespace

Brokers::Brokers(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  run({"down"});
  std::filesystem::remove_all(folder_ / "logs");
  try {
    // Leaders go home by themselves: one more move after each restart.
    run({"up", "source", "--brokers", std::to_string(kSourceBrokers), "--heap", "224",
         "--proxy-port-source", "auto", "--config", "leader.imbalance.check.interval.seconds=5"});
    run({"up", "target", "--heap", "256", "--proxy-port-target", "auto"});
  } catch (...) {
    run({"down"});
    throw;
  }
  const auto found = harness::clusters_of(folder_ / "env");
  harness::require(found.has_value(), "no clusters in " + folder_.string());
  clusters_ = *found;
}

Brokers::~Brokers() {
  try {
    run({"down"});
  } catch (const harness::HarnessError&) {
    // Who started us takes them down again.
  }
}

std::string Brokers::run(const std::vector<std::string>& words) const {
  harness::Command command{
      .arguments = {LONGSPAN_CLUSTERS_SCRIPT}, .folder = folder_, .name = "clusters"};
  for (const auto& word : words) command.arguments.push_back(word);
  command.arguments.insert(command.arguments.end(), {"--dir", folder_.string()});
  const auto finished = harness::run_command(command, kScriptDeadline);
  if (finished.exit_code == kSkipped) throw NoKafka(last_line(finished.err));
  harness::require(finished.exit_code == 0,
                   "clusters " + words.front() + " failed: " + last_line(finished.err));
  return finished.out;
}

std::string Brokers::prepare(const std::string& pom) const {
  const std::string folder = run({"prepare", pom});
  return folder.substr(0, folder.find('\n'));
}

void Brokers::kill_hard(const std::string& cluster, int node) {
  run({"kill", cluster, std::to_string(node)});
}

void Brokers::start(const std::string& cluster, int node) {
  for (int left = kStartTries - 1;; --left) {
    try {
      run({"start", cluster, std::to_string(node)});
      return;
    } catch (const harness::HarnessError&) {
      if (left == 0) throw;
    }
  }
}

void Brokers::freeze(const std::string& cluster, int node) const { signal(cluster, node, SIGSTOP); }

void Brokers::thaw(const std::string& cluster, int node) const { signal(cluster, node, SIGCONT); }

void Brokers::signal(const std::string& cluster, int node, int number) const {
  pid_t pid = 0;
  std::ifstream(folder_ / cluster / ("node-" + std::to_string(node)) / "pid") >> pid;
  harness::require(pid > 0 && ::kill(pid, number) == 0, "no node runs of " + cluster);
}

void Brokers::start_all() {
  run({"start", "source"});
  run({"start", "target"});
}

}  // namespace longspan::chaos
