// tests/unit/mirror/shard_simulation.h - processes with shards, and everything that may happen to
// them, by seed.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/span_list.h"
#include "tests/unit/mirror/shard_on_fakes.h"

namespace longspan {

inline constexpr std::int32_t kPartitions = 3;
inline constexpr std::int32_t kSlots = 2;
inline std::int32_t slot_for(std::int32_t partition) { return partition % kSlots; }

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  void run_with_faults();
  void run_without();
  void check();

 private:
  struct Made {  // a readable source record that ever was
    Offset offset;
    std::string value;
    std::string key;
    bool is_compacted = false;
    OwnedRecord data = {};
  };
  using Fault = void (Simulation::*)();

  // What may happen, each with a weight; a seed takes part of them.
  void append_records();
  void append_gap();
  void append_aborted();
  void append_refused();
  void toggle_transaction();
  void compact_one();
  void expire();
  void toggle_sink_flag();
  void lose_offsets();
  void kill_sink();
  void fail_one();
  void toggle_refusal();
  void command();
  void write_foreign();
  void toggle_reach();
  void toggle_source_break();
  void toggle_state_break();
  void kill_process();
  void hand_over();
  void lose_slot();
  void refuse_sinks();
  void toggle_measures();
  void jump_time();
  void land_late();
  void remove_and_add();

  void faultless();
  void step_once();
  void take_free_slots();
  [[nodiscard]] bool is_drained();
  [[nodiscard]] bool drains();
  void try_blamed();
  std::string where_all_stand();
  void append_record(std::int32_t partition, const std::string& key, const std::string& value);
  void check_partition(std::int32_t partition);
  void check_refused(std::int32_t partition);
  void check_newest(std::int32_t partition);
  void check_traces(std::int32_t partition);

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::int32_t any_partition() { return static_cast<std::int32_t>(below(kPartitions)); }
  ProcessOnFakes& any_process() { return *processes_[below(processes_.size())]; }
  FakeSink* any_sink();  // nullptr: it has none
  ProcessOnFakes* owner_of(std::int32_t slot);
  void start_process();

  std::mt19937_64 random_;
  WorldOnFakes world_{kPartitions, kSlots};
  ShardLimits limits_;
  SpanList spans_;
  std::vector<std::unique_ptr<ProcessOnFakes>> processes_;
  std::map<std::int32_t, std::vector<Made>> made_;
  std::map<std::int32_t, std::vector<Offset>> refused_;  // too large for the target
  std::set<CommandKey> paused_;
  std::vector<Fault> faults_;
  bool is_compacted_ = false;  // the topic, as far as the shards are told
  int next_value_ = 0;
};

}  // namespace longspan
