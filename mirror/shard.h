// mirror/shard.h - one thread that carries the partitions of its slots from source to target.
//
//   Source --records--> Partition (tail match) --> Sink --acks--> Ledger -> OffsetMap, Position
//
// A step: take commands, account for what the sink reports, offer what is pending, read more,
// write state that is due. Reading stops while anything is pending: the sink's memory bound is the
// shard's. A partition in trouble is settled (every record in flight gets its outcome), then
// measured again, parked or closed; the others go on. Nothing is ever written behind a failed
// record of a partition, so what is on the target is always a gapless prefix.
//
// When the sink dies (gapless promise, fencing), all that was in flight is in doubt: the shard
// makes a new sink and every partition concerned measures the target's end and matches its tail.
//
// In exactly-once delivery a shard has at most one slot, whose sink writes records and state in
// transactions; see mirror/slot_transaction.h for what is different.
//
// Errors:  through notices, events, parked partitions; step() itself never fails.
// Threads: run() or step() owns every field; post(), snapshot() and alive_at() are the only calls
//          allowed from elsewhere.
// Owns:    its source, sink and tail source; clock, wakeup and notices outlive it.
//          Topics of high priority have clients of their own; see mirror/topic_class.h.
// Limits:  ShardLimits; commands queued: kCommandsMax.
// Source:  ARCHITECTURE.md, "The path of a record", "Resuming".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/event_log.h"
#include "mirror/flow_config.h"
#include "mirror/inbox.h"
#include "mirror/kafka/clients.h"
#include "mirror/partition.h"
#include "mirror/ports.h"
#include "mirror/read_budget.h"
#include "mirror/shard_messages.h"
#include "mirror/shard_ports.h"
#include "mirror/slot_transaction.h"
#include "mirror/snapshot.h"
#include "mirror/source_syncs.h"
#include "mirror/state/outbox.h"
#include "mirror/topic_class.h"
#include "mirror/trial.h"
#include "mirror/why/pace.h"
#include "tracing/log.h"

namespace longspan {

class Shard final : private SourceEvents, private SinkEvents {
 public:
  static constexpr std::size_t kCommandsMax = 1'000'000;
  static constexpr std::chrono::milliseconds kPublishEach{500};  // snapshots

  Shard(const FlowConfig& flow, ShardConfig config, ShardPorts ports);
  ~Shard() override;

  void run(const std::stop_token& stop);
  // One turn. Returns how many records were read; 0 means that waiting is in order.
  std::size_t step();

  [[nodiscard]] bool post(ShardCommand command);
  [[nodiscard]] ShardSnapshot snapshot() const;
  // So that snapshot() shows the present, not what was some tenths of a second ago.
  void want_publication() { is_publication_wanted_.store(true); }
  [[nodiscard]] bool has_published() const { return !is_publication_wanted_.load(); }
  // When the thread last turned: the watchdog's food.
  [[nodiscard]] Clock::Steady alive_at() const {
    return Clock::Steady(Clock::Steady::duration(alive_at_.load()));
  }

 private:
  struct Slot {
    std::int32_t number = 0;
    std::int32_t epoch = 0;  // above every other owner's
    SlotState state;         // as restored; partitions move out of it when they are added
    std::int64_t next_event = 0;
    std::unique_ptr<Outbox> outbox;
    TimestampMs taken_at;
    Clock::Steady owner_written_at{};
    std::map<TopicPartition, std::unique_ptr<Partition>> partitions;
    // No longer mirrored. `state` knows them only as they were when the slot was taken.
    std::map<PartitionIdentity, std::unique_ptr<Partition>> removed;
    std::deque<std::pair<std::int64_t, TopicPartition>> starting;  // by Partition::start_put
    std::map<CommandKey, Command> commands;
    std::map<TopicPartition, Remedy> remedies;
    Deaths deaths;
    bool is_announced = false;  // that we own it is on the target, and committed: reading may begin
    bool is_dropping = false;
    bool said_last_words = false;
    Clock::Steady drop_deadline{};
  };
  // Who a PartitionIndex belongs to.
  struct Entry {
    Partition* partition = nullptr;
    Outbox* outbox = nullptr;
  };
  // Replaced, but what it lent the sink is not back.
  struct RetiredSource {
    std::unique_ptr<Source> source;
    Clock::Steady at;
  };
  // The target's tail is read with a source of its own; its events come here.
  class TailEvents final : public SourceEvents {
   public:
    explicit TailEvents(Shard& shard) : shard_(shard) {}
    void on_records(PartitionIndex partition, std::span<Record> records) override;
    void on_end_of_partition(PartitionIndex partition, Offset next) override;
    void on_partition_failed(PartitionIndex partition, const Error& error) override;
    void on_source_trouble(const Error& error) override;

