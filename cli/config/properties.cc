#include "cli/config/properties.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace longspan {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

// One logical line: continued lines joined, their leading blanks dropped; escapes still in it.
struct LogicalLine {
  std::string text;
  int number = 0;
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  std::optional<LogicalLine> next() {
    while (!rest_.empty()) {
      std::string_view line = take();
      const int number = number_;
      if (line.empty() || line[0] == '#' || line[0] == '!') continue;
      LogicalLine logical{std::string(line), number};
      while (continues(logical.text)) {
        logical.text.pop_back();
        if (rest_.empty()) break;
        logical.text += take();
      }
      return logical;
    }
    return std::nullopt;
  }

 private:
  // The next natural line without leading blanks and without its end (\n, \r\n or \r).
  std::string_view take() {
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    std::string_view line = rest_.substr(0, end);
    const bool two = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(end + (two ? 2 : 1), rest_.size()));
    ++number_;
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
  }

  static bool continues(std::string_view line) {
    std::size_t slashes = 0;
    while (slashes < line.size() && line[line.size() - 1 - slashes] == '\\') ++slashes;
    return slashes % 2 == 1;
  }

  std::string_view rest_;
  int number_ = 0;
};

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
  }
  return value;
}

// Text after \u: one character, from one or (a surrogate pair) two escapes. Returns how much of
// `text` was used; absent: malformed, or half a pair.
std::optional<std::size_t> append_unicode(std::string& out, std::string_view text) {
  const auto first = hex4(text);
  if (!first || (*first >= 0xdc00 && *first < 0xe000)) return std::nullopt;
  if (*first < 0xd800 || *first >= 0xe000) {
    append_utf8(out, *first);
    return 4;
  }
  if (text.substr(4, 2) != "\\u") return std::nullopt;
  const auto second = hex4(text.substr(6));
  if (!second || *second < 0xdc00 || *second >= 0xe000) return std::nullopt;
  append_utf8(out, 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00));
  return 10;
}

// Absent: a malformed \uXXXX.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'u') {
      const auto used = append_unicode(out, text.substr(i + 1));
      if (!used) return std::nullopt;
      i += *used;
      continue;
    }
    const std::size_t special = std::string_view("tnrf").find(c);
    out += special == std::string_view::npos ? c : "\t\n\r\f"[special];
  }
  return out;
}

// Where the key ends: the first separator that no backslash hides.
std::size_t key_end(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':' || is_blank(line[i])) {
      return i;
    }
  }
  return line.size();
}

std::string_view value_part(std::string_view line, std::size_t key_size) {
  line.remove_prefix(key_size);
  const auto skip_blanks = [&line] {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  };
  skip_blanks();
  if (!line.empty() && (line.front() == '=' || line.front() == ':')) line.remove_prefix(1);
  skip_blanks();
  return line;
}

std::optional<Property> parse_line(const LogicalLine& line, Findings& findings) {
  const std::size_t end = key_end(line.text);
  const auto key = unescaped(std::string_view(line.text).substr(0, end));
  const auto value = unescaped(value_part(line.text, end));
  if (!key || !value) {
    findings.error(line.number, "malformed \\uXXXX (four hexadecimal digits, surrogates in pairs)");
    return std::nullopt;
  }
  if (key->empty()) {
    findings.error(line.number, "a value without a key");
    return std::nullopt;
  }
  if (key->find('\0') != std::string::npos || value->find('\0') != std::string::npos) {
    findings.error(line.number, "a NUL character");
    return std::nullopt;
  }
  return Property{*key, std::string(trimmed(*value)), line.number, is_secret_key(*key)};
}

int line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
}

// Length of the well-formed UTF-8 character at the front; 0: none. Table 3-7 of the standard.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&byte](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return tail(1) && tail(2) && tail(3) ? 4 : 0;
}

// Where the text stops being UTF-8; its size when it does not.
std::size_t utf8_end(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

bool readable(std::string_view text, Findings& findings) {
  if (text.size() > kPropertiesBytesMax) {
    findings.error(0, "is larger than " + std::to_string(kPropertiesBytesMax) + " bytes");
    return false;
  }
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    findings.error(line_of(text, nul), "a NUL byte: is this a text file?");
    return false;
  }
  const std::size_t end = utf8_end(text);
  if (end < text.size()) {
    findings.error(line_of(text, end),
                   "bytes that are not UTF-8 (write \\uXXXX, or save as UTF-8)");
    return false;
  }
  return true;
}

}  // namespace

std::vector<Property> parse_properties(std::string_view text, Findings& findings) {
  std::vector<Property> properties;
  if (!readable(text, findings)) return properties;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark is no key
  std::unordered_map<std::string, std::size_t> places;
  LineReader reader(text);
  while (const auto line = reader.next()) {
    auto property = parse_line(*line, findings);
    if (!property) continue;
    if (property->value.find(" #") != std::string::npos) {
      findings.warn(property->line, property->key +
                                        ": the # and what follows it belong to the value; a "
                                        "comment stands on a line of its own");
    }
    const auto [place, is_new] = places.try_emplace(property->key, properties.size());
    if (is_new) {
      properties.push_back(std::move(*property));
      continue;
    }
    Property& before = properties[place->second];
    findings.warn(property->line, property->key + " stands also on line " +
                                      std::to_string(before.line) + "; this one is used");
    before = std::move(*property);
  }
  return properties;
}

bool is_secret_key(std::string_view key) {
  static constexpr auto kSecretParts = std::to_array<std::string_view>(
      {"password", "secret", "jaas", "token.value", "ssl.key", "keystore.key", "credential",
       "oauthbearer.config", "private.key", "assertion.private", "basic.auth.user.info",
       "bearer.auth.token", "database.dsn"});
  if (key.ends_with(".location") || key.ends_with(".type")) return false;
  return std::any_of(kSecretParts.begin(), kSecretParts.end(), [key](std::string_view part) {
    return key.find(part) != std::string_view::npos;
  });
}

bool is_utf8(std::string_view text) { return utf8_end(text) == text.size(); }

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kWhite = " \t\r\n\f";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

}  // namespace longspan
