// Exactly once under faults, by seed: whatever happens, a read_committed reader of the target sees
// each readable source record once, in order, and the committed map says where.
//
// Replay one: LONGSPAN_SEED=17 mirror_exactly_once_test. More: LONGSPAN_SEEDS=5000.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/fakes/seed.h"
#include "tests/unit/mirror/shard_on_fakes.h"

namespace longspan {
namespace {

constexpr std::int32_t kPartitions = 3;
constexpr std::int32_t kSlot = 0;
constexpr int kFaultSteps = 400;
constexpr int kQuietSteps = 20'000;
const Error kRefused{Next::park_partition, kafka_code::kNotAuthorised, "not authorised", "fake"};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  void run_with_faults();
  void run_without();
  void check();

 private:
  using Fault = void (Simulation::*)();

  void append_records();
  void append_gap();
  void append_aborted();
  void append_refused();
  void toggle_sink_flag();
  void toggle_answers();
  void lose_offsets();
  void lose_commit();
  void kill_sink();
  void fail_one();
  void toggle_refusal();
  void command();
  void toggle_reach();
  void toggle_source_break();
  void toggle_state_break();
  void kill_process();
  void hand_over();
  void lose_slot();
  void usurp();
  void tell_zombies();
  void jump_time();
  void land_late();
  void remove_and_add();

  void faultless();
  void step_once();
  void commit_of_group();
  void take_free_slot();
  void give(ProcessOnFakes& process);
  [[nodiscard]] bool is_drained(const SlotState& state);
  [[nodiscard]] bool drains();
  [[nodiscard]] std::int64_t written(const SlotState& state);
  [[nodiscard]] std::string why();
  void check_partition(std::int32_t partition);

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::int32_t any_partition() { return static_cast<std::int32_t>(below(kPartitions)); }
  ProcessOnFakes& any_process() { return *processes_[below(processes_.size())]; }
  void start_process();

