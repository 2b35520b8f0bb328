#include "mirror/traces/hop_story.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace longspan {
namespace {

struct Hop {
  Waypoint to;
  HopSpan span;
  std::string_view word;  // of its name
  SpanKind kind;
  std::string_view type;  // of the operation; empty: it is none of messaging's
};
// Each begins at the last waypoint before it that is known.
constexpr auto kStory = std::to_array<Hop>({
    {Waypoint::connector, HopSpan::capture, "capture", SpanKind::internal, ""},
    {Waypoint::source_append, HopSpan::append, "append", SpanKind::internal, ""},
    {Waypoint::fetched, HopSpan::wait, "poll", SpanKind::client, "receive"},
    {Waypoint::produced, HopSpan::queue, "queue", SpanKind::internal, ""},
    {Waypoint::target_append, HopSpan::send, "send", SpanKind::producer, "send"},
});

UnixNs ns(Instant instant) {
  constexpr std::uint64_t kMicrosecond = 1000;
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(instant.us, 0)) * kMicrosecond};
}

void put_bounds(Attributes& out, const std::string& what, const std::optional<Instant>& low,
                const std::optional<Instant>& high) {
  if (low) out.put(what + ".low_us", low->us);
  if (high) out.put(what + ".high_us", high->us);
}

// The cluster's alias, of a flow that is named "source->target".
std::string alias_of(const std::string& flow, bool is_source) {
  const std::size_t arrow = flow.find("->");
  if (arrow == std::string::npos) return flow;
  return is_source ? flow.substr(0, arrow) : flow.substr(arrow + 2);
}

class Story {
 public:
  Story(const TracedRecord& record, NamesWanted names) : record_(record), names_(names) {}

  [[nodiscard]] Span span(SpanId id, SpanId parent, SpanKind kind, std::string name) const {
    Span out;
    out.ids = {record_.trace, id};
    out.parent = parent;
    out.is_sampled = record_.is_sampled;
    out.is_random = record_.is_random;
    if (!record_.is_linked && record_.incoming) out.tracestate = record_.incoming->tracestate;
    out.name = std::move(name);
    out.kind = kind;
    out.attributes.put("longspan.flow", record_.of->flow);
    return out;
  }
  [[nodiscard]] SpanId id(HopSpan which) const {
    return record_.of->ids.span(record_.source, which);
  }

  enum class Place : std::uint8_t { source, target };
  void put_place(Span& span, Place place) const {
    const TracedPartition& of = *record_.of;
    const bool is_source = place == Place::source;
    const TopicPartition& at = is_source ? of.source : of.target;
    const auto offset = is_source ? std::optional(record_.source) : record_.target;
    put(span, MessagingName::system, "kafka");
    put(span, MessagingName::destination, at.topic);
    put(span, MessagingName::partition, std::int64_t{at.partition});
    if (offset) put(span, MessagingName::offset, offset->value);
    const std::string& cluster = is_source ? of.source_cluster : of.target_cluster;
    if (!cluster.empty()) put(span, MessagingName::cluster_id, cluster);
    span.attributes.put("peer.service", alias_of(of.flow, is_source));
    if (record_.is_tombstone) put(span, MessagingName::tombstone, true);
  }
  void put_operation(Span& span, std::string_view word, std::string_view type) const {
    put(span, MessagingName::operation_name, std::string(word));
    put(span, MessagingName::operation_type, std::string(type));
  }
  void put(Span& span, MessagingName name, const char* text) const {
    put(span, name, std::string(text));
  }
  void put(Span& span, MessagingName name, const AttributeValue& value) const {
    put_messaging(span.attributes, name, value, names_);
  }

  // False: not both ends are known.
  [[nodiscard]] static bool put_times(Span& span, const RecordTimes& times, Waypoint from,
                                      Waypoint to) {
    const auto begin = times.at(from);
    const auto end = times.at(to);
    if (!begin || !begin->point || !end) return false;
    const auto until = end->point ? end->point : end->low;
    if (!until) return false;
    span.start = ns(*begin->point);
    span.end = ns(*until);
    span.attributes.put("longspan.hop", std::string(name(from)) + "_to_" + std::string(name(to)));
    put_bounds(span.attributes, "longspan.start", begin->low, begin->high);
    put_bounds(span.attributes, "longspan.end", end->low, end->high);
    const auto took = times.between(from, to);
    if (took && took->low) span.attributes.put("longspan.duration.low_us", took->low->value);
    if (took && took->high) span.attributes.put("longspan.duration.high_us", took->high->value);
    if (begin->assumed || end->assumed) span.attributes.put("longspan.assumed", true);
    return true;
  }

