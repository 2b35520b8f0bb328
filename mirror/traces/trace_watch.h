// mirror/traces/trace_watch.h - reads the trace that a record came in, has its copy's headers name
// our span where that is wanted, and makes spans of its hops.
//
//   batch(), and for each of its records
//   fetched() --context, decision, edits--> follow() --> acked() | left_out() --> spans
//                                                             |
//                                             sink_committed() --> a span for each group
//
// Spans leave when the record is on the target: at once where that was decided before, at the end
// of a minute where it was among the slowest or had an error. A group's commit comes later, and its
// span with it.
//
// Units:   source offsets; steady times of the shard's clock.
// Errors:  none. What cannot be followed has no spans, and is counted.
// Threads: one shard's.
// Limits:  kOnWayMax records between their fetch and their acknowledgement; the slowest of a
//          minute and kFailedMax with an error; kTroublesMax a partition; kGroupsMax groups before
//          a record's spans leave. Spans: the sink's own queue.
// Source:  ARCHITECTURE.md, "Traces".
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mirror/hops/hop_watch.h"
#include "mirror/ports.h"
#include "mirror/record.h"
#include "mirror/traces/copy_context.h"
#include "mirror/traces/pathway_watch.h"
#include "mirror/traces/trace_examples.h"
#include "mirror/traces/trace_figures.h"
#include "mirror/traces/trace_settings.h"
#include "mirror/traces/traced_record.h"
#include "tracing/context/row_context.h"
#include "tracing/export/span_sink.h"
#include "tracing/sampling/head_sampler.h"
#include "tracing/sampling/tail_sampler.h"
#include "tracing/spans/messaging_names.h"

namespace longspan {

// Of a shard.
struct TraceConfig {
  std::string flow;
  TraceSettings settings;
  double records_per_second = 20;  // this shard's part
  std::size_t slowest_max = 10;    // the same
  std::string source_cluster = {};
  std::string target_cluster = {};
  NamesWanted names = NamesWanted::current;
};

class TraceWatch {
 public:
  static constexpr std::size_t kOnWayMax = 10'000;
  static constexpr std::size_t kFailedMax = 100;
  static constexpr std::size_t kTroublesMax = 8;
  static constexpr std::size_t kGroupsMax = 16;
  using Steady = Clock::Steady;

  // What happened to the records of a range on their way.
  struct Trouble {
    OffsetRange range;
    SpanEvent event;
  };
  // Of one partition.
  struct Passage {
    TraceMode mode = TraceMode::preserve;
    RewriteRule rule;  // its ids are right in every mode
    std::shared_ptr<const TracedPartition> of;
    std::unique_ptr<std::deque<TraceHandle>> on_way;  // in the order of offsets; null: none
    std::unique_ptr<std::deque<Trouble>> troubles;
    std::shared_ptr<const PathwayWatch::Route> pathway;  // null: its records are no checkpoints
  };

  // What is not in the headers may be in the row: `hops` can read it. Either sink may be null:
  // nobody wants any, and the headers that name them stay as they are. All outlive it.
  TraceWatch(const Clock& clock, HopWatch& hops, SpanSink* spans, TraceConfig config,
             PathwaySink* pathways = nullptr);
  // What was kept of the minute leaves.
  ~TraceWatch();
  TraceWatch(const TraceWatch&) = delete;
  TraceWatch& operator=(const TraceWatch&) = delete;

  void open(Passage& passage, const TopicPartition& source, const TopicPartition& target);
  [[nodiscard]] static bool is_on(const Passage& passage) {
    return passage.mode != TraceMode::preserve || passage.pathway != nullptr;
  }

  // What follows came in one: it gets a span where one of its records gets some.
  void batch(const Passage& passage, const Record& first, std::size_t records, Steady at);
  // A record of a passage that is on. What its copy's headers are to be becomes its `edits`. True:
  // it will have spans, so its times are wanted, too.
  [[nodiscard]] bool fetched(Passage& passage, Record& record, Steady at);
  // The one that was fetched last is followed: its times are.
  void follow(Passage& passage, const Record& record, Steady at);
  // They are on the target, from `target` on, without a gap. Each of `sampled` whose spans left or
  // may leave gets its handle.
  void acked(Passage& passage, const OffsetRange& range, Offset target,
             std::span<HopWatch::Sampled> sampled);
  // It is not written to the target.
  void left_out(Passage& passage, Offset source, std::string_view how, const std::string& why);
  // Something held up all of the range, or has it written again.
  void trouble(Passage& passage, const OffsetRange& range, std::string_view what,
               const std::string& why);
  // A group is done with it.
  void sink_committed(const TraceHandle& record, const std::string& group,
                      const RecordTimes& times);
  void lost_sink() { ++figures_.sinks_lost; }
  void forget(Passage& passage);
  // Now and then.
  void tick(Steady now);

  [[nodiscard]] TraceFigures figures() const;
  // As they are now; null: none yet.
  [[nodiscard]] std::shared_ptr<const TraceExamples> examples();

 private:
  struct Fetched {  // the last one
    Offset offset;
    TraceContext context;
    HeadDecision decision;
    TraceId trace;
    bool is_random = false;
  };
  // The one that comes now.
  struct Batch {
    SpanIds ids;
    std::int64_t records = 0;
    Steady at{};
    std::weak_ptr<TracedBatch> made;
  };
  // Its views are valid until the next.
  [[nodiscard]] TraceContext context_of(const Passage& passage, const Record& record);
  void join_batch(const Passage& passage, const TraceHandle& record);
  // The record is told; the last one has the batch told, too.
  void leave_batch(TracedRecord& record);
  [[nodiscard]] bool fetched_in_trace(Passage& passage, Record& record, Steady at);
  void rewrite(Passage& passage, Record& record);
  void done(const TraceHandle& record);
  void tell(TracedRecord& record);
  void tell_sink(const TracedRecord& record, const std::string& group, const RecordTimes& times);
  void tell(TailSampler<TraceHandle>::Kept kept);
  void pop_front(Passage& passage);
  void add_troubles(Passage& passage, TracedRecord& record) const;
  [[nodiscard]] bool has_trouble(const Passage& passage, Offset source) const;

  const Clock& clock_;
  HopWatch& hops_;
  SpanSink* const spans_;
  const TraceConfig config_;
  HeadSampler head_;
  TailSampler<TraceHandle> tail_;
  std::vector<HeaderView> views_;
  std::optional<RowContext> row_;
  std::optional<Fetched> last_;
  Batch batch_;
  std::size_t on_way_ = 0;  // of all passages
  PathwayWatch pathways_;
  TraceExamples examples_;
  std::shared_ptr<const TraceExamples> shown_;  // null: they are others by now
  TraceFigures figures_;
};

}  // namespace longspan
