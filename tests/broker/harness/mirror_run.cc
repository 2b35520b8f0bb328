#include "tests/broker/harness/mirror_run.h"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/topics.h"

namespace longspan::harness {
namespace {

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

MirrorRun::MirrorRun(const std::filesystem::path& properties, const std::string& name,
                     const std::vector<std::string>& flags)
    : folder_(properties.parent_path()), name_(name) {
  Command command{.arguments = {longspan_program(), "run", properties.string()},
                  .folder = properties.parent_path(),
                  .name = name};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  process_ = std::make_unique<Process>(command);
}

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

std::string MirrorRun::url() const { return url_in(output()); }

Finished MirrorRun::lag(const std::vector<std::string>& flags) const {
  const std::string url = this->url();
  if (url.empty()) return {};
  std::vector<std::string> words = {longspan_program(), "lag", "--url", url};
  words.insert(words.end(), flags.begin(), flags.end());
  return run_command({.arguments = words, .folder = folder_, .name = name_ + "-lag"});
}

std::string MirrorRun::last_lines() const { return tail(output()); }

std::optional<int64_t> MirrorRun::peak_memory_kib() const { return memory_kib("VmHWM:"); }

std::optional<int64_t> MirrorRun::memory_kib() const { return memory_kib("VmRSS:"); }

std::optional<int64_t> MirrorRun::memory_kib(const std::string& row) const {
  std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(row)) return std::stoll(line.substr(row.size()));
  }
  return std::nullopt;
}

std::string url_in(const std::string& output) {
  std::smatch found;
  const bool is_said = std::regex_search(output, found, std::regex("http=(http://[0-9.]+:[0-9]+)"));
  return is_said ? found[1].str() : "";
}

Finished ask(const std::string& command, const std::filesystem::path& properties,
             const std::vector<std::string>& flags) {
  Command asked{.arguments = {longspan_program()}, .folder = properties.parent_path()};
  std::istringstream words(command);
  for (std::string word; words >> word;) asked.arguments.push_back(word);
  asked.name = "longspan-" + asked.arguments.back();
  asked.arguments.push_back(properties.string());
  asked.arguments.insert(asked.arguments.end(), flags.begin(), flags.end());
  return run_command(asked);
}

nlohmann::json ask_json(const std::string& command, const std::filesystem::path& properties,
                        const std::vector<std::string>& flags) {
  std::vector<std::string> with_json = flags;
  with_json.push_back("--json");
  const Finished finished = ask(command, properties, with_json);
  require(finished.exit_code == 0, "longspan " + command + " failed: " +
                                       (finished.exit_code ? tail(finished.err) : finished.err));
  auto json = nlohmann::json::parse(finished.out, nullptr, false);
  require(!json.is_discarded(),
          "longspan " + command + " --json is not JSON: " + tail(finished.out));
  return json;
}

bool wait_until_caught_up(const std::string& source, const std::filesystem::path& properties,
                          const std::vector<std::string>& topics) {
  Admin admin(source);
  return eventually(kMirrorDeadline, [&] {
    std::map<std::string, int32_t> behind;
    for (const std::string& topic : topics) behind[topic] = admin.partitions(topic);
    const Finished lag = ask("lag", properties, {"--json"});
    if (lag.exit_code != 0) return false;  // the state topic may not be there yet
    const auto json = nlohmann::json::parse(lag.out);
    for (const auto& one : json.at("flows").at(0).at("partitions")) {
      const auto topic = behind.find(one.at("topic").get<std::string>());
      if (topic != behind.end() && one.value("offset_lag", int64_t{-1}) == 0) --topic->second;
    }
    return std::ranges::all_of(behind, [](const auto& topic) { return topic.second == 0; });
  });
}

size_t reported_twice(const std::filesystem::path& properties, const std::string& topic) {
  size_t sum = 0;
  const auto answer = ask_json("events", properties);  // the loop needs it alive
  for (const auto& event : answer.at("events")) {
    if (event.value("topic", "") != topic) continue;
    const auto kind = event.at("kind").get<std::string>();
    if (kind != "written_twice" && kind != "unexpected_target_offset" && kind != "tail_mismatch") {
      continue;
    }
    sum += event.at("to_offset").get<size_t>() - event.at("from_offset").get<size_t>();
  }
  return sum;
}

Comparison compare_copies(const std::vector<Record>& source, const std::vector<Record>& target) {
  Comparison comparison;
  std::map<std::string, size_t> seen;  // identity -> source index, of those already copied
  size_t next = 0;
  for (const Record& copy : target) {
    std::string first_difference = next < source.size() ? difference(source[next], copy) : "extra";
    if (first_difference.empty()) {
      comparison.first_copies.emplace_back(source[next].offset, copy.offset);
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
