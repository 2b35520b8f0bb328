// tests/unit/mirror/schemas/embedded/registry_script.h - calls of an embedded registry, as text.
//
//   Script script;
//   script.expect("GET /subjects?deleted=true", 200, "[]");
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mirror/schemas/embedded/embedded_registry.h"

namespace longspan::embedded {

// The body of a POST: {"schema":"...", and `members`, written as JSON without braces.
inline std::string posted(const std::string& schema, const std::string& members = "") {
  return "{\"schema\":" + nlohmann::json(schema).dump() + (members.empty() ? "" : ",") + members +
         "}";
}

// A record of Avro with these fields, each "name:type" or "name:type=default", in JSON.
inline std::string record(const std::string& name, const std::vector<std::string>& fields) {
  std::string all;
  for (const std::string& field : fields) {
    const std::size_t colon = field.find(':');
    const std::size_t equals = std::min(field.find('='), field.size());
    all += (all.empty() ? "" : ",") + std::string(R"({"name":")") + field.substr(0, colon) +
           R"(","type":)" + field.substr(colon + 1, equals - colon - 1);
    if (equals < field.size()) all += R"(,"default":)" + field.substr(equals + 1);
    all += "}";
  }
  return R"({"type":"record","name":")" + name + R"(","fields":[)" + all + "]}";
}

inline constexpr bool kShowAll = true;

class Script {
 public:
  explicit Script(const std::vector<std::string>& faults = {}) {
    EXPECT_TRUE(registry_.set_faults(faults));
  }

  // "PUT /mode/orders?force=true {...}"
  Answer call(const std::string& text, bool shows_all = false) {
    const std::size_t target = text.find(' ') + 1;
    const std::size_t end = std::min(text.find(' ', target), text.size());
    const std::size_t mark = std::min(text.find('?', target), end);
    Request request;
    request.method = text.substr(0, target - 1);
    request.path = text.substr(target, mark - target);
    if (mark < end) request.query = text.substr(mark + 1, end - mark - 1);
    if (end < text.size()) request.body = text.substr(end + 1);
    request.accepts_unknown_properties = shows_all;
    return registry_.answer(request);
  }

  // A body that begins with ~ is to be a part of the answer's, else all of it.
  void expect(const std::string& text, int status, const std::string& body) {
    const Answer answer = call(text);
    EXPECT_EQ(answer.status, status) << text << "\n" << answer.body;
    if (body.starts_with("~")) {
      EXPECT_NE(answer.body.find(body.substr(1)), std::string::npos) << text << "\n" << answer.body;
    } else {
      EXPECT_EQ(answer.body, body) << text;
    }
  }
  // Fails with this code of the registry, whose first three digits are the status.
  void refuse(const std::string& text, int code, const std::string& message = "") {
    const Answer answer = call(text);
    EXPECT_EQ(answer.status, code / 100) << text << "\n" << answer.body;
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    ASSERT_TRUE(json.is_object()) << text << "\n" << answer.body;
    EXPECT_EQ(json.value("error_code", 0), code) << text << "\n" << answer.body;
    EXPECT_NE(json.value("message", "").find(message), std::string::npos) << text << "\n"
                                                                          << answer.body;
  }

  void import(const std::string& subject) {
    expect("PUT /mode/" + subject + R"(?force=true {"mode":"IMPORT"})", 200,
           R"({"mode":"IMPORT"})");
  }
  // Answers 200 with this id.
  void post(const std::string& subject, int id, const std::string& body) {
    expect("POST /subjects/" + subject + "/versions " + body, 200,
           "{\"id\":" + std::to_string(id) + "}");
  }

 private:
  EmbeddedRegistry registry_;
};

}  // namespace longspan::embedded
