// mirror/schemas/embedded/request.h - one call of the registry's API and its answer.
//
// Errors:  an answer with a status of 400 or more has the body {"error_code":N,"message":"..."}.
// Threads: values and free functions.
// Source:  Confluent Schema Registry: rest/resources, rest/exceptions/Errors.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longspan::embedded {

struct Request {
  std::string method{};  // GET, PUT, POST, DELETE
  std::string path{};    // percent-encoded as it was sent: a subject may hold slashes
  std::string query{};   // the same, without the question mark
  bool accepts_unknown_properties = false;  // Confluent-Accept-Unknown-Properties: true
  std::string body{};
};

struct Answer {
  int status = 200;
  std::string body;  // JSON, or empty
  // What a fault asks of the transport.
  std::optional<std::chrono::seconds> retry_after{};  // for the header of this name
  std::chrono::milliseconds delay{0};                 // to wait before it is sent
  bool drops_connection = false;                      // instead of sending it; the change was made
};

// Confluent's error codes; the first three digits are the status.
enum class ErrorCode : std::int32_t {
  subject_not_found = 40401,
  version_not_found = 40402,
  schema_not_found = 40403,
  subject_soft_deleted = 40404,
  subject_not_soft_deleted = 40405,
  version_soft_deleted = 40406,
  version_not_soft_deleted = 40407,
  no_subject_config = 40408,
  no_subject_mode = 40409,
  incompatible = 40901,
  invalid_schema = 42201,
  invalid_version = 42202,
  invalid_compatibility_level = 42203,
  invalid_mode = 42204,
  operation_not_permitted = 42205,
  reference_exists = 42206,
  id_does_not_match = 42207,
  invalid_subject = 42208,
  invalid_rule_set = 42210,
  context_not_empty = 42211,
  store = 50001,
  forwarding = 50003,
};

[[nodiscard]] Answer error_answer(ErrorCode code, const std::string& message);
// Without a code of the registry's own: 400, 404, 405; the status is the code.
[[nodiscard]] Answer plain_error(int status, const std::string& message);
// The usual ones, in Confluent's words.
[[nodiscard]] Answer subject_not_found(const std::string& subject);
[[nodiscard]] Answer version_not_found(std::int32_t version);
[[nodiscard]] Answer schema_not_found(const std::string& id);
[[nodiscard]] Answer not_permitted(const std::string& message);

// The pieces of a path, decoded: "/subjects/a%2Fb/versions" is subjects, a/b, versions.
[[nodiscard]] std::vector<std::string> split_path(std::string_view path);

// What parses and writes JSON recurses: deeper than this it is not even parsed.
inline constexpr int kJsonNestingMax = 1000;
[[nodiscard]] bool is_nested_too_deeply(std::string_view json);

class Query {
 public:
  explicit Query(std::string_view text);
  // Empty when it is not there.
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
  [[nodiscard]] bool is_true(const std::string& name) const;
  // Put there by a path that names a context.
  void set(const std::string& name, const std::string& value) { values_[name] = value; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace longspan::embedded
