#include "cli/commands/trace_look.h"

#include <algorithm>
#include <array>

#include "cli/commands/flow_choice.h"
#include "cli/views/time_text.h"
#include "mirror/dead_letters.h"
#include "mirror/log_reading.h"
#include "mirror/marks/marks_reader.h"
#include "mirror/schemas/registry_client.h"
#include "tracing/context/trace_context.h"

namespace longspan {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kNearMs = 10 * kMinuteMs;
constexpr std::int64_t kBeforeTombstone = 16;

std::optional<Offset> copy_of(const OffsetMap& map, Offset source) {
  for (const Segment& each : map.segments()) {
    if (each.source_start <= source && source < each.source_end()) {
      return each.target_start + (source - each.source_start);
    }
  }
  return std::nullopt;
}

std::optional<Offset> original_of(const OffsetMap& map, Offset target) {
  for (const Segment& each : map.segments()) {
    if (each.target_start <= target && target < each.target_end()) {
      return each.source_start + (target - each.target_start);
    }
  }
  return std::nullopt;
}

bool has_topic(const FlowState& state, const std::string& topic, EventSide side) {
  const FlowMaps maps(state);
  for (const auto& source : partitions_of(state)) {
    const auto* entry = maps.entry(source);
    const auto& name = side == EventSide::source ? source.topic : entry->position.target_topic;
    if (name == topic) return true;
  }
  return false;
}

std::string number(Offset offset) { return std::to_string(offset.value); }

std::vector<HeaderView> views_of(const Headers& headers) {
  std::vector<HeaderView> out;
  out.reserve(headers.size());
  for (const Header& each : headers) out.push_back({each.name, each.value});
  return out;
}

std::string why_no_context(const TraceContext& context) {
  for (std::size_t i = 0; i < kTraceFormats; ++i) {
    const auto fault = static_cast<std::size_t>(context.faults[i]);
    if (fault == 0) continue;
    return "its " + std::string(kTraceFormatNames[i]) + " header is broken (" +
           std::string(kTraceFaultNames[fault]) + ")";
  }
  return "the record has no header of tracecontext, b3, b3multi, jaeger or datadog, and its row no "
         "context";
}

}  // namespace

Result<EventSide> side_of(const FlowView& view, const TopicPartition& partition,
                          std::optional<EventSide> side) {
  const FlowState& state = view.state();
  const auto of_source = check_partition(state, partition);
  const auto of_target = check_copy(state, partition);
  if (side == EventSide::source && of_source) return EventSide::source;
  if (side == EventSide::target && of_target) return EventSide::target;
  if (side) return (*side == EventSide::source ? of_source : of_target).error();
  if (of_source && of_target) {
    return fail(Next::stop_process, partition.text() +
                                        " is a name on both clusters: say which by "
                                        "--on source or --on target");
  }
  if (of_source) return EventSide::source;
  if (of_target) return EventSide::target;
  if (has_topic(state, partition.topic, EventSide::source)) return of_source.error();
  if (has_topic(state, partition.topic, EventSide::target)) return of_target.error();
  if (!view.config().topics.matches(partition.topic)) {
    return fail(Next::stop_process, "the flow does not mirror a topic " + partition.topic +
                                        ": it is none of `topics`, or one of `topics.exclude`");
  }
  return of_source.error();
}

TraceLook::TraceLook(FlowView& view, std::vector<std::string> groups)
    : view_(view), maps_(view.state()), groups_(view, std::move(groups)) {}

Result<StateReader> TraceLook::source_log() {
  const auto admin = view_.source_admin();
  if (!admin) return admin.error();
  const auto source = view_.source_source();
  if (!source) return source.error();
  return StateReader{**admin, **source, view_.wakeup(), view_.clock()};
}

