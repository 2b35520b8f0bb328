#include "mirror/schemas/registry_url.h"

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>

namespace longspan {

namespace {

constexpr auto kNone = std::string_view::npos;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != kNone;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == kNone) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Where the host begins: behind "http://" or "https://"; 0: it is neither.
std::size_t scheme_length(std::string_view url) {
  std::string start(url.substr(0, 8));
  for (char& c : start) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (start == "https://") return 8;
  return start.starts_with("http://") ? 7 : 0;
}

bool has_odd_bytes(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '\\') return true;
  }
  return false;
}

BasicLogin login_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == kNone) return {percent_decoded(text), ""};
  return {percent_decoded(text.substr(0, colon)), percent_decoded(text.substr(colon + 1))};
}

Unexpected<Error> unusable(std::string_view url, const std::string& why) {
  return fail(Next::stop_process, without_login(url) + " is no address of a registry: " + why);
}

}  // namespace

Result<RegistryUrl> parse_registry_url(std::string_view text) {
  const std::string_view url = trimmed(text);
  const auto scheme = scheme_length(url);
  if (scheme == 0) return unusable(url, "it must begin with http:// or https://");
  std::string_view rest = url.substr(scheme);
  if (has_odd_bytes(rest)) return unusable(url, "blanks and controls must be written as %XX");
  if (rest.find_first_of("?#") != kNone) return unusable(url, "it must end before a ? or #");
  RegistryUrl parsed;
  if (const auto at = rest.substr(0, rest.find('/')).rfind('@'); at != kNone) {
    parsed.login = login_of(rest.substr(0, at));
    rest.remove_prefix(at + 1);
  }
  if (rest.find('@') != kNone) return unusable(url, "a / in its password must be written as %2F");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.front() == '/' || rest.front() == ':') {
    return unusable(url, "it names no host");
  }
  parsed.base = std::string(url.substr(0, scheme)) + std::string(rest);
  return parsed;
}

std::string without_login(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == kNone) return std::string(url);
  const auto scheme = url.find("://");
  const auto kept = scheme == kNone || scheme > at ? std::string_view() : url.substr(0, scheme + 3);
  return std::string(kept) + std::string(url.substr(at + 1));
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    decoded += low >= 0 ? static_cast<char>(high * 16 + low) : text[at];
    if (low >= 0) at += 2;
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const bool is_folder = text == "." || text == "..";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) && !is_folder) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return encoded;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      encoded += i <= group.size() ? kDigits[bits >> (18U - 6U * i) & 63U] : '=';
    }
  }
  return encoded;
}

}  // namespace longspan
