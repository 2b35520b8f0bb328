// tests/unit/mirror/shard_on_fakes.h - processes with one shard each, on two clusters in memory.
//
// It plays the flow: gives slots and partitions, answers Measure, writes commands, and reads what
// reached the state topic, which is all that a process leaves behind.
//
// Threads: one.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mirror/dead_letter.h"
#include "mirror/shard.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/fake_source.h"

namespace longspan {

inline FlowConfig flow_on_fakes(std::int32_t slots) {
  FlowConfig flow;
  flow.source.alias = "east";
  flow.target.alias = "west";
  flow.naming = *Naming::make({NamingPolicy::prefixed, "east", "west", ".", false, {}});
  flow.slots = slots;
  flow.emit_heartbeats = false;
  flow.emit_offset_syncs = false;
  return flow;
}

// The two clusters with the topic `orders`, its copy and the state topic.
struct WorldOnFakes {
  explicit WorldOnFakes(std::int32_t partitions = 2, std::int32_t slots = 2)
      : flow(flow_on_fakes(slots)) {
    source.create_topic("orders", partitions);
    target.create_topic("east.orders", partitions);
    target.create_topic(flow.state_topic(), slots);
    target.create_topic(flow.dead_letter_topic(), 1);
  }

  static TopicPartition orders(std::int32_t partition) { return {"orders", partition}; }
  static TopicPartition copies(std::int32_t partition) { return {"east.orders", partition}; }

  void fill(std::int32_t partition, int count) {
    for (int i = 0; i < count; ++i) {
      source.append(orders(partition), "k",
                    std::to_string(partition) + "-" + std::to_string(made++));
    }
  }
  static std::vector<std::string> values(FakeCluster& cluster, const TopicPartition& partition) {
    std::vector<std::string> out;
    for (const auto* record : cluster.at(partition).visible()) out.push_back(*record->data.value);
    return out;
  }
  [[nodiscard]] std::vector<std::string> written(std::int32_t partition) {
    return values(target, copies(partition));
  }
  [[nodiscard]] std::vector<std::string> wanted(std::int32_t partition) {
    return values(source, orders(partition));
  }
  // What a process that takes the slot now reads. Tests ask after each step: what was read once is
  // kept.
  [[nodiscard]] const SlotState& state(std::int32_t slot) {
    auto& [known, next] = states_[slot];
    const auto& log = target.at({flow.state_topic(), slot});
    for (const auto* record : log.visible(next)) {
      auto applied = known.apply(*record->data.key, record->data.value);
      LONGSPAN_ASSERT(applied.has_value());
    }
    next = log.stable_end();
    return known;
  }
  // Every event that ever reached the slot's state, also those whose number was used again.
  [[nodiscard]] std::vector<Event> events(std::int32_t slot) {
    std::vector<Event> out;
    for (const auto* record : target.at({flow.state_topic(), slot}).visible()) {
      const auto key = decode_key(*record->data.key);
      if (!key || !std::holds_alternative<EventKey>(*key) || !record->data.value) continue;
      out.push_back(*decode_event(*record->data.value));
    }
    return out;
  }
  [[nodiscard]] std::vector<Event> events(std::int32_t slot, EventKind kind) {
    std::vector<Event> out;
    for (auto& event : events(slot)) {
      if (event.kind == kind) out.push_back(std::move(event));
    }
    return out;
  }
  // What the dead-letter topic holds, in its order.
  [[nodiscard]] std::vector<DeadLetter> letters() {
    std::vector<DeadLetter> out;
    for (const auto* record : target.at({flow.dead_letter_topic(), 0}).visible()) {
      out.push_back(*decode_dead_letter(delivered(*record)));
    }
    return out;
  }
  [[nodiscard]] PartitionIdentity identity(std::int32_t partition) {
    return {orders(partition), source.topic("orders").id};
  }
  [[nodiscard]] std::optional<PartitionEntry> entry(std::int32_t slot, std::int32_t partition) {
    const auto& restored = state(slot);
    const auto found = restored.partitions().find(identity(partition));
    if (found == restored.partitions().end()) return std::nullopt;
    return found->second;
  }

