#include "mirror/traces/trace_watch.h"

#include <algorithm>
#include <utility>

#include "mirror/traces/hop_story.h"

namespace longspan {
namespace {

// More than this is given back: one record's headers are not every record's.
constexpr std::size_t kViewsKept = 256;

// How long it took from the first time that is known of it.
std::optional<std::int64_t> latency_ns(const TracedRecord& record) {
  if (!record.times) return std::nullopt;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Waypoint::target_append); ++i) {
    const auto took = record.times->between(static_cast<Waypoint>(i), Waypoint::target_append);
    if (took && took->point) return took->point->value * 1000;
  }
  return std::nullopt;
}

}  // namespace

TraceWatch::TraceWatch(const Clock& clock, HopWatch& hops, SpanSink* spans, TraceConfig config,
                       PathwaySink* pathways)
    : clock_(clock),
      hops_(hops),
      spans_(spans),
      config_(std::move(config)),
      head_({config_.settings.ratio, config_.records_per_second}),
      tail_({config_.slowest_max, kFailedMax}, clock.steady()),
      pathways_(clock, pathways, {config_.flow, config_.source_cluster, config_.target_cluster}) {}

TraceWatch::~TraceWatch() { tell(tail_.take()); }

void TraceWatch::open(Passage& passage, const TopicPartition& source,
                      const TopicPartition& target) {
  const TraceSettings& settings = config_.settings;
  passage.rule = {HopIds(config_.flow, source), settings.starts, settings.inject};
  passage.mode = spans_ == nullptr ? TraceMode::preserve : settings.mode_of(source.topic);
  passage.pathway = pathways_.open(settings, source.topic, target.topic);
  if (passage.mode == TraceMode::preserve) return;
  passage.of = std::make_shared<const TracedPartition>(
      TracedPartition{config_.flow, source, target, config_.source_cluster, config_.target_cluster,
                      passage.rule.ids});
}

void TraceWatch::batch(const Passage& passage, const Record& first, std::size_t records,
                       Steady at) {
  if (passage.mode == TraceMode::preserve) return;
  batch_ = {passage.rule.ids.batch(first.offset, first.timestamp),
            static_cast<std::int64_t>(records),
            at,
            {}};
}

bool TraceWatch::fetched(Passage& passage, Record& record, Steady at) {
  last_.reset();
  views_.clear();
  record.view_headers(views_);
  const bool is_wanted =
      passage.mode != TraceMode::preserve && fetched_in_trace(passage, record, at);
  if (passage.pathway) pathways_.fetched(*passage.pathway, record, views_);
  if (views_.capacity() > kViewsKept) views_ = {};
  return is_wanted;
}

// Only where headers tell no ids, and nothing in them is broken, the row is asked.
TraceContext TraceWatch::context_of(const Passage& passage, const Record& record) {
  TraceContext found = read_trace_context(views_);
  figures_.contexts.add(found);
  if (found.ids || !found.is_intact()) return found;
  const std::string text = hops_.row_context(passage.of->source, record);
  if (text.empty()) return found;
  auto row = RowContext::parse(text);
  if (!row) {
    ++figures_.rows_broken;
    return found;
  }
  row_ = std::move(*row);
  const TraceContext of_row = read_trace_context(row_->views());
  if (!of_row.is_intact()) ++figures_.rows_broken;
  if (!of_row.ids) return found;
  ++figures_.in_rows;
  return with_row(found, of_row);
}

bool TraceWatch::fetched_in_trace(Passage& passage, Record& record, Steady at) {
  const TraceContext context = context_of(passage, record);
  if (!context.ids && (!passage.rule.starts || !context.is_intact())) {
    figures_.left_broken += context.is_intact() ? 0 : 1;
    return false;
  }
  const bool is_reparent = passage.mode == TraceMode::reparent;
  Fetched& now = last_.emplace();
  now.offset = record.offset;
  now.context = context;
  now.is_random = !is_reparent || !context.ids || context.is_random;
  now.trace = is_reparent && context.ids ? context.ids->trace
                                         : passage.rule.ids.trace(record.offset, record.timestamp);
  now.decision = head_.decide(context, now.trace, at);
  figures_.rate_limited += now.decision.reason == HeadReason::rate_limit ? 1 : 0;
  if (is_reparent) rewrite(passage, record);
  return now.decision.is_recorded || has_trouble(passage, record.offset);
}

