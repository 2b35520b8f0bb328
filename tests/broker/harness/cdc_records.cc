#include "tests/broker/harness/cdc_records.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {
namespace {

using Json = nlohmann::json;

Bytes from_hex(const Json& hex) {
  if (hex.is_null()) return std::nullopt;
  const auto text = hex.get<std::string>();
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

Record from_json(const Json& json) {
  Record record;
  record.partition = json.at("partition").get<int32_t>();
  record.key = from_hex(json.at("key_hex"));
  record.value = from_hex(json.at("value_hex"));
  record.timestamp_ms = json.at("timestamp_ms").get<int64_t>();
  for (const Json& header : json.at("headers")) {
    record.headers.emplace_back(header.at(0).get<std::string>(), from_hex(header.at(1)));
  }
  return record;
}

}  // namespace

std::map<std::string, std::vector<Record>> cdc_records(const std::string& capture) {
  std::map<std::string, std::vector<Record>> records;
  const std::string path = std::string(LONGSPAN_FIXTURES) + "/cdc/" + capture + ".jsonl";
  std::ifstream file(path);
  require(file.good(), "cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line);
    records[json.at("topic").get<std::string>()].push_back(from_json(json));
  }
  return records;
}

}  // namespace longspan::harness