  std::mt19937_64 random_;
  WorldOnFakes world_{kPartitions, 1};
  std::vector<std::unique_ptr<ProcessOnFakes>> processes_;
  ProcessOnFakes* owner_ = nullptr;  // whom the group names; others may still believe
  std::map<std::int32_t, std::vector<std::string>> wanted_;
  std::map<std::int32_t, std::vector<Offset>> refused_;  // too large for the target
  std::set<CommandKey> paused_;
  std::vector<Fault> faults_;
  int next_value_ = 0;
};

Simulation::Simulation(std::uint64_t seed) : random_(seed) {
  world_.flow.delivery = Delivery::exactly_once;
  world_.flow.on_refused = OnRefused::dead_letter;
  world_.target.topic("east.orders").configs["max.message.bytes"] = "50";
  world_.flow.emit_offset_syncs = chance(2);
  if (world_.flow.emit_offset_syncs) {
    world_.target.create_topic(world_.flow.naming.offset_syncs_topic_on_target(), 1);
  }
  const std::vector<Fault> all = {&Simulation::append_gap,
                                  &Simulation::append_aborted,
                                  &Simulation::append_refused,
                                  &Simulation::toggle_sink_flag,
                                  &Simulation::toggle_answers,
                                  &Simulation::lose_offsets,
                                  &Simulation::lose_commit,
                                  &Simulation::kill_sink,
                                  &Simulation::fail_one,
                                  &Simulation::toggle_refusal,
                                  &Simulation::command,
                                  &Simulation::toggle_reach,
                                  &Simulation::toggle_source_break,
                                  &Simulation::toggle_state_break,
                                  &Simulation::kill_process,
                                  &Simulation::hand_over,
                                  &Simulation::lose_slot,
                                  &Simulation::usurp,
                                  &Simulation::tell_zombies,
                                  &Simulation::jump_time,
                                  &Simulation::land_late,
                                  &Simulation::remove_and_add};
  // Few kinds at a time reach deeper than all at once.
  for (const auto fault : all) {
    if (chance(3)) faults_.push_back(fault);
  }
  if (faults_.empty()) faults_.push_back(&Simulation::kill_process);
  start_process();
  start_process();
}

void Simulation::start_process() {
  ShardLimits limits;
  limits.watches_groups = true;
  limits.one_by_one = Records{std::int64_t(below(30))};
  auto process = std::make_unique<ProcessOnFakes>(world_, random_(), limits);
  process->sink_records_max = chance(2) ? 25 : 1000;
  process->batch_max = 1 + below(40);
  processes_.push_back(std::move(process));
}

void Simulation::give(ProcessOnFakes& process) {
  process.take(kSlot);
  for (std::int32_t p = 0; p < kPartitions; ++p) process.add(kSlot, p);
  owner_ = &process;
}

void Simulation::take_free_slot() {
  if (owner_ != nullptr && owner_->held.contains(kSlot)) return;
  ProcessOnFakes& process = any_process();
  // One that still believes it owns the slot hears first that it does not.
  if (!process.held.contains(kSlot)) give(process);
}

// A group commits somewhere: what it is told of partitions that come and go must not outlive them.
void Simulation::commit_of_group() {
  auto batch = std::make_shared<GroupCommits>();
  ObservedCommit commit;
  commit.group = std::make_shared<const std::string>("sink");
  commit.partition = {"east.orders", std::int32_t(below(kPartitions))};
  commit.commit = GroupCommit{.offset = {std::int64_t(below(100))}, .at = world_.clock.now()};
  batch->commits.push_back(std::move(commit));
  ProcessOnFakes& process = any_process();
  if (!process.is_dead()) process.tell(std::shared_ptr<const GroupCommits>(std::move(batch)));
}

void Simulation::step_once() {
  take_free_slot();
  if (chance(50)) commit_of_group();
  any_process().step();
}

void Simulation::run_with_faults() {
  for (int i = 0; i < kFaultSteps; ++i) {
    if (chance(3)) append_records();
    if (chance(6)) (this->*faults_[below(faults_.size())])();
    step_once();
  }
}

// --- faults ---

void Simulation::append_records() {
  const auto p = any_partition();
  for (auto n = 1 + below(chance(5) ? 60 : 8); n > 0; --n) {
    const auto value = std::to_string(p) + "-" + std::to_string(next_value_++);
    world_.source.append(WorldOnFakes::orders(p), "k", value);
    wanted_[p].push_back(value);
  }
}

void Simulation::append_gap() {
  world_.source.append_gap(WorldOnFakes::orders(any_partition()), 1 + std::int64_t(below(5)));
}

void Simulation::append_aborted() {
  const auto p = any_partition();
  world_.source.append_aborted(WorldOnFakes::orders(p), {"k", "aborted", world_.clock.now(), {}});
  world_.source.append_gap(WorldOnFakes::orders(p));
}

void Simulation::append_refused() {
  const auto p = any_partition();
  const auto at = world_.source.append(WorldOnFakes::orders(p), "k", std::string(80, 'x'));
  refused_[p].push_back(at);
}

void Simulation::toggle_sink_flag() {
  auto* const sink = any_process().sink();
  if (sink == nullptr) return;
  bool& flag = *std::array{&sink->full, &sink->hold_acks, &sink->hold_landing}[below(3)];
  flag = !flag;
}

void Simulation::toggle_answers() {
  auto* const sink = any_process().sink();
  if (sink != nullptr) sink->hold_answers = !sink->hold_answers;
}

void Simulation::lose_offsets() {
  auto* const sink = any_process().sink();
  if (sink == nullptr) return;
  const auto writer = sink->writer_of(WorldOnFakes::copies(any_partition()));
  if (writer) sink->lose_offsets(*writer, 1);
}

void Simulation::lose_commit() {
  auto* const sink = any_process().sink();
  if (sink != nullptr) sink->lose_commit = true;
}

void Simulation::kill_sink() {
  auto* const sink = any_process().sink();
  if (sink != nullptr && !sink->dead()) sink->die();
}

void Simulation::fail_one() {
  auto* const sink = any_process().sink();
  if (sink == nullptr || sink->dead()) return;
  const auto writer = sink->writer_of(WorldOnFakes::copies(any_partition()));
  if (writer) sink->fail_next(*writer, kRefused);
}

void Simulation::toggle_refusal() {
  auto* const sink = any_process().sink();
  if (sink == nullptr) return;
  const auto p = WorldOnFakes::copies(any_partition());
  sink->fail_always(p, chance(2) ? std::optional(kRefused) : std::nullopt);
}

void Simulation::command() {
  if (owner_ == nullptr || !owner_->held.contains(kSlot)) return;
  const CommandKey key{"orders", any_partition()};
  const bool is_paused = paused_.contains(key);
  owner_->command(kSlot, key, is_paused ? CommandKind::resume : CommandKind::pause);
  if (is_paused) {
    paused_.erase(key);
  } else {
    paused_.insert(key);
  }
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
  const TopicPartition p{world_.flow.state_topic(), kSlot};
  const bool is_broken = world_.target.at(p).broken.has_value();
  world_.target.break_partition(p, is_broken ? std::nullopt : std::optional(kRefused));
}

void Simulation::kill_process() {
  if (!chance(3)) return;
  const auto i = below(processes_.size());
  if (owner_ == processes_[i].get()) owner_ = nullptr;
  processes_[i]->kill();
  processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(i));
  start_process();
}

