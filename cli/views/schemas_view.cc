#include "cli/views/schemas_view.h"

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

struct StepWords {
  std::string_view name;  // of JSON
  std::string_view one;
  std::string_view many;
  std::string_view done;
};

// By StepKind.
constexpr std::array<StepWords, kStepKinds> kWords{{
    {"subjects_set_to_import", "subject", "subjects", "put into IMPORT"},
    {"versions_imported", "version", "versions", "imported"},
    {"versions_deleted", "version", "versions", "softly deleted"},
    {"configs_set", "subject's settings", "subjects' settings", "written"},
    {"configs_unset", "subject's settings", "subjects' settings", "taken back"},
    {"id_ranges_reserved", "context's ids", "contexts' ids", "reserved"},
}};

using StepCounts = std::array<std::size_t, kStepKinds>;

StepCounts count(const SchemaPlan& plan) {
  StepCounts out{};
  for (const auto* round : {&plan.imports, &plan.others}) {
    for (const auto& step : *round) ++out[static_cast<std::size_t>(step.kind)];
  }
  return out;
}

StepCounts count(const std::vector<SyncFailure>& failures) {
  StepCounts out{};
  for (const auto& each : failures) ++out[static_cast<std::size_t>(each.kind)];
  return out;
}

// "3 versions imported, 1 subject's settings written"; empty: nothing. `between`: " not ".
std::string text_of(const StepCounts& counts, std::string_view between = " ") {
  std::string out;
  for (std::size_t i = 0; i < kStepKinds; ++i) {
    if (counts[i] == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(counts[i]) + " ";
    out += counts[i] == 1 ? kWords[i].one : kWords[i].many;
    out += between;
    out += kWords[i].done;
  }
  return out;
}

Json json_of(const StepCounts& counts) {
  Json json;
  for (std::size_t i = 0; i < kStepKinds; ++i) json[std::string(kWords[i].name)] = counts[i];
  return json;
}

std::string number_or_blank(std::int32_t number) {
  return number == 0 ? "" : std::to_string(number);
}

// The default of the whole registry has no name.
std::string shown(const Subject& subject) {
  return subject == Subject{} ? "(registry)" : subject.text();
}

using Choice = std::function<bool(const SchemaDifference&)>;

std::string table_of(const SchemaPlan& plan, const Choice& wants, const TableStyle& style) {
  TextTable table({{"DIFFERENCE"},
                   {"SUBJECT", Align::left, true},
                   {"VERSION", Align::right},
                   {"ID", Align::right}});
  for (const auto& each : plan.differences) {
    if (!wants(each)) continue;
    table.add({{std::string(name(each.kind)), each.can_be_ended ? Tint::warn : Tint::bad},
               {shown(each.subject)},
               {number_or_blank(each.version)},
               {number_or_blank(each.id)}},
              each.reason);
  }
  return table.text(style);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::size_t lasting(const SchemaPlan& plan) {
  std::size_t out = 0;
  for (const auto& each : plan.differences) out += each.can_be_ended ? 0 : 1;
  return out;
}

// A line each; what was not read may be no difference at all.
std::string lasting_text(const std::string& flow, const SchemaPlan& plan) {
  std::size_t unread = 0;
  for (const auto& each : plan.differences) {
    unread += each.kind == DifferenceKind::unreadable ? 1 : 0;
  }
  std::string out;
  if (const auto count = lasting(plan) - unread; count > 0) {
    out += flow + ": " +
           counted(count, "difference that no sync can end", "differences that no sync can end") +
           "\n";
  }
  if (unread > 0) {
    out += flow + ": " + counted(unread, "subject", "subjects") +
           " not compared, for a registry did not tell of " + (unread == 1 ? "it" : "them") +
           ": run it again when it does\n";
  }
  return out;
}

Json json_of(const SchemaDifference& each) {
  Json json;
  json["difference"] = name(each.kind);
  json["subject"] = each.subject.text();
  if (each.version != 0) json["version"] = each.version;
  if (each.id != 0) json["id"] = each.id;
  json["reason"] = each.reason;
  json["can_be_synced"] = each.can_be_ended;
  return json;
}

Json json_of(const std::string& flow, const SchemaPlan& plan) {
  Json json;
  json["version"] = 1;
  json["flow"] = flow;
  json["equal"] = plan.differences.empty();
  json["differences"] = Json::array();  // dump() fills it
  json["steps"] = json_of(count(plan));
  return json;
}

Json json_of(const SyncFailure& each) {
  Json json;
  json["step"] = kWords[static_cast<std::size_t>(each.kind)].name;
  json["subject"] = each.subject.text();
  if (each.version != 0) json["version"] = each.version;
  if (each.id != 0) json["id"] = each.id;
  json["reason"] = each.reason;
  return json;
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

// With the plan's differences, one after the other: as one Json they would take ten times the
// memory of their text.
std::string dump(const Json& json, const SchemaPlan& plan) {
  constexpr std::size_t kUsualSize = 320;
  constexpr std::string_view kEmptyList = "\n  \"differences\": []";
  const std::string frame = dump(json);
  const auto list = frame.find(kEmptyList);
  if (plan.differences.empty() || list == std::string::npos) return frame;
  std::string out = frame.substr(0, list + kEmptyList.size() - 1);
  out.reserve(frame.size() + kUsualSize * plan.differences.size());
  for (const auto& each : plan.differences) {
    out += &each == &plan.differences.front() ? "\n    " : ",\n    ";
    for (const char c : dump(json_of(each))) {
      out += c;
      if (c == '\n') out += "    ";
    }
  }
  return out + "\n  " + frame.substr(list + kEmptyList.size() - 1);
}

std::string failures_text(const SyncOutcome& outcome, const TableStyle& style) {
  TextTable table({{"FAILED"},
                   {"SUBJECT", Align::left, true},
                   {"VERSION", Align::right},
                   {"ID", Align::right}});
  for (const auto& each : outcome.failures) {
    table.add({{std::string(kWords[static_cast<std::size_t>(each.kind)].name), Tint::bad},
               {shown(each.subject)},
               {number_or_blank(each.version)},
               {number_or_blank(each.id)}},
              each.reason);
  }
  return table.text(style);
}

Json json_of(const IncompatibleVersion& each) {
  Json json;
  json["subject"] = each.subject.text();
  json["version"] = each.version;
  json["id"] = each.id;
  json["held_back"] = each.is_held;
  json["reasons"] = each.reasons;
  return json;
}

std::string incompatible_text(const SyncOutcome& outcome, const TableStyle& style) {
  TextTable table({{"INCOMPATIBLE"},
                   {"SUBJECT", Align::left, true},
                   {"VERSION", Align::right},
                   {"ID", Align::right}});
  for (const auto& each : outcome.incompatible) {
    table.add({{each.is_held ? "held_back" : "imported", each.is_held ? Tint::bad : Tint::warn},
               {shown(each.subject)},
               {number_or_blank(each.version)},
               {number_or_blank(each.id)}},
              each.text());
  }
  return table.text(style);
}

// "2 versions"
std::string versions_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " version" : " versions");
}

bool any(const SchemaDifference&) { return true; }

}  // namespace

