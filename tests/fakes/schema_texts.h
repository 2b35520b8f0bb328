// tests/fakes/schema_texts.h - schemas in Avro, and the body that registers one.
//
// Threads: free functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace longspan {

inline std::string avro_fixed(const std::string& name) {
  return R"({"type":"fixed","size":4,"name":")" + name + "\"}";
}

// More fields are compatible with fewer.
inline std::string avro_record(const std::string& name, int fields) {
  using Json = nlohmann::json;
  Json schema{{"type", "record"}, {"name", name}, {"fields", Json::array()}};
  for (int i = 0; i < fields; ++i) {
    schema["fields"].push_back(
        {{"name", "f" + std::to_string(i)}, {"type", "long"}, {"default", 0}});
  }
  return schema.dump();
}

inline nlohmann::json registration(const std::string& schema,
                                   const nlohmann::json& references = {}) {
  nlohmann::json body{{"schema", schema}};
  if (!references.is_null()) body["references"] = references;
  return body;
}

}  // namespace longspan
