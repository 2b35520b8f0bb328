// cli/commands/trace_look.h - finds one record on both clusters by the flow's exact offset map, and
// what is kept of its way: stamps, trace, marks, groups' commits.
//
// Joins no group and writes nothing.
//
// Errors:  look(): Next::refuse_record where the record is on neither side, with the reason; others
//          where the target cannot be asked. All else that cannot be found is in the ShownRecord,
//          with its reason.
// Threads: one owner.
// Owns:    nothing; the view outlives it.
// Limits:  those of TraceGroups.
// Source:  mirror/traces/record_way.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/flow_view.h"
#include "cli/commands/trace_groups.h"
#include "cli/views/trace_view.h"
#include "mirror/hops/stamp_reader.h"
#include "mirror/record.h"
#include "mirror/state/flow_maps.h"
#include "tracing/context/row_context.h"

namespace longspan {

// A partition of the flow by the name that was given; an error tells a slip of the pen, a topic
// that the flow leaves out, and a name that both clusters have. `side`: as the user says.
[[nodiscard]] Result<EventSide> side_of(const FlowView& view, const TopicPartition& partition,
                                        std::optional<EventSide> side);

class TraceLook {
 public:
  // `groups`: only these; empty: those of latency.groups.
  TraceLook(FlowView& view, std::vector<std::string> groups);

  [[nodiscard]] Result<ShownRecord> look(EventSide side, const TopicPartition& partition,
                                         Offset offset);

 private:
  // A record as it was read.
  struct Read {
    std::optional<OwnedRecord> record;
    TimestampKind kind = TimestampKind::none;
    std::string why;                // absent: why
    bool is_beyond = false;         // nobody has written it yet
    std::optional<Offset> start{};  // of its log
  };
  [[nodiscard]] Read read(const Result<StateReader>& log, const std::string& cluster,
                          const TopicPartition& partition, Offset offset);
  [[nodiscard]] Result<StateReader> source_log();
  void pair(ShownRecord& out, const OffsetMap& map, EventSide side, Offset offset) const;
  [[nodiscard]] std::string why_not_mapped(const TopicPartition& source, const OffsetMap& map,
                                           const PartitionEntry& entry, Offset offset);
  [[nodiscard]] std::string told_by_events(const TopicPartition& source, Offset offset) const;
  [[nodiscard]] std::optional<std::string> told_by_letters(const TopicPartition& source,
                                                           Offset offset);
  void add_trace(ShownRecord& out, const Read& source, const Read& target);
  // What its headers say, or its row. `row` holds what the context's views are of.
  [[nodiscard]] TraceContext context_of(const Record& record,
                                        const std::vector<HeaderView>& headers,
                                        const ShownRecord& shown, std::optional<RowContext>& row);
  void add_way(ShownRecord& out, const Read& source, const Read& target);
  [[nodiscard]] ChangeStamps stamps_of(const ShownRecord& shown, const Read& read,
                                       EventSide read_from);
  void add_passed(ShownRecord& out, WayFacts& facts);
  void open_schemas();

  FlowView& view_;
  FlowMaps maps_;
  TraceGroups groups_;
  std::unique_ptr<WriterSchemas> schemas_;
};

}  // namespace longspan
