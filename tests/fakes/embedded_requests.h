// tests/fakes/embedded_requests.h - what a test asks of an embedded registry, each in one call.
//
// Errors:  failures of the test.
// Threads: as the registry: any.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "mirror/schemas/embedded/embedded_registry.h"
#include "tests/fakes/framed.h"
#include "tests/fakes/schema_texts.h"

namespace longspan {

// Whatever its status. The path may have a query: "/mode/orders?force=true".
inline embedded::Answer answer_of(embedded::EmbeddedRegistry& registry, const std::string& method,
                                  const std::string& path, const nlohmann::json& body = {}) {
  embedded::Request request;
  request.method = method;
  const auto mark = path.find('?');
  request.path = path.substr(0, mark);
  if (mark != std::string::npos) request.query = path.substr(mark + 1);
  if (!body.is_null()) request.body = body.dump();
  return registry.answer(request);
}

// The body of a 200.
inline std::string ask(embedded::EmbeddedRegistry& registry, const std::string& method,
                       const std::string& path, const nlohmann::json& body = {}) {
  const auto answer = answer_of(registry, method, path, body);
  EXPECT_EQ(answer.status, 200) << method << " " << path << ": " << answer.body;
  return answer.body;
}

// The id that it is given: they count from 1.
inline std::int32_t add_schema(embedded::EmbeddedRegistry& registry, const std::string& subject,
                               const std::string& schema, const nlohmann::json& references = {}) {
  const auto body = registration(schema, references);
  return nlohmann::json::parse(ask(registry, "POST", "/subjects/" + subject + "/versions", body))
      .at("id");
}

// The same, of a fixed with this name, or else with the subject's.
inline std::int32_t add(embedded::EmbeddedRegistry& registry, const std::string& subject,
                        const std::string& name = "") {
  return add_schema(registry, subject, avro_fixed(name.empty() ? subject : name));
}

// Of a subject's first version.
inline SchemaGuid guid_in(embedded::EmbeddedRegistry& registry, const std::string& subject) {
  embedded::Request request;
  request.method = "GET";
  request.path = "/subjects/" + subject + "/versions/1";
  request.accepts_unknown_properties = true;
  return guid_of_text(nlohmann::json::parse(registry.answer(request).body).at("guid"));
}

// "unavailable=1", beside those that are set.
inline void set_fault(embedded::EmbeddedRegistry& registry, const std::string& word) {
  const auto set = registry.set_faults(std::span(&word, 1));
  ASSERT_TRUE(set) << set.error();
}

}  // namespace longspan
