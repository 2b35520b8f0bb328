#include "cli/views/file_text.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <string_view>

namespace longspan {

namespace {

std::string quoted(const std::string& file) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./:@%+=,").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!file.empty() && std::all_of(file.begin(), file.end(), is_plain)) return file;
  std::string out = "'";
  for (const char c : file) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string with_file(std::string text, const std::string& file) {
  static const std::regex kCommand(R"(\blongspan( [a-z]+){1,2} FILE\b)");
  std::string out;
  for (std::smatch found; std::regex_search(text, found, kCommand);) {
    const std::string command = found.str();
    out += found.prefix().str() + command.substr(0, command.size() - 4) + quoted(file);
    text = found.suffix().str();
  }
  return out + text;
}

}  // namespace longspan
