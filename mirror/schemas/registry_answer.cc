#include "mirror/schemas/registry_answer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "mirror/schemas/bounded_json.h"
#include "mirror/schemas/registry_url.h"
#include "mirror/schemas/retry.h"

namespace longspan {

namespace {

using Kind = RegistryError::Kind;
using nlohmann::json;

constexpr std::size_t kExcerptMax = 200;
constexpr std::size_t kMessageMax = 1'000;

// Jersey repeats the status as error_code where a path is unknown: no code of the API's.
constexpr int kFirstCode = 10'000;

// What the body of a refusal says.
struct Words {
  int code = 0;
  std::string message;
  bool is_ours = false;  // has at least one of both
};

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

// Of anything.
std::string excerpt(std::string_view bytes) {
  std::string text(bytes.substr(0, kExcerptMax));
  const auto is_odd = [](char c) { return is_control(c) || static_cast<unsigned char>(c) > 0x7f; };
  std::replace_if(text.begin(), text.end(), is_odd, '?');
  return text;
}

Words words_of(const RegistryAnswer& answer) {
  const json body = parse_bounded(answer.body);
  Words words;
  if (!body.is_object()) return words;
  const auto code = body.find("error_code");
  if (code != body.end() && code->is_number_integer()) {
    const auto number = code->get<std::int64_t>();
    words.code = number > 0 && number < 1'000'000 ? static_cast<int>(number) : 0;
    words.is_ours = true;
  }
  const auto message = body.find("message");
  if (message != body.end() && message->is_string()) {
    words.message = registry_words(message->get<std::string>());
    words.is_ours = true;
  }
  return words;
}

Kind kind_of(const RegistryAnswer& answer, const Words& words) {
  const int status = answer.status;
  if (status == 401 || status == 403) return Kind::forbidden;
  if (status == 501) return Kind::unsupported;
  if (is_retried(status) || status >= 500) return Kind::unreachable;
  const bool may_be_no_call = status == 404 || status == 405;
  if (may_be_no_call && words.code < kFirstCode) return Kind::unsupported;
  return status >= 400 && words.is_ours ? Kind::refused : Kind::unintelligible;
}

template <std::size_t N>
bool has_code(const RegistryAnswer& answer, const std::array<int, N>& codes) {
  if (answer.status != 404) return false;
  return std::find(codes.begin(), codes.end(), words_of(answer).code) != codes.end();
}

}  // namespace

// Of a text in UTF-8; no character is cut in two.
std::string registry_words(std::string text) {
  if (text.size() > kMessageMax) {
    std::size_t end = kMessageMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text.resize(end);
    text += " ...";
  }
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  return text;
}

bool means_absent(const RegistryAnswer& answer) {
  return has_code(answer, std::array{40401, 40402, 40403, 40408, 40409});
}

bool means_deleted(const RegistryAnswer& answer) {
  return has_code(answer, std::array{40404, 40406});
}

RegistryError refusal(const RegistryAnswer& answer) {
  const Words words = words_of(answer);
  const Kind kind = kind_of(answer, words);
  if (answer.status >= 300 && answer.status < 400) {
    return unintelligible(answer, "it redirects to " + excerpt(without_login(answer.location)));
  }
  if (kind == Kind::unintelligible) return unintelligible(answer, "an error without its words");
  const std::string message = words.is_ours ? words.message : excerpt(answer.body);
  return {kind, answer.status, words.code, message, answer.where};
}

RegistryError unintelligible(const RegistryAnswer& answer, std::string_view why) {
  std::string message(why);
  if (!answer.body.empty()) message += ": " + excerpt(answer.body);
  return {Kind::unintelligible, answer.status, 0, message, answer.where};
}

}  // namespace longspan