  FakeClock clock;
  FakeCluster source{"source", &clock};
  FakeCluster target{"target", &clock};
  FakeAdmin source_admin{source};
  FakeAdmin target_admin{target};
  FlowConfig flow;
  SchemaGate* gate = nullptr;  // of the processes that begin from now on
  SpanSink* spans = nullptr;   // the same
  int made = 0;

 private:
  std::map<std::int32_t, std::pair<SlotState, Offset>> states_;  // and up to where they are read
};

// One process: a shard and the part of the flow that serves it.
class ProcessOnFakes {
 public:
  explicit ProcessOnFakes(WorldOnFakes& world, std::uint64_t seed = 1, ShardLimits limits = {})
      : world_(world), random_(seed) {
    ShardConfig config{0, world.flow.slots, "process-" + std::to_string(seed), limits};
    ShardPorts ports{
        [this](const SourceLimits& l) { return make_source(world_.source, source_, l); },
        [this](const SourceLimits& l) { return make_source(world_.target, tail_, l); },
        [this](const SinkLimits& l) { return make_sink(l); },
        world.clock,
        wakeup_,
        notices_,
        flow_wakeup_};
    ports.gate = world.gate;
    ports.spans = world.spans;
    config.traces = {world.flow.name(), world.flow.traces};
    shard_ = std::make_unique<Shard>(world.flow, config, std::move(ports));
  }

  // --- what the flow does ---
  void take(std::int32_t slot, std::int32_t generation = 0) {
    tell(TakeSlot{slot, world_.state(slot), generation});
    held.insert(slot);
  }
  void add(std::int32_t slot, std::int32_t partition) {
    tell(AddPartition{slot, world_.identity(partition), WorldOnFakes::copies(partition), start});
  }
  void drop(std::int32_t slot, bool is_lost = false) { tell(DropSlot{slot, is_lost}); }
  void remove(std::int32_t slot, std::int32_t partition) {
    tell(RemovePartition{slot, WorldOnFakes::orders(partition), "test"});
  }
  // As a client writes it, and as the owner's flow hears of it.
  void command(std::int32_t slot, const CommandKey& key, CommandKind kind) {
    const Command command{kind, world_.clock.now(), "alice", ""};
    world_.target.append({world_.flow.state_topic(), slot},
                         {encode_key(key), encode(command), world_.clock.now(), {}});
    tell(ApplyCommand{slot, key, command});
  }
  // The same of a remedy.
  void remedy(std::int32_t slot, std::int32_t partition, Remedy remedy) {
    remedy.at = world_.clock.now();
    remedy.who = "alice";
    remedy.topic_id = world_.identity(partition).topic_id;
    world_.target.append({world_.flow.state_topic(), slot},
                         {encode_key(RemedyKey{WorldOnFakes::orders(partition)}),
                          encode(remedy),
                          world_.clock.now(),
                          {}});
    tell(ApplyRemedy{slot, WorldOnFakes::orders(partition), remedy});
  }
  void tell(ShardCommand command) { LONGSPAN_ASSERT(shard_->post(std::move(command))); }

  // One turn of the shard and of the flow. Time goes on while there is nothing to read.
  std::size_t step() {
    if (is_dead()) return 0;
    const auto deaths = world_.source.deaths;
    const auto read = shard_->step();
    if (world_.source.deaths != deaths) {
      kill();
      return read;
    }
    if (read == 0) world_.clock.advance(idle);
    take_notices();
    answer(hold_measures ? 0 : measures.size());
    return read;
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }
  // Steps until the condition holds; false: it did not within the steps.
  [[nodiscard]] bool step_until(const std::function<bool()>& condition, int at_most = 3000) {
    for (int i = 0; i < at_most; ++i) {
      if (condition()) return true;
      step();
    }
    return condition();
  }
  void answer(std::size_t count) {
    for (; count > 0 && !measures.empty(); --count) {
      tell(answer_to(measures.front()));
      measures.pop_front();
    }
  }
  [[nodiscard]] Measured answer_to(const Measure& order) {
    Measured out{order.slot, order.source, ends(world_.source_admin, order.source),
                 ends(world_.target_admin, order.target), order.number};
    if (world_.source.has_topic(order.source.topic)) {
      out.source_id = world_.source.topic(order.source.topic).id;
    }
    if (world_.target.has_topic(order.target.topic)) {
      out.target_id = world_.target.topic(order.target.topic).id;
    }
    return out;
  }
  // The process is killed: what its sink had sent lands, lands later or never.
  void kill() {
    if (sink_ != nullptr) sink_->die();
    if (single_ != nullptr) single_->die();
    shard_.reset();
  }

