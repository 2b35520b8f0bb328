// mirror/flow.h - one flow, source -> target, as this process takes part in it.
//
//   Membership --slots--> Flow --TakeSlot, AddPartition--> Shards --Measure--> Flow --> Surveyor
//
// The flow's thread joins the ownership group, restores the slots it is given from their state
// partition, and deals slots and partitions out to its shards. It never waits: what waits is the
// surveyor's. Every other process of the flow does the same with the slots it is given.
//
// Errors:  start() answers what makes the flow impossible: unreachable or equal clusters, another
//          definition. Later trouble shows in snapshot() and the log; failed() says when nothing
//          more can come.
// Threads: start() and stop() from the owner; snapshot(), is_alive(), failed() from anywhere.
// Owns:    its threads: its own, the surveyor's, one per shard, those of registries and groups.
// Limits:  FlowLimits; inboxes are bounded by the number of partitions.
// Source:  ARCHITECTURE.md, "Ownership".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "mirror/clocks/broker_probe.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/clocks/database_probe.h"
#include "mirror/definition.h"
#include "mirror/flow_config.h"
#include "mirror/flow_ports.h"
#include "mirror/groups/commit_feed.h"
#include "mirror/groups/sink_commits.h"
#include "mirror/groups/sink_report.h"
#include "mirror/marks/marks_writer.h"
#include "mirror/membership.h"
#include "mirror/outages.h"
#include "mirror/schemas/duty.h"
#include "mirror/schemas/gate.h"
#include "mirror/schemas/topic_watch.h"
#include "mirror/shard.h"
#include "mirror/snapshot.h"
#include "mirror/surveyor.h"
#include "mirror/why/waits.h"

namespace longspan {

struct FlowLimits {
  std::int64_t memory_bytes = 384LL << 20;  // for all shards of the flow
  std::int32_t shards = 1;
  std::string process;              // host:pid, for owners and events
  bool replace_definition = false;  // take this file's definition, if no process runs the flow
};

// What keeps a flow from starting, by cluster.
struct StartTrouble {
  std::optional<std::string> source;
  std::optional<std::string> target;
};

class Flow final : private MembershipEvents {
 public:
  static constexpr std::size_t kChangesMax = 100;
  static constexpr std::size_t kSinksMax = 1'000;  // that report; further ones are refused

  Flow(FlowConfig config, FlowLimits limits, FlowPorts ports);
  ~Flow() override;

  // Reaches both clusters, creates our topics where missing, compares the definition, and starts
  // the threads. Waits at most the admin timeout per call.
  Result<void> start();
  // Gives the slots up in order and leaves the group; bounded by `patience`.
  void stop(std::chrono::milliseconds patience);

  // While start() waits for a cluster.
  [[nodiscard]] StartTrouble start_trouble() const;
  [[nodiscard]] FlowSnapshot snapshot() const;
  // Every thread turned within the session timeout.
  [[nodiscard]] bool is_alive() const;
  // The slots this process owns are restored and handed to shards, or it owns none.
  [[nodiscard]] bool is_ready() const { return is_ready_.load(); }
  // Set once: the flow cannot go on in this process.
  [[nodiscard]] std::optional<Error> failed() const;
  [[nodiscard]] const FlowConfig& config() const { return config_; }
  // The file was read again: these hold within a turn, from then on. `changed` is for people:
  // "park.retry.ms=5000->1000, ...". From any thread, also while start() runs.
  void change(LiveSettings settings, std::string changed);
  // What sinks say of themselves; of what another process mirrors it is handed on. From any thread.
  // Answers for each.
  [[nodiscard]] std::vector<SinkReportFate> report(const std::vector<SinkReport>& reports);

 private:
  struct OwnedSlot {
    bool is_restored = false;
    bool is_leaving = false;
    bool is_refused = false;  // its state cannot be read by this program
    SlotState state;          // until it is restored
    std::int32_t generation = 0;
    std::size_t shard = 0;
    TimestampMs taken_at;
    std::map<TopicPartition, TopicId> added;
  };
  struct Change {
    LiveSettings settings;
    std::string changed;
  };
  struct RunningShard {
    std::unique_ptr<Wakeup> wakeup;
    std::unique_ptr<Shard> shard;
    std::jthread thread;
  };

