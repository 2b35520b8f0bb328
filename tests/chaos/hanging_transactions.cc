#include "tests/chaos/hanging_transactions.h"

#include <chrono>
#include <sstream>

#include "tests/broker/harness/process.h"

namespace longspan::chaos {
namespace {

constexpr auto kDeadline = std::chrono::seconds(60);
constexpr size_t kColumns = 8;  // of find-hanging
constexpr const char* kEnded = "Could not find any open transactions";

class TransactionsCommand {
 public:
  explicit TransactionsCommand(const Brokers& brokers)
      : folder_(brokers.folder()), jars_(brokers.prepare(LONGSPAN_KAFKA_TOOLS_POM)) {}

  harness::Finished ask(const std::string& bootstrap, const std::vector<std::string>& words) const {
    harness::Command command{
        .arguments = {"java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", jars_ + "/*",
                      "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server",
                      bootstrap},
        .folder = folder_,
        .name = "kafka-transactions"};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    return harness::run_command(command, kDeadline);
  }
  std::string run(const std::string& bootstrap, const std::vector<std::string>& words) const {
    return done(ask(bootstrap, words), words);
  }
  // False: it ended by itself since it was found.
  bool abort(const std::string& bootstrap, const std::vector<std::string>& words) const {
    const auto finished = ask(bootstrap, words);
    if (finished.err.find(kEnded) != std::string::npos) return false;
    done(finished, words);
    return true;
  }

 private:
  static std::string done(const harness::Finished& finished,
                          const std::vector<std::string>& words) {
    harness::require(finished.exit_code == 0, "kafka-transactions " + words.front() +
                                                  " failed: " + finished.out + finished.err);
    return finished.out;
  }

  std::filesystem::path folder_;
  std::string jars_;
};

struct Hanging {
  std::string topic;
  std::string partition;
  std::string start_offset;
};

// Topic, Partition, ProducerId, ProducerEpoch, CoordinatorEpoch, StartOffset, LastTimestamp,
// Duration(min); the first line says so.
std::vector<Hanging> hanging_in(const std::string& table) {
  std::vector<Hanging> out;
  std::istringstream lines(table);
  std::string line;
  for (bool is_heading = true; std::getline(lines, line); is_heading = false) {
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; words >> word;) row.push_back(word);
    harness::require(row.empty() || row.size() == kColumns,
                     "find-hanging answers another table: " + line);
    if (is_heading || row.empty()) continue;
    out.push_back({.topic = row[0], .partition = row[1], .start_offset = row[5]});
  }
  return out;
}

void end_on(const TransactionsCommand& command, const std::string& cluster,
            const std::string& bootstrap, int brokers, std::vector<std::string>& ended) {
  for (int node = 1; node <= brokers; ++node) {
    const std::string table = command.run(
        bootstrap,
        {"find-hanging", "--broker-id", std::to_string(node), "--max-transaction-timeout", "0"});
    for (const Hanging& hanging : hanging_in(table)) {
      const bool is_ended =
          command.abort(bootstrap, {"abort", "--topic", hanging.topic, "--partition",
                                    hanging.partition, "--start-offset", hanging.start_offset});
      if (!is_ended) continue;
      ended.push_back(cluster + " " + hanging.topic + ":" + hanging.partition + " " +
                      hanging.start_offset);
    }
  }
}

}  // namespace

std::vector<std::string> end_hanging_transactions(const Brokers& brokers) {
  const TransactionsCommand command(brokers);
  std::vector<std::string> ended;
  end_on(command, "source", brokers.clusters().source, kSourceBrokers, ended);
  end_on(command, "target", brokers.clusters().target, 1, ended);
  return ended;
}

}  // namespace longspan::chaos