  [[nodiscard]] bool is_dead() const { return shard_ == nullptr; }
  [[nodiscard]] Shard& shard() { return *shard_; }
  // nullptr while there is none.
  [[nodiscard]] FakeSink* sink() { return sink_; }
  // Of records that go alone; nullptr while there is none.
  [[nodiscard]] FakeSink* single() { return single_; }
  [[nodiscard]] FakeSource* source() { return source_; }
  [[nodiscard]] FakeSource* tail() { return tail_; }
  [[nodiscard]] PartitionIndex index_of(std::int32_t partition) {
    return sink_->writer_of(WorldOnFakes::copies(partition)).value();
  }
  [[nodiscard]] std::optional<PartitionSnapshot> snapshot(std::int32_t partition) {
    for (auto& one : shard_->snapshot().partitions) {
      if (one.source == WorldOnFakes::orders(partition)) return one;
    }
    return std::nullopt;
  }

  StartFrom start = StartFrom::earliest;
  std::chrono::milliseconds idle{20};
  bool hold_measures = false;
  std::deque<Measure> measures;  // asked, not answered
  std::set<std::int32_t> held;   // slots taken and not dropped
  std::size_t sink_records_max = 10'000;
  std::size_t batch_max = 100;
  int sinks_made = 0;
  int sources_made = 0;
  int probers_made = 0;
  int surveys_wanted = 0;
  int sinks_refused = 0;  // the next so many cannot be made

 private:
  // Forgets the pointer to what the shard owns when the shard destroys it.
  template <class T>
  struct Seen final : T {
    Seen(FakeCluster& cluster, std::uint64_t seed, T*& pointer) : T(cluster, seed), at(pointer) {
      at = this;
    }
    ~Seen() override {
      if (at == this) at = nullptr;
    }
    T*& at;
  };

  Result<std::unique_ptr<Source>> make_source(FakeCluster& cluster, FakeSource*& pointer,
                                              const SourceLimits& limits) {
    if (limits.for_probes) {
      ++probers_made;
      return std::unique_ptr<Source>(std::make_unique<FakeSource>(cluster, random_()));
    }
    if (&cluster == &world_.source) ++sources_made;
    auto made = std::make_unique<Seen<FakeSource>>(cluster, random_(), pointer);
    made->batch_max = batch_max;
    made->read_uncommitted = limits.isolation == Isolation::read_uncommitted;
    return std::unique_ptr<Source>(std::move(made));
  }
  Result<std::unique_ptr<Sink>> make_sink(const SinkLimits& limits) {
    if (sinks_refused > 0) {
      --sinks_refused;
      return Error{Next::retry, 0, "no sink can be made", "fake"};
    }
    if (limits.is_gapless) ++sinks_made;
    auto made = std::make_unique<Seen<FakeSink>>(world_.target, random_(),
                                                 limits.is_gapless ? sink_ : single_);
    made->records_max = sink_records_max;
    made->transactional_id = limits.transactional_id;
    return std::unique_ptr<Sink>(std::move(made));
  }
  void take_notices() {
    for (auto& notice : notices_.take_all()) {
      if (auto* measure = std::get_if<Measure>(&notice)) measures.push_back(std::move(*measure));
      if (std::holds_alternative<SurveyWanted>(notice)) ++surveys_wanted;
      if (auto* dropped = std::get_if<SlotDropped>(&notice)) held.erase(dropped->slot);
    }
  }
  static Result<PartitionEnds> ends(FakeAdmin& admin, const TopicPartition& partition) {
    auto all = admin.ends({partition});
    if (!all) return all.error();
    return all->at(partition);
  }

  WorldOnFakes& world_;
  std::mt19937_64 random_;
  FakeWakeup wakeup_{world_.clock};
  FakeWakeup flow_wakeup_{world_.clock};
  Inbox<ShardNotice> notices_{100'000};
  FakeSink* sink_ = nullptr;
  FakeSink* single_ = nullptr;
  FakeSource* source_ = nullptr;
  FakeSource* tail_ = nullptr;
  std::unique_ptr<Shard> shard_;
};

}  // namespace longspan