   private:
    Shard& shard_;
  };

  // Where a batch that cannot be read ends is found with a source of its own, too.
  class ProbeEvents final : public SourceEvents {
   public:
    explicit ProbeEvents(Shard& shard) : shard_(shard) {}
    void on_records(PartitionIndex partition, std::span<Record> records) override;
    void on_end_of_partition(PartitionIndex partition, Offset next) override;
    void on_batch_unreadable(PartitionIndex partition, std::optional<Offset> batch,
                             const Error& error) override;
    void on_partition_failed(PartitionIndex partition, const Error& error) override;
    void on_source_trouble(const Error& error) override;

   private:
    [[nodiscard]] StepOver* answered(PartitionIndex partition);
    Shard& shard_;
  };

  // The slot's state, read after the fencing.
  class StateEvents final : public SourceEvents {
   public:
    explicit StateEvents(SlotTransaction& transaction) : transaction_(transaction) {}
    void on_records(PartitionIndex partition, std::span<Record> records) override;
    void on_end_of_partition(PartitionIndex partition, Offset next) override;
    void on_partition_failed(PartitionIndex partition, const Error& error) override;
    void on_source_trouble(const Error& error) override;

   private:
    SlotTransaction& transaction_;
  };

  // Records that go alone have a sink of their own.
  class SingleEvents final : public SinkEvents {
   public:
    explicit SingleEvents(Shard& shard) : shard_(shard) {}
    void on_acked(PartitionIndex partition, Offset first_target, std::size_t count) override;
    void on_acked_somewhere(PartitionIndex partition, std::size_t count) override;
    void on_failed(PartitionIndex partition, std::size_t count, const Error& error) override;
    void on_sink_trouble(const Error& error) override;

   private:
    Shard& shard_;
  };

  // SourceEvents, SinkEvents (shard_data.cc)
  void on_records(PartitionIndex index, std::span<Record> records) override;
  void on_end_of_partition(PartitionIndex index, Offset next) override;
  void on_partition_truncated(PartitionIndex index, Offset end, const Error& error) override;
  void on_batch_unreadable(PartitionIndex index, std::optional<Offset> batch,
                           const Error& error) override;
  void on_partition_failed(PartitionIndex index, const Error& error) override;
  void on_source_trouble(const Error& error) override;
  void on_acked(PartitionIndex index, Offset first_target, std::size_t count) override;
  void on_acked_somewhere(PartitionIndex index, std::size_t count) override;
  void on_failed(PartitionIndex index, std::size_t count, const Error& error) override;
  void on_sink_trouble(const Error& error) override;

  [[nodiscard]] std::chrono::milliseconds longest_wait() const;

  // Commands (shard.cc)
  void take_commands();
  void on_command(TakeSlot& command);
  void on_command(DropSlot& command);
  void on_command(TopicSettings& command);
  void on_command(AddPartition& command);
  void on_command(RemovePartition& command);
  void on_command(Measured& command);
  void on_command(LogEnds& command);
  void on_command(ApplyCommand& command);
  void on_command(ApplyRemedy& command);
  void on_command(WriteEvent& command);
  void on_command(WriteDefinition& command);
  void on_command(ChangeSettings& command);
  void on_command(const std::shared_ptr<const GroupCommits>& commits);
  [[nodiscard]] bool is_recreated(Partition& p, const std::optional<TopicId>& source_id);
  void notify(ShardNotice notice);

  // Data path (shard_data.cc)
  void offer_pending(TopicClass& topics);
  [[nodiscard]] bool offer(Partition& p, Record& record);
  [[nodiscard]] bool waits_for_proof(const Partition& p) const;
  [[nodiscard]] bool may_read(const TopicClass& topics) const;
  void at_end(Partition& p, Offset next);
  void account(Partition& p, Offset first_target, std::int64_t count);
  void observe(Partition& p, const Ledger::Run& run, Offset target);
  void end_tail(Partition& p);
  void hold_if_flooded(Partition& p);
  void drop_pending_of(PartitionIndex index);

