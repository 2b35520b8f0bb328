#include "mirror/schemas/embedded/request.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mirror/schemas/registry_url.h"

namespace longspan::embedded {
namespace {

constexpr int kCodesPerStatus = 100;

Answer error_body(int status, std::int32_t code, const std::string& message) {
  nlohmann::ordered_json body;
  body["error_code"] = code;
  body["message"] = message;
  // A message may repeat bytes of the request that are not UTF-8.
  using Json = nlohmann::ordered_json;
  return Answer{status, body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

// In a query, unlike in a path, a plus is a blank.
std::string query_decoded(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

}  // namespace

Answer error_answer(ErrorCode code, const std::string& message) {
  const auto number = static_cast<std::int32_t>(code);
  return error_body(number / kCodesPerStatus, number, message);
}

Answer plain_error(int status, const std::string& message) {
  return error_body(status, status, message);
}

Answer subject_not_found(const std::string& subject) {
  return error_answer(ErrorCode::subject_not_found, "Subject '" + subject + "' not found.");
}

Answer version_not_found(std::int32_t version) {
  return error_answer(ErrorCode::version_not_found,
                      "Version " + std::to_string(version) + " not found.");
}

Answer schema_not_found(const std::string& id) {
  return error_answer(ErrorCode::schema_not_found,
                      id.empty() ? "Schema not found" : "Schema " + id + " not found");
}

Answer not_permitted(const std::string& message) {
  return error_answer(ErrorCode::operation_not_permitted, message);
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> pieces;
  for (std::size_t at = path.starts_with('/') ? 1 : 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    pieces.push_back(percent_decoded(path.substr(at, end - at)));
    at = end + 1;
  }
  return pieces;
}

bool is_nested_too_deeply(std::string_view json) {
  int nesting = 0;
  bool is_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (is_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_text = !is_text;
    } else if (!is_text && (c == '[' || c == '{')) {
      if (++nesting > kJsonNestingMax) return true;
    } else if (!is_text && (c == ']' || c == '}')) {
      --nesting;
    }
  }
  return false;
}

Query::Query(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string_view pair = text.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::size_t value = std::min(equals + 1, pair.size());
    values_[query_decoded(pair.substr(0, equals))] = query_decoded(pair.substr(value));
    at = end + 1;
  }
}

std::string Query::text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

bool Query::is_true(const std::string& name) const {
  const std::string value = text(name);
  return value == "true" || value == "True" || value == "TRUE";
}

}  // namespace longspan::embedded
