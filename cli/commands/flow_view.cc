#include "cli/commands/flow_view.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "cli/views/progress_bar.h"
#include "mirror/kafka/clients.h"
#include "tracing/log.h"

namespace longspan {

namespace {

constexpr std::chrono::seconds kAdminTimeout{10};
constexpr std::int64_t kLookingBytes = 64LL << 20;
constexpr std::int64_t kCommandBytes = 8LL << 20;

Result<std::unique_ptr<Source>> open_source(const ClusterConfig& cluster, const std::string& id,
                                            Wakeup& wakeup) {
  SourceLimits limits;
  limits.bytes_max = kLookingBytes;
  return make_source(cluster, id, limits, wakeup);
}

}  // namespace

std::string looking_client_id(const FlowConfig& config) {
  return "longspan|" + config.name() + "|look";
}

std::string user_at_host() {
  const passwd* user = getpwuid(geteuid());
  std::array<char, 256> host{};
  const bool known = gethostname(host.data(), host.size() - 1) == 0;
  return std::string(user != nullptr ? user->pw_name : "?") + "@" + (known ? host.data() : "?");
}

FlowView::FlowView(const FlowConfig& config)
    : config_(config), clock_(make_clock()), wakeup_(make_wakeup()) {}

StateReader FlowView::reader() { return {*target_admin_, *target_source_, *wakeup_, *clock_}; }

Result<void> FlowView::connect() {
  const auto id = looking_client_id(config_);
  auto admin = make_admin(config_.target, id, kAdminTimeout);
  if (!admin) return admin.error();
  target_admin_ = std::move(*admin);
  auto source = open_source(config_.target, id, *wakeup_);
  if (!source) return source.error();
  target_source_ = std::move(*source);
  return {};
}

Result<std::unique_ptr<FlowView>> FlowView::open(const FlowConfig& config) {
  // The client library's own lines would bury the one line that says what is wrong.
  set_log_level(LogLevel::error);
  std::unique_ptr<FlowView> view(new FlowView(config));
  if (auto connected = view->connect(); !connected) return connected.error();
  ProgressBar bar;
  auto state =
      read_flow_state(view->reader(), config.state_topic(), [&](Records done, Records total) {
        bar.show("reading the state of " + config.name(), done.count, total.count);
      });
  if (!state) return state.error();
  view->state_ = std::move(*state);
  return view;
}

Result<void> FlowView::refresh() { return read_new_flow_state(reader(), state_); }

Result<Admin*> FlowView::source_admin() {
  if (!source_admin_) {
    auto admin = make_admin(config_.source, looking_client_id(config_), kAdminTimeout);
    if (!admin) return admin.error();
    source_admin_ = std::move(*admin);
  }
  return source_admin_.get();
}

Result<Source*> FlowView::source_source() {
  if (!source_source_) {
    auto source = open_source(config_.source, looking_client_id(config_), *wakeup_);
    if (!source) return source.error();
    source_source_ = std::move(*source);
  }
  return source_source_.get();
}

Result<std::unique_ptr<Sink>> FlowView::state_sink() {
  SinkLimits limits;
  limits.bytes_max = kCommandBytes;
  return make_sink(config_.target, looking_client_id(config_), limits, *wakeup_);
}

SourceSide FlowView::source_side() {
  const auto admin = source_admin();
  if (!admin) return {nullptr, nullptr, nullptr, admin.error().text()};
  const auto source = source_source();
  if (!source) return {nullptr, nullptr, nullptr, source.error().text()};
  return {*admin, *source, wakeup_.get(), {}};
}

FlowSnapshot FlowView::snapshot() {
  return observe_flow(config_.name(), state_, source_side(), *clock_);
}

}  // namespace longspan