  // Refused records (shard_refused.cc)
  [[nodiscard]] bool may_leave_out(const Error& error) const;
  void go_one_by_one(Partition& p, Offset until);
  [[nodiscard]] bool waits_alone(Partition& p);
  [[nodiscard]] bool lacks_key(const Partition& p, const Record& record) const;
  [[nodiscard]] bool offer_alone(Partition& p, Record& record);
  [[nodiscard]] Sink* sink_for_one(Partition& p);
  [[nodiscard]] Result<void> open_single_sink();
  void close_single(Partition& p);
  void drop_single_sink();
  static void end_one(Partition& p);
  void leave_out(Partition& p, const Error& error);
  void left_out(Partition& p);
  void write_letter();
  [[nodiscard]] Result<void> open_letters();
  void on_letter_written();
  void on_letter_failed(const Error& error);
  // Priorities (shard_priority.cc)
  [[nodiscard]] TopicClass& class_of(const Partition& p) { return classes_[index_of(p.priority)]; }
  [[nodiscard]] const TopicClass& class_of(const Partition& p) const {
    return classes_[index_of(p.priority)];
  }
  [[nodiscard]] std::size_t read_records();
  [[nodiscard]] std::size_t read_class(TopicClass& topics);
  void look_at_high_priority();
  [[nodiscard]] HighWork high_work(Clock::Steady now) const;
  [[nodiscard]] std::int64_t sink_room(const TopicClass& topics) const;
  [[nodiscard]] bool has_sink_room(const Partition& p) const;
  void set_priority(Partition& p);
  void note_offered(const Partition& p, Offset offset);
  void note_acked(const Partition& p, const Ledger::Run& run);
  [[nodiscard]] std::string why_waiting(const Partition& p) const;
  [[nodiscard]] bool waits_for_source(const Partition& p) const;

  // Phases (shard_phases.cc)
  void restore(Partition& p, Slot& slot);
  [[nodiscard]] static bool restore_removed(Partition& p, Slot& slot);
  [[nodiscard]] static std::optional<Offset> former_life(const Partition& p, const Slot& slot);
  void tell_recreated(Partition& p, const Slot& slot);
  void on_state_acked(const Outbox& outbox);
  void begin_started(Slot& slot);
  void on_announced(Slot& slot);
  void measure(Partition& p);
  void start_where_told(Partition& p, StartFrom from, const PartitionEnds& source,
                        const PartitionEnds& target);
  void match_tail(Partition& p, const PartitionEnds& target);
  void start_reading(Partition& p);
  void run_partition(Partition& p);
  void stop_reading(Partition& p);
  void settle(Partition& p, Phase after);
  void finish_settling(Partition& p);
  void park(Partition& p, const Error& error);
  void pause(Partition& p, std::string reason);
  void recover(Partition& p);
  void tail_read(Partition& p);
  void remove(Slot& slot, Partition& p);
  void forget_times(Partition& p, bool comes_back = false);

  // Batches that cannot be read (shard_unreadable.cc)
  void probe(Partition& p);
  void start_probe(Partition& p);
  std::size_t poll_probes();
  void end_probing(Partition& p);
  void stop_side_reading(Partition& p);
  static void forget_what_was_here(Partition& p);

  void set_gate(Partition& p);  // and what follows: shard_schemas.cc
  [[nodiscard]] ShardGate::Bound gate_bound() const;
  [[nodiscard]] bool goes_through_gate(Partition& p, const Record& record);
  void look_at_gates();
  void look_at_gate(Partition& p);
  void tell_gone_unknown(Partition& p);
  void add_gate(ShardSnapshot& snapshot) const;

  // What processes may have died of (shard_trials.cc)
  void restore_trial(Partition& p, const Slot& slot, const Position& position);
  void blame(Partition& p);
  [[nodiscard]] static Error blame_of(const Partition& p);
  [[nodiscard]] bool park_blamed(Partition& p);
  [[nodiscard]] bool waits_for_trial(Partition& p);
  void step_trials();
  void begin_trial(Partition& p);
  void look_at_trial();
  void await_end_of_trial();
  void end_trial();

  // The ends of the logs (shard_watch.cc)
  void watch_source(Partition& p, const PartitionEnds& log);
  void watch_open_transaction(Partition& p, const PartitionEnds& log);
  void watch_reading(Partition& p);
  void watch_acknowledgements(Partition& p, bool has_leader);
  void watch_target(Partition& p, const PartitionEnds& log);
  void tell_lost_deletes(const Partition& p, const Position& position, Offset source_end);

