#include "mirror/schemas/schema.h"

#include <optional>
#include <utility>

namespace longspan {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The bytes of a JSON text that are not white space between its tokens, one after the other.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  // Absent: the end.
  std::optional<char> next() {
    while (!in_string_ && at_ < text_.size() && is_white(text_[at_])) ++at_;
    if (at_ == text_.size()) return std::nullopt;
    const char c = text_[at_++];
    if (std::exchange(is_escaped_, false)) return c;
    if (c == '"') in_string_ = !in_string_;
    is_escaped_ = in_string_ && c == '\\';
    return c;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
};

}  // namespace

bool is_same_text(std::string_view type, std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (type == "PROTOBUF") return false;
  Tokens left(a);
  Tokens right(b);
  for (;;) {
    const auto c = left.next();
    if (c != right.next()) return false;
    if (!c) return true;
  }
}

bool operator==(const Schema& a, const Schema& b) {
  return a.type == b.type && a.references == b.references && a.metadata == b.metadata &&
         a.rule_set == b.rule_set && is_same_text(a.type, a.text, b.text);
}

std::string difference_of(const Schema& wanted, const Schema& found) {
  if (wanted.type != found.type) return "its type is " + found.type + ", not " + wanted.type;
  if (!is_same_text(wanted.type, wanted.text, found.text)) return "its text is another";
  if (wanted.references != found.references) return "its references are others";
  return wanted.metadata != found.metadata ? "its metadata are others" : "its rules are others";
}

std::string Subject::text() const {
  if (context == kDefaultContext) return name;
  return ":" + context + ":" + name;
}

Subject parse_subject(std::string_view text) {
  const auto second = text.starts_with(":.") ? text.find(':', 1) : std::string_view::npos;
  if (second == std::string_view::npos) return {std::string(kDefaultContext), std::string(text)};
  return {std::string(text.substr(1, second - 1)), std::string(text.substr(second + 1))};
}

}  // namespace longspan
