#include "tests/broker/harness/mirror_run.h"

#include <signal.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/topics.h"

namespace longspan::harness {
namespace {

constexpr auto kStopDeadline = std::chrono::seconds(20);
constexpr size_t kShownBytes = 2000;

std::string tail(const std::string& text) {
  return text.size() <= kShownBytes ? text : "..." + text.substr(text.size() - kShownBytes);
}

// Equal records have equal identities; that unequal ones differ is checked where it matters.
std::string identity(const Record& record) {
  std::string text = std::to_string(record.timestamp_ms);
  for (const Bytes* bytes : {&record.key, &record.value}) {
    text += *bytes ? "|" + std::to_string((*bytes)->size()) + ":" + **bytes : "|null";
  }
  return text;
}

}  // namespace

MirrorRun::MirrorRun(const std::filesystem::path& properties, const std::string& name)
    : process_(std::make_unique<Process>(
          Command{.arguments = {longspan_program(), "run", properties.string()},
                  .folder = properties.parent_path(),
                  .name = name})) {}

bool MirrorRun::wait_for_records(const std::string& bootstrap, const std::string& topic,
                                 int64_t records) {
  Admin admin(bootstrap);
  return eventually(kMirrorDeadline, [&] {
    if (!running()) throw HarnessError("longspan run has ended: " + last_lines());
    return admin.partitions(topic) > 0 && admin.records(topic) >= records;
  });
}

std::optional<int> MirrorRun::stop() {
  process_->signal(SIGTERM);
  return process_->wait(kStopDeadline);
}

std::string MirrorRun::output() const { return process_->out() + process_->err(); }

std::string MirrorRun::last_lines() const { return tail(output()); }

nlohmann::json ask_json(const std::string& command, const std::filesystem::path& properties) {
  const Finished finished =
      run_command({.arguments = {longspan_program(), command, properties.string(), "--json"},
                   .folder = properties.parent_path(),
                   .name = "longspan-" + command});
  require(finished.exit_code == 0, "longspan " + command + " failed: " + tail(finished.err));
  auto json = nlohmann::json::parse(finished.out, nullptr, false);
  require(!json.is_discarded(),
          "longspan " + command + " --json is not JSON: " + tail(finished.out));
  return json;
}

Comparison compare_copies(const std::vector<Record>& source, const std::vector<Record>& target) {
  Comparison comparison;
  std::map<std::string, size_t> seen;  // identity -> source index, of those already copied
  size_t next = 0;
  for (const Record& copy : target) {
    std::string first_difference = next < source.size() ? difference(source[next], copy) : "extra";
    if (first_difference.empty()) {
      seen[identity(copy)] = next++;
      continue;
    }
    const auto earlier = seen.find(identity(copy));
    if (earlier == seen.end() || !difference(source[earlier->second], copy).empty()) {
      comparison.difference = "source record " + std::to_string(next) + ": " + first_difference +
                              "; target has " + describe(copy);
      return comparison;
    }
    ++comparison.written_twice;
  }
  if (next < source.size()) {
    comparison.difference =
        std::to_string(source.size() - next) + " records missing, first " + describe(source[next]);
  }
  return comparison;
}

}  // namespace longspan::harness
