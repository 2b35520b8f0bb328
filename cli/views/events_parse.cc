#include "cli/views/events_parse.h"

#include <nlohmann/json.hpp>

namespace longspan {

namespace {

using Json = nlohmann::json;

std::optional<Offset> offset_of(const Json& json, const char* member) {
  if (!json.contains(member)) return std::nullopt;
  return Offset{json[member].get<std::int64_t>()};
}

std::optional<ShownEvent> event_of(const Json& json) {
  const auto kind = event_kind_named(json.at("kind").get<std::string>());
  if (!kind) return std::nullopt;
  ShownEvent out{json.at("flow").get<std::string>(), json.at("slot").get<std::int32_t>(), {}};
  out.event.number = json.at("number").get<std::int64_t>();
  out.event.kind = *kind;
  out.event.at = {json.at("at_ms").get<std::int64_t>()};
  if (json.contains("topic")) {
    out.event.partition = {json.at("topic").get<std::string>(),
                           json.at("partition").get<std::int32_t>()};
  }
  out.event.from = offset_of(json, "from_offset");
  out.event.to = offset_of(json, "to_offset");
  out.event.source_from = offset_of(json, "source_from_offset");
  out.event.source_to = offset_of(json, "source_to_offset");
  if (json.contains("offsets")) out.event.offsets = json["offsets"].get<std::int64_t>();
  if (json.contains("accepts")) {
    const auto& accepts = json["accepts"];
    const auto accepted = event_kind_named(accepts.at("kind").get<std::string>());
    out.event.accepts = {accepts.at("number").get<std::int64_t>(), accepted.value_or(EventKind{})};
  }
  out.event.text = json.value("text", "");
  out.event.who = json.value("who", "");
  return out;
}

Unexpected<Error> not_events(const std::string& why) {
  return fail(Next::stop_process, "this is not the answer of longspan's /api/v1/events: " + why);
}

}  // namespace

Result<std::vector<ShownEvent>> events_from_json(std::string_view text) {
  try {
    const auto json = Json::parse(text);
    if (json.at("version") != 1) return not_events("another version");
    std::vector<ShownEvent> events;
    for (const auto& element : json.at("events")) {
      if (auto event = event_of(element)) events.push_back(std::move(*event));
    }
    return events;
  } catch (const Json::exception& e) {
    return not_events(e.what());
  }
}

}  // namespace longspan
