// tests/broker/harness/mirror_run.h - one `longspan run` process, and what the program says of its
// flow.
//
// Errors:  HarnessError with the process's last lines when it ends although it should run, or when
//          its answer is not JSON; a deadline that passes is false.
// Limits:  a stop that takes longer than kStopDeadline counts as none.
// Threads: one thread.
// Owns:    the process; the destructor kills it.

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/record.h"

namespace longspan::harness {

inline constexpr std::chrono::seconds kMirrorDeadline{90};
inline constexpr std::chrono::seconds kStopDeadline{5};

class MirrorRun {
 public:
  // Output goes to NAME.out and NAME.err in the file's folder.
  explicit MirrorRun(const std::filesystem::path& properties, const std::string& name = "longspan",
                     const std::vector<std::string>& flags = {});

  // True when `topic` on `bootstrap` holds at least `records` records, in at least one partition.
  bool wait_for_records(const std::string& bootstrap, const std::string& topic, int64_t records);
  void kill_hard() { process_->kill_hard(); }
  // SIGTERM; the exit code, nullopt when it was not done after kStopDeadline.
  std::optional<int> stop();
  bool running() { return process_->running(); }
  void signal(int number) { process_->signal(number); }
  pid_t pid() const { return process_->pid(); }
  // The most memory it ever held; nullopt when it has ended.
  std::optional<int64_t> peak_memory_kib() const;
  std::optional<int64_t> memory_kib() const;  // now
  std::string output() const;                 // both streams, all of it
  // Of its pages; empty before it said so.
  std::string url() const;
  // `longspan lag --url` with these flags; nothing before it has one.
  Finished lag(const std::vector<std::string>& flags) const;
  std::string last_lines() const;  // enough of it for a failure's message

 private:
  std::optional<int64_t> memory_kib(const std::string& row) const;

  std::filesystem::path folder_;
  std::string name_;
  std::unique_ptr<Process> process_;
};

// The address of its pages in what a `longspan run` wrote; empty before it said so.
std::string url_in(const std::string& output);

// `longspan COMMAND FILE FLAGS`; COMMAND may be two words.
Finished ask(const std::string& command, const std::filesystem::path& properties,
             const std::vector<std::string>& flags = {});
// The same with --json, which must exit 0: the documents of cli/views/*_json.h.
nlohmann::json ask_json(const std::string& command, const std::filesystem::path& properties,
                        const std::vector<std::string>& flags = {});

// True when `longspan lag` says that every partition of these topics, as they are on `source`, is
// mirrored to its end.
bool wait_until_caught_up(const std::string& source, const std::filesystem::path& properties,
                          const std::vector<std::string>& topics);

// Second copies that the program itself reports: the target ranges of a source topic's events.
size_t reported_twice(const std::filesystem::path& properties, const std::string& topic);

// Copies compared with their source, one partition, in order.
struct Comparison {
  std::string difference;  // the first; empty: nothing missing and first copies in source order
  size_t written_twice = 0;
  std::vector<std::pair<int64_t, int64_t>> first_copies;  // source offset, target offset
};

// Every target record must be the next source record not seen yet, or a copy of an earlier one.
Comparison compare_copies(const std::vector<Record>& source, const std::vector<Record>& target);

}  // namespace longspan::harness