TraceLook::Read TraceLook::read(const Result<StateReader>& log, const std::string& cluster,
                                const TopicPartition& partition, Offset offset) {
  Read out;
  const auto fail_with = [&](const Error& error) {
    out.why = with_addresses(error, view_.config()).text();
    return out;
  };
  if (!log) return fail_with(log.error());
  const auto ends = ends_of(log->admin, partition);
  if (!ends) return fail_with(ends.error());
  out.start = ends->start;
  const std::string at = partition.text() + ":" + number(offset) + " on " + cluster;
  if (offset < ends->start) {
    out.why = at + " is deleted: the log begins at " + number(ends->start);
    return out;
  }
  out.is_beyond = offset >= ends->end;
  if (out.is_beyond) {
    out.why = at + " is not written yet: the log ends before " + number(ends->end);
    return out;
  }
  if (offset >= ends->stable_end) {
    out.why = at + " is behind an open transaction, which begins at " + number(ends->stable_end);
    return out;
  }
  const auto done = read_log(*log, partition, {offset, offset.next()}, [&](const Record& record) {
    out.record = owned(record);
    out.kind = record.timestamp_kind;
    return false;
  });
  if (!done) return fail_with(done.error());
  if (!out.record) {
    out.why = at +
              " holds no record: it was compacted away, or is a mark or an aborted part of a "
              "transaction";
  }
  return out;
}

void TraceLook::pair(ShownRecord& out, const OffsetMap& map, EventSide side, Offset offset) const {
  if (side == EventSide::source) {
    out.source.offset = offset;
    out.target.offset = copy_of(map, offset);
  } else {
    out.target.offset = offset;
    out.source.offset = original_of(map, offset);
  }
}

std::string TraceLook::told_by_events(const TopicPartition& source, Offset offset) const {
  std::string out;
  for (const auto& slot : view_.state().slots) {
    for (const Event& event : slot.events()) {
      const bool is_told =
          event.kind == EventKind::record_skipped || event.kind == EventKind::records_left_out ||
          event.kind == EventKind::record_dead_lettered ||
          event.kind == EventKind::source_expired || event.kind == EventKind::batch_unreadable;
      if (!is_told || event.partition != source || !event.from || !event.to) continue;
      if (!OffsetRange{*event.from, *event.to}.contains(offset)) continue;
      out = "event " + std::string(name(event.kind)) + " of " + time_text(event.at) + ": " +
            event.text;
    }
  }
  return out;
}

std::optional<std::string> TraceLook::told_by_letters(const TopicPartition& source, Offset offset) {
  if (view_.config().on_refused != OnRefused::dead_letter) return std::nullopt;
  std::optional<std::string> out;
  const auto read = read_dead_letters(view_.target_reader(), view_.config().dead_letter_topic(),
                                      [&](Offset letter, const DeadLetter& found) {
                                        if (found.source != source || found.offset != offset)
                                          return true;
                                        out = "the target refused it: it is dead letter " +
                                              number(letter) + " (" + found.error_message +
                                              "); `longspan dlq show FILE " + number(letter) + "`";
                                        return true;
                                      });
  return read ? out : std::nullopt;
}

std::string TraceLook::why_not_mapped(const TopicPartition& source, const OffsetMap& map,
                                      const PartitionEntry& entry, Offset offset) {
  const Position& position = entry.position;
  if (offset >= map.next_source()) {
    const std::string behind =
        "not mirrored yet: the mirror is at " + source.text() + ":" + number(map.next_source());
    if (position.state == PartitionState::active) return behind + "; `longspan lag FILE` says why";
    return behind + ", where it is " +
           (position.state == PartitionState::paused ? "paused" : "parked") +
           (position.reason.empty() ? "" : ": " + position.reason);
  }
  if (auto letter = told_by_letters(source, offset)) return *letter;
  if (std::string told = told_by_events(source, offset); !told.empty()) return told;
  const bool is_before = map.segments().empty() || offset < map.segments().front().source_start;
  if (is_before && map.was_pruned()) return "the offset map of so long ago is gone";
  if (is_before) return "it is older than the flow's first copy";
  return "the flow has no copy of it, and no event says why: `longspan verify FILE --partition " +
         source.text() + "`";
}