// A sampled record without spans would have its reader become the child of a span that nobody
// sees.
void TraceWatch::rewrite(Passage& passage, Record& record) {
  const HeadDecision& decision = last_->decision;
  if (decision.sampled && !decision.is_recorded) return;
  const TraceContext& context = last_->context;
  auto edits =
      copy_edits(context, passage.rule, {record.offset, record.timestamp}, decision.sampled);
  if (!edits) {
    ++figures_.left_broken;
    return;
  }
  ++(context.formats.empty() ? figures_.begun : figures_.rewritten);
  record.edits = std::make_unique<HeaderEdits>(std::move(*edits));
}

void TraceWatch::follow(Passage& passage, const Record& record, Steady at) {
  if (!last_ || last_->offset != record.offset) return;
  if (!passage.on_way) passage.on_way = std::make_unique<std::deque<TraceHandle>>();
  auto& on_way = *passage.on_way;
  while (!on_way.empty() && on_way.back()->source >= record.offset) {
    on_way.pop_back();
    --on_way_;
  }
  if (on_way_ >= kOnWayMax) {
    ++figures_.dropped;
    return;
  }
  auto made = std::make_shared<TracedRecord>();
  made->of = passage.of;
  made->source = record.offset;
  made->trace = last_->trace;
  made->is_linked = passage.mode == TraceMode::link;
  made->is_recorded = last_->decision.is_recorded;
  made->is_sampled = last_->decision.sampled;
  made->is_random = last_->is_random;
  made->is_tombstone = !record.value;
  made->bytes = static_cast<std::int64_t>(record.payload_bytes());
  made->fetched_at = at;
  const TraceContext& context = last_->context;
  if (context.ids) {
    made->incoming = {*context.ids, context.sampled, std::string(context.tracestate)};
  }
  figures_.recorded += made->is_recorded ? 1 : 0;
  if (made->is_recorded) join_batch(passage, made);
  on_way.push_back(std::move(made));
  ++on_way_;
}

void TraceWatch::join_batch(const Passage& passage, const TraceHandle& record) {
  if (batch_.records == 0 || batch_.at != record->fetched_at) return;
  auto made = batch_.made.lock();
  if (!made) {
    made = std::make_shared<TracedBatch>();
    made->of = passage.of;
    made->ids = batch_.ids;
    made->records = batch_.records;
    made->fetched_at = batch_.at;
    batch_.made = made;
  }
  made->is_sampled = made->is_sampled || record->is_sampled;
  if (made->links.size() < kLinksMax) {
    const SpanId hop = passage.rule.ids.span(record->source, HopSpan::mirror);
    made->links.push_back({{record->trace, hop}, record->is_sampled});
  } else {
    ++made->dropped_links;
  }
  record->batch = std::move(made);
}

void TraceWatch::leave_batch(TracedRecord& record) {
  const auto batch = std::exchange(record.batch, nullptr);
  if (!batch) return;
  const auto& on_target = record.times ? record.times->at(Waypoint::target_append) : std::nullopt;
  auto ended = on_target ? on_target->point : std::nullopt;
  if (!ended) ended = record.ended;
  batch->ended = std::max(batch->ended, ended);
  if (batch.use_count() > 1) return;
  spans_->push(batch_story(*batch, hops_.at(batch->fetched_at), config_.names));
  ++figures_.batches;
  ++figures_.spans;
}

void TraceWatch::pop_front(Passage& passage) {
  passage.on_way->pop_front();
  --on_way_;
  if (passage.on_way->empty()) passage.on_way.reset();
}

void TraceWatch::acked(Passage& passage, const OffsetRange& range, Offset target,
                       std::span<HopWatch::Sampled> sampled) {
  auto times = sampled.begin();
  while (passage.on_way && passage.on_way->front()->source < range.to) {
    const TraceHandle record = passage.on_way->front();
    pop_front(passage);
    while (times != sampled.end() && times->source < record->source) ++times;
    if (!range.contains(record->source) || times == sampled.end()) continue;
    if (times->source != record->source) continue;
    record->target = target + (record->source - range.from);
    record->times = times->times;
    add_troubles(passage, *record);
    done(record);
    // Nobody but us has it: neither told nor kept.
    if (record.use_count() > 1 || record->is_told) times->trace = record;
  }
  if (!passage.troubles) return;
  std::erase_if(*passage.troubles, [&](const Trouble& one) { return one.range.to <= range.to; });
  if (passage.troubles->empty()) passage.troubles.reset();
}