void Simulation::hand_over() {
  if (owner_ != nullptr && owner_->held.contains(kSlot)) owner_->drop(kSlot);
}

void Simulation::lose_slot() {
  if (owner_ == nullptr || !owner_->held.contains(kSlot)) return;
  owner_->drop(kSlot, true);
  owner_->step();
}

// The group names another owner; the former one does not hear of it and goes on writing.
void Simulation::usurp() {
  for (auto& process : processes_) {
    if (process->held.contains(kSlot)) continue;
    give(*process);
    return;
  }
}

void Simulation::tell_zombies() {
  for (auto& process : processes_) {
    if (process.get() == owner_ || !process->held.contains(kSlot)) continue;
    process->drop(kSlot, true);
    process->step();
  }
}

void Simulation::jump_time() { world_.clock.advance(std::chrono::seconds(1 + below(12))); }

void Simulation::land_late() { world_.target.land_late(); }

void Simulation::remove_and_add() {
  if (owner_ == nullptr || !owner_->held.contains(kSlot)) return;
  const auto p = any_partition();
  owner_->remove(kSlot, p);
  if (chance(2)) owner_->step();
  owner_->add(kSlot, p);
}

// --- afterwards ---

void Simulation::faultless() {
  tell_zombies();
  world_.source.set_reachable(true);
  world_.target.set_reachable(true);
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    world_.source.break_partition(WorldOnFakes::orders(p), std::nullopt);
  }
  world_.target.break_partition({world_.flow.state_topic(), kSlot}, std::nullopt);
  world_.target.land_late();
  for (auto& process : processes_) {
    process->idle = std::chrono::milliseconds(500);
    if (auto* const sink = process->sink()) {
      sink->full = sink->hold_acks = sink->hold_landing = sink->hold_answers = false;
      for (std::int32_t p = 0; p < kPartitions; ++p) {
        sink->fail_always(WorldOnFakes::copies(p), std::nullopt);
      }
    }
  }
}

std::optional<Position> position_in(const SlotState& state, const PartitionIdentity& identity) {
  const auto found = state.partitions().find(identity);
  return found == state.partitions().end() ? std::nullopt : std::optional(found->second.position);
}

bool Simulation::is_drained(const SlotState& state) {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto position = position_in(state, world_.identity(p));
    const auto end = world_.source.at(WorldOnFakes::orders(p)).end;
    if (!position || position->next_source != end) return false;
    if (position->state != PartitionState::active) return false;
    const auto shown = owner_->snapshot(p);
    if (!shown || shown->next_source != end) return false;
  }
  return true;
}

