#include "cli/commands/trace_scan.h"

#include <algorithm>

#include "cli/views/progress_bar.h"
#include "mirror/log_reading.h"
#include "mirror/state/flow_maps.h"
#include "mirror/traces/hop_ids.h"
#include "tracing/context/trace_context.h"

namespace longspan {
namespace {

// Where spans link to the record's trace, they are in one of their own, which stands nowhere.
// Records come in their order.
class HopMatch {
 public:
  // `map` is null where records are read at the source.
  HopMatch(HopIds ids, const OffsetMap* map) : ids_(ids), map_(map) {}

  bool is_in(const WantedTrace& wanted, const Record& record) {
    const auto source = source_of(record.offset);
    return source && wanted.matches(ids_.trace(*source, record.timestamp));
  }

 private:
  std::optional<Offset> source_of(Offset offset) {
    if (map_ == nullptr) return offset;
    const auto& segments = map_->segments();
    while (at_ < segments.size() && segments[at_].target_end() <= offset) ++at_;
    if (at_ == segments.size() || offset < segments[at_].target_start) return std::nullopt;
    return segments[at_].source_start + (offset - segments[at_].target_start);
  }

  HopIds ids_;
  const OffsetMap* map_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::int64_t> shares(const std::vector<std::int64_t>& sizes, std::int64_t last) {
  std::vector<std::size_t> order(sizes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return sizes[a] < sizes[b]; });
  std::vector<std::int64_t> out(sizes.size());
  auto open = static_cast<std::int64_t>(sizes.size());
  for (const std::size_t each : order) {
    out[each] = std::min(sizes[each], last / open);
    last -= out[each];
    --open;
  }
  return out;
}

std::vector<TraceScan::Stretch> TraceScan::newest(std::vector<Stretch> all, std::int64_t last) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(all.size());
  for (const Stretch& each : all) {
    sizes.push_back(std::max<std::int64_t>(0, (each.range.to - each.range.from).count));
  }
  const auto part = shares(sizes, last);
  for (std::size_t i = 0; i < all.size(); ++i) {
    shown_.is_all = shown_.is_all && part[i] == sizes[i];
    all[i].range.from = all[i].range.to - Records{part[i]};
  }
  return all;
}

void TraceScan::keep(ScanFind find) {
  ++shown_.found;
  finds_.push_back(std::move(find));
  std::stable_sort(finds_.begin(), finds_.end(),
                   [](const auto& a, const auto& b) { return a.timestamp > b.timestamp; });
  if (finds_.size() > kFoundMax) finds_.pop_back();
}

void TraceScan::scan(EventSide side, const StateReader& log, const std::vector<Stretch>& stretches,
                     const WantedTrace& wanted) {
  ProgressBar bar;
  std::int64_t total = 0;
  for (const Stretch& each : stretches) total += (each.range.to - each.range.from).count;
  std::int64_t before = 0;
  std::vector<HeaderView> views;
  // A row's context (tracing/context/row_context.h) is text: without headers' ids its id is enough.
  const std::string in_row = wanted.is_short ? hex(SpanId{wanted.id.low}) : hex(wanted.id);
  FlowMaps maps(view_.state());
  const FlowConfig& config = view_.config();
  for (const Stretch& each : stretches) {
    std::optional<HopMatch> hops;
    if (config.traces.mode_of(each.source.topic) == TraceMode::link) {
      hops.emplace(HopIds(config.name(), each.source),
                   side == EventSide::target ? maps.find(each.source) : nullptr);
    }
    const auto visit = [&](const Record& record) {
      ++shown_.records;
      views.clear();
      if (record.has_headers()) record.view_headers(views);
      const TraceContext context = read_trace_context(views);
      const bool is_of_row =
          !context.ids && record.value && record.value->find(in_row) != std::string_view::npos;
      if (is_of_row || (context.ids && wanted.matches(context.ids->trace)) ||
          (hops && hops->is_in(wanted, record))) {
        keep({side, each.partition, record.offset, record.timestamp});
      }
      return true;
    };
    const auto done = read_log(log, each.partition, each.range, visit, [&](Records read, Records) {
      bar.show("looking through " + each.partition.text(), before + read.count, total);
    });
    if (!done) {
      ++shown_.unread_partitions;
      trouble_ = done.error();
    }
    before += (each.range.to - each.range.from).count;
  }
}

// What is not on the target yet. Without the source only the copies are looked through.
void TraceScan::scan_source(const ScanAsked& asked) {
  const auto admin = view_.source_admin();
  const auto source = view_.source_source();
  if (!admin || !source) {
    const Error& error = admin ? source.error() : admin.error();
    shown_.why_no_source = with_addresses(error, view_.config()).text();
    return;
  }
  const FlowMaps maps(view_.state());
  std::vector<TopicPartition> partitions;
  for (const auto& each : partitions_of(view_.state())) {
    if (asked.topic.empty() || each.topic == asked.topic) partitions.push_back(each);
  }
  const auto ends = (*admin)->ends(partitions);
  if (!ends) {
    trouble_ = ends.error();
    shown_.why_no_source = with_addresses(ends.error(), view_.config()).text();
    return;
  }
  std::vector<Stretch> stretches;
  for (const auto& [partition, end] : *ends) {
    if (!end) continue;
    const Offset next = std::max(end->start, maps.entry(partition)->position.next_source);
    if (next < end->stable_end)
      stretches.push_back({partition, partition, {next, end->stable_end}});
  }
  scan(EventSide::source, {**admin, **source, view_.wakeup(), view_.clock()},
       newest(std::move(stretches), asked.last), asked.trace);
}

Result<void> TraceScan::run(const ScanAsked& asked) {
  const FlowMaps maps(view_.state());
  std::vector<TopicPartition> copies;
  std::map<TopicPartition, TopicPartition> sources;
  for (const auto& source : partitions_of(view_.state())) {
    if (!asked.topic.empty() && source.topic != asked.topic) continue;
    copies.push_back({maps.entry(source)->position.target_topic, source.partition});
    sources.insert({copies.back(), source});
  }
  const auto ends = view_.target_admin().ends(copies);
  if (!ends) return ends.error();
  std::vector<Stretch> stretches;
  for (const auto& [partition, end] : *ends) {
    if (end) {
      stretches.push_back(
          {partition, sources.at(partition), {end->start, std::max(end->start, end->stable_end)}});
    } else {
      ++shown_.unread_partitions;
      trouble_ = end.error();
    }
  }
  shown_.partitions = std::ssize(stretches);
  const auto chosen = newest(std::move(stretches), asked.last);
  scan(EventSide::target, view_.target_reader(), chosen, asked.trace);
  scan_source(asked);
  const bool is_blind = shown_.records == 0 && trouble_;
  if (is_blind) return *trouble_;
  return {};
}

}  // namespace longspan