void TraceWatch::left_out(Passage& passage, Offset source, std::string_view how,
                          const std::string& why) {
  while (passage.on_way && passage.on_way->front()->source < source) pop_front(passage);
  if (!passage.on_way || passage.on_way->front()->source != source) return;
  const TraceHandle record = passage.on_way->front();
  pop_front(passage);
  record->ended = hops_.now();
  record->failure = why;
  add_troubles(passage, *record);
  SpanEvent event{{static_cast<std::uint64_t>(record->ended->us) * 1000}, std::string(how)};
  event.attributes.put("longspan.reason", why);
  record->events.push_back(std::move(event));
  done(record);
}

void TraceWatch::trouble(Passage& passage, const OffsetRange& range, std::string_view what,
                         const std::string& why) {
  if (!is_on(passage) || range.from >= range.to) return;
  if (!passage.troubles) passage.troubles = std::make_unique<std::deque<Trouble>>();
  auto& troubles = *passage.troubles;
  if (troubles.size() >= kTroublesMax) troubles.pop_front();
  SpanEvent event{{static_cast<std::uint64_t>(hops_.now().us) * 1000}, std::string(what)};
  event.attributes.put("longspan.reason", why);
  troubles.push_back({range, std::move(event)});
}

bool TraceWatch::has_trouble(const Passage& passage, Offset source) const {
  if (!passage.troubles) return false;
  return std::any_of(passage.troubles->begin(), passage.troubles->end(),
                     [source](const Trouble& one) { return one.range.contains(source); });
}

void TraceWatch::add_troubles(Passage& passage, TracedRecord& record) const {
  if (!passage.troubles) return;
  for (const Trouble& one : *passage.troubles) {
    if (one.range.contains(record.source)) record.events.push_back(one.event);
  }
}

void TraceWatch::done(const TraceHandle& record) {
  if (record->is_recorded) return tell(*record);
  tail_.offer(latency_ns(*record), !record->events.empty(), record);
}

void TraceWatch::tell(TracedRecord& record) {
  if (std::exchange(record.is_told, true)) return;
  for (Span& span : hop_story(record, hops_.at(record.fetched_at), config_.names)) {
    spans_->push(std::move(span));
    ++figures_.spans;
  }
  leave_batch(record);
  examples_.add_hops(record, clock_.now());
  shown_.reset();
  for (const auto& [group, times] : record.sinks) tell_sink(record, group, times);
  record.sinks = {};
}

void TraceWatch::tell_sink(const TracedRecord& record, const std::string& group,
                           const RecordTimes& times) {
  auto span = sink_story(record, group, times, config_.names);
  if (!span) return lost_sink();
  spans_->push(std::move(*span));
  ++figures_.spans;
  examples_.add_sink(record, group, times, clock_.now());
  shown_.reset();
}

void TraceWatch::tell(TailSampler<TraceHandle>::Kept kept) {
  figures_.kept_slow += kept.slowest.size();
  figures_.kept_failed += kept.failed.size();
  figures_.dropped += kept.failed_dropped;
  for (const auto* const records : {&kept.slowest, &kept.failed}) {
    for (const TraceHandle& record : *records) tell(*record);
  }
}

void TraceWatch::sink_committed(const TraceHandle& record, const std::string& group,
                                const RecordTimes& times) {
  if (record->is_told) return tell_sink(*record, group, times);
  // Only the copy has it: it was not among the slowest in the end.
  if (record.use_count() == 1) return;
  if (record->sinks.size() >= kGroupsMax) return lost_sink();
  record->sinks.push_back({group, times});
}

void TraceWatch::forget(Passage& passage) {
  if (passage.on_way) on_way_ -= passage.on_way->size();
  passage.on_way.reset();
  passage.troubles.reset();
}

void TraceWatch::tick(Steady now) {
  if (auto kept = tail_.take_if_over(now)) tell(std::move(*kept));
  pathways_.tick();
}

std::shared_ptr<const TraceExamples> TraceWatch::examples() {
  if (!shown_ && !examples_.empty()) shown_ = std::make_shared<const TraceExamples>(examples_);
  return shown_;
}

TraceFigures TraceWatch::figures() const {
  TraceFigures out = figures_;
  out.pathways = pathways_.figures();
  return out;
}

}  // namespace longspan
