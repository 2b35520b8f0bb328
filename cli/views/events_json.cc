#include "cli/views/events_json.h"

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

Json event_json(const ShownEvent& shown) {
  const Event& event = shown.event;
  Json json;
  json["flow"] = shown.flow;
  json["slot"] = shown.slot;
  json["number"] = event.number;
  json["kind"] = name(event.kind);
  json["at_ms"] = event.at.value;
  if (event.partition) {
    json["topic"] = event.partition->topic;
    json["partition"] = event.partition->partition;
  }
  if (const auto side = side_of(event)) json["side"] = name(*side);
  if (event.from) json["from_offset"] = event.from->value;
  if (event.to) json["to_offset"] = event.to->value;
  if (event.offsets) json["offsets"] = *event.offsets;
  if (event.source_from) json["source_from_offset"] = event.source_from->value;
  if (event.source_to) json["source_to_offset"] = event.source_to->value;
  if (event.accepts) {
    json["accepts"] = {{"number", event.accepts->number}, {"kind", name(event.accepts->kind)}};
  }
  json["text"] = event.text;
  json["who"] = event.who;
  return json;
}

}  // namespace

std::string events_json(const std::vector<ShownEvent>& events, JsonForm form) {
  Json json;
  json["version"] = 1;
  Json& list = json["events"] = Json::array();
  for (const ShownEvent& event : events) list.push_back(event_json(event));
  return json.dump(form == JsonForm::compact ? -1 : 2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
