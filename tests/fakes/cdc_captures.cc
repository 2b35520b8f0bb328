#include "tests/fakes/cdc_captures.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace longspan {
namespace {

using Json = nlohmann::json;

std::optional<std::string> bytes_of(const Json& hex) {
  if (hex.is_null()) return std::nullopt;
  return bytes_of_hex(hex.get_ref<const std::string&>());
}

std::ifstream opened(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return file;
}

}  // namespace

std::string CapturedRecord::table() const {
  if (topic.starts_with("__debezium-heartbeat.")) return "heartbeat";
  return topic.substr(topic.find('.') + 1);
}

std::string bytes_of_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::vector<CapturedRecord> cdc_capture(const std::string& capture, const std::string& folder) {
  std::ifstream file = opened(folder + "/" + capture + ".jsonl");
  std::vector<CapturedRecord> out;
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line);
    CapturedRecord record{json.at("topic"),
                          json.at("offset"),
                          bytes_of(json.at("key_hex")),
                          bytes_of(json.at("value_hex")),
                          {}};
    for (const Json& header : json.at("headers")) {
      record.headers.emplace_back(header.at(0).get<std::string>(), bytes_of(header.at(1)));
    }
    out.push_back(std::move(record));
  }
  return out;
}

std::map<std::int32_t, std::string> cdc_schemas(const std::string& folder) {
  std::map<std::int32_t, std::string> out;
  std::ifstream file = opened(folder + "/schemas.json");
  for (const Json& schema : Json::parse(file)) {
    out[schema.at("id").get<std::int32_t>()] = schema.at("schema").get<std::string>();
  }
  return out;
}

}  // namespace longspan
