#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>

namespace longspan {
namespace {

constexpr int kShellSignalBase = 128;

sigset_t awaited(StopSignals::OnHangup on_hangup) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (on_hangup == StopSignals::OnHangup::note) sigaddset(&set, SIGHUP);
  return set;
}

void end_at_once(int signal) { _exit(kShellSignalBase + signal); }

}  // namespace

StopSignals::StopSignals(OnHangup on_hangup) : on_hangup_(on_hangup) {
  const sigset_t set = awaited(on_hangup);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write, not the end
}

bool StopSignals::wait(std::chrono::milliseconds at_most) {
  sigset_t set = awaited(on_hangup_);
  const timespec patience{at_most.count() / 1000, (at_most.count() % 1000) * 1'000'000};
  const int caught = sigtimedwait(&set, nullptr, &patience);
  if (caught == SIGHUP) has_hung_up_ = true;
  if (caught < 0 || caught == SIGHUP) return false;
  name_ = caught == SIGINT ? "SIGINT" : "SIGTERM";
  signal(SIGINT, end_at_once);
  signal(SIGTERM, end_at_once);
  sigdelset(&set, SIGHUP);  // too late to read anything again
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

}  // namespace longspan
