#include "tracing/export/otlp_answer.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "lagcalc/json_depth.h"
#include "tracing/export/proto_reader.h"
#include "tracing/spans/span.h"

namespace longspan {
namespace {

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kDelimited = 2;

std::string message_text(std::string_view text) {
  return valid_utf8(text.substr(0, kAnswerTextBytesMax));
}

bool is_json(std::string_view content_type) {
  return content_type.find("json") != std::string_view::npos;
}

std::optional<PartialSuccess> read_partial(std::string_view message) {
  PartialSuccess out;
  ProtoReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->wire_type == kVarint) {
      out.rejected = static_cast<std::int64_t>(field->value);
    } else if (field->number == 2 && field->wire_type == kDelimited) {
      out.message = message_text(field->bytes);
    }
  }
  if (reader.is_broken()) return std::nullopt;
  return out;
}

std::optional<nlohmann::json> read_object(std::string_view body) {
  constexpr int kDepthMax = 32;
  if (body.size() > kAnswerBytesMax || !is_shallow(body, kDepthMax)) return std::nullopt;
  auto out = nlohmann::json::parse(body, nullptr, false);
  if (!out.is_object()) return std::nullopt;
  return out;
}

std::optional<std::string> text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return message_text(found->get_ref<const std::string&>());
}

// Protobuf's JSON has 64 bits as text, and readers take numbers, too.
std::optional<std::int64_t> number_of(const nlohmann::json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<PartialSuccess> read_partial_success_protobuf(std::string_view body) {
  if (body.size() > kAnswerBytesMax) return std::nullopt;
  std::optional<PartialSuccess> out = PartialSuccess{};
  ProtoReader reader(body);
  while (const auto field = reader.next()) {
    if (field->number != 1 || field->wire_type != kDelimited) continue;
    out = read_partial(field->bytes);
    if (!out) return std::nullopt;
  }
  if (reader.is_broken()) return std::nullopt;
  return out;
}

std::optional<PartialSuccess> read_partial_success_json(std::string_view body) {
  if (body.empty()) return PartialSuccess{};
  const auto object = read_object(body);
  if (!object) return std::nullopt;
  const auto partial = object->find("partialSuccess");
  if (partial == object->end() || partial->is_null()) return PartialSuccess{};
  if (!partial->is_object()) return std::nullopt;
  PartialSuccess out;
  out.message = text_of(*partial, "errorMessage").value_or("");
  for (const char* const name : {"rejectedSpans", "rejectedDataPoints"}) {
    const auto rejected = partial->find(name);
    if (rejected == partial->end()) continue;
    const auto number = number_of(*rejected);
    if (!number) return std::nullopt;
    out.rejected = *number;
  }
  return out;
}

std::optional<PartialSuccess> read_partial_success(std::string_view content_type,
                                                   std::string_view body) {
  return is_json(content_type) ? read_partial_success_json(body)
                               : read_partial_success_protobuf(body);
}

std::optional<std::string> read_status_message(std::string_view content_type,
                                               std::string_view body) {
  if (body.size() > kAnswerBytesMax) return std::nullopt;
  if (is_json(content_type)) {
    const auto object = read_object(body);
    return object ? text_of(*object, "message") : std::nullopt;
  }
  std::optional<std::string> out;
  ProtoReader reader(body);
  while (const auto field = reader.next()) {
    if (field->number == 2 && field->wire_type == kDelimited) out = message_text(field->bytes);
  }
  return reader.is_broken() ? std::nullopt : out;
}

std::uint64_t rejected_of(const PartialSuccess& partial, std::size_t sent) {
  return static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(partial.rejected, 0, static_cast<std::int64_t>(sent)));
}

std::string answer_text(const SendResult& result) {
  if (!result) return result.error().text();
  std::string out = "HTTP " + std::to_string(result->status);
  if (const auto message = read_status_message(result->content_type, result->body)) {
    out += ": " + *message;
  }
  return out;
}

}  // namespace longspan
