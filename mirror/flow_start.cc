// How a Flow starts: both clusters reached, our topics there, the definition agreed upon.
#include <algorithm>

#include "mirror/clocks/postgres_clock.h"
#include "mirror/flow.h"
#include "mirror/observe.h"
#include "mirror/schemas/registry_client.h"
#include "mirror/state/flow_state.h"

namespace longspan {
namespace {

constexpr const char* kSmallSegment = "16777216";
constexpr std::int64_t kSlotBytesMin = 4LL << 20;
constexpr std::chrono::milliseconds kLookPatience{3000};
constexpr std::chrono::milliseconds kLongRoundTrip{200};

Result<std::unique_ptr<Registry>> open_registry_port(const RegistrySettings& settings,
                                                     std::stop_token stop) {
  auto opened = open_registry(settings, std::move(stop));
  if (!opened) return opened.error();
  return std::unique_ptr<Registry>(std::move(*opened));
}

NewTopic state_topic(const FlowConfig& config) {
  return {config.state_topic(),
          config.slots,
          config.internal_replication_factor,
          {{"cleanup.policy", "compact"},
           {"segment.bytes", kSmallSegment},
           {"min.cleanable.dirty.ratio", "0.1"},
           {"max.compaction.lag.ms", "600000"},
           {"compression.type", "producer"},
           {"max.message.bytes", "1048588"}}};
}

// Records larger than the target's topics take go there, and stay until somebody has looked.
NewTopic dead_letter_topic(const FlowConfig& config) {
  return {config.dead_letter_topic(),
          1,
          config.internal_replication_factor,
          {{"cleanup.policy", "delete"},
           {"retention.ms", "2592000000"},
           {"compression.type", "producer"},
           {"max.message.bytes", "104857600"}}};
}

// MM2's own: one partition, compacted.
NewTopic mm2_topic(const FlowConfig& config, std::string name) {
  return {std::move(name), 1, config.internal_replication_factor, {{"cleanup.policy", "compact"}}};
}

// Half the time of a listing: it is two requests, one after the other. One that took long may have
// waited for a broker that is down.
std::chrono::microseconds round_trip(Admin& admin, const Clock& clock) {
  auto best = std::chrono::microseconds::max();
  for (int i = 0; i < 2 || (i < 5 && best > kLongRoundTrip); ++i) {
    const auto before = clock.steady();
    if (!admin.topics()) break;
    best = std::min(
        best, std::chrono::duration_cast<std::chrono::microseconds>((clock.steady() - before) / 2));
  }
  return best == std::chrono::microseconds::max() ? std::chrono::microseconds(1000) : best;
}

std::string bootstrap_servers(const ClusterConfig& cluster) {
  for (const auto& [name, value] : cluster.common) {
    if (name == "bootstrap.servers") return value;
  }
  return "";
}

}  // namespace

FlowPorts real_ports() {
  static const std::unique_ptr<Clock> clock = make_clock();
  return {make_wakeup, make_source,        make_sink,         make_admin,          make_membership,
          clock.get(), open_registry_port, make_probe_client, make_postgres_clock, read_host_clock};
}

Flow::Flow(FlowConfig config, FlowLimits limits, FlowPorts ports)
    : config_(std::move(config)),
      limits_(std::move(limits)),
      ports_(std::move(ports)),
      log_{{"flow", config_.name()}},
      started_at_(ports_.clock->now()),
      clocks_(config_.clocks, *ports_.clock, ports_.read_host_clock,
              [this](const ClockStep& step) { clock_stepped(step); }),
      live_(config_) {}

Flow::~Flow() { stop(std::chrono::milliseconds(0)); }

Result<void> Flow::start() {
  if (auto done = open_clients(); !done) return done;
  if (auto done = ensure_topics(); !done) return done;
  auto slots = count_slots();
  if (!slots) return slots.error();
  slots_total_ = *slots;
  if (auto done = check_definition(); !done) return done;
  share_budget();
  if (auto done = start_gate(); !done) return done;
  if (auto done = start_writer_schemas(); !done) return done;
  if (auto done = start_clocks(); !done) return done;
  make_shards();
  MembershipConfig membership{config_.state_topic(), config_.session_timeout};
  auto made = ports_.make_membership(config_.target, "longspan|" + config_.name() + "|ownership",
                                     membership, *wakeup_);
  if (!made) return made.error();
  membership_ = std::move(*made);
  if (auto joined = membership_->join(); !joined) return joined;
  // Looking asks again in a moment anyway: it must not wait as long as an operator would, nor hold
  // up a stop.
  const auto patience = std::min<std::chrono::milliseconds>(config_.admin_timeout, kLookPatience);
  const std::string survey_id = "longspan|" + config_.name() + "|survey";
  auto sources = ports_.make_admin(config_.source, survey_id, patience);
  if (!sources) return sources.error();
  auto surveys = ports_.make_admin(config_.target, survey_id, patience);
  if (!surveys) return surveys.error();
  source_admin_.reset();
  surveyor_ =
      std::make_unique<Surveyor>(config_, std::move(*sources), std::move(*surveys), *ports_.clock,
                                 ports_.make_wakeup(), [this](SurveyNews news) {
                                   if (!news_.post(std::move(news)))
                                     log_error(log_, "survey_dropped");
                                   wakeup_->notify();
                                 });
  if (auto started = start_schemas(); !started) return started;
  start_groups();
  start_marks();
  surveyor_thread_ = std::jthread([this](const std::stop_token& stop) { surveyor_->run(stop); });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  log_info(log_, "flow_joined",
           {{"slots", slots_total_},
            {"shards", limits_.shards},
            {"source_round_trip_us", source_round_trip_.count()},
            {"target_round_trip_us", target_round_trip_.count()}});
  return {};
}

// Its id, as soon as it answers; while it does not, that is said.
Result<std::string> Flow::await_cluster(const ClusterConfig& cluster,
                                        std::optional<std::string> StartTrouble::*trouble) {
  const auto deadline = ports_.clock->steady() + config_.admin_timeout;
  const auto patience = std::min<std::chrono::milliseconds>(config_.admin_timeout, kLookPatience);
  const std::string id = "longspan|" + config_.name() + "|start";
  auto admin = ports_.make_admin(cluster, id, patience);
  if (!admin) return admin.error();
  while (true) {
    auto cluster_id = (*admin)->cluster_id();
    const bool goes_on =
        !cluster_id && cluster_id.error().next == Next::retry && ports_.clock->steady() < deadline;
    const std::lock_guard lock(shown_mutex_);
    start_trouble_.*trouble = std::nullopt;
    if (!goes_on) return cluster_id;
    const std::string text = "cluster " + cluster.alias + " at " + bootstrap_servers(cluster) +
                             " does not answer: " + cluster_id.error().what;
    start_trouble_.*trouble = text;
    log_warn(log_, "cluster_unreachable", {{"cluster", cluster.alias}, {"text", text}});
  }
}

StartTrouble Flow::start_trouble() const {
  const std::lock_guard lock(shown_mutex_);
  return start_trouble_;
}

Result<void> Flow::open_clients() {
  wakeup_ = ports_.make_wakeup();
  const auto source_id = await_cluster(config_.source, &StartTrouble::source);
  if (!source_id) return source_id.error();
  const auto target_id = await_cluster(config_.target, &StartTrouble::target);
  if (!target_id) return target_id.error();
  const std::string id = "longspan|" + config_.name() + "|admin";
  auto source = ports_.make_admin(config_.source, id, config_.admin_timeout);
  if (!source) return source.error();
  auto target = ports_.make_admin(config_.target, id, config_.admin_timeout);
  if (!target) return target.error();
  source_admin_ = std::move(*source);
  target_admin_ = std::move(*target);
  if (!source_id->empty() && *source_id == *target_id) {
    return fail(Next::stop_process,
                "both ends are the same cluster, with id " + *source_id +
                    ": correct bootstrap.servers of one of them",
                "flow=" + config_.name());
  }
  ours_ = definition_of(config_, {*source_id, *target_id});
  source_round_trip_ = round_trip(*source_admin_, *ports_.clock);
  target_round_trip_ = round_trip(*target_admin_, *ports_.clock);
  return {};
}

Result<void> Flow::ensure_topic(const NewTopic& topic) {
  return create_topic(*target_admin_, topic);
}

Result<void> Flow::create_topic(Admin& admin, const NewTopic& topic) {
  const auto created = admin.create_topic(topic);
  if (created) return {};
  Error error = created.error();
  const auto policy = topic.configs.find("cleanup.policy");
  error.what += "; create it by hand with " + std::to_string(topic.partitions) + " partitions" +
                (policy == topic.configs.end() ? "" : " and cleanup.policy=" + policy->second) +
                ", or allow it";
  return error;
}

Result<void> Flow::ensure_topics() {
  const auto topics = target_admin_->topics();
  if (!topics) return topics.error();
  std::vector<NewTopic> wanted = {state_topic(config_)};
  if (config_.emit_offset_syncs && config_.offset_syncs_location == SyncsLocation::target) {
    wanted.push_back(mm2_topic(config_, config_.naming.offset_syncs_topic_on_target()));
  }
  if (config_.on_refused == OnRefused::dead_letter) wanted.push_back(dead_letter_topic(config_));
  if (config_.emit_heartbeats) {
    wanted.push_back(mm2_topic(config_, config_.naming.target_heartbeats_topic()));
  }
  if (config_.emit_offset_syncs && config_.offset_syncs_location == SyncsLocation::source) {
    // Asked for in the file; where it cannot be created the syncs wait and the flow runs.
    const auto created = source_admin_->create_topic(
        mm2_topic(config_, config_.naming.offset_syncs_topic_on_source()));
    if (!created) log_warn(log_, "offset_syncs_topic_missing", {{"error", created.error().text()}});
  }
  for (const auto& topic : wanted) {
    const bool is_there = std::any_of(topics->begin(), topics->end(),
                                      [&](const TopicInfo& t) { return t.name == topic.name; });
    if (is_there) continue;
    if (auto created = ensure_topic(topic); !created) return created;
  }
  std::ignore = ensure_marks_topic(*target_admin_);  // else it is tried again, and said
  return {};
}

// The number of slots is what the topic was created with, whatever the file says now.
Result<std::int32_t> Flow::count_slots() {
  const auto deadline = ports_.clock->steady() + config_.admin_timeout;
  while (true) {
    const auto topics = target_admin_->topics();
    if (!topics) return topics.error();
    for (const auto& topic : *topics) {
      if (topic.name == config_.state_topic() && topic.partitions > 0 && !topic.error) {
        return topic.partitions;
      }
    }
    if (ports_.clock->steady() > deadline) {
      return fail(Next::retry, "the state topic was created but does not appear",
                  "topic=" + config_.state_topic());
    }
    wakeup_->wait(std::chrono::milliseconds(50));
  }
}

// `owner` is filled with a process that holds slots now, if any does.
Result<std::optional<Definition>> Flow::read_definition(std::optional<std::string>* owner) {
  const auto wakeup = ports_.make_wakeup();
  SourceLimits limits;
  limits.bytes_max = 16LL << 20;
  auto source =
      ports_.make_source(config_.target, "longspan|" + config_.name() + "|state", limits, *wakeup);
  if (!source) return source.error();
  const StateReader reader{*target_admin_, **source, *wakeup, *ports_.clock};
  auto state = read_flow_state(reader, config_.state_topic());
  // A topic that was just created has no leader everywhere yet.
  const auto deadline = ports_.clock->steady() + config_.admin_timeout;
  while (!state && state.error().next == Next::retry && ports_.clock->steady() < deadline) {
    wakeup->wait(std::chrono::milliseconds(100));
    state = read_flow_state(reader, config_.state_topic());
  }
  if (!state) return state.error();
  if (owner != nullptr) {
    for (const auto& slot : state->slots) {
      if (slot.owner() && longspan::is_alive(*slot.owner(), ports_.clock->now())) {
        *owner = slot.owner()->process;
      }
    }
  }
  const Definition* running = state->definition();
  return running == nullptr ? std::nullopt : std::optional(*running);
}

// A flow that runs already says what it is; a file that says otherwise takes no slots.
Result<void> Flow::check_definition() {
  std::optional<std::string> owner;
  auto running = read_definition(&owner);
  if (!running) return running.error();
  if (!*running) {
    if (config_.start_from == StartFrom::latest) {
      auto topics = source_admin_->topics();
      if (!topics) return topics.error();
      for (const auto& topic : *topics) ours_.initial_partitions[topic.name] = topic.partitions;
    }
    return {};
  }
  const auto differs = difference(**running, ours_);
  if (!differs) {
    definition_ = std::move(**running);
    return {};
  }
  std::string what = "this file is not what the flow runs with: " + *differs;
  if (!limits_.replace_definition) {
    return fail(
        Next::stop_process,
        what + "; to change it, stop every process of the flow and run with --new-definition",
        "flow=" + config_.name());
  }
  if (owner) {
    return fail(Next::stop_process,
                what + "; --new-definition needs every process of the flow stopped, and " + *owner +
                    " is running",
                "flow=" + config_.name());
  }
  definition_change_ = *differs;
  ours_.initial_partitions = (*running)->initial_partitions;
  return {};
}

void Flow::make_shards() {
  const bool is_exactly_once = config_.delivery == Delivery::exactly_once;
  // A slot's producer is its own: that is what fences its former owner.
  const auto count = is_exactly_once ? slots_total_ : std::max(limits_.shards, 1);
  const auto memory = limits_.memory_bytes / count;
  shards_.resize(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    RunningShard& running = shards_[static_cast<std::size_t>(i)];
    running.wakeup = ports_.make_wakeup();
    ShardConfig config;
    config.index = i;
    config.slots = slots_total_;
    config.process = limits_.process;
    config.started_at = started_at_;
    config.limits.source_bytes_max = memory / 2;
    config.limits.sink_bytes_max = memory / 2 - (16LL << 20);
    config.limits.source_round_trip = source_round_trip_;
    config.limits.target_round_trip = target_round_trip_;
    config.limits.samples_per_second = (config_.latency_samples + count - 1) / count;
    config.traces = trace_config(count);
    config.limits.watches_groups = wants_groups(EventSide::target);
    config.limits.watches_source_groups = wants_groups(EventSide::source);
    if (is_exactly_once) {
      config.limits.one_by_one = Records{100};  // a refusal costs the slot a transaction, no more
      config.limits.source_bytes_max = std::max<std::int64_t>(memory / 2, kSlotBytesMin);
      config.limits.sink_bytes_max = std::max<std::int64_t>(memory / 2, kSlotBytesMin);
    }
    running.shard = std::make_unique<Shard>(config_, config, shard_ports(running, i));
    running.thread = std::jthread(
        [shard = running.shard.get()](const std::stop_token& stop) { shard->run(stop); });
  }
}

ShardPorts Flow::shard_ports(RunningShard& running, std::int32_t index) {
  const std::string id = "longspan|" + config_.name() + "|shard-" + std::to_string(index);
  Wakeup* wakeup = running.wakeup.get();
  return {
      [this, id, wakeup](const SourceLimits& limits) {
        return ports_.make_source(config_.source, id + "|source", limits, *wakeup);
      },
      [this, id, wakeup](const SourceLimits& limits) {
        return ports_.make_source(config_.target, id + "|tail", limits, *wakeup);
      },
      [this, id, wakeup](const SinkLimits& limits) {
        return ports_.make_sink(config_.target, id + "|sink", limits, *wakeup);
      },
      *ports_.clock,
      *wakeup,
      notices_,
      *wakeup_,
      [this, id, wakeup](const SinkLimits& limits) {
        return ports_.make_sink(config_.source, id + "|source-syncs", limits, *wakeup);
      },
      &budget_,
      &trial_turn_,
      schema_gate_.get(),
      writer_schemas_.get(),
      &clocks_,
      ports_.spans,
      ports_.pathways,
  };
}

// What is bounded for the process is divided among its shards, as its partitions are.
TraceConfig Flow::trace_config(std::int32_t shards) const {
  TraceConfig out{config_.name(), config_.traces};
  out.records_per_second = static_cast<double>(config_.traces.records_per_second) / shards;
  out.slowest_max =
      static_cast<std::size_t>((config_.traces.slowest_per_minute + shards - 1) / shards);
  out.source_cluster = ours_.keys.at("source.cluster.id");
  out.target_cluster = ours_.keys.at("target.cluster.id");
  out.names = ports_.span_names;
  return out;
}

}  // namespace longspan
