#include "cli/demo/demo.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <utility>

#include "cli/demo/backlog.h"
#include "cli/demo/chaos.h"
#include "cli/demo/feed.h"
#include "cli/demo/readers.h"
#include "cli/demo/regions.h"
#include "cli/demo/shop.h"
#include "cli/http/http_server.h"
#include "mirror/flow.h"

namespace longspan::demo {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRedraw{250};
constexpr milliseconds kLineInterval{2000};  // where there is no terminal
constexpr milliseconds kTurn{50};
constexpr std::chrono::seconds kTopicsPatience{20};
constexpr std::chrono::seconds kDrainPatience{30};
constexpr milliseconds kCommitInterval{500};
constexpr std::size_t kLagHistoryMax = 120;

std::string process_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return std::string(host.data()) + ":" + std::to_string(::getpid());
}

// Absent while one of the topic's partitions is not known to the flow.
std::optional<std::int64_t> lag_of(const std::string& topic, const FlowSnapshot& snapshot,
                                   const std::vector<std::int64_t>& written) {
  std::int64_t lag = 0;
  for (std::size_t i = 0; i < streams().size(); ++i) {
    if (streams()[i].place.topic != topic) continue;
    const auto found =
        std::find_if(snapshot.partitions.begin(), snapshot.partitions.end(),
                     [&](const PartitionSnapshot& p) { return p.source == streams()[i].place; });
    if (found == snapshot.partitions.end()) return std::nullopt;
    lag += std::max<std::int64_t>(0, written[i] - found->next_source.value);
  }
  return lag;
}

// What is shown until there is a flow to ask.
FlowSnapshot starting() {
  FlowSnapshot out;
  out.flow = std::string(kSourceAlias) + "->" + kTargetAlias;
  return out;
}

std::string reason_of(std::string_view trouble) {
  constexpr std::string_view kSaidAlready = "trouble with the cluster: ";
  if (trouble.starts_with(kSaidAlready)) trouble.remove_prefix(kSaidAlready.size());
  return "source unreachable: " + std::string(trouble);
}

std::string state_of(const std::string& topic, const FlowSnapshot& snapshot) {
  bool is_known = false;
  for (const PartitionSnapshot& p : snapshot.partitions) {
    if (p.source.topic != topic) continue;
    is_known = true;
    if (p.state == PartitionState::parked) return "parked: " + p.reason;
    if (p.state == PartitionState::paused) return "paused";
  }
  for (const TopicSnapshot& t : snapshot.topics) {
    if (t.source == topic && !t.reason.empty()) return t.reason;
  }
  return is_known ? "" : "starting";
}

}  // namespace

Demo::Demo(const DemoOptions& options) : options_(options), screen_(options.out) {}

Demo::~Demo() { stop_parts(); }

Result<Comparison> Demo::run(const WaitForStop& wait) {
  began_ = Steady::now();
  began_at_ = {wall_clock_us() / 1000};
  if (auto started = start(); !started) return started.error();
  auto next_draw = Steady::now();
  bool is_asked = false;
  const auto is_time = [&] {
    return options_.run_for && Steady::now() - began_ >= *options_.run_for;
  };
  while (!is_asked && !is_time() && !failure()) {
    turn();
    if (Steady::now() >= next_draw) {
      screen_.draw(view(flow_->snapshot()));
      next_draw = Steady::now() + (screen_.is_terminal() ? kRedraw : kLineInterval);
    }
    is_asked = wait(kTurn);
  }
  feed_->stop();
  // A second Ctrl-C ends the process at once: the terminal must be itself again before that.
  if (is_asked) screen_.leave();
  drain(wait);
  const auto failed = failure();
  sink_loop_->stop();
  compare_loop_->stop();
  if (!is_asked) screen_.draw(view(flow_->snapshot()));
  screen_.leave();
  if (failed) return *failed;
  summarise();
  return comparer_->result();
}

// --- starting ------------------------------------------------------------------------------------

Result<void> Demo::start() {
  if (!screen_.is_terminal()) {
    screen_.say(
        "longspan demo: two clusters embedded in this process, us-east and eu-west, 80 ms "
        "apart; nothing is kept");
  }
  auto regions = Regions::start();
  if (!regions) return regions.error();
  regions_ = std::move(*regions);
  comparer_ = std::make_unique<Comparer>(streams().size());
  backlog_ = std::make_unique<Backlog>(streams().size());
  auto writer = regions_->source().make_writer("debezium-shop");
  if (!writer) return writer.error();
  feed_ = std::make_unique<Feed>(std::move(*writer), options_.rate, *comparer_, *backlog_);
  if (screen_.is_terminal()) screen_.draw(view(starting()));
  if (auto done = start_flow(); !done) return done;
  if (auto done = start_http(); !done) return done;
  if (auto done = start_readers(); !done) return done;
  feed_->start();  // last: a backlog from before the start would hide the latency
  return {};
}

