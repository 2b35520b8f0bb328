// tests/unit/cli/demo/avro_oracle.h - decodes Avro by walking a schema: the test's own reader.
//
// It knows nothing of our tables, and it also decodes the records captured from a real Debezium,
// which is why it may judge ours.
//
// Errors:  throws std::runtime_error; a test that meets one fails.
// Source:  Apache Avro 1.11 specification.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace longspan::demo {

class AvroOracle {
 public:
  using Json = nlohmann::json;

  // Bytes and decimals come out as {"hex": "..."}; everything else as plain JSON.
  static Json decode(const Json& schema, std::string_view body) {
    AvroOracle oracle(body);
    oracle.collect(schema, "");
    Json out = oracle.value(schema, "");
    if (oracle.at_ != body.size()) throw std::runtime_error("bytes left over");
    return out;
  }

 private:
  explicit AvroOracle(std::string_view body) : body_(body) {}

  Json value(const Json& schema, const std::string& space) {
    if (schema.is_array()) return value(schema.at(static_cast<std::size_t>(number())), space);
    if (schema.is_string()) return named_or_primitive(schema.get<std::string>(), space);
    const auto type = schema.at("type").get<std::string>();
    if (type == "record") return record(schema, space);
    if (type == "array") return array(schema.at("items"), space);
    return named_or_primitive(type, space);
  }

  Json named_or_primitive(const std::string& type, const std::string& space) {
    if (type == "null") return nullptr;
    if (type == "int" || type == "long") return number();
    if (type == "string") return text();
    if (type == "bytes") return {{"hex", hex(text())}};
    if (type == "boolean") return take(1)[0] != '\0';
    if (type == "double") return {{"hex", hex(std::string(take(8)))}};
    const auto found =
        records_.find(type.find('.') == std::string::npos ? space + "." + type : type);
    if (found == records_.end()) throw std::runtime_error("unknown type " + type);
    return fields(found->second.first, found->second.second);
  }

  // A record may be referred to by name although its definition stands in a branch not taken.
  void collect(const Json& schema, const std::string& outer) {
    if (schema.is_array()) {
      for (const Json& branch : schema) collect(branch, outer);
    } else if (schema.is_object() && schema.at("type") == "record") {
      const std::string space = schema.value("namespace", outer);
      records_[space + "." + schema.at("name").get<std::string>()] = {schema.at("fields"), space};
      for (const Json& f : schema.at("fields")) collect(f.at("type"), space);
    } else if (schema.is_object() && schema.contains("items")) {
      collect(schema.at("items"), outer);
    }
  }

  Json record(const Json& schema, const std::string& outer) {
    return fields(schema.at("fields"), schema.value("namespace", outer));
  }

  Json fields(const Json& list, const std::string& space) {
    Json out = Json::object();
    for (const Json& f : list) out[f.at("name").get<std::string>()] = value(f.at("type"), space);
    return out;
  }

  Json array(const Json& items, const std::string& space) {
    Json out = Json::array();
    for (std::int64_t count = number(); count != 0; count = number()) {
      if (count < 0) {
        number();  // the block's size in bytes
        count = -count;
      }
      for (; count > 0; --count) out.push_back(value(items, space));
    }
    return out;
  }

  std::int64_t number() {
    std::uint64_t out = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take(1)[0]);
      out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return static_cast<std::int64_t>(out >> 1) * (out % 2 == 0 ? 1 : -1) - (out % 2 == 0 ? 0 : 1);
  }

  std::string text() { return std::string(take(static_cast<std::size_t>(number()))); }

  std::string_view take(std::size_t size) {
    if (size > body_.size() - at_) throw std::runtime_error("bytes end early");
    const auto out = body_.substr(at_, size);
    at_ += size;
    return out;
  }

  static std::string hex(const std::string& bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
      out += kDigits[static_cast<std::uint8_t>(c) >> 4];
      out += kDigits[static_cast<std::uint8_t>(c) & 15];
    }
    return out;
  }

  std::string_view body_;
  std::size_t at_ = 0;
  std::map<std::string, std::pair<Json, std::string>> records_;  // full name -> fields, namespace
};

}  // namespace longspan::demo