std::string differences_text(const std::string& flow, const SchemaPlan& plan,
                             const TableStyle& style) {
  if (plan.differences.empty()) return flow + ": the registries hold the same\n";
  return table_of(plan, any, style);
}

std::string plan_text(const std::string& flow, const SchemaPlan& plan, const TableStyle& style) {
  if (plan.differences.empty()) return flow + ": the registries hold the same, nothing to do\n";
  std::string out = table_of(plan, any, style);
  const std::string steps = text_of(count(plan));
  if (!steps.empty()) out += flow + ": with --yes: " + steps + "\n";
  return out + lasting_text(flow, plan);
}

std::string sync_text(const std::string& flow, const SchemaPlan& plan, const SyncOutcome& outcome,
                      const TableStyle& style) {
  std::string out;
  if (lasting(plan) > 0)
    out += table_of(
        plan, [](const auto& d) { return !d.can_be_ended; }, style);
  if (!outcome.failures.empty()) out += failures_text(outcome, style);
  if (!outcome.incompatible.empty()) out += incompatible_text(outcome, style);
  const std::string done = text_of(outcome.done);
  out += flow + ": " + (done.empty() ? "nothing written" : done) + "\n";
  const std::string failed = text_of(count(outcome.failures), " not ");
  if (!failed.empty()) out += flow + ": failed: " + failed + "\n";
  if (outcome.refused) out += flow + ": " + *outcome.refused + "\n";
  if (outcome.skipped > 0) {
    out += flow + ": " + std::to_string(outcome.skipped) +
           (outcome.skipped == 1 ? " step left out, for its subject"
                                 : " steps left out, for their subjects") +
           " could not be put into IMPORT\n";
  }
  if (outcome.not_read_back > 0) {
    out += flow + ": " + versions_text(outcome.not_read_back) +
           " imported and not read back, for the registry went away\n";
  }
  if (outcome.not_tried > 0) {
    out += flow + ": " + counted(outcome.not_tried, "step", "steps") +
           " not tried, for the registry went away\n";
  }
  if (!outcome.held.empty()) {
    out +=
        flow + ": " + versions_text(outcome.held.size()) + " held back behind incompatible ones\n";
  }
  if (outcome.unchecked > 0) {
    out += flow + ": " + versions_text(outcome.unchecked) +
           " imported unchecked, for the registry could not say whether compatible\n";
  }
  return out + lasting_text(flow, plan);
}

std::string differences_json(const std::string& flow, const SchemaPlan& plan,
                             const std::optional<SchemaHandover>& handed_over) {
  Json json = json_of(flow, plan);
  if (handed_over) {
    json["handed_over"] = {{"by", handed_over->who},
                           {"since_ms", handed_over->since.value},
                           {"reason", handed_over->reason}};
  }
  return dump(json, plan);
}

std::string sync_json(const std::string& flow, const SchemaPlan& plan, const SyncOutcome& outcome) {
  Json json = json_of(flow, plan);
  json["done"] = json_of(outcome.done);
  json["failed"] = json_of(count(outcome.failures));
  json["failures"] = Json::array();
  for (const auto& each : outcome.failures) json["failures"].push_back(json_of(each));
  json["skipped"] = outcome.skipped;
  json["not_read_back"] = outcome.not_read_back;
  json["not_tried"] = outcome.not_tried;
  json["incompatible"] = Json::array();
  for (const auto& each : outcome.incompatible) json["incompatible"].push_back(json_of(each));
  json["held_back"] = outcome.held.size();
  json["unchecked"] = outcome.unchecked;
  if (outcome.refused) json["refused"] = *outcome.refused;
  if (outcome.lost) json["lost"] = outcome.lost->text();
  return dump(json, plan);
}

}  // namespace longspan
