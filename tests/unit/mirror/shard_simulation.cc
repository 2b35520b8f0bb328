// What may happen to a Simulation, and how it comes to rest afterwards.
#include "tests/unit/mirror/shard_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longspan {
namespace {

constexpr int kFaultSteps = 250;
const Error kRefused{Next::park_partition, kafka_code::kNotAuthorised, "not authorised", "fake"};

}  // namespace

Simulation::Simulation(std::uint64_t seed) : random_(seed) {
  world_.flow.on_data_loss = OnDataLoss::go_on;
  world_.flow.on_refused = chance(2) ? OnRefused::dead_letter : OnRefused::skip;
  world_.target.topic("east.orders").configs["max.message.bytes"] = "50";
  world_.flow.position_interval = std::chrono::milliseconds(chance(2) ? 100 : 1000);
  is_compacted_ = chance(2);
  limits_.watches_groups = true;
  limits_.one_by_one = Records{std::int64_t(below(30))};
  limits_.sink_bytes_max = chance(2) ? 20'000 : 1'000'000;
  const std::vector<Fault> all = {&Simulation::append_gap,
                                  &Simulation::append_aborted,
                                  &Simulation::append_refused,
                                  &Simulation::toggle_transaction,
                                  &Simulation::compact_one,
                                  &Simulation::expire,
                                  &Simulation::toggle_sink_flag,
                                  &Simulation::toggle_sink_flag,
                                  &Simulation::lose_offsets,
                                  &Simulation::kill_sink,
                                  &Simulation::fail_one,
                                  &Simulation::toggle_refusal,
                                  &Simulation::command,
                                  &Simulation::write_foreign,
                                  &Simulation::toggle_reach,
                                  &Simulation::toggle_source_break,
                                  &Simulation::toggle_state_break,
                                  &Simulation::kill_process,
                                  &Simulation::hand_over,
                                  &Simulation::lose_slot,
                                  &Simulation::refuse_sinks,
                                  &Simulation::toggle_measures,
                                  &Simulation::jump_time,
                                  &Simulation::land_late,
                                  &Simulation::remove_and_add};
  // Few kinds at a time reach deeper than all at once.
  for (const auto fault : all) {
    if (chance(3)) faults_.push_back(fault);
  }
  if (faults_.empty()) faults_.push_back(&Simulation::kill_process);
  if (chance(2)) {
    world_.flow.traces.reparent = *NamePatterns::make({"orders"}, "topics");
    world_.flow.traces.records_per_second = chance(2) ? 5 : 1000;
    world_.spans = &spans_;
  }
  start_process();
  start_process();
  // Nothing strange before every partition has its start: there is nothing to compare with.
  std::ignore = drains();
}

void Simulation::start_process() {
  auto process = std::make_unique<ProcessOnFakes>(world_, random_(), limits_);
  process->sink_records_max = chance(2) ? 25 : 1000;
  process->batch_max = 1 + below(40);
  if (is_compacted_) {
    TopicSettings settings;
    settings.delete_retention["orders"] = std::chrono::hours(24);
    process->tell(settings);
  }
  processes_.push_back(std::move(process));
}

ProcessOnFakes* Simulation::owner_of(std::int32_t slot) {
  for (auto& process : processes_) {
    if (process->held.contains(slot)) return process.get();
  }
  return nullptr;
}

void Simulation::take_free_slots() {
  for (std::int32_t slot = 0; slot < kSlots; ++slot) {
    if (owner_of(slot) != nullptr) continue;
    // Requests of a former owner's state are over: its session had to time out before.
    world_.target.land_late(world_.flow.state_topic());
    ProcessOnFakes& process = any_process();
    process.take(slot);
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      if (slot_for(p) == slot) process.add(slot, p);
    }
  }
}

void Simulation::step_once() {
  take_free_slots();
  any_process().step();
}

void Simulation::run_with_faults() {
  for (int i = 0; i < kFaultSteps; ++i) {
    if (chance(3)) append_records();
    if (chance(4)) (this->*faults_[below(faults_.size())])();
    step_once();
  }
}

// --- faults ---

void Simulation::append_records() {
  const auto p = any_partition();
  for (auto n = 1 + below(chance(5) ? 60 : 8); n > 0; --n) {
    const auto value = std::to_string(p) + "-" + std::to_string(next_value_++);
    append_record(p, "k" + std::to_string(below(4)), value);
  }
  if (chance(4)) world_.clock.advance(std::chrono::milliseconds(7));
}

void Simulation::append_record(std::int32_t partition, const std::string& key,
                               const std::string& value) {
  OwnedRecord record{key, value, world_.clock.now(), {}};
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0";
  if (chance(2)) record.headers.push_back({"other", value});
  if (chance(2)) record.headers.push_back({"traceparent", trace + (chance(2) ? "1" : "0")});
  if (chance(9)) record.headers.push_back({"b3", "nonsense"});
  const auto at = world_.source.append(WorldOnFakes::orders(partition), record);
  made_[partition].push_back({at, value, key, false, std::move(record)});
}

