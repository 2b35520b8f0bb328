#include "cli/views/ids_view.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;
using Which = decltype(SchemaMark::which);

std::string shown(const Which& which) {
  const auto* guid = std::get_if<SchemaGuid>(&which);
  return guid != nullptr ? guid->text() : std::to_string(std::get<std::int32_t>(which));
}

std::string words(SchemaFraming framing) {
  switch (framing) {
    case SchemaFraming::prefix_id:
      return "prefix, id";
    case SchemaFraming::prefix_guid:
      return "prefix, GUID";
    case SchemaFraming::header:
      return "header";
  }
  return "";
}

Tint tint_of(MarkVerdict verdict) {
  if (verdict == MarkVerdict::equal) return Tint::good;
  return verdict == MarkVerdict::unchecked ? Tint::warn : Tint::bad;
}

void add_row(TextTable& table, const CheckedPart& part, const CheckedMark& each,
             const std::string& id) {
  table.add({{part.topic},
             {std::string(name(part.part))},
             {words(framing_of(each.mark))},
             {id},
             {std::to_string(each.seen.records)},
             {std::to_string(each.seen.partition.partition) + ":" +
              std::to_string(each.seen.offset.value)},
             {std::string(name(each.verdict)), tint_of(each.verdict)}},
            each.reason);
}

// What could not be looked up is one row for each framing: bytes that only look framed are many.
void add_unchecked(TextTable& table, const CheckedPart& part) {
  std::map<SchemaFraming, std::pair<CheckedMark, std::size_t>> rows;
  for (const auto& each : part.marks) {
    if (each.verdict != MarkVerdict::unchecked) continue;
    auto [row, is_new] = rows.try_emplace(framing_of(each.mark), each, 0);
    ++row->second.second;
    if (!is_new) row->second.first.seen.records += each.seen.records;
  }
  for (const auto& [framing, row] : rows) {
    const auto& [first, count] = row;
    add_row(table, part, first, count == 1 ? shown(first.mark.which) : std::to_string(count) + "x");
  }
}

std::string table_of(const IdCheck& check, const TableStyle& style) {
  TextTable table({{"TOPIC", Align::left, true},
                   {"PART"},
                   {"FRAMING"},
                   {"ID", Align::right},
                   {"RECORDS", Align::right},
                   {"FIRST"},
                   {"VERDICT"}});
  bool is_empty = true;
  for (const auto& part : check.parts) {
    for (const auto& each : part.marks) {
      is_empty = false;
      if (each.verdict != MarkVerdict::unchecked)
        add_row(table, part, each, shown(each.mark.which));
    }
    add_unchecked(table, part);
  }
  return is_empty ? "" : table.text(style);
}

// One that is equal in one topic and not in another is not.
std::pair<std::size_t, std::size_t> equal_and_others(const IdCheck& check) {
  std::set<Which> equal;
  std::set<Which> not_equal;
  for (const auto& part : check.parts) {
    for (const auto& each : part.marks) {
      if (each.verdict == MarkVerdict::unchecked) continue;
      (each.verdict == MarkVerdict::equal ? equal : not_equal).insert(each.mark.which);
    }
  }
  for (const auto& which : not_equal) equal.erase(which);
  return {equal.size(), not_equal.size()};
}

std::string summary(const std::string& flow, const IdCheck& check) {
  const auto [equal, others] = equal_and_others(check);
  if (equal + others == 0) return flow + ": no schema id was compared\n";
  std::string out = flow + ": " + std::to_string(equal) + (equal == 1 ? " id means" : " ids mean") +
                    " the same on both sides";
  if (others > 0) out += ", " + std::to_string(others) + (others == 1 ? " does not" : " do not");
  return out + "\n";
}

Json framing_json(const CheckedPart& part) {
  std::map<SchemaFraming, std::int64_t> records;
  for (const auto& each : part.marks) records[framing_of(each.mark)] += each.seen.records;
  Json json;
  for (const SchemaFraming framing : kSchemaFramings) {
    json[std::string(name(framing))] = records[framing];
  }
  return json;
}

Json mark_json(const CheckedMark& each) {
  Json json;
  if (const auto* id = std::get_if<std::int32_t>(&each.mark.which)) {
    json["id"] = *id;
  } else {
    json["guid"] = shown(each.mark.which);
  }
  json["framing"] = name(framing_of(each.mark));
  json["records"] = each.seen.records;
  json["first_partition"] = each.seen.partition.partition;
  json["first_offset"] = each.seen.offset.value;
  json["verdict"] = name(each.verdict);
  if (!each.reason.empty()) json["reason"] = each.reason;
  return json;
}

Json part_json(const CheckedPart& part) {
  Json json;
  json["topic"] = part.topic;
  json["part"] = name(part.part);
  json["records_by_framing"] = framing_json(part);
  json["records_unframed"] = part.unframed;
  json["has_more"] = part.has_more;
  json["ids"] = Json::array();
  for (const auto& each : part.marks) json["ids"].push_back(mark_json(each));
  return json;
}

}  // namespace

std::string ids_text(const std::string& flow, const IdCheck& check, const TableStyle& style) {
  std::string out = table_of(check, style);
  for (const auto& part : check.parts) {
    if (part.unframed == 0) continue;
    out += part.topic + " " + std::string(name(part.part)) + ": " + std::to_string(part.unframed) +
           " without a schema id that a registry knows\n";
  }
  return out + summary(flow, check);
}

std::string ids_json(const std::string& flow, const IdCheck& check) {
  Json json;
  json["version"] = 1;
  json["flow"] = flow;
  json["equal"] = check.is_equal();
  const auto gaps = check.gaps();
  json["complete"] = !gaps;
  if (gaps) json["gaps"] = *gaps;
  json["parts"] = Json::array();
  for (const auto& part : check.parts) json["parts"].push_back(part_json(part));
  json["unread_partitions"] = Json::array();
  for (const auto& [partition, error] : check.unread) {
    Json one;
    one["partition"] = partition.text();
    one["reason"] = error.text();
    json["unread_partitions"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