  // Why it is late (shard_why.cc)
  void watch_waits(Partition& p, const PartitionEnds& log, Clock::Steady asked_at);
  [[nodiscard]] Waits waits_of(const Partition& p) const;
  [[nodiscard]] static bool waits_here(Partition& p, Clock::Steady now);
  void look_at_pace(bool has_more_at_source, Clock::Steady now);
  [[nodiscard]] LoadSnapshot load() const;

  // Losses and remedies (shard_losses.cc)
  [[nodiscard]] bool accept_source(Partition& p, const PartitionEnds& source);
  [[nodiscard]] bool accept_target(Partition& p, const Measured& measured);
  [[nodiscard]] bool goes_on(Partition& p, const Stop& loss, const std::string& what);
  void stop_for(Partition& p, Stop event, const std::string& what);
  void stop_for(Partition& p, const Stop& event);
  void stop_again(Partition& p);
  void open_late_window(Partition& p);
  void on_late_records(Partition& p);
  void tell_foreign(Partition& p, Offset from, Offset to);
  void tell_twice(Partition& p, Offset target, std::int64_t count);
  void stop_by_policy(Partition& p, const Stop& event);
  void restore_stop(Partition& p, const Position& position);
  void apply(Partition& p, const Remedy& remedy);
  void carry_out_set(Partition& p, const Measured& measured);
  void start_at(Partition& p);

  // Sink and source handles (shard_clients.cc)
  [[nodiscard]] bool open_sink();
  void reopen_on_new_sink();
  [[nodiscard]] std::int64_t batch_bytes_max() const;
  [[nodiscard]] std::int64_t record_bytes_max(const std::string& target_topic) const;
  void fit_batches(std::int64_t bytes_max);
  void mend_sink();
  [[nodiscard]] bool open_source(Priority priority);
  [[nodiscard]] std::int32_t partitions_of(Priority priority) const;
  Result<std::unique_ptr<Source>> read_target(std::int64_t bytes_max);
  void grow_source();
  void free_retired_sources();
  PartitionIndex take_index(Entry entry);

  // Exactly once (shard_transactions.cc)
  [[nodiscard]] bool is_exactly_once() const { return transaction_ != nullptr; }
  // What comes by the clock waits while a transaction is being ended: on a slow target there would
  // always be more of it.
  [[nodiscard]] bool may_put() const { return !transaction_ || transaction_->takes_records(); }
  void want_slot(const TakeSlot& command);
  void unwant_slot(std::int32_t slot);
  void postpone(ShardCommand command);
  void take_slot(TakeSlot& command);
  [[nodiscard]] bool prepare_transaction();
  void fence();
  void await_fencing();
  void start_reading_state();
  void read_state();
  void begin_slot();
  void restart_transaction();
  void forget_slots();
  void advance_transaction();
  [[nodiscard]] bool is_commit_due(Clock::Steady now) const;
  [[nodiscard]] bool is_drained() const;
  [[nodiscard]] bool is_all_committed() const;
  [[nodiscard]] bool has_state_to_write() const;
  void flush_outboxes();
  void put_positions();
  void ask_commit();
  void await_commit();
  void begin_transaction();
  void refuse_in_transaction(const Partition* p, const Error& error);
  void note_refused(const Partition& p, const Error& error);
  void go_on_one_by_one(Partition& p);
  [[nodiscard]] bool park_refused(Partition& p);
  void allow_for_marker(const Partition& p, PartitionEnds& target) const;
  void restore_kept(Partition& p);

  // Time and state (shard_state.cc)
  void tick();
  void tick_partition(Slot& slot, Partition& p, Clock::Steady now);
  void write_position(Slot& slot, Partition& p);
  void write_owner(Slot& slot, bool is_release);
  void put(Slot& slot, const StateKey& key, std::optional<std::string> value);
  Event record_event(Slot& slot, Event event);
  void put_event(Slot& slot, const Event& event);
  std::int64_t record_range(Partition& p, EventKind kind, Offset from, Offset to, std::string text);
  void write_range_events(Slot& slot, Partition& p);
  Event record_event(const Partition& p, EventKind kind, std::optional<Offset> from,
                     std::optional<Offset> to, std::string text);
  void write_sync(Partition& p, const OffsetPair& pair);
  void write_due_syncs(Partition& p, Clock::Steady now);
  void write_heartbeat(Clock::Steady now);
  [[nodiscard]] std::unique_ptr<Outbox> make_outbox(TopicPartition target);
  void progress_drop(Slot& slot, Clock::Steady now);
  [[nodiscard]] bool is_paused(const Slot& slot, const TopicPartition& source) const;
  void publish();
  [[nodiscard]] PartitionSnapshot snapshot_of(const Partition& p) const;
  [[nodiscard]] PrioritySnapshot snapshot_of(Priority priority) const;
  Slot* slot_of_partition(const Partition& p);
  Partition* find(std::int32_t slot, const TopicPartition& source);

