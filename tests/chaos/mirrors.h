// tests/chaos/mirrors.h - the processes under test: `longspan run` with one file, killed, stopped,
// frozen and started again.
//
// Errors:  one that ends by itself, or does not stop cleanly, is a problem: a sentence in
//          problems(), with its last lines.
// Threads: one thread.
// Owns:    the processes; the destructor kills them. Each start logs to files of its own.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/harness/process.h"

namespace longspan::chaos {

class Mirrors {
 public:
  Mirrors(std::filesystem::path properties, size_t count);

  size_t count() const { return mirrors_.size(); }
  pid_t pid(size_t index) const { return mirrors_[index].process->pid(); }
  // Of its pages; empty before it said so.
  std::string url(size_t index) const;
  std::filesystem::path folder() const { return properties_.parent_path(); }
  void kill_hard(size_t index);
  void start(size_t index);  // nothing when it runs
  void stop(size_t index);   // SIGTERM, and waited for
  void freeze(size_t index);
  void thaw(size_t index);
  // Everybody runs afterwards.
  void look_after();
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Mirror {
    std::unique_ptr<harness::Process> process;
    int starts = 0;
  };

  void report(size_t index, const std::string& what);

  std::filesystem::path properties_;
  std::vector<Mirror> mirrors_;
  std::vector<std::string> problems_;
};

}  // namespace longspan::chaos
