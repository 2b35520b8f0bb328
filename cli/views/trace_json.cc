#include "cli/views/trace_json.h"

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using Json = nlohmann::json;

template <class T, class F>
Json or_null(const std::optional<T>& value, F to_json) {
  return value ? Json(to_json(*value)) : Json();
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json json_of(const DurationInterval& took) {
  const auto us = [](const auto& side) {
    return or_null(side, [](DurationUs of) { return of.value; });
  };
  return {{"low_us", us(took.low)},
          {"point_us", us(took.point)},
          {"high_us", us(took.high)},
          {"assumed", took.assumed}};
}

Json json_of(const InstantInterval& at) {
  const auto us = [](const auto& side) { return or_null(side, [](Instant of) { return of.us; }); };
  return {{"low_us", us(at.low)},
          {"point_us", us(at.point)},
          {"high_us", us(at.high)},
          {"assumed", at.assumed}};
}

Json json_of(const ShownPlace& place) {
  return {{"cluster", place.cluster},
          {"topic", place.partition.topic},
          {"partition", place.partition.partition},
          {"offset", or_null(place.offset, [](Offset of) { return of.value; })}};
}

std::string name_of(TraceMode mode) {
  switch (mode) {
    case TraceMode::preserve:
      return "preserve";
    case TraceMode::link:
      return "link";
    case TraceMode::reparent:
      break;
  }
  return "reparent";
}

Json json_of(const ShownTrace& trace) {
  const auto of_trace = [](const SpanIds& ids) { return hex(ids.trace); };
  const auto of_span = [](const SpanIds& ids) { return hex(ids.span); };
  return {{"mode", name_of(trace.mode)},
          {"trace_id", or_null(trace.incoming, of_trace)},
          {"parent_id", or_null(trace.incoming, of_span)},
          {"sampled", or_null(trace.sampled, [](bool is) { return is; })},
          {"copy_trace_id", or_null(trace.copy, of_trace)},
          {"copy_parent_id", or_null(trace.copy, of_span)},
          {"hop_trace_id", or_null(trace.hop, of_trace)},
          {"hop_span_id", or_null(trace.hop, of_span)},
          {"send_span_id", or_null(trace.send, [](SpanId id) { return hex(id); })},
          {"why_none", text_or_null(trace.why_none)},
          {"url", text_or_null(trace.url)},
          {"hop_url", text_or_null(trace.hop_url)}};
}

Json json_of(const ShownHop& shown) {
  Json out = json_of(shown.hop.took);
  const std::string from(name(shown.hop.from));
  const std::string to(name(shown.hop.to));
  out["hop"] = from + "_to_" + to;
  out["from"] = from;
  out["to"] = to;
  out["span_id"] = or_null(shown.id, [](SpanId id) { return hex(id); });
  return out;
}

std::string name_of(ShownGroup::State state) {
  switch (state) {
    case ShownGroup::State::committed:
      return "committed";
    case ShownGroup::State::not_committed:
      return "not_committed";
    case ShownGroup::State::unknown:
      break;
  }
  return "unknown";
}

Json json_of(const ShownGroup& group) {
  const auto took = [](const DurationInterval& of) { return json_of(of); };
  return {{"group", group.group},
          {"state", name_of(group.state)},
          {"position", or_null(group.position, [](Offset of) { return of.value; })},
          {"committed_at_ms", or_null(group.committed_at, [](TimestampMs at) { return at.value; })},
          {"span_id", or_null(group.id, [](SpanId id) { return hex(id); })},
          {"target_append_to_sink_commit", or_null(group.took, took)},
          {"end_to_end", or_null(group.end_to_end, took)},
          {"why", text_or_null(group.why)}};
}

Json json_of(const ShownRecord& record) {
  Json out{{"source", json_of(record.source)},
           {"target", json_of(record.target)},
           {"asked", std::string(name(record.asked))},
           {"timestamp_ms", or_null(record.timestamp, [](TimestampMs at) { return at.value; })},
           {"timestamp_type", record.is_log_append_time ? "LogAppendTime" : "CreateTime"},
           {"why_no_copy", text_or_null(record.why_no_copy)},
           {"why_no_source", text_or_null(record.why_no_source)},
           {"trace", json_of(record.trace)},
           {"times", Json::object()},
           {"hops", Json::array()},
           {"groups", Json::array()},
           {"groups_more", record.groups_more},
           {"contradictions", record.way ? record.way->contradictions() : 0},
           {"unknown", Json::array()}};
  for (std::size_t i = 0; record.way && i < kWaypoints; ++i) {
    const auto waypoint = static_cast<Waypoint>(i);
    const auto& at = record.way->at(waypoint);
    if (at) out["times"][std::string(name(waypoint))] = json_of(*at);
  }
  for (const auto& hop : record.hops) out["hops"].push_back(json_of(hop));
  for (const auto& group : record.groups) out["groups"].push_back(json_of(group));
  for (const auto& each : record.unknown) {
    out["unknown"].push_back({{"what", each.what}, {"why", each.why}});
  }
  return out;
}

}  // namespace

std::string traces_json(const ShownTraces& shown) {
  Json json;
  json["version"] = 1;
  json["flow"] = shown.flow;
  json["scan"] = or_null(shown.scan, [](const ShownScan& scan) {
    return Json{{"trace", scan.trace},
                {"records", scan.records},
                {"partitions", scan.partitions},
                {"unread_partitions", scan.unread_partitions},
                {"is_all", scan.is_all},
                {"found", scan.found},
                {"why_no_source", scan.why_no_source.empty() ? Json() : Json(scan.why_no_source)}};
  });
  json["records"] = Json::array();
  for (const auto& record : shown.records) json["records"].push_back(json_of(record));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
