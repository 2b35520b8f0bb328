#include "cli/views/letters_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/views/time_text.h"
#include "lagcalc/printable.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

bool is_text(const std::string& bytes) {
  const bool has_control = std::any_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r';
  });
  if (has_control) return false;
  try {
    static_cast<void>(Json(bytes).dump());  // refuses what is not UTF-8
  } catch (const Json::exception&) {
    return false;
  }
  return true;
}

std::string hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string shown(const std::optional<std::string>& bytes) {
  if (!bytes) return "null";
  return is_text(*bytes) ? printable(*bytes) : "0x" + hex(*bytes);
}

// "RecordTooLargeException" of Kafka's whole name.
std::string short_class(const std::string& name) { return name.substr(name.rfind('.') + 1); }

std::size_t size_of(const OwnedRecord& record) {
  return (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
}

void put(Json& json, const std::string& name, const std::optional<std::string>& bytes) {
  if (!bytes) {
    json[name] = nullptr;
  } else if (is_text(*bytes)) {
    json[name] = *bytes;
  } else {
    json[name + "_hex"] = hex(*bytes);
  }
}

Json json_of(const ShownLetter& each) {
  const DeadLetter& letter = each.letter;
  Json json;
  json["letter"] = each.number.value;
  json["refused_at_ms"] = letter.refused_at.value;
  json["topic"] = letter.source.topic;
  json["partition"] = letter.source.partition;
  json["offset"] = letter.offset.value;
  json["target_topic"] = letter.target_topic;
  json["error_class"] = letter.error_class;
  json["error"] = letter.error_message;
  json["timestamp_ms"] = letter.record.timestamp.value;
  put(json, "key", letter.record.key);
  put(json, "value", letter.record.value);
  json["headers"] = Json::array();
  for (const auto& header : letter.record.headers) {
    Json one;
    put(one, "name", header.name);
    put(one, "value", header.value);
    json["headers"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

std::string letters_table(const std::vector<ShownLetter>& letters, const TableStyle& style) {
  if (letters.empty()) return "no dead letters\n";
  TextTable table({{"LETTER", Align::right},
                   {"TIME"},
                   {"PARTITION", Align::left, true},
                   {"OFFSET", Align::right},
                   {"BYTES", Align::right},
                   {"ERROR"}});
  for (const auto& [number, letter] : letters) {
    table.add({{std::to_string(number.value)},
               {time_text(letter.refused_at)},
               {letter.source.text()},
               {std::to_string(letter.offset.value)},
               {std::to_string(size_of(letter.record))},
               {short_class(letter.error_class)}},
              letter.error_message);
  }
  return table.text(style);
}

std::string letter_text(const ShownLetter& each) {
  const DeadLetter& letter = each.letter;
  std::string out = "letter     " + std::to_string(each.number.value) + "\nsource     " +
                    letter.source.text() + " offset " + std::to_string(letter.offset.value) +
                    "\ntarget     " + letter.target_topic + ":" +
                    std::to_string(letter.source.partition) + "\nrefused    " +
                    time_text(letter.refused_at) + "\nerror      " + printable(letter.error_class) +
                    "\n           " + printable(letter.error_message) + "\ntimestamp  " +
                    time_text(letter.record.timestamp) + "\n";
  for (const auto& header : letter.record.headers) {
    out += "header     " + printable(header.name) + " = " + shown(header.value) + "\n";
  }
  return out + "key        " + shown(letter.record.key) + "\nvalue      " +
         shown(letter.record.value) + "\n";
}

std::string letters_json(const std::string& flow, const std::vector<ShownLetter>& letters) {
  Json json;
  json["version"] = 1;
  json["flow"] = flow;
  json["letters"] = Json::array();
  for (const auto& each : letters) json["letters"].push_back(json_of(each));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
