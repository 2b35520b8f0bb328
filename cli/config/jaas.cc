#include "cli/config/jaas.h"

#include <optional>
#include <vector>

namespace longspan {
namespace {

struct Token {
  std::string text;
  bool quoted = false;
};

bool is_punctuation(char c) { return c == '=' || c == ';'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The text after the opening quote at `at`, which moves behind the closing one; absent: none.
std::optional<std::string> quoted(std::string_view text, std::size_t& at) {
  const char quote = text[at++];
  std::string out;
  while (at < text.size() && text[at] != quote) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out += text[at++];
  }
  if (at == text.size()) return std::nullopt;
  ++at;
  return out;
}

// Absent: a quote that is not closed.
std::optional<std::vector<Token>> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
    } else if (is_punctuation(text[at])) {
      tokens.push_back({std::string(1, text[at++]), false});
    } else if (text[at] == '"' || text[at] == '\'') {
      auto value = quoted(text, at);
      if (!value) return std::nullopt;
      tokens.push_back({std::move(*value), true});
    } else {
      const std::size_t start = at;
      while (at < text.size() && !is_space(text[at]) && !is_punctuation(text[at])) ++at;
      tokens.push_back({std::string(text.substr(start, at - start)), false});
    }
  }
  return tokens;
}

Unexpected<Error> wrong(std::string what) { return fail(Next::stop_process, std::move(what)); }

bool is(const Token& token, std::string_view text) { return !token.quoted && token.text == text; }

}  // namespace

Result<Jaas> parse_jaas(std::string_view text) {
  const auto tokens = tokens_of(text);
  if (!tokens) return wrong("has a quote that is not closed");
  const std::vector<Token>& t = *tokens;
  if (t.size() < 2 || is(t[0], ";")) return wrong("names no login module");
  if (!is(t.back(), ";")) return wrong("does not end in a semicolon");
  Jaas jaas;
  jaas.module = t[0].text.substr(t[0].text.rfind('.') + 1);
  // t[1] is the control flag, `required`; options follow as NAME = VALUE.
  for (std::size_t i = 2; i + 1 < t.size(); i += 3) {
    if (is(t[i], ";")) return wrong("names more than one login module");
    if (i + 3 >= t.size() || !is(t[i + 1], "=") || is(t[i + 2], ";")) {
      return wrong("has an option that is not name=\"value\"");
    }
    jaas.options[t[i].text] = t[i + 2].text;
  }
  return jaas;
}

}  // namespace longspan