  // Start (flow_start.cc)
  Result<std::string> await_cluster(const ClusterConfig& cluster,
                                    std::optional<std::string> StartTrouble::*trouble);
  Result<void> open_clients();
  Result<void> ensure_topic(const NewTopic& topic);
  static Result<void> create_topic(Admin& admin, const NewTopic& topic);
  Result<void> ensure_topics();
  Result<void> check_definition();
  Result<std::optional<Definition>> read_definition(std::optional<std::string>* owner = nullptr);
  Result<std::int32_t> count_slots();
  void make_shards();
  [[nodiscard]] TraceConfig trace_config(std::int32_t shards) const;
  ShardPorts shard_ports(RunningShard& running, std::int32_t index);

  // The flow's thread (flow.cc)
  void run(const std::stop_token& stop);
  bool step();
  void take_news();
  void take_notices();
  void on_news(SurveyReport& report);
  void on_news(MeasureAnswer& answer);
  void on_news(LogEndsReport& report);
  void on_news(ClusterTrouble& trouble);
  void reconcile();
  void add(std::int32_t number, OwnedSlot& slot, const ReadyPartition& ready);
  void restored(std::int32_t number, OwnedSlot& slot);
  void settle_definition(const OwnedSlot& slot);
  [[nodiscard]] bool definition_is_known();
  [[nodiscard]] StartFrom start_of(const TopicPartition& source) const;
  void give_up(const std::vector<std::int32_t>& slots, bool is_lost);
  void finish_release();
  [[nodiscard]] bool has_duty(std::string_view duty) const;
  void update_duty();
  void tell_events(std::string_view duty, std::vector<Event> events);
  void take_changes();
  void tell_change();
  void share_budget();
  void fail_with(Error error);
  [[nodiscard]] bool shards_turn() const;
  void show(FlowSnapshot& all, std::map<std::string, TopicSnapshot>& topics) const;
  // Why it is late (flow_why.cc)
  void note_moving();
  void note_silence(const ClusterTrouble& trouble);
  void note_step(const ClockStep& step);
  void add_connectors(FlowSnapshot& all) const;
  void add_slos(FlowSnapshot& all, const std::vector<SloSnapshot>& slos) const;
  void show_why(FlowSnapshot& all) const;

  // Schema registries (flow_schemas.cc)
  [[nodiscard]] bool has_registries() const;
  Result<void> start_gate();
  Result<void> start_writer_schemas();
  Result<void> start_schemas();
  void make_schema_topic();
  void take_schema_news();
  void restore_schemas_command(const SlotState& state);
  void take_schemas_command(const Command& command);
  void tell_schemas_command();

  // Clocks (flow_clocks.cc)
  Result<void> start_clocks();
  void start_probe(BrokerProbeSettings settings);
  void stop_clocks();
  void clock_stepped(const ClockStep& step);
  void tick_clocks();
  void tell_steps();
  // Consumer groups (flow_groups.cc)
  [[nodiscard]] bool wants_groups(EventSide side) const;
  // Of the reports those that are to be handed on; what becomes of the rest is told.
  struct OwnReports {
    std::vector<std::size_t> ours;
    std::vector<std::size_t> others;  // of partitions that another process mirrors
  };
  [[nodiscard]] OwnReports sort_reports(const std::vector<SinkReport>& reports,
                                        std::vector<SinkReportFate>& fates);
  void start_groups();
  void start_groups(EventSide side);
  void watch_groups();
  void stop_groups();
  // History (flow_marks.cc)
  Result<void> ensure_marks_topic(Admin& admin) const;
  void start_marks();
  void stop_marks(std::chrono::milliseconds patience);

  // MembershipEvents
  void on_slots_assigned(const std::vector<std::int32_t>& slots) override;
  void on_slots_revoked(const std::vector<std::int32_t>& slots) override;
  void on_slots_lost(const std::vector<std::int32_t>& slots) override;
  void on_state_record(std::int32_t slot, std::string_view key,
                       std::optional<std::string_view> value) override;
  void on_slot_end(std::int32_t slot, Offset next) override;
  void on_membership_trouble(const Error& error) override;

  // Constant after start().
  const FlowConfig config_;
  const FlowLimits limits_;
  FlowPorts ports_;
  const LogContext log_;
  const TimestampMs started_at_;
  ClockWatch clocks_;
  std::int32_t slots_total_ = 0;
  std::chrono::microseconds source_round_trip_{1000};
  std::chrono::microseconds target_round_trip_{1000};
  Definition ours_;
  std::optional<std::string> definition_change_;  // what differs from the one to be replaced
  std::set<std::string> told_;  // of the last survey: topics that vanished, or were recreated