Result<ShownRecord> TraceLook::look(EventSide side, const TopicPartition& partition,
                                    Offset offset) {
  ShownRecord out;
  out.asked = side;
  for (const auto& each : partitions_of(view_.state())) {
    const TopicPartition copy{maps_.entry(each)->position.target_topic, each.partition};
    if ((side == EventSide::source ? each : copy) != partition) continue;
    out.source = {view_.config().source.alias, each, {}};
    out.target = {view_.config().target.alias, copy, {}};
  }
  const PartitionEntry& entry = *maps_.entry(out.source.partition);
  const OffsetMap& map = *maps_.find(out.source.partition);
  pair(out, map, side, offset);
  Read source;
  Read target;
  if (out.source.offset) {
    source = read(source_log(), out.source.cluster, out.source.partition, *out.source.offset);
  } else {
    source.why =
        "the offset map has no source record for it: it is a second copy, or another wrote it; "
        "`longspan verify FILE --partition " +
        out.source.partition.text() + "`";
  }
  if (out.target.offset) {
    target =
        read(view_.target_reader(), out.target.cluster, out.target.partition, *out.target.offset);
  } else if (source.record) {
    target.why = why_not_mapped(out.source.partition, map, entry, offset);
  } else {
    target.why = "there is no copy";
  }
  if (!source.record && !target.record) {
    const std::string& why = side == EventSide::source ? source.why : target.why;
    return fail(Next::refuse_record, why);
  }
  out.why_no_source = source.record ? "" : source.why;
  out.why_no_copy = target.record ? "" : target.why;
  const Read& of_time = source.record ? source : target;
  out.timestamp = of_time.record->timestamp;
  out.is_log_append_time = of_time.kind == TimestampKind::log_append_time;
  add_trace(out, source, target);
  add_way(out, source, target);
  return out;
}

TraceContext TraceLook::context_of(const Record& record, const std::vector<HeaderView>& headers,
                                   const ShownRecord& shown, std::optional<RowContext>& row) {
  TraceContext found = read_trace_context(headers);
  if (found.ids || !found.is_intact()) return found;
  open_schemas();
  const auto text = [&] {
    StampReader reader(schemas_.get(), {});
    auto topic = reader.topic(shown.source.partition.topic);
    topic.needs_headers = true;
    return reader.row_context(topic, record);
  };
  std::string of_row = text();
  if (of_row.empty() && schemas_) {
    static_cast<void>(schemas_->turn({}));
    of_row = text();
  }
  auto parsed = RowContext::parse(of_row);
  if (of_row.empty() || !parsed) return found;
  row = std::move(*parsed);
  const TraceContext context = read_trace_context(row->views());
  return context.ids ? with_row(found, context) : found;
}

void TraceLook::add_trace(ShownRecord& out, const Read& source, const Read& target) {
  ShownTrace& trace = out.trace;
  const FlowConfig& config = view_.config();
  trace.mode = config.traces.mode_of(out.source.partition.topic);
  trace.why_none = "the source's record cannot be read";
  if (source.record) {
    const auto views = views_of(source.record->headers);
    std::optional<RowContext> row;
    const TraceContext context = context_of(make_record(*source.record), views, out, row);
    trace.incoming = context.ids;
    trace.sampled = context.sampled;
    trace.why_none = context.ids ? "" : why_no_context(context);
  }
  if (target.record) {
    const auto views = views_of(target.record->headers);
    const TraceContext context = read_trace_context(views);
    trace.copy = context.ids;
    if (!source.record) {
      trace.sampled = context.sampled;
      if (trace.copy) trace.why_none += "; its copy is in " + hex(trace.copy->trace);
    }
  }
  if (trace.mode != TraceMode::preserve && out.source.offset && source.record) {
    const HopIds ids(config.name(), out.source.partition);
    const Offset offset = *out.source.offset;
    const bool goes_on = trace.mode == TraceMode::reparent && trace.incoming;
    const bool has_spans = trace.incoming || config.traces.starts || !goes_on;
    if (has_spans) {
      trace.hop = {goes_on ? trace.incoming->trace : ids.trace(offset, source.record->timestamp),
                   ids.span(offset, HopSpan::mirror)};
      if (trace.mode == TraceMode::reparent) trace.send = ids.span(offset);
    }
  }
  const auto id = trace.id();
  if (!id || config.traces.viewer_url.empty()) return;
  const auto span = trace.hop ? std::optional(trace.hop->span) : std::nullopt;
  trace.url = viewer_link(config.traces.viewer_url, *id, span);
  if (trace.hop && trace.hop->trace != *id) {
    trace.hop_url = viewer_link(config.traces.viewer_url, trace.hop->trace, span);
  }
}

void TraceLook::open_schemas() {
  const FlowConfig& config = view_.config();
  if (schemas_ || config.source.registry.urls.empty()) return;
  auto registry = open_registry(config.source.registry, {});
  if (!registry) return;
  schemas_ = std::make_unique<WriterSchemas>(std::move(*registry), config.schemas.contexts,
                                             StampNames(), view_.clock());
}

