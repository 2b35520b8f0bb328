// tests/broker/harness/process.h - a child process: started, signalled, waited for, its output in
// files.
//
// Errors:  HarnessError when it cannot be started; a deadline that passes is nullopt, not an error.
// Threads: one thread.
// Owns:    the child. The destructor kills it (-9); it also dies with the test program.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longspan::harness {

struct Command {
  std::vector<std::string> arguments;  // the program first, by path or by name in PATH
  std::filesystem::path folder;        // for NAME.out and NAME.err
  std::string name = "command";
  std::map<std::string, std::string> environment = {};  // added to ours
};

class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // The exit code, 128 + signal number when a signal ended it, nullopt when the deadline passed.
  std::optional<int> wait(std::chrono::milliseconds deadline);
  void kill_hard();  // -9, and reaped before it returns

  std::string out() const;  // what it wrote so far
  std::string err() const;

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

struct Finished {
  std::optional<int> exit_code;  // nullopt: killed after the deadline
  std::string out;
  std::string err;
};

Finished run_command(const Command& command,
                     std::chrono::milliseconds deadline = std::chrono::seconds(60));

// LONGSPAN_PROGRAM, else the program of the build this test belongs to.
std::string longspan_program();

}  // namespace longspan::harness
