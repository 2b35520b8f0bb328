#include "tests/chaos/mirrors.h"

#include <signal.h>

#include <utility>

#include "tests/broker/harness/mirror_run.h"

namespace longspan::chaos {
namespace {

constexpr auto kStopDeadline = std::chrono::seconds(15);
constexpr size_t kShownBytes = 1500;

std::string tail(const std::string& text) {
  return text.size() <= kShownBytes ? text : "..." + text.substr(text.size() - kShownBytes);
}

std::string shown(const std::optional<int>& exit_code) {
  return exit_code ? "exit code " + std::to_string(*exit_code) : "no end in 15 s";
}

}  // namespace

Mirrors::Mirrors(std::filesystem::path properties, size_t count)
    : properties_(std::move(properties)), mirrors_(count) {
  for (size_t i = 0; i < count; ++i) start(i);
}

void Mirrors::start(size_t index) {
  Mirror& mirror = mirrors_[index];
  if (mirror.process && mirror.process->running()) return;
  const harness::Command command{
      .arguments = {harness::longspan_program(), "run", properties_.string()},
      .folder = properties_.parent_path(),
      .name = "mirror-" + std::to_string(index) + "-" + std::to_string(mirror.starts++)};
  mirror.process = std::make_unique<harness::Process>(command);
}

std::string Mirrors::url(size_t index) const {
  const harness::Process& process = *mirrors_[index].process;
  return harness::url_in(process.out() + process.err());
}

void Mirrors::kill_hard(size_t index) {
  if (!mirrors_[index].process->running()) report(index, "ended by itself");
  mirrors_[index].process->kill_hard();
}

void Mirrors::stop(size_t index) {
  harness::Process& process = *mirrors_[index].process;
  if (!process.running()) return report(index, "ended by itself");
  process.signal(SIGTERM);
  const auto exit_code = process.wait(kStopDeadline);
  if (exit_code != 0) report(index, "did not stop cleanly: " + shown(exit_code));
  process.kill_hard();
}

void Mirrors::freeze(size_t index) { mirrors_[index].process->signal(SIGSTOP); }
void Mirrors::thaw(size_t index) { mirrors_[index].process->signal(SIGCONT); }

void Mirrors::look_after() {
  for (size_t i = 0; i < mirrors_.size(); ++i) {
    if (mirrors_[i].process->running()) continue;
    report(i, "ended by itself: " + shown(mirrors_[i].process->wait({})));
    start(i);
  }
}

void Mirrors::report(size_t index, const std::string& what) {
  const Mirror& mirror = mirrors_[index];
  problems_.push_back("process mirror-" + std::to_string(index) + "-" +
                      std::to_string(mirror.starts - 1) + " " + what + "\n" +
                      tail(mirror.process->out() + mirror.process->err()));
}

}  // namespace longspan::chaos
