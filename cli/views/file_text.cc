#include "cli/views/file_text.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <string_view>

#include "lagcalc/printable.h"

namespace longspan {

namespace {

// Inside of $'...', which shells other than the oldest know.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      out += std::string("\\") + c;
    } else if (byte < 0x20 || byte > 0x7e) {
      append_hex({&c, 1}, out);
    } else {
      out += c;
    }
  }
  return out;
}

std::string quoted(const std::string& file) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./:@%+=,").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!file.empty() && std::all_of(file.begin(), file.end(), is_plain)) return file;
  if (printable(file) != file) return "$'" + escaped(file) + "'";
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

std::string with_value(const std::string& text, const std::string& option, const std::string& word,
                       const std::string& value) {
  if (value.empty()) return text;
  const std::string wanted = option + " " + word;
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, done)) {
    out += text.substr(done, at - done) + option + " " + quoted(value);
    done = at + wanted.size();
  }
  return out + text.substr(done);
}

}  // namespace longspan
