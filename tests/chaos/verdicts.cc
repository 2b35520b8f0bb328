#include "tests/chaos/verdicts.h"

#include <nlohmann/json.hpp>

#include "tests/broker/harness/mirror_run.h"

namespace longspan::chaos {
namespace {

Said said_by(const std::string& who, const harness::Finished& finished) {
  Said out{.who = who};
  const auto json = nlohmann::json::parse(finished.out, nullptr, false);
  const bool is_answer = finished.exit_code == 0 && json.is_object() && !json["flows"].empty();
  if (!is_answer) {
    out.trouble = finished.exit_code ? finished.err : "no answer in a minute";
    return out;
  }
  const auto& flow = json["flows"][0];
  out.partitions = flow.at("partitions").size();
  for (const auto& each : flow.value("why", nlohmann::json::array())) {
    out.why.push_back({.cause = each.at("cause"),
                       .severity = each.at("severity"),
                       .scope = each.at("scope").value("name", ""),
                       .what = each.at("what"),
                       .because_of = each.value("because_of", "")});
  }
  return out;
}

}  // namespace

bool Said::is_first(const std::string& cause, const std::string& scope) const {
  return !why.empty() && why.front().cause == cause && why.front().scope == scope;
}

// Whoever has partitions and says nothing of them does not know yet.
bool Said::is_calm() const {
  if (!trouble.empty()) return false;
  return why.empty() ? partitions == 0 : why.front().severity == "info";
}

Said ask_clusters(const std::filesystem::path& properties) {
  return said_by("lag FILE", harness::ask("lag", properties, {"--json"}));
}

Said ask_process(const Mirrors& mirrors, size_t index) {
  const std::string who = "mirror-" + std::to_string(index);
  const std::string url = mirrors.url(index);
  if (url.empty()) return {.who = who, .trouble = "it has no address yet"};
  return said_by(who, harness::run_command({.arguments = {harness::longspan_program(), "lag",
                                                          "--url", url, "--json"},
                                            .folder = mirrors.folder(),
                                            .name = who + "-lag"}));
}

std::vector<Said> ask_processes(const Mirrors& mirrors) {
  std::vector<Said> all;
  for (size_t i = 0; i < mirrors.count(); ++i) all.push_back(ask_process(mirrors, i));
  return all;
}

std::string text_of(const std::vector<Said>& all) {
  std::string text;
  for (const Said& said : all) {
    text += "\n  " + said.who + (said.why.empty() ? ": nothing " + said.trouble : "");
    for (const Verdict& each : said.why) {
      text += "\n  " + said.who + ": " + each.cause + " (" + each.severity + ") " + each.what;
      if (!each.because_of.empty()) text += " [because of " + each.because_of + "]";
    }
  }
  return text;
}

}  // namespace longspan::chaos
