#include "cli/command_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "cli/commands/causes.h"
#include "cli/commands/completion.h"
#include "cli/commands/demo.h"
#include "cli/commands/dlq.h"
#include "cli/commands/events.h"
#include "cli/commands/lag.h"
#include "cli/commands/man.h"
#include "cli/commands/metrics.h"
#include "cli/commands/offsets.h"
#include "cli/commands/options.h"
#include "cli/commands/pause.h"
#include "cli/commands/registry.h"
#include "cli/commands/remedy.h"
#include "cli/commands/resume.h"
#include "cli/commands/run.h"
#include "cli/commands/schemas.h"
#include "cli/commands/schemas_handover.h"
#include "cli/commands/schemas_verify.h"
#include "cli/commands/trace.h"
#include "cli/commands/verify.h"
#include "cli/commands/version.h"
#include "cli/exit_code.h"
#include "cli/help.h"

namespace longspan {
namespace {

// One line a command, in the order of the help; the last ones are hidden.
const auto kCommands = std::to_array<const CommandRow*>({
    &kRunCommand,
    &kDemoCommand,
    &kLagCommand,
    &kTraceCommand,
    &kEventsCommand,
    &kPauseCommand,
    &kResumeCommand,
    &kOffsetsTranslateCommand,
    &kOffsetsSetCommand,
    &kVerifyCommand,
    &kSchemasDiffCommand,
    &kSchemasSyncCommand,
    &kSchemasVerifyCommand,
    &kSchemasHandoverCommand,
    &kSchemasHandbackCommand,
    &kDlqListCommand,
    &kDlqShowCommand,
    &kDlqReplayCommand,
    &kOptionsCommand,
    &kMetricsCommand,
    &kCausesCommand,
    &kCompletionCommand,
    &kManCommand,
    &kVersionCommand,
    &kRegistryCommand,
});

int print(const std::string& text, int code) {
  std::fputs(text.c_str(), code == kExitFine ? stdout : stderr);
  return code;
}

bool asks_for_help(std::span<const std::string> words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end, [](const auto& w) { return w == "--help" || w == "-h"; });
}

std::string_view first_of(std::string_view name) { return name.substr(0, name.find(' ')); }

// The nearest first word, and behind a family's the nearest of its second words; empty: none is.
std::string nearest_command(std::span<const std::string> words, bool has_second) {
  std::vector<std::string_view> firsts;
  for (const CommandRow* command : commands()) firsts.push_back(first_of(command->name));
  const std::string first = nearest(words[0], firsts);
  std::vector<std::string_view> seconds;
  for (const CommandRow* command : commands()) {
    if (!command->name.starts_with(first + " ")) continue;
    seconds.push_back(command->name.substr(first.size() + 1));
  }
  const std::string second =
      has_second && !seconds.empty() ? nearest(words[1], seconds) : std::string();
  if (!second.empty()) return first + " " + second;
  return first == words[0] ? "" : first;
}

int unknown_command(std::span<const std::string> words) {
  const std::string family = family_help(words[0]);
  const bool has_second = words.size() > 1 && !words[1].starts_with("-");
  const bool names_second = !family.empty() && has_second;
  const std::string word = names_second ? words[0] + " " + words[1] : words[0];
  const std::string near = nearest_command(words, has_second);
  if (!family.empty()) {
    usage_error(!names_second ? words[0] + " needs a second word"
                              : "unknown command " + word +
                                    (near.empty() ? "" : ", did you mean " + near + "?"));
    return print(family, kExitUsage);
  }
  return usage_error("unknown command " + word +
                     (near.empty() ? "" : ", did you mean " + near + "?") +
                     " (see: longspan --help)");
}

int help_of(std::span<const std::string> words) {
  std::size_t used = 0;
  if (words.empty()) return print(program_help(), kExitFine);
  if (const CommandRow* command = find_command(words, used))
    return print(command_help(*command), kExitFine);
  if (const std::string family = family_help(words[0]); !family.empty())
    return print(family, kExitFine);
  return unknown_command(words);
}

}  // namespace

std::span<const CommandRow* const> commands() {
  static const std::vector<const CommandRow*> shown = [] {
    std::vector<const CommandRow*> rows(kCommands.begin(), kCommands.end());
    std::erase_if(rows, [](const CommandRow* row) { return row->is_hidden; });
    return rows;
  }();
  return shown;
}

const CommandRow* find_command(std::span<const std::string> words, std::size_t& used) {
  for (used = std::min<std::size_t>(2, words.size()); used > 0; --used) {
    const std::string name = used == 2 ? words[0] + " " + words[1] : words[0];
    for (const CommandRow* command : kCommands) {
      if (command->name == name) return command;
    }
  }
  return nullptr;
}

int run_program(std::span<const std::string> words) {
  if (words.empty()) return print(program_help(), kExitFine);
  const std::string& first = words[0];
  if (first == "help") return help_of(words.subspan(1));
  if (first == "--help" || first == "-h") return help_of({});
  if (first == "--version" || first == "-V") return kVersionCommand.run(CommandLine());
  if (first.starts_with("-"))
    return usage_error(first + " is not a command (see: longspan --help)");
  std::size_t used = 0;
  const CommandRow* command = find_command(words, used);
  if (asks_for_help(words)) return help_of(words);
  if (command == nullptr) return unknown_command(words);
  const auto line = parse_command_line(*command, words.subspan(used));
  return line ? command->run(*line) : usage_error(line.error().what);
}

}  // namespace longspan