Result<void> Demo::start_flow() {
  auto config = regions_->flow_config();
  if (!config) return config.error();
  target_streams_ = std::make_unique<TargetStreams>(config->naming);
  FlowLimits limits;
  limits.memory_bytes = 192LL << 20;
  limits.process = process_name();
  flow_ = std::make_unique<Flow>(std::move(*config), limits, regions_->ports());
  return flow_->start();
}

Result<void> Demo::start_http() {
  HttpViews views;
  views.snapshot = [this] { return process_snapshot(); };
  views.events = [this] { return events_of(process_snapshot()); };
  const std::uint16_t port = options_.port.value_or(kDefaultPort);
  auto server = HttpServer::start("127.0.0.1:" + std::to_string(port), views);
  if (!server && !options_.port) {
    server = HttpServer::start("127.0.0.1:0", views);
    if (server) tell(fmt::format("port {} is taken: serving at {}", port, (*server)->url()));
  }
  if (!server) return server.error();
  http_ = std::move(*server);
  if (!screen_.is_terminal()) {
    screen_.say("status page " + http_->url() + "/  metrics " + http_->url() + "/metrics  JSON " +
                http_->url() + "/api/v1/lag  try: longspan lag --url " + http_->url());
  }
  return {};
}

Result<void> Demo::wait_for_target_topics() {
  auto lister =
      make_embedded_topics(flow_->config().target, "longspan-demo-topics", milliseconds(2000));
  if (!lister) return lister.error();
  const auto wanted = target_streams_->topics();
  const auto deadline = Steady::now() + kTopicsPatience;
  while (Steady::now() < deadline && !failure()) {
    const auto topics = (*lister)->list();
    if (!topics) return topics.error();
    std::set<std::string> there;
    for (const TopicInfo& t : *topics) there.insert(t.name);
    if (std::all_of(wanted.begin(), wanted.end(),
                    [&](const std::string& name) { return there.contains(name); })) {
      return {};
    }
    if (screen_.is_terminal()) screen_.draw(view(flow_->snapshot()));
    std::this_thread::sleep_for(kTurn);
  }
  return fail(Next::stop_process, "the mirror did not create its topics in time");
}

Result<void> Demo::start_readers() {
  sink_ = std::make_unique<Sink>(*backlog_);
  if (auto done = wait_for_target_topics(); !done) return done;
  auto group = regions_->target().make_group_reader(kSinkGroup, target_streams_->topics());
  if (!group) return group.error();
  sink_loop_ = std::make_unique<ReaderLoop>(
      std::move(*group), *target_streams_,
      [this](std::size_t stream, const ReadRecord& r) { sink_->take(stream, r); });
  auto all =
      regions_->target().make_reader("longspan-demo-comparer", target_streams_->partitions());
  if (!all) return all.error();
  compare_loop_ = std::make_unique<ReaderLoop>(
      std::move(*all), *target_streams_, [this](std::size_t stream, const ReadRecord& r) {
        comparer_->observe(stream, lsn_of(stream, r.record), r.record);
        backlog_->read(Reader::comparer, stream, r.record);
      });
  sink_loop_->start(kCommitInterval);
  compare_loop_->start(std::nullopt);
  return {};
}

// --- running -------------------------------------------------------------------------------------

std::int64_t Demo::elapsed_ms() const {
  return std::chrono::duration_cast<milliseconds>(Steady::now() - began_).count();
}

std::int64_t Demo::total_lag() const { return comparer_->result().expected; }

void Demo::tell(const std::string& news) {
  news_ = fmt::format("{} s: {}", elapsed_ms() / 1000, news);
  if (!screen_.is_entered()) screen_.say("  " + news_);
}

void Demo::turn() {
  follow_chaos();
  watch(flow_->snapshot());
  sample_lag();
}

void Demo::sample_lag() {
  if (Steady::now() < next_sample_) return;
  next_sample_ = Steady::now() + std::chrono::seconds(1);
  lag_history_.push_back(total_lag());
  if (lag_history_.size() > kLagHistoryMax) lag_history_.erase(lag_history_.begin());
}

void Demo::follow_chaos() {
  WanLink& link = regions_->link();
  const bool wanted = options_.chaos && is_cut_at(elapsed_ms());
  if (wanted == link.is_cut()) return;
  if (wanted) {
    link.cut();
    restored_at_.reset();
    tell("--chaos cut the line between us-east and eu-west");
  } else {
    link.restore();
    restored_at_ = Steady::now();
    tell(fmt::format("the line is back, {} records behind", grouped(total_lag())));
  }
}

// Says when the flow noticed, and when it had caught up.
void Demo::watch(const FlowSnapshot& snapshot) {
  const bool is_unreachable = snapshot.source_trouble.has_value();
  if (is_unreachable && !was_unreachable_) tell(reason_of(*snapshot.source_trouble));
  was_unreachable_ = is_unreachable;
  // What is always under way: half a second of records.
  if (!restored_at_ || is_unreachable || total_lag() > options_.rate / 2 + 20) return;
  const auto took = std::chrono::duration<double>(Steady::now() - *restored_at_).count();
  restored_at_.reset();
  tell(fmt::format("caught up {:.1f} s after the line came back", took));
}

