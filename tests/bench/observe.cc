// Runs a mirror and measures it from outside:
// observe --target B --topic T --partitions P --records N --timeout S --log FILE -- PROGRAM ARGS...
//
// The rate is taken between the first look that finds a record at the target and the one that finds
// all N: start-up is reported apart. CPU is user + system of the process between the same two
// looks, memory its VmHWM at the end. Prints one JSON object; exit code 1 when N did not arrive in
// time.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/arguments.h"
#include "tests/broker/harness/topics.h"

namespace longspan::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLookPause = std::chrono::milliseconds(10);
constexpr auto kStopMax = std::chrono::seconds(15);

struct Look {
  Clock::time_point at;
  int64_t records = 0;
  double cpu_s = 0;
};

pid_t start(const Arguments& arguments) {
  std::vector<std::string> words = arguments.rest();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string log = arguments.text("log");
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // Fields 14 and 15, counted behind the name, which may hold blanks.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int64_t peak_rss_kb(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; file >> word;) {
    int64_t kb = 0;
    if (word == "VmHWM:" && file >> kb) return kb;
  }
  return 0;
}

bool ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

int64_t arrived(harness::Admin& admin, const Arguments& arguments) {
  int64_t sum = 0;
  for (int32_t p = 0; p < arguments.number("partitions"); ++p) {
    sum += admin.range(arguments.text("topic"), p).end;
  }
  return sum;
}

// Looks until `records` are there; nullopt when the time is over or the process has ended.
std::optional<Look> look_for(harness::Admin& admin, const Arguments& arguments, pid_t pid,
                             int64_t records) {
  const auto deadline = Clock::now() + std::chrono::seconds(arguments.number("timeout"));
  while (Clock::now() < deadline && !ended(pid)) {
    const int64_t count = arrived(admin, arguments);
    if (count >= records) return Look{Clock::now(), count, cpu_seconds(pid)};
    std::this_thread::sleep_for(kLookPause);
  }
  return std::nullopt;
}

void stop(pid_t pid) {
  kill(pid, SIGTERM);
  const auto deadline = Clock::now() + kStopMax;
  while (!ended(pid) && Clock::now() < deadline) std::this_thread::sleep_for(kLookPause);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

int run(const Arguments& arguments) {
  harness::Admin admin(arguments.text("target"));
  (void)arrived(admin, arguments);  // connected before the clock starts
  const auto begin = Clock::now();
  const pid_t pid = start(arguments);
  const auto first = look_for(admin, arguments, pid, 1);
  const auto last = first ? look_for(admin, arguments, pid, arguments.number("records")) : first;
  const int64_t rss_kb = peak_rss_kb(pid);
  stop(pid);
  if (!last) {
    std::cerr << "observe: " << arrived(admin, arguments) << " of " << arguments.text("records")
              << " records arrived; see " << arguments.text("log") << "\n";
    return 1;
  }
  std::cout << "{\"records\": " << last->records
            << ", \"counted\": " << last->records - first->records
            << ", \"seconds\": " << seconds(last->at - first->at)
            << ", \"cpu_s\": " << last->cpu_s - first->cpu_s
            << ", \"start_s\": " << seconds(first->at - begin)
            << ", \"start_cpu_s\": " << first->cpu_s << ", \"rss_kb\": " << rss_kb << "}\n";
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "observe", longspan::bench::run);
}