  FlowConfig flow_;  // a copy: its LiveSettings change
  const ShardConfig config_;
  ShardPorts ports_;
  const LogContext log_;

  ReadBudget own_budget_;
  ReadBudget& budget_;
  TrialTurn own_turn_;
  TrialTurn& trial_turn_;
  std::array<TopicClass, 2> classes_;  // by priority
  Clock::Steady next_look_at_high_{};
  InFlight held_in_flight_;  // of held partitions: no part of their class's room
  std::vector<RetiredSource> retired_sources_;
  std::unique_ptr<Source> tail_source_;
  std::unique_ptr<Source> probe_source_;  // while there is something to probe
  std::set<PartitionIndex> probing_;
  std::unique_ptr<ShardGate> gate_;
  SloWatch slos_;
  HopWatch hops_;
  GroupWatch groups_;
  GroupWatch source_groups_;
  TraceWatch traces_;
  std::vector<HopWatch::Sampled> sampled_;  // of one run, for groups_ and traces_
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<Sink> single_sink_;  // of records that go alone, and of dead letters
  SingleEvents single_events_{*this};
  std::unique_ptr<Outbox> letters_;  // dead letters, one at a time
  using SlotPartition = std::pair<std::int32_t, TopicPartition>;
  std::optional<SlotPartition> letter_of_;    // whose letter is on its way
  std::deque<SlotPartition> letters_wanted_;  // who has one to write
  std::deque<SlotPartition> suspects_;        // who waits for a trial; some may not any more
  std::optional<TrialRun> trial_run_;         // its turn is taken
  TailEvents tail_events_{*this};
  ProbeEvents probe_events_{*this};
  bool source_must_grow_ = false;
  bool sink_is_dying_ = false;
  Clock::Steady sink_deadline_{};
  Clock::Steady sink_retry_at_{};
  Clock::Steady sink_made_at_{};
  std::int64_t sink_number_ = 0;  // counts the sinks made
  std::int64_t last_measure_ = 0;
  std::int64_t sink_batch_bytes_ = SinkLimits::kBatchBytesMax;  // of the sink there is
  TopicSettings topic_settings_;

  std::unique_ptr<SlotTransaction> transaction_;  // only in exactly-once delivery
  std::map<std::int32_t, Slot> slots_;
  std::vector<Entry> entries_;  // by PartitionIndex
  std::vector<PartitionIndex> free_indices_;
  std::vector<PartitionIndex> retired_indices_;  // late reports of this sink may still name them
  std::unique_ptr<Outbox> syncs_;                // MM2's offset syncs, when emitted
  std::unique_ptr<SourceSyncs> source_syncs_;    // the same, where they are asked for at the source
  std::unique_ptr<Outbox> heartbeats_;           // MM2's heartbeats, when emitted
  Clock::Steady next_heartbeat_{};
  Clock::Steady batch_at_{};  // when the records being delivered were fetched
  Clock::Steady next_tick_{};
  Clock::Steady next_publish_{};
  Clock::Steady next_rates_{};
  Pace pace_;
  Clock::Steady paced_at_{};
  Since source_down_;
  Since target_down_;

  std::map<std::string, TopicSnapshot> topics_;
  EventLog told_;
  std::int64_t backpressure_total_ = 0;
  std::optional<std::string> source_trouble_;
  std::optional<std::string> target_trouble_;
  Clock::Steady source_trouble_at_{};
  Clock::Steady target_trouble_at_{};

  Inbox<ShardCommand> commands_{kCommandsMax};
  std::atomic<Clock::Steady::rep> alive_at_{0};
  std::atomic<bool> is_publication_wanted_{false};

  mutable std::mutex published_mutex_;
  ShardSnapshot published_;  // protected by published_mutex_
};

}  // namespace longspan
