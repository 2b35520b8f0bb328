#include "cli/views/handover_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/views/schemas_view.h"
#include "cli/views/time_text.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kNamed = 20;

std::string subjects_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " subject" : " subjects");
}

// A line each, of the first ones.
std::string listed(const std::vector<Subject>& subjects) {
  std::string out;
  for (std::size_t i = 0; i < std::min(subjects.size(), kNamed); ++i) {
    out += "  " + subjects[i].text() + "\n";
  }
  if (subjects.size() > kNamed) {
    out += "  and " + std::to_string(subjects.size() - kNamed) + " more\n";
  }
  return out;
}

std::string sync_part(const HandoverReport& report, const TableStyle& style) {
  if (!report.plan) return report.flow + ": no last sync: " + report.no_sync + "\n";
  return report.synced ? sync_text(report.flow, *report.plan, *report.synced, style)
                       : plan_text(report.flow, *report.plan, style);
}

std::string planned_text(const HandoverReport& report) {
  if (report.in_import.empty()) {
    if (report.handed_over) return report.flow + ": no subject is in IMPORT, nothing to do\n";
    return report.flow + ": no subject is in IMPORT; with --yes: the mirror leaves the target's " +
           "registry alone\n";
  }
  return report.flow + ": with --yes: the mirror leaves the target's registry alone, and " +
         subjects_text(report.in_import.size()) + " in IMPORT set back to READWRITE:\n" +
         listed(report.in_import);
}

std::string done_text(const HandoverReport& report) {
  std::string out;
  for (const auto& [subject, reason] : report.set_back->failures) {
    out += report.flow + ": " + subject.text() + " could not be set back: " + reason + "\n";
  }
  const auto count = report.set_back->done.size();
  if (count == 0) return out + report.flow + ": no subject was set back\n";
  return out + report.flow + ": " + subjects_text(count) + (count == 1 ? " takes" : " take") +
         " normal registrations again\n";
}

std::string left_alone_text(const HandoverReport& report) {
  if (report.left_alone.empty()) return {};
  return report.flow + ": " + subjects_text(report.left_alone.size()) +
         " in IMPORT left alone, for nothing shows that this flow has mirrored " +
         (report.left_alone.size() == 1 ? "it" : "them") +
         (report.is_source_known ? "" : ", and the source's registry does not say") +
         " (--subject=NAME sets one back, too):\n" + listed(report.left_alone);
}

Json set_back_json(const SetBack& set_back) {
  Json json;
  json["done"] = set_back.done.size();
  json["failures"] = Json::array();
  for (const auto& [subject, reason] : set_back.failures) {
    json["failures"].push_back({{"subject", subject.text()}, {"reason", reason}});
  }
  if (set_back.lost) json["lost"] = set_back.lost->text();
  return json;
}

}  // namespace

std::string handed_over_text(const SchemaHandover& handover) {
  return "handed over by " + handover.who + " since " + time_text(handover.since) +
         (handover.reason.empty() ? "" : ": " + handover.reason);
}

std::string handover_text(const HandoverReport& report, const TableStyle& style) {
  std::string out = sync_part(report, style);
  if (report.handed_over) {
    out += report.flow + ": " + handed_over_text(*report.handed_over) + "\n";
  }
  out += report.set_back ? done_text(report) : planned_text(report);
  return out + left_alone_text(report);
}

std::string handover_json(const HandoverReport& report) {
  Json json;
  json["version"] = 1;
  json["flow"] = report.flow;
  if (report.handed_over) {
    json["handed_over"] = {{"by", report.handed_over->who},
                           {"since_ms", report.handed_over->since.value},
                           {"reason", report.handed_over->reason}};
  }
  if (report.plan) {
    json["last_sync"] =
        Json::parse(report.synced ? sync_json(report.flow, *report.plan, *report.synced)
                                  : differences_json(report.flow, *report.plan));
  } else {
    json["no_last_sync"] = report.no_sync;
  }
  json["in_import"] = Json::array();
  for (const auto& subject : report.in_import) json["in_import"].push_back(subject.text());
  json["left_alone"] = Json::array();
  for (const auto& subject : report.left_alone) json["left_alone"].push_back(subject.text());
  if (report.set_back) json["set_back"] = set_back_json(*report.set_back);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
