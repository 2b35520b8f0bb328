#include "cli/commands/flow_view.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/commands/flow_choice.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/progress_bar.h"
#include "mirror/kafka/clients.h"
#include "mirror/why/facts_of.h"
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

Error with_addresses(const Error& error, const FlowConfig& flow) {
  constexpr int kTransport = -195;
  constexpr int kResolve = -193;
  constexpr int kTimedOut = -185;
  const auto codes = {kTransport, kResolve, kAllBrokersDown, kTimedOut};
  if (std::find(codes.begin(), codes.end(), error.kafka_code) == codes.end()) return error;
  const auto is_of = [&error](const ClusterConfig& each) {
    return (error.where + " ").starts_with("cluster=" + each.alias + " ");
  };
  if (!is_of(flow.source) && !is_of(flow.target)) return error;
  const ClusterConfig& cluster = is_of(flow.source) ? flow.source : flow.target;
  const auto servers = std::find_if(cluster.common.begin(), cluster.common.end(),
                                    [](auto& row) { return row.first == "bootstrap.servers"; });
  Error out = error;
  out.what = "no broker of " + cluster.alias + " answers";
  if (servers != cluster.common.end()) out.what += " at " + servers->second;
  out.what += ": a wrong address or security.protocol, or no way there from here";
  out.where.clear();
  return out;
}

FlowView::FlowView(const FlowConfig& config)
    : config_(config), clock_(make_clock()), wakeup_(make_wakeup()) {}

StateReader FlowView::target_reader() {
  return {*target_admin_, *target_source_, *wakeup_, *clock_};
}

Result<void> FlowView::connect(std::chrono::milliseconds timeout) {
  const auto id = looking_client_id(config_);
  auto admin = make_admin(config_.target, id, timeout);
  if (!admin) return admin.error();
  target_admin_ = std::move(*admin);
  auto source = open_source(config_.target, id, *wakeup_);
  if (!source) return source.error();
  target_source_ = std::move(*source);
  return {};
}

Result<std::unique_ptr<FlowView>> FlowView::open(const FlowConfig& config,
                                                 std::chrono::milliseconds timeout) {
  auto view = open_target(config, timeout);
  if (!view) return view;
  ProgressBar bar;
  auto state = read_flow_state(
      (*view)->target_reader(), config.state_topic(), [&](Records done, Records total) {
        bar.show("reading the state of " + config.name(), done.count, total.count);
      });
  if (!state) return with_addresses(state.error(), config);
  (*view)->state_ = std::move(*state);
  return view;
}

Result<std::unique_ptr<FlowView>> FlowView::open_target(const FlowConfig& config,
                                                        std::chrono::milliseconds timeout) {
  // The client library's own lines would bury the one line that says what is wrong.
  set_log_level(LogLevel::error);
  std::unique_ptr<FlowView> view(new FlowView(config));
  if (auto connected = view->connect(timeout); !connected) return connected.error();
  return view;
}

Result<void> FlowView::refresh() {
  auto read = read_new_flow_state(target_reader(), state_);
  if (!read) return with_addresses(read.error(), config_);
  return read;
}

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
  SourceSide side;
  side.explain = [this](const Error& error) { return with_addresses(error, config_).text(); };
  const auto source = source_source();
  if (!admin || !source) {
    side.trouble = (admin ? source.error() : admin.error()).text();
    return side;
  }
  side.admin = *admin;
  side.source = *source;
  side.wakeup = wakeup_.get();
  return side;
}

FlowSnapshot FlowView::snapshot() {
  FlowSnapshot flow = observe_flow(config_.name(), state_, source_side(), *clock_);
  for (auto& partition : flow.partitions) {
    const bool is_high = config_.priority_high.matches(partition.source.topic);
    partition.priority = is_high ? Priority::high : Priority::normal;
  }
  add_why(flow);
  return flow;
}

int open_flow(const CommandLine& line, std::unique_ptr<FlowView>& view) {
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return code;
  const auto flow = choose_flow(loaded.flows, line.text("flow"));
  if (!flow) return report_error("", flow.error());
  auto opened = FlowView::open(*flow);
  if (!opened) return report_error(flow->name(), opened.error());
  view = std::move(*opened);
  return kExitFine;
}

}  // namespace longspan