  [[nodiscard]] Span whole(Instant fetched) const {
    const std::string& topic = record_.of->source.topic;
    Span out = span(id(HopSpan::mirror), {}, SpanKind::consumer, "mirror " + topic);
    out.parent.reset();
    if (record_.incoming && record_.is_linked) {
      out.add(
          SpanLink{record_.incoming->ids, record_.incoming->sampled, record_.incoming->tracestate});
    } else if (record_.incoming) {
      out.parent = record_.incoming->ids.span;
      out.is_parent_remote = true;
    }
    put_operation(out, "mirror", "process");
    put_place(out, Place::source);
    put(out, MessagingName::body_size, record_.bytes);
    out.start = out.end = ns(fetched);
    const auto from = first();
    if (!from || !put_times(out, *record_.times, *from, Waypoint::target_append)) {
      if (record_.ended) out.end = ns(*record_.ended);
    }
    for (const SpanEvent& event : record_.events) out.add(event);
    if (!record_.failure.empty()) out.fail(record_.failure);
    return out;
  }
  // The first waypoint with a point.
  [[nodiscard]] std::optional<Waypoint> first() const {
    if (!record_.times) return std::nullopt;
    for (std::size_t i = 0; i < kWaypoints; ++i) {
      const auto waypoint = static_cast<Waypoint>(i);
      const auto& at = record_.times->at(waypoint);
      if (at && at->point) return waypoint;
    }
    return std::nullopt;
  }

  void add_hops(std::vector<Span>& out) const {
    auto from = first();
    if (!from) return;
    for (const Hop& hop : kStory) {
      if (hop.to <= *from) continue;
      const auto& end = record_.times->at(hop.to);
      if (!end || !end->point) continue;
      const bool is_send = hop.span == HopSpan::send;
      const std::string& topic = is_send ? record_.of->target.topic : record_.of->source.topic;
      Span made =
          span(id(hop.span), id(HopSpan::mirror), hop.kind, std::string(hop.word) + " " + topic);
      if (!put_times(made, *record_.times, *from, hop.to)) continue;
      if (hop.span == HopSpan::wait && record_.batch) {
        made.add(SpanLink{record_.batch->ids, record_.batch->is_sampled, "", {}});
      }
      if (!hop.type.empty()) put_operation(made, hop.word, hop.type);
      put_place(made, is_send ? Place::target : Place::source);
      out.push_back(std::move(made));
      from = hop.to;
    }
  }

 private:
  const TracedRecord& record_;
  const NamesWanted names_;
};

}  // namespace

std::vector<Span> hop_story(const TracedRecord& record, Instant fetched, NamesWanted names) {
  const Story story(record, names);
  std::vector<Span> out;
  out.push_back(story.whole(fetched));
  story.add_hops(out);
  return out;
}

Span batch_story(const TracedBatch& batch, Instant fetched, NamesWanted names) {
  const TracedPartition& of = *batch.of;
  Span out;
  out.ids = batch.ids;
  out.is_sampled = batch.is_sampled;
  out.is_random = true;
  out.name = "poll " + of.source.topic;
  out.kind = SpanKind::client;
  out.start = ns(fetched);
  out.end = std::max(out.start, ns(batch.ended.value_or(fetched)));
  const auto put = [&](MessagingName name, const AttributeValue& value) {
    put_messaging(out.attributes, name, value, names);
  };
  out.attributes.put("longspan.flow", of.flow);
  put(MessagingName::system, std::string("kafka"));
  put(MessagingName::operation_name, std::string("poll"));
  put(MessagingName::operation_type, std::string("receive"));
  put(MessagingName::destination, of.source.topic);
  put(MessagingName::partition, std::int64_t{of.source.partition});
  put(MessagingName::batch_count, batch.records);
  out.attributes.put("peer.service", alias_of(of.flow, true));
  if (!of.source_cluster.empty()) put(MessagingName::cluster_id, of.source_cluster);
  for (const SpanLink& link : batch.links) out.add(link);
  out.dropped_links = batch.dropped_links;
  return out;
}

std::optional<Span> sink_story(const TracedRecord& record, const std::string& group,
                               const RecordTimes& times, NamesWanted names) {
  const Story story(record, names);
  Span out = story.span(record.of->ids.sink_span(record.source, group), story.id(HopSpan::send),
                        SpanKind::client, "commit " + record.of->target.topic);
  if (!Story::put_times(out, times, Waypoint::target_append, Waypoint::sink_commit)) {
    return std::nullopt;
  }
  story.put_operation(out, "commit", "settle");
  story.put_place(out, Story::Place::target);
  story.put(out, MessagingName::consumer_group, group);
  return out;
}

}  // namespace longspan
