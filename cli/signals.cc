#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>

namespace longspan {
namespace {

constexpr int kShellSignalBase = 128;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void end_at_once(int signal) { _exit(kShellSignalBase + signal); }

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write, not the end
}

bool StopSignals::wait(std::chrono::milliseconds at_most) {
  const sigset_t set = stop_signals();
  const timespec patience{at_most.count() / 1000, (at_most.count() % 1000) * 1'000'000};
  const int caught = sigtimedwait(&set, nullptr, &patience);
  if (caught < 0) return false;
  name_ = caught == SIGINT ? "SIGINT" : "SIGTERM";
  signal(SIGINT, end_at_once);
  signal(SIGTERM, end_at_once);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

}  // namespace longspan
