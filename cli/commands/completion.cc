#include "cli/commands/completion.h"

#include <cstdio>
#include <string>

#include "cli/command_table.h"
#include "cli/exit_code.h"

namespace longspan {
namespace {

std::string first_word(const CommandRow& command) {
  return std::string(command.name.substr(0, command.name.find(' ')));
}

std::string second_word(const CommandRow& command) {
  const std::size_t blank = command.name.find(' ');
  return blank == std::string_view::npos ? "" : std::string(command.name.substr(blank + 1));
}

// The first words of all commands, each once.
std::string command_words() {
  std::string words = "help";
  std::string last;
  for (const CommandRow* command : commands()) {
    if (first_word(*command) == last) continue;
    last = first_word(*command);
    words += " " + last;
  }
  return words;
}

// What may follow a first word: the flags of its commands, and second words.
std::string following_words(const std::string& first) {
  std::string words = "--help";
  for (const CommandRow* command : commands()) {
    if (first_word(*command) != first) continue;
    if (const std::string second = second_word(*command); !second.empty()) words += " " + second;
    for (const Flag& flag : command->flags) {
      words += " --" + std::string(flag.name) + (flag.type == FlagType::toggle ? "" : "=");
    }
  }
  return words;
}

std::string bash_script() {
  std::string cases;
  std::string last;
  for (const CommandRow* command : commands()) {
    if (first_word(*command) == last) continue;
    last = first_word(*command);
    cases += "    " + last + ") words=\"" + following_words(last) + "\" ;;\n";
  }
  return "_longspan() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         command_words() +
         " --version\" -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -f -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _longspan longspan\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string fish_script() {
  std::string out =
      "complete -c longspan -n __fish_use_subcommand -f -l version -d 'The version'\n";
  for (const CommandRow* command : commands()) {
    const std::string first = first_word(*command);
    const std::string second = second_word(*command);
    const std::string seen = "'__fish_seen_subcommand_from " + first + "'";
    out += second.empty() ? "complete -c longspan -n __fish_use_subcommand -f -a " + first
                          : "complete -c longspan -n __fish_use_subcommand -f -a " + first +
                                "\ncomplete -c longspan -n " + seen + " -f -a " + second;
    out += " -d " + fish_quoted(command->summary) + "\n";
    for (const Flag& flag : command->flags) {
      out += "complete -c longspan -n " + seen + " -l " + std::string(flag.name) +
             (flag.type == FlagType::toggle ? "" : " -r") + " -d " + fish_quoted(flag.meaning) +
             "\n";
    }
  }
  return out;
}

}  // namespace

const CommandRow kCompletionCommand{
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "A completion script for a shell",
    .details =
        "bash:  source <(longspan completion bash)\n"
        "zsh:   source <(longspan completion zsh)\n"
        "fish:  longspan completion fish | source",
    .run = completion_command,
};

int completion_command(const CommandLine& line) {
  const std::string shell = line.argument(0);
  std::string script;
  if (shell == "bash") script = bash_script();
  if (shell == "zsh") script = "autoload -U +X bashcompinit && bashcompinit\n" + bash_script();
  if (shell == "fish") script = fish_script();
  if (script.empty()) return usage_error("completion: " + shell + " is not one of bash, zsh, fish");
  std::fputs(script.c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