std::string Simulation::why() {
  std::string out;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto entry = world_.entry(kSlot, p);
    const auto shown = owner_ == nullptr ? std::nullopt : owner_->snapshot(p);
    out += " p" + std::to_string(p) + " end " +
           std::to_string(world_.source.at(WorldOnFakes::orders(p)).end.value) + " written " +
           (entry ? std::to_string(entry->position.next_source.value) + " " + entry->position.reason
                  : "nothing");
    if (shown) out += " shown " + std::to_string(shown->next_source.value) + " " + shown->reason;
  }
  return out;
}

std::int64_t Simulation::written(const SlotState& state) {
  std::int64_t sum = 0;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto position = position_in(state, world_.identity(p));
    if (position) sum += position->next_source.value;
  }
  return sum;
}

// How long it takes is the seed's: a source that gives one record at a time commits each alone.
// What is stuck is what no longer moves.
bool Simulation::drains() {
  std::int64_t seen = -1;
  for (int quiet = 0; quiet < kQuietSteps; ++quiet) {
    step_once();
    if (quiet % 32 != 0) continue;
    const auto state = world_.state(kSlot);
    if (owner_ != nullptr && is_drained(state)) return true;
    if (const auto now = written(state); now > seen) seen = now, quiet = 0;
  }
  return false;
}

void Simulation::run_without() {
  faultless();
  for (int i = 0; i < 1000 && !paused_.empty(); ++i) {
    step_once();
    if (owner_ == nullptr) continue;
    owner_->command(kSlot, *paused_.begin(), CommandKind::resume);
    paused_.erase(paused_.begin());
  }
  ASSERT_TRUE(drains()) << "a partition is stuck: " << why();
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto value = std::to_string(p) + "-last";
    world_.source.append(WorldOnFakes::orders(p), "k", value);
    wanted_[p].push_back(value);
  }
  ASSERT_TRUE(drains()) << "a partition is stuck: " << why();
}

void Simulation::check() {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    SCOPED_TRACE("partition=" + std::to_string(p));
    check_partition(p);
  }
  // Our own markers and aborted data are nobody else's.
  for (const auto kind : {EventKind::unexpected_target_offset, EventKind::tail_mismatch,
                          EventKind::written_twice, EventKind::target_truncated}) {
    EXPECT_TRUE(world_.events(kSlot, kind).empty()) << name(kind);
  }
}

void Simulation::check_partition(std::int32_t p) {
  EXPECT_EQ(world_.written(p), wanted_[p]);
  const OffsetMap map = map_of(world_.entry(kSlot, p).value());
  const auto& copies = world_.target.at(WorldOnFakes::copies(p));
  std::size_t next = 0;
  for (const auto& record : world_.source.at(WorldOnFakes::orders(p)).records) {
    if (record.aborted || record.data.value->size() > 50) continue;
    const auto copy = map.to_target(record.offset);
    ASSERT_EQ(copy.exactness, Exactness::exact) << record.offset.value;
    const auto at = copies.index_of(copy.offset);
    ASSERT_LT(at, copies.records.size());
    EXPECT_EQ(copies.records[at].offset, copy.offset);
    EXPECT_EQ(copies.records[at].data.value, record.data.value);
    EXPECT_FALSE(copies.records[at].aborted);
    EXPECT_EQ(map.to_source(copy.offset), (Translation{record.offset, Exactness::exact}));
    ++next;
  }
  EXPECT_EQ(next, wanted_[p].size());
  std::vector<Offset> letters;
  for (const auto& letter : world_.letters()) {
    if (letter.source == WorldOnFakes::orders(p)) letters.push_back(letter.offset);
  }
  EXPECT_EQ(letters, refused_[p]);
}

class ExactlyOnceUnderFaults : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ExactlyOnceUnderFaults, ReadCommittedSeesEveryRecordOnce) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  set_log_level(LogLevel::error);
  Simulation simulation(GetParam());
  simulation.run_with_faults();
  simulation.run_without();
  if (HasFatalFailure()) return;
  simulation.check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ExactlyOnceUnderFaults,
                         testing::ValuesIn(test_seeds(seed_count(40))));

}  // namespace
}  // namespace longspan