void Simulation::append_gap() {
  world_.source.append_gap(WorldOnFakes::orders(any_partition()), 1 + std::int64_t(below(5)));
}

void Simulation::append_aborted() {
  const auto p = any_partition();
  if (chance(2)) world_.source.elect(WorldOnFakes::orders(p));
  world_.source.append_aborted(WorldOnFakes::orders(p), {"k", "aborted", world_.clock.now(), {}});
  world_.source.append_gap(WorldOnFakes::orders(p));
}

void Simulation::append_refused() {
  const auto p = any_partition();
  const auto at = world_.source.append(WorldOnFakes::orders(p), "large", std::string(80, 'x'));
  refused_[p].push_back(at);
}

// Of what records go through together, or alone.
FakeSink* Simulation::any_sink() {
  ProcessOnFakes& process = any_process();
  return process.single() != nullptr && chance(3) ? process.single() : process.sink();
}

void Simulation::toggle_transaction() {
  const auto p = WorldOnFakes::orders(any_partition());
  if (world_.source.at(p).open_transaction) {
    world_.source.close_transaction(p);
  } else {
    world_.source.open_transaction(p);
  }
}

void Simulation::compact_one() {
  const auto p = any_partition();
  const auto& records = world_.source.at(WorldOnFakes::orders(p)).records;
  if (records.empty()) return;
  const auto offset = records[below(records.size())].offset;
  world_.source.remove(WorldOnFakes::orders(p), offset);
  for (Made& made : made_[p]) made.is_compacted = made.is_compacted || made.offset == offset;
}

void Simulation::expire() {
  const auto p = WorldOnFakes::orders(any_partition());
  const auto& log = world_.source.at(p);
  const auto span = static_cast<std::size_t>((log.stable_end() - log.start).count);
  const auto to = log.start + Records{static_cast<std::int64_t>(below(span + 1))};
  if (chance(3)) world_.source.set_log_start(p, to);
}

void Simulation::toggle_sink_flag() {
  auto* const sink = any_sink();
  if (sink == nullptr) return;
  bool& flag = *std::array{&sink->full, &sink->hold_acks, &sink->hold_landing}[below(3)];
  flag = !flag;
}

void Simulation::lose_offsets() {
  auto* const sink = any_sink();
  if (sink == nullptr) return;
  const auto writer = sink->writer_of(WorldOnFakes::copies(any_partition()));
  if (writer) sink->lose_offsets(*writer, 1 + below(3));
}

void Simulation::kill_sink() {
  auto* const sink = any_sink();
  if (sink != nullptr && !sink->dead()) sink->die();
}

void Simulation::fail_one() {
  auto* const sink = any_sink();
  if (sink == nullptr || sink->dead()) return;
  const auto writer = sink->writer_of(WorldOnFakes::copies(any_partition()));
  if (!writer) return;
  sink->fail_next(*writer, kRefused);
}

void Simulation::toggle_refusal() {
  auto* const sink = any_sink();
  if (sink == nullptr) return;
  const auto p = WorldOnFakes::copies(any_partition());
  sink->fail_always(p, chance(2) ? std::optional(kRefused) : std::nullopt);
}

void Simulation::command() {
  const auto p = any_partition();
  auto* const owner = owner_of(slot_for(p));
  if (owner == nullptr) return;
  const CommandKey key{"orders", p};
  const bool is_paused = paused_.contains(key);
  owner->command(slot_for(p), key, is_paused ? CommandKind::resume : CommandKind::pause);
  if (is_paused) {
    paused_.erase(key);
  } else {
    paused_.insert(key);
  }
}

void Simulation::write_foreign() {
  world_.target.append(WorldOnFakes::copies(any_partition()), "k", "foreign");
}

void Simulation::toggle_reach() {
  FakeCluster& cluster = chance(2) ? world_.source : world_.target;
  cluster.set_reachable(!cluster.reachable());
}

void Simulation::toggle_source_break() {
  const auto p = WorldOnFakes::orders(any_partition());
  const bool is_broken = world_.source.at(p).broken.has_value();
  world_.source.break_partition(p, is_broken ? std::nullopt : std::optional(kRefused));
}

void Simulation::toggle_state_break() {
  const TopicPartition p{world_.flow.state_topic(), static_cast<std::int32_t>(below(kSlots))};
  const bool is_broken = world_.target.at(p).broken.has_value();
  world_.target.break_partition(p, is_broken ? std::nullopt : std::optional(kRefused));
}

void Simulation::kill_process() {
  if (!chance(3)) return;
  const auto i = below(processes_.size());
  processes_[i]->kill();
  processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(i));
  start_process();
}

void Simulation::hand_over() {
  const auto slot = static_cast<std::int32_t>(below(kSlots));
  if (auto* const owner = owner_of(slot)) owner->drop(slot);
}

// The group took it away; its flow hears of it and tells the shard before anybody else starts.
void Simulation::lose_slot() {
  const auto slot = static_cast<std::int32_t>(below(kSlots));
  auto* const owner = owner_of(slot);
  if (owner == nullptr) return;
  owner->drop(slot, true);
  owner->step();
}

