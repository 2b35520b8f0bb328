#include "mirror/process.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "mirror/why/facts_of.h"
#include "tracing/log.h"

namespace longspan {
namespace {

// The program itself, the clients' own buffers, and everything that is not a record.
constexpr std::int64_t kOverheadBytes = 96LL << 20;
constexpr std::chrono::seconds kLateInterval{5};
// Joining a flow takes that long where a machine or a cluster is slow.
constexpr std::chrono::milliseconds kStarting{15'000};

std::int32_t threads_of(const ProcessConfig& config) {
  if (config.threads > 0) return config.threads;
  // A shard keeps two cores busy at full speed: its own thread and its producer's, which polls
  // without a pause while a request is out. One shard a core starves the broker beside it.
  return std::max(1, static_cast<std::int32_t>(std::thread::hardware_concurrency()) / 2);
}

}  // namespace

std::string process_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return std::string(host.data()) + ":" + std::to_string(getpid());
}

Process::Process(ProcessConfig config, std::vector<FlowConfig> flows, FlowPorts ports,
                 std::string version)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      version_(std::move(version)),
      started_at_(ports_.clock->now()) {
  for (auto& flow : flows) members_.push_back({std::move(flow), nullptr, nullptr, std::nullopt});
}

Process::~Process() { stop(); }

std::shared_ptr<Flow> Process::make_flow(const FlowConfig& config) const {
  FlowLimits limits;
  limits.memory_bytes =
      std::max<std::int64_t>(config_.memory_limit_bytes - kOverheadBytes, 64LL << 20) /
      static_cast<std::int64_t>(members_.size());
  limits.shards = threads_of(config_);
  limits.process = process_name();
  limits.replace_definition = replace_definitions_;
  return std::make_shared<Flow>(config, limits, ports_);
}

Result<void> Process::start_flow(Member& member) {
  std::shared_ptr<Flow> flow;
  {
    const std::lock_guard lock(mutex_);
    flow = make_flow(member.config);
    member.starting = flow;
  }
  auto started = flow->start();
  const std::lock_guard lock(mutex_);
  member.starting.reset();
  if (started) member.flow = std::move(flow);
  return started;
}

Result<void> Process::start() {
  std::optional<Error> first;
  std::size_t running = 0;
  for (auto& member : members_) {
    auto started = start_flow(member);
    if (started) {
      ++running;
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (started.error().next == Next::stop_process) return started;
    member.trouble = started.error().text();
    if (!first) first = started.error();
  }
  if (running == 0 && first) return *first;
  if (running < members_.size()) {
    late_ = std::jthread([this](const std::stop_token& stop) { start_late(stop); });
  }
  return {};
}

void Process::start_late(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool is_complete = true;
    for (auto& member : members_) {
      {
        const std::lock_guard lock(mutex_);
        if (member.flow) continue;
      }
      log_warn("flow_not_started", {{"flow", member.config.name()}, {"error", member.trouble}});
      auto started = start_flow(member);
      if (started) continue;
      is_complete = false;
      const std::lock_guard lock(mutex_);
      member.trouble = started.error().text();
      if (started.error().next == Next::stop_process) late_error_ = started.error();
    }
    if (is_complete) return;
    std::unique_lock lock(mutex_);
    stop_requested_.wait_for(lock, stop, kLateInterval, [] { return false; });
  }
}

void Process::change(const std::string& flow, const LiveSettings& settings,
                     const std::string& changed) {
  const std::lock_guard lock(mutex_);
  for (auto& member : members_) {
    if (member.config.name() != flow) continue;
    static_cast<LiveSettings&>(member.config) = settings;
    for (auto* running : {member.flow.get(), member.starting.get()}) {
      if (running != nullptr) running->change(settings, changed);
    }
  }
}

std::vector<SinkReportFate> Process::report(const std::vector<SinkReport>& reports) {
  const auto running = flows();
  const bool is_starting = running.size() < members_.size();
  std::vector<SinkReportFate> all(reports.size(),
                                  is_starting ? SinkReportFate::busy : SinkReportFate::is_off);
  for (const auto& flow : running) {
    const auto fates = flow->report(reports);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], fates[i]);
  }
  return all;
}

void Process::stop() {
  if (late_.joinable()) {
    late_.request_stop();
    late_.join();
  }
  // Side by side: each may take as long as its brokers need.
  std::vector<std::jthread> stopping;
  for (auto& flow : flows()) {
    stopping.emplace_back([this, flow] { flow->stop(config_.shutdown_timeout * 3 / 4); });
  }
}

std::vector<std::shared_ptr<Flow>> Process::flows() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Flow>> all;
  for (const auto& member : members_) {
    if (member.flow) all.push_back(member.flow);
  }
  return all;
}

ProcessSnapshot Process::snapshot() const {
  ProcessSnapshot process;
  process.at = ports_.clock->now();
  process.started_at = started_at_;
  process.version = version_;
  process.ready = true;
  const std::lock_guard lock(mutex_);
  for (const auto& member : members_) {
    if (member.flow) {
      process.flows.push_back(member.flow->snapshot());
      process.ready =
          process.ready && member.flow->is_ready() && !process.flows.back().target_trouble;
      continue;
    }
    FlowSnapshot waiting;
    waiting.flow = member.config.name();
    waiting.at = process.at;
    // Before that it says nothing: others may run the flow, and it is about to.
    if (process.at - started_at_ >= kStarting.count()) waiting.not_running_since = started_at_;
    const auto trouble = member.starting ? member.starting->start_trouble() : StartTrouble{};
    waiting.source_trouble = trouble.source ? trouble.source : member.trouble;
    waiting.target_trouble = trouble.target;
    add_why(waiting);
    process.flows.push_back(std::move(waiting));
    process.ready = false;
  }
  return process;
}

std::int32_t Process::shards() const {
  return threads_of(config_) * static_cast<std::int32_t>(members_.size());
}

bool Process::is_alive() const {
  const auto all = flows();
  return std::all_of(all.begin(), all.end(), [](const auto& flow) { return flow->is_alive(); });
}

std::optional<Error> Process::failed() const {
  for (const auto& flow : flows()) {
    if (auto failure = flow->failed()) return failure;
  }
  const std::lock_guard lock(mutex_);
  return late_error_;
}

}  // namespace longspan