std::optional<Error> Demo::failure() const {
  if (flow_ && flow_->failed()) return flow_->failed();
  if (feed_ && feed_->failure()) return feed_->failure();
  for (const auto* loop : {&sink_loop_, &compare_loop_}) {
    if (*loop && (*loop)->failure()) return (*loop)->failure();
  }
  return std::nullopt;
}

ProcessSnapshot Demo::process_snapshot() const {
  ProcessSnapshot out;
  out.at = {wall_clock_us() / 1000};
  out.started_at = began_at_;
  out.version = LONGSPAN_VERSION " (demo)";
  out.ready = flow_->is_ready();
  out.flows.push_back(flow_->snapshot());
  return out;
}

std::vector<TopicRow> Demo::rows(const FlowSnapshot& snapshot) const {
  const auto written = feed_->written();
  const auto figures = sink_ ? sink_->figures() : std::map<std::string, Latencies>();
  std::vector<TopicRow> out;
  for (const Stream& stream : streams()) {
    const std::string& topic = stream.place.topic;
    if (!out.empty() && out.back().topic == topic) {
      ++out.back().partitions;
      continue;
    }
    TopicRow row;
    row.topic = topic;
    row.partitions = 1;
    row.offset_lag = lag_of(topic, snapshot, written);
    row.state = state_of(topic, snapshot);
    if (const auto found = figures.find(topic); found != figures.end()) {
      const Histogram recent = found->second.recent(steady_seconds());
      row.rate = found->second.rate(steady_seconds());
      row.p50 = recent.quantile(0.5);
      row.p99 = recent.quantile(0.99);
    }
    if (row.state.empty()) {
      row.is_fine = !snapshot.source_trouble;
      row.state = !row.is_fine                                     ? "source unreachable"
                  : restored_at_ && row.offset_lag.value_or(0) > 0 ? "catching up"
                                                                   : "mirroring";
    }
    out.push_back(std::move(row));
  }
  return out;
}

View Demo::view(const FlowSnapshot& snapshot) const {
  View out;
  const std::int64_t now_ms = elapsed_ms();
  out.elapsed_s = now_ms / 1000;
  if (options_.run_for) {
    out.left_s = std::max<std::int64_t>(0, options_.run_for->count() - out.elapsed_s);
  }
  out.flow = snapshot.flow;
  out.url = http_ ? http_->url() : "";
  out.source_bootstrap = fmt::format("127.0.0.1:{}", regions_->link().port());
  out.target_bootstrap = fmt::format("127.0.0.1:{}", regions_->target().port());
  out.log_path = screen_.log_path();
  out.is_cut = regions_->link().is_cut();
  if (options_.chaos) out.next_switch_s = (next_switch_after(now_ms) - now_ms + 999) / 1000;
  if (snapshot.source_trouble) out.trouble = reason_of(*snapshot.source_trouble);
  out.feed_waits = feed_->is_waiting();
  out.rows = rows(snapshot);
  out.comparison = comparer_->result();
  out.lag_history = lag_history_;
  out.news = news_;
  return out;
}

// --- ending --------------------------------------------------------------------------------------

// Everything written must arrive: the line is whole again, the readers go on until it has.
void Demo::drain(const WaitForStop& wait) {
  if (regions_->link().is_cut()) {
    regions_->link().restore();
    restored_at_ = Steady::now();
    tell("the line is back, for the last records");
  }
  const auto deadline = Steady::now() + kDrainPatience;
  auto next_draw = Steady::now();
  while (Steady::now() < deadline && !failure()) {
    if (total_lag() == 0 && backlog_->is_empty()) break;
    watch(flow_->snapshot());
    sample_lag();
    if (screen_.is_entered() && Steady::now() >= next_draw) {
      screen_.draw(view(flow_->snapshot()));
      next_draw = Steady::now() + kRedraw;
    }
    if (wait(kTurn)) break;
  }
  watch(flow_->snapshot());
}

void Demo::stop_parts() {
  if (http_) http_->stop();
  for (auto* loop : {&sink_loop_, &compare_loop_}) {
    if (*loop) (*loop)->stop();
  }
  if (feed_) feed_->stop();
  if (flow_) flow_->stop(milliseconds(2000));
  http_.reset();
  sink_loop_.reset();
  compare_loop_.reset();
  feed_.reset();
  flow_.reset();
  regions_.reset();
}

void Demo::summarise() {
  Histogram all;
  for (const auto& [topic, figures] : sink_->figures()) all.merge(figures.total());
  const Comparison c = comparer_->result();
  screen_.say("");
  screen_.say(
      fmt::format("{:.1f} s, {} records written in us-east, commit to sink in eu-west: "
                  "p50 {}, p99 {}",
                  static_cast<double>(elapsed_ms()) / 1000, grouped(c.written),
                  duration(all.quantile(0.5)), duration(all.quantile(0.99))));
  screen_.say(verdict(c));
  screen_.say("next: write a MirrorMaker 2 style FILE with your two clusters, then");
  screen_.say("  longspan run FILE --check-config");
  screen_.say("  longspan run FILE");
}

}  // namespace longspan::demo
