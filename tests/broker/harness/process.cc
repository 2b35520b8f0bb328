#include "tests/broker/harness/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Runs in the child, between fork and exec: async-signal-safe calls only.
void redirect(const char* path, int descriptor) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(127);
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> lines;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string text = *line;
    if (!added.contains(text.substr(0, text.find('=')))) lines.push_back(text);
  }
  for (const auto& [name, value] : added) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Process::Process(const Command& command)
    : out_(command.folder / (command.name + ".out")),
      err_(command.folder / (command.name + ".err")) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = merged_environment(command.environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const std::string out = out_.string();
  const std::string err = err_.string();
  const pid_t parent = getpid();
  pid_ = fork();
  require(pid_ >= 0, "fork failed");
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the test died before the line above took effect
  redirect("/dev/null", STDIN_FILENO);
  redirect(out.c_str(), STDOUT_FILENO);
  redirect(err.c_str(), STDERR_FILENO);
  execvpe(argv[0], argv.data(), envp.data());
  _exit(127);
}

Process::~Process() { kill_hard(); }

bool Process::running() { return !wait(std::chrono::milliseconds(0)); }

void Process::signal(int number) {
  if (!exit_) kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
  eventually(deadline, [&] {
    int status = 0;
    if (!exit_ && waitpid(pid_, &status, WNOHANG) == pid_) exit_ = code_of(status);
    return exit_.has_value();
  });
  return exit_;
}

void Process::kill_hard() {
  signal(SIGKILL);
  int status = 0;
  if (!exit_ && waitpid(pid_, &status, 0) == pid_) exit_ = code_of(status);
}

std::string Process::out() const { return text_of(out_); }
std::string Process::err() const { return text_of(err_); }

// Where a process that does not end is; nothing where there is no debugger.
static std::string stacks_of(pid_t pid, const std::filesystem::path& folder) {
  Process debugger({.arguments = {"gdb", "-p", std::to_string(pid), "-batch", "-ex",
                                  "thread apply all backtrace 12"},
                    .folder = folder,
                    .name = "stacks-" + std::to_string(pid)});
  debugger.wait(std::chrono::seconds(30));
  debugger.kill_hard();
  return debugger.out();
}

Finished run_command(const Command& command, std::chrono::milliseconds deadline) {
  Process process(command);
  Finished finished;
  finished.exit_code = process.wait(deadline);
  const std::string stacks = finished.exit_code ? "" : stacks_of(process.pid(), command.folder);
  process.kill_hard();
  finished.out = process.out();
  finished.err = process.err();
  if (!finished.exit_code) finished.err += "\nkilled after the deadline; it stood here:\n" + stacks;
  return finished;
}

std::string longspan_program() {
  const char* given = std::getenv("LONGSPAN_PROGRAM");
  return given != nullptr && *given != '\0' ? given : LONGSPAN_PROGRAM_DEFAULT;
}

}  // namespace longspan::harness
