// tests/broker/harness/mirror_run.h - one `longspan run` process, and what the program says of its
// flow.
//
// Errors:  HarnessError with the process's last lines when it ends although it should run, or when
//          its answer is not JSON; a deadline that passes is false.
// Threads: one thread.
// Owns:    the process; the destructor kills it.

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/record.h"

namespace longspan::harness {

inline constexpr std::chrono::seconds kMirrorDeadline{90};

class MirrorRun {
 public:
  // Output goes to NAME.out and NAME.err in the file's folder.
  explicit MirrorRun(const std::filesystem::path& properties, const std::string& name = "longspan");

  // True when `topic` on `bootstrap` holds at least `records` records, in at least one partition.
  bool wait_for_records(const std::string& bootstrap, const std::string& topic, int64_t records);
  void kill_hard() { process_->kill_hard(); }
  // SIGTERM; the exit code, nullopt when it was not done after 20 s.
  std::optional<int> stop();
  bool running() { return process_->running(); }
  std::string output() const;      // both streams, all of it
  std::string last_lines() const;  // enough of it for a failure's message

 private:
  std::unique_ptr<Process> process_;
};

// `longspan COMMAND FILE --json`, which must exit 0: the documents of cli/views/*_json.h.
nlohmann::json ask_json(const std::string& command, const std::filesystem::path& properties);

// Copies compared with their source, one partition, in order.
struct Comparison {
  std::string difference;  // the first; empty: nothing missing and first copies in source order
  size_t written_twice = 0;
};

// Every target record must be the next source record not seen yet, or a copy of an earlier one.
Comparison compare_copies(const std::vector<Record>& source, const std::vector<Record>& target);

}  // namespace longspan::harness