void Simulation::refuse_sinks() { any_process().sinks_refused = static_cast<int>(below(4)); }

void Simulation::toggle_measures() {
  auto& process = any_process();
  process.hold_measures = !process.hold_measures;
  if (!process.measures.empty()) process.answer(1 + below(process.measures.size()));
}

void Simulation::jump_time() { world_.clock.advance(std::chrono::seconds(1 + below(12))); }

void Simulation::land_late() { world_.target.land_late(); }

void Simulation::remove_and_add() {
  const auto p = any_partition();
  auto* const owner = owner_of(slot_for(p));
  if (owner == nullptr) return;
  owner->remove(slot_for(p), p);
  if (chance(2)) owner->step();
  owner->add(slot_for(p), p);
}

// --- afterwards ---

void Simulation::faultless() {
  world_.source.set_reachable(true);
  world_.target.set_reachable(true);
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    world_.source.break_partition(WorldOnFakes::orders(p), std::nullopt);
    if (world_.source.at(WorldOnFakes::orders(p)).open_transaction) {
      world_.source.close_transaction(WorldOnFakes::orders(p));
    }
  }
  for (std::int32_t slot = 0; slot < kSlots; ++slot) {
    world_.target.break_partition({world_.flow.state_topic(), slot}, std::nullopt);
  }
  world_.target.land_late(world_.flow.state_topic());
  if (chance(2)) world_.target.land_late();
  for (auto& process : processes_) {
    process->sinks_refused = 0;
    process->hold_measures = false;
    process->idle = std::chrono::milliseconds(500);
    for (auto* const sink : {process->sink(), process->single()}) {
      if (sink == nullptr) continue;
      sink->full = sink->hold_acks = sink->hold_landing = false;
      for (std::int32_t p = 0; p < kPartitions; ++p) {
        sink->fail_always(WorldOnFakes::copies(p), std::nullopt);
      }
    }
  }
}

bool Simulation::is_drained() {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    auto* const owner = owner_of(slot_for(p));
    if (owner == nullptr) return false;
    const auto end = world_.source.at(WorldOnFakes::orders(p)).end;
    const auto shown = owner->snapshot(p);
    if (!shown || shown->next_source != end) return false;
  }
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto entry = world_.entry(slot_for(p), p);
    const auto end = world_.source.at(WorldOnFakes::orders(p)).end;
    if (!entry || entry->position.next_source != end) return false;
    if (entry->position.again_from) return false;
    if (entry->position.state != PartitionState::active) return false;
  }
  return true;
}

// As an operator does: a process that is killed while it reads a partition alone, twice, leaves it
// blamed.
void Simulation::try_blamed() {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto entry = world_.entry(slot_for(p), p);
    if (!entry || !entry->position.stopped_by) continue;
    const auto& stop = *entry->position.stopped_by;
    if (stop.kind != EventKind::partition_suspected) continue;
    owner_of(slot_for(p))
        ->remedy(slot_for(p), p, {RemedyKind::accept_loss, stop.event, {}, {}, "", ""});
  }
}

std::string Simulation::where_all_stand() {
  std::string text;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto end = world_.source.at(WorldOnFakes::orders(p)).end;
    text += "\npartition " + std::to_string(p) + ", end " + std::to_string(end.value);
    auto* const owner = owner_of(slot_for(p));
    const auto shown = owner == nullptr ? std::nullopt : owner->snapshot(p);
    if (shown) {
      text += ", at " + std::to_string(shown->next_source.value) + ", " + "state " +
              std::to_string(static_cast<int>(shown->state)) + " " + shown->reason;
    } else {
      text += owner == nullptr ? ", nobody's" : ", not known to its owner";
    }
    const auto entry = world_.entry(slot_for(p), p);
    if (entry) text += ", written " + std::to_string(entry->position.next_source.value);
    if (entry && entry->position.again_from) text += ", to be copied again";
  }
  return text;
}

bool Simulation::drains() {
  for (int i = 0; i < 5000; ++i) {
    step_once();
    if (i % 16 == 0 && is_drained()) return true;
  }
  return false;
}

void Simulation::run_without() {
  faultless();
  for (int i = 0; i < 1000 && !paused_.empty(); ++i) {
    step_once();
    const auto key = *paused_.begin();
    auto* const owner = owner_of(slot_for(*key.partition));
    if (owner == nullptr) continue;
    owner->command(slot_for(*key.partition), key, CommandKind::resume);
    paused_.erase(key);
  }
  if (!drains()) {
    try_blamed();
    ASSERT_TRUE(drains()) << "a partition is stuck: " << where_all_stand();
  }
  world_.target.land_late();
  // What landed late is found with the next acknowledgement.
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto value = std::to_string(p) + "-last";
    append_record(p, "last", value);
  }
  ASSERT_TRUE(drains()) << "a partition is stuck: " << where_all_stand();
}

}  // namespace longspan
