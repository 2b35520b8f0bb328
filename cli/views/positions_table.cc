#include "cli/views/positions_table.h"

#include <nlohmann/json.hpp>

namespace longspan {

namespace {

using Json = nlohmann::ordered_json;

struct Sides {
  std::optional<Offset> source;
  std::optional<Offset> target;
};

Sides sides_of(const TranslatedPosition& position, Direction direction) {
  std::optional<Offset> other;
  if (position.to) other = position.to->offset;
  if (direction == Direction::to_target) return {position.from, other};
  return {other, position.from};
}

std::string place(const TopicPartition& partition, const std::optional<Offset>& offset) {
  if (partition.topic.empty()) return "?";
  return partition.text() + ":" + (offset ? std::to_string(offset->value) : "?");
}

Json json_of(const TranslatedPosition& position, Direction direction) {
  const auto [source, target] = sides_of(position, direction);
  Json json;
  if (!position.source.topic.empty()) json["source_topic"] = position.source.topic;
  json["partition"] = position.target.partition;
  if (source) json["source_offset"] = source->value;
  json["target_topic"] = position.target.topic;
  if (target) json["target_offset"] = target->value;
  if (position.to) json["kind"] = exactness_name(position.to->exactness);
  if (!position.reason.empty()) json["reason"] = position.reason;
  return json;
}

}  // namespace

std::string_view exactness_name(Exactness exactness) {
  switch (exactness) {
    case Exactness::exact:
      return "exact";
    case Exactness::ahead:
      return "ahead";
    case Exactness::before_start:
      return "before_start";
    case Exactness::pruned:
      return "pruned";
  }
  return "";
}

std::string positions_table(const ShownPositions& shown, const TableStyle& style) {
  if (shown.positions.empty()) return "no positions\n";
  const bool forward = shown.direction == Direction::to_target;
  TextTable table({{forward ? "SOURCE POSITION" : "TARGET POSITION"},
                   {forward ? "TARGET POSITION" : "SOURCE POSITION"},
                   {"KIND"}});
  for (const auto& position : shown.positions) {
    const auto [source, target] = sides_of(position, shown.direction);
    const auto left = forward ? place(position.source, source) : place(position.target, target);
    const auto right = forward ? place(position.target, target) : place(position.source, source);
    const auto kind = position.to ? exactness_name(position.to->exactness) : "?";
    table.add({{left}, {right}, {std::string(kind)}}, position.reason);
  }
  return table.text(style);
}

std::string positions_json(const ShownPositions& shown) {
  Json json;
  json["version"] = 1;
  json["flow"] = shown.flow;
  json["reverse"] = shown.direction == Direction::to_source;
  json["positions"] = Json::array();
  for (const auto& position : shown.positions) {
    json["positions"].push_back(json_of(position, shown.direction));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
