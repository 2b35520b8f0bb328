#include "cli/options_doc.h"

#include "cli/config/java_names.h"
#include "cli/config/known_keys.h"
#include "cli/options.h"

namespace longspan {
namespace {

constexpr std::string_view kIntroduction = R"(# Options

Made from the tables of the program by `longspan options`; do not edit.

A configuration is a Java properties file, as MirrorMaker 2 reads it. A key of a flow stands alone
(for every flow) or behind its flow (`A->B.KEY`, which wins). Client settings stand behind their
cluster: `A.bootstrap.servers`, `A.security.protocol`, `A.consumer.*`, `A.producer.*`, `A.admin.*`;
or behind one side of a flow: `A->B.source.consumer.*`, `A->B.target.producer.*`.

Values may hold `${env:NAME}`, `${file:PATH:KEY}` (KEY of a properties file) and `${dir:PATH:FILE}`
(the whole FILE), also under the names that `config.providers` gives to Kafka's own three
providers. What comes out is never printed.

Wrong values are reported all at once and nothing starts; a key that means nothing here gets one
warning with its line.

A running process reads its file again on SIGHUP. Keys marked "live" take effect at once; of the
others one line of the log says which need a restart. A file with an error changes nothing.
)";

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string type_text(const Option& option) {
  switch (option.type) {
    case OptionType::boolean:
      return "true, false";
    case OptionType::word: {
      std::string out;
      for (const char c : option.words) out += c == ' ' ? std::string(", ") : std::string(1, c);
      return out;
    }
    case OptionType::text:
      return "text";
    case OptionType::list:
      return "list";
    case OptionType::patterns:
      return "patterns";
    case OptionType::bytes:
      return "bytes, " + range_text(option);
    case OptionType::milliseconds:
      return "ms, " + range_text(option);
    case OptionType::seconds:
      return "s, " + range_text(option);
    case OptionType::integer:
      break;
  }
  return range_text(option);
}

std::string option_row(const Option& option) {
  std::string key = code(option.key);
  if (!option.old_key.empty()) key += "<br>or " + code(option.old_key);
  if (option.on_reload == OnReload::live) key += "<br>live";
  std::string fallback = code(option.default_value);
  if (!option.mm2_default.empty()) fallback += "<br>MM2: " + cell(option.mm2_default);
  return "| " + key + " | " + type_text(option) + " | " + fallback + " | " + cell(option.meaning) +
         " |\n";
}

std::string option_table(Scope scope) {
  std::string out = "\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
  for (const Option& option : options()) {
    if (option.scope == scope) out += option_row(option);
  }
  return out;
}

std::string relation_list() {
  std::string out = "\nBetween values of one flow:\n\n";
  for (const Relation& relation : relations()) {
    out += "- " + code(relation.key) + " " + std::string(relation.sentence) + "\n";
  }
  return out;
}

std::string known_row(const KnownKey& known) {
  return "| " + code(known.pattern) + " | " + cell(known.reason) + " |\n";
}

std::string known_table(KeyFate fate) {
  std::string out = "\n| Key | Why |\n|---|---|\n";
  for (const KnownKey& known : known_keys()) {
    if (known.fate == fate) out += known_row(known);
  }
  return out;
}

std::string_view role_text(ClientRole role) {
  switch (role) {
    case ClientRole::consumer:
      return "consumer";
    case ClientRole::producer:
      return "producer";
    case ClientRole::admin:
      return "admin";
    case ClientRole::any:
      break;
  }
  return "all";
}

std::string java_text(const JavaName& name) {
  switch (name.fate) {
    case JavaFate::same:
      return "as it is";
    case JavaFate::renamed:
      return "as " + code(name.native);
    case JavaFate::security:
      return name.native.empty() ? "with its neighbours" : "as " + cell(name.native);
    case JavaFate::ours:
      return "decided by longspan: " + cell(name.reason);
    case JavaFate::java_only:
      return "ignored: " + cell(name.reason);
    case JavaFate::refused:
      break;
  }
  return "refused: " + cell(name.reason);
}

std::string java_table() {
  std::string out = "\n| Java name | Client | Becomes |\n|---|---|---|\n";
  for (const JavaName& name : java_names()) {
    out += "| " + code(name.java) + " | " + std::string(role_text(name.role)) + " | " +
           java_text(name) + " |\n";
  }
  return out;
}

}  // namespace

std::string options_markdown() {
  return std::string(kIntroduction) + "\n## The process\n" + option_table(Scope::process) +
         "\n## Clusters\n\nBehind the cluster's name: `A.KEY`.\n" + option_table(Scope::cluster) +
         "\n## Flows\n" + option_table(Scope::flow) + relation_list() +
         "\n## Client settings\n\nJava's names and what becomes of them. Any other name is taken "
         "for "
         "one of librdkafka's own.\n" +
         java_table() + "\n## Keys of MirrorMaker 2 that are refused\n" +
         known_table(KeyFate::refused) +
         "\n## Keys of MirrorMaker 2 that are ignored with a warning\n" +
         known_table(KeyFate::ignored) +
         "\n## Keys of MirrorMaker 2 that are left out without a word\n" +
         known_table(KeyFate::quiet);
}

}  // namespace longspan
