#include "cli/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <utility>

#include "cli/exit_code.h"

namespace longspan {
namespace {

namespace po = boost::program_options;

constexpr int kStyle = po::command_line_style::allow_long |
                       po::command_line_style::long_allow_adjacent |
                       po::command_line_style::long_allow_next;

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const Flag* find_flag(const CommandRow& command, std::string_view name) {
  for (const Flag& flag : command.flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

po::options_description describe(const CommandRow& command) {
  po::options_description all;
  for (const Flag& flag : command.flags) {
    const std::string name(flag.name);
    if (flag.type == FlagType::toggle) {
      all.add_options()(name.c_str(), "");
    } else {
      all.add_options()(name.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
  return all;
}

// Letters put in, left out, replaced, or swapped with their neighbour.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;  // the row above `above`
  std::vector<std::size_t> above;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

Unexpected<Error> wrong(const CommandRow& command, const std::string& what) {
  return fail(Next::stop_process, std::string(command.name) + ": " + what + " (see: longspan " +
                                      std::string(command.name) + " --help)");
}

Unexpected<Error> unknown_flag(const CommandRow& command, std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  name = name.substr(0, name.find('='));
  std::vector<std::string_view> names{"help"};
  for (const Flag& flag : command.flags) names.push_back(flag.name);
  const std::string near = nearest(name, names);
  return wrong(command,
               "unknown flag --" + name + (near.empty() ? "" : ", did you mean --" + near + "?"));
}

std::optional<std::string> wrong_value(const Flag& flag, const std::string& value) {
  const std::string shown = "--" + std::string(flag.name) + "=" + value;
  if (value.empty()) return "--" + std::string(flag.name) + " needs a value";
  if (flag.type != FlagType::number) return std::nullopt;
  const auto number = to_number(value);
  if (!number) return shown + " is not a whole number";
  if (*number >= flag.min && *number <= flag.max) return std::nullopt;
  return shown + " is not in " + std::to_string(flag.min) + ".." + std::to_string(flag.max);
}

std::string count_text(const CommandRow& command, std::size_t given) {
  const std::string wanted =
      command.arguments.empty() ? "no arguments" : std::string(command.arguments);
  return "takes " + wanted + ", not " + std::to_string(given) +
         (given == 1 ? " argument" : " arguments");
}

}  // namespace

class CommandLineParser {
 public:
  explicit CommandLineParser(const CommandRow& command) : command_(command) {
    for (const Flag& flag : command.flags) {
      if (!flag.default_value.empty()) line_.defaults_[std::string(flag.name)] = flag.default_value;
    }
  }

  Result<CommandLine> parse(std::span<const std::string> words) {
    try {
      const std::vector<std::string> all(words.begin(), words.end());
      const po::options_description description = describe(command_);
      const auto parsed = po::command_line_parser(all).options(description).style(kStyle).run();
      for (const auto& option : parsed.options) {
        if (auto e = take(option); !e) return e.error();
      }
    } catch (const po::unknown_option& e) {
      return unknown_flag(command_, e.get_option_name());
    } catch (const po::error_with_option_name& e) {
      return wrong(command_, bad_syntax(e));
    } catch (const std::exception& e) {
      return wrong(command_, e.what());
    }
    const std::size_t given = line_.arguments_.size();
    if (given < command_.arguments_min || given > command_.arguments_max) {
      return wrong(command_, count_text(command_, given));
    }
    return std::move(line_);
  }

 private:
  static std::string bad_syntax(const po::error_with_option_name& e) {
    std::string name = e.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    const auto* syntax = dynamic_cast<const po::invalid_command_line_syntax*>(&e);
    if (syntax != nullptr && syntax->kind() == po::invalid_syntax::extra_parameter) {
      return "--" + name + " takes no value";
    }
    return "--" + name + " needs a value";
  }

  Result<void> take(const po::option& option) {
    if (option.string_key.empty()) {
      line_.arguments_.insert(line_.arguments_.end(), option.value.begin(), option.value.end());
      return {};
    }
    const Flag* flag = find_flag(command_, option.string_key);
    if (flag == nullptr) return unknown_flag(command_, option.string_key);
    auto& values = line_.values_[option.string_key];
    if (!values.empty() && flag->type != FlagType::list) {
      return wrong(command_, "--" + option.string_key + " is given twice");
    }
    if (flag->type == FlagType::toggle) {
      values.emplace_back("true");
      return {};
    }
    for (const std::string& value : option.value) {
      if (auto what = wrong_value(*flag, value)) return wrong(command_, *what);
      values.push_back(value);
    }
    return {};
  }

  const CommandRow& command_;
  CommandLine line_;
};

bool CommandLine::has(std::string_view flag) const { return values_.find(flag) != values_.end(); }

std::string CommandLine::text(std::string_view flag) const {
  if (const auto given = values_.find(flag); given != values_.end()) return given->second.back();
  const auto fallback = defaults_.find(flag);
  return fallback == defaults_.end() ? std::string() : fallback->second;
}

std::optional<std::int64_t> CommandLine::number(std::string_view flag) const {
  return to_number(text(flag));
}

std::vector<std::string> CommandLine::list(std::string_view flag) const {
  std::vector<std::string> words;
  const auto given = values_.find(flag);
  const std::vector<std::string> texts =
      given == values_.end() ? std::vector<std::string>{text(flag)} : given->second;
  for (const std::string& text : texts) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      if (comma > at) words.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
  }
  return words;
}

std::string CommandLine::argument(std::size_t i) const {
  return i < arguments_.size() ? arguments_[i] : std::string();
}

Result<CommandLine> parse_command_line(const CommandRow& command,
                                       std::span<const std::string> words) {
  return CommandLineParser(command).parse(words);
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string best;
  std::size_t best_edits = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    std::size_t distance = edits(word, candidate);
    if (word.size() >= 3) {  // or a slip in the beginning of a longer name: chek -> check-config
      distance = std::min(distance, edits(word, candidate.substr(0, word.size())));
      distance = std::min(distance, edits(word, candidate.substr(0, word.size() + 1)));
    }
    if (distance < best_edits) {
      best_edits = distance;
      best = candidate;
    }
  }
  return best;
}

int usage_error(std::string_view what) {
  std::fprintf(stderr, "longspan: %.*s\n", static_cast<int>(what.size()), what.data());
  return kExitUsage;
}

}  // namespace longspan