  std::unique_ptr<Admin> source_admin_;  // until the surveyor takes it
  std::unique_ptr<Admin> target_admin_;
  std::unique_ptr<Wakeup> wakeup_;
  std::unique_ptr<Membership> membership_;
  std::unique_ptr<Surveyor> surveyor_;
  ReadBudget budget_;
  TrialTurn trial_turn_;
  std::vector<RunningShard> shards_;
  Inbox<ShardNotice> notices_{Shard::kCommandsMax};
  Inbox<SurveyNews> news_{Shard::kCommandsMax};
  Inbox<Change> changes_{kChangesMax};
  Inbox<SchemaStatus> schema_news_{kChangesMax};
  Inbox<ClockStep> clock_news_{kChangesMax};

  // The flow's thread.
  LiveSettings live_;          // what of config_ changes
  std::string untold_change_;  // while no slot is ours
  std::map<std::int32_t, OwnedSlot> owned_;
  std::set<std::int32_t> releasing_;  // given up, waiting for their shards
  std::optional<Definition> definition_;
  std::optional<SurveyReport> survey_;
  Outages source_outages_;
  Outages target_outages_;
  std::string schema_trouble_;             // as last told by an event
  std::int64_t schemas_incompatible_ = 0;  // as last logged
  std::optional<Command> schemas_command_;
  bool is_schemas_command_told_ = true;  // by an event
  Clock::Steady next_definition_look_{};
  Clock::Steady next_clock_tick_{};

  std::atomic<bool> is_ready_{false};
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> has_released_all_{false};
  std::atomic<Clock::Steady::rep> alive_at_{0};

  std::mutex sinks_mutex_;
  std::set<std::string> sinks_;  // protected by sinks_mutex_, as the next
  // Of the target, whether it is this process that mirrors it.
  std::shared_ptr<const std::unordered_map<TopicPartition, bool>> copies_;
  std::unique_ptr<SinkCommits> sink_commits_;  // absent: no groups are wanted

  mutable std::mutex shown_mutex_;
  StartTrouble start_trouble_;                     // protected by shown_mutex_
  struct Shown {                                   // protected by shown_mutex_
    std::map<std::int32_t, TimestampMs> slots;     // owned here -> taken at
    std::map<std::string, TopicSnapshot> refused;  // by source topic
    std::map<std::string, std::string> warnings;
    std::set<std::string> topics;  // at the source, of all processes
    std::optional<std::string> source_trouble;
    std::optional<std::string> target_trouble;
    std::optional<Error> failure;
    Since source_silent;
    TimestampMs source_heard_since;  // the last outage's end
    Since target_silent;
    std::int32_t moving_slots = 0;  // not restored yet, or being released
    Since moving;
    std::int32_t slots_total = 0;      // 0: not known yet
    std::int64_t lost_partitions = 0;  // of slots that were lost, until others are given
    std::map<std::string, Clock::Steady> stepped;  // by clock
  } shown_;

  std::unique_ptr<SchemaDuty> schema_duty_;        // absent: the clusters have no schema registries
  std::unique_ptr<SchemaGate> schema_gate_;        // the same; outlives the shards
  std::unique_ptr<WriterSchemas> writer_schemas_;  // absent: the source has no registry
  std::unique_ptr<SchemaTopicWatch> schema_topic_;  // absent: the registry's topic is not followed
  // By side; absent: none of its groups are wanted.
  std::array<std::unique_ptr<CommitFeed>, 2> commit_feeds_;
  std::stop_source schema_stop_;                   // of their registries, too
  std::jthread schema_thread_;                     // each of the two hurries the other
  std::unique_ptr<DatabaseProbe> database_probe_;  // absent: there is no database to ask
  std::vector<std::unique_ptr<BrokerProbe>> broker_probes_;
  std::vector<std::jthread> probe_threads_;
  std::jthread gate_thread_;
  std::jthread writer_schemas_thread_;
  std::jthread schema_topic_thread_;
  std::array<std::jthread, 2> commit_feed_threads_;
  std::jthread sink_commits_thread_;
  std::unique_ptr<MarksWriter> marks_;  // made by start(); looks at the shards
  std::jthread surveyor_thread_;
  std::jthread thread_;
  std::jthread marks_thread_;
};

}  // namespace longspan