// An Avro value's schema is asked for once; a tombstone's times are those of its delete.
ChangeStamps TraceLook::stamps_of(const ShownRecord& shown, const Read& read, EventSide read_from) {
  open_schemas();
  const Record record = make_record(*read.record);
  LastDelete last_delete;
  const auto stamps = [&](const Record& of) {
    StampReader reader(schemas_.get(), {});
    auto topic = reader.topic(shown.source.partition.topic);
    auto out = reader.read(topic, of, last_delete);
    if (out.why != NoCommit::no_schema || !schemas_) return out;
    static_cast<void>(schemas_->turn({}));
    StampReader again(schemas_.get(), {});
    topic = again.topic(shown.source.partition.topic);
    return again.read(topic, of, last_delete);
  };
  if (!read.record->value) {
    const bool is_source = read_from == EventSide::source;
    const ShownPlace& at = is_source ? shown.source : shown.target;
    const auto log = is_source ? source_log() : Result<StateReader>(view_.target_reader());
    const Offset from{std::max(read.start->value, at.offset->value - kBeforeTombstone)};
    if (log) {
      static_cast<void>(read_log(*log, at.partition, {from, *at.offset}, [&](const Record& before) {
        if (before.value) static_cast<void>(stamps(before));
        return true;
      }));
    }
  }
  return stamps(record);
}

void TraceLook::add_way(ShownRecord& out, const Read& source, const Read& target) {
  const bool has_source = source.record.has_value();
  const auto stamps = stamps_of(out, has_source ? source : target,
                                has_source ? EventSide::source : EventSide::target);
  WayFacts facts{stamps.commit, stamps.connector, {}, {}, {}};
  if (!stamps.commit) {
    out.unknown.push_back({"commit", "the record has no commit time (" +
                                         std::string(name(stamps.why.value_or(NoCommit::missing))) +
                                         ")"});
  }
  const auto written = has_source ? stamp_of(source.record->timestamp) : std::nullopt;
  if (has_source && source.kind == TimestampKind::log_append_time) {
    facts.source_append = written;
  } else {
    out.unknown.push_back({"source_append", has_source ? "the topic's timestamps are CreateTime"
                                                       : "the source's record cannot be read"});
    if (!facts.connector && has_source && source.kind == TimestampKind::create_time) {
      facts.connector = written;
    }
  }
  if (target.record && target.kind == TimestampKind::log_append_time) {
    facts.target_append = stamp_of(target.record->timestamp);
  }
  if (target.record && out.source.offset) add_passed(out, facts);
  out.way.emplace(facts, view_.config().clocks);
  const HopIds ids(view_.config().name(), out.source.partition);
  for (const WayHop& hop : hops_of(*out.way)) {
    const bool has_span = out.trace.hop && out.source.offset;
    out.hops.push_back(
        {hop, has_span ? std::optional(ids.span(*out.source.offset, hop.span)) : std::nullopt});
  }
  if (target.record) groups_.add(out);
}

// Marks near the record's own time first; then all up to now.
void TraceLook::add_passed(ShownRecord& out, WayFacts& facts) {
  const TimestampMs now = view_.clock().now();
  const auto append = facts.target_append ? facts.target_append->at.value / 1000 : 0;
  const std::int64_t since =
      std::min(now.value, std::max(out.timestamp->value, append)) - kMinuteMs;
  std::string why = "no mark that is kept tells when it was mirrored";
  for (const std::int64_t until : {std::min(now.value, since + kNearMs), now.value}) {
    HistorySpan span{{since}, {until + 1}, until + 1 - since, out.source.partition.topic};
    span.step_ms = std::max(span.step_ms, kMinuteMs);
    span.record_partition = out.source.partition;
    span.record = *out.source.offset;
    const auto history = read_history(view_.target_reader(), view_.config().marks_topic(), span);
    if (!history) {
      why = with_addresses(history.error(), view_.config()).text();
      break;
    }
    if (history->passed) {
      facts.passed = history->passed;
      const RecordWay way(facts, view_.config().clocks);
      if (way.is_followed()) return out.unknown.push_back({"produced", "it is not kept"});
      why = "marks tell of single records of each interval only; it was on the target by " +
            time_text(facts.passed->by.at);
      break;
    }
  }
  out.unknown.push_back({"fetched, produced", why});
}

}  // namespace longspan
