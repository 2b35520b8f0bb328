#include "cli/help.h"

#include <algorithm>
#include <vector>

#include "cli/command_table.h"

namespace longspan {
namespace {

constexpr std::size_t kWidth = 96;

// `text` broken at blanks, each following line indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (column > indent && column + (end - at) > kWidth) {
      out.back() = '\n';
      out += std::string(indent, ' ');
      column = indent;
    }
    out.append(text.substr(at, end - at)).push_back(' ');
    column += end - at + 1;
    at = end + 1;
  }
  if (!out.empty()) out.pop_back();
  return out;
}

using Lines = std::vector<std::pair<std::string, std::string>>;

// Two columns, the second one aligned.
std::string aligned(const Lines& lines) {
  std::size_t width = 0;
  for (const auto& [left, right] : lines) width = std::max(width, left.size());
  std::string out;
  for (const auto& [left, right] : lines) {
    out +=
        "  " + left + std::string(width - left.size() + 2, ' ') + wrapped(right, width + 4) + "\n";
  }
  return out;
}

std::string with_arguments(const CommandRow& command) {
  const std::string name(command.name);
  return command.arguments.empty() ? name : name + " " + std::string(command.arguments);
}

std::string flag_text(const Flag& flag) {
  const std::string name = "--" + std::string(flag.name);
  if (flag.type == FlagType::toggle) return name;
  // As it must be typed: a shell takes the > of A->B for a redirection.
  const bool needs_quotes = flag.value_name.find('>') != std::string_view::npos;
  const std::string quote = needs_quotes ? "'" : "";
  return name + "=" + quote + std::string(flag.value_name) + quote;
}

}  // namespace

std::string flag_meaning(const Flag& flag) {
  std::string text(flag.meaning);
  if (flag.type == FlagType::number) {
    text += " [" + std::to_string(flag.min) + ".." + std::to_string(flag.max) + "]";
  }
  if (!flag.default_value.empty()) text += " (default " + std::string(flag.default_value) + ")";
  return text;
}

std::string program_help() {
  Lines lines;
  for (const CommandRow* command : commands()) {
    lines.emplace_back(with_arguments(*command), command->summary);
  }
  return "longspan copies Kafka topics between regions and shows how far behind everyone is.\n"
         "\nusage: longspan COMMAND [ARGUMENTS] [--flags]\n\n" +
         aligned(lines) +
         "\nexamples:\n"
         "  longspan demo                     two clusters and a mirror in this process, live lag\n"
         "  longspan run mirror.properties    the flows of a MirrorMaker 2 properties file\n"
         "\nlongspan COMMAND --help says more; longspan --version shows what it is linked with.\n";
}

std::string command_help(const CommandRow& command) {
  std::string out =
      "longspan " + std::string(command.name) + ": " + std::string(command.summary) + "\n";
  out += "\nusage: longspan " + with_arguments(command) +
         (command.flags.empty() ? "" : " [--flags]") + "\n";
  if (!command.details.empty()) out += "\n" + std::string(command.details) + "\n";
  Lines lines;
  for (const Flag& flag : command.flags) lines.emplace_back(flag_text(flag), flag_meaning(flag));
  lines.emplace_back("--help", "Prints this");
  return out + "\nflags:\n" + aligned(lines);
}

std::string family_help(const std::string& first_word) {
  Lines lines;
  for (const CommandRow* command : commands()) {
    if (command->name.starts_with(first_word + " ")) {
      lines.emplace_back(with_arguments(*command), command->summary);
    }
  }
  return lines.empty() ? "" : "usage: longspan " + first_word + " ...\n\n" + aligned(lines);
}

}  // namespace longspan
