#include "cli/fleet/fleet_view.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/fleet/fleet_rows.h"
#include "cli/version.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_rows.h"
#include "lagcalc/printable.h"
#include "lagcalc/text.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

std::pair<std::string, Tint> state_of(const FleetRow& row) {
  if (row.state == FleetState::not_seen) return {"?", Tint::bad};
  if (row.state != FleetState::not_running) {
    return {"running on " + std::to_string(row.processes), Tint::good};
  }
  if (!row.not_running_ms) return {"not running", Tint::bad};
  return {"not running for " + duration_text(*row.not_running_ms), Tint::bad};
}

std::string topics_text(const FleetRow& row) {
  if (row.state == FleetState::not_seen) return "?";
  const auto mirrored = std::to_string(row.mirrored_topics);
  if (row.mirrored_topics == row.topics) return mirrored;
  return mirrored + " of " + std::to_string(row.topics);
}

std::string why_text(const FleetRow& row) {
  if (row.state == FleetState::not_seen) return "cannot be seen: " + row.what;
  return row.cause.empty() ? "" : row.cause + ": " + row.what;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

Json drift_json(const Drift& drift) {
  Json json{{"what", drift.what}};
  for (const Drift::Value& value : drift.values) {
    json["values"].push_back({{"value", value.text}, {"where", value.where}});
  }
  return json;
}

void add_files(Json& json, const std::vector<FleetFile>& files) {
  json["wrong_files"] = Json::array();
  for (const FleetFile& file : files) {
    if (file.loaded.errors.empty()) continue;
    json["wrong_files"].push_back({{"file", file.path}, {"errors", file.loaded.errors}});
  }
  json["drift"] = Json::array();
  for (const Drift& drift : drifts_of(files)) json["drift"].push_back(drift_json(drift));
}

struct JsonFigure {
  LagColumn column;
  const char* name;
};
constexpr JsonFigure kJsonFigures[] = {{LagColumn::rate, "records_per_second"},
                                       {LagColumn::lag, "offset_lag"},
                                       {LagColumn::head_age, "head_age_s"},
                                       {LagColumn::catch_up, "catch_up_s"}};

Json row_json(const FleetRow& row) {
  Json json{{"flow", row.flow}, {"name", row.name}, {"file", row.file}};
  json["state"] = name(row.state);
  json["why"] = row.what;
  if (!row.cause.empty()) json["cause"] = row.cause;
  if (row.state == FleetState::not_seen) return json;
  json["processes"] = row.processes;
  json["topics"] = row.topics;
  json["mirrored_topics"] = row.mirrored_topics;
  if (row.not_running_ms) json["not_running_ms"] = *row.not_running_ms;
  for (const JsonFigure& each : kJsonFigures) {
    const LagFigure& figure = row.sums.of(each.column);
    if (figure.is_none) json[each.name] = nullptr;
    if (!figure.is_none && figure.value) json[each.name] = *figure.value;
  }
  if (!row.worst_topic.empty()) json["worst_topic"] = row.worst_topic;
  return json;
}

}  // namespace

ProcessSnapshot seen_of(const std::vector<SeenFlow>& flows) {
  ProcessSnapshot out;
  out.version = LONGSPAN_VERSION;
  out.ready = !flows.empty();
  for (const SeenFlow& flow : flows) {
    out.ready = out.ready && flow.snapshot && flow.snapshot->running;
    if (!flow.snapshot) continue;
    out.at = std::max(out.at, flow.snapshot->at);
    out.flows.push_back(*flow.snapshot);
  }
  return out;
}

std::string fleet_table(const std::vector<SeenFlow>& flows, const TableStyle& style) {
  TextTable table({{"FLOW", Align::left, true},
                   {"STATE"},
                   {"TOPICS", Align::right, false, true},
                   {"RATE", Align::right},
                   {"LAG", Align::right},
                   {"HEAD-AGE", Align::right},
                   {"CATCH-UP", Align::right, false, true},
                   {"WORST TOPIC", Align::left, false, true}});
  for (const FleetRow& row : fleet_rows(flows)) {
    const auto [state, tint] = state_of(row);
    table.add({{row.name},
               {state, tint},
               {topics_text(row)},
               {figure_text(row.sums, LagColumn::rate)},
               {figure_text(row.sums, LagColumn::lag)},
               {figure_text(row.sums, LagColumn::head_age)},
               {figure_text(row.sums, LagColumn::catch_up)},
               {row.worst_topic.empty() ? "-" : row.worst_topic}},
              why_text(row));
  }
  return flows.empty() ? "no flows\n" : table.text(style);
}

std::string drift_text(const std::vector<FleetFile>& files, const TableStyle& style) {
  std::string out;
  for (const FleetFile& file : files) {
    for (const std::string& error : file.loaded.errors) {
      out += tinted("wrong: " + printable(error), Tint::bad, style) + "\n";
    }
  }
  for (const Drift& drift : drifts_of(files)) {
    out += tinted("drift: " + printable(drift.what), Tint::warn, style) + "\n";
    for (const Drift::Value& value : drift.values) {
      out += "  " + (value.text.empty() ? std::string("(nothing)") : printable(value.text)) +
             "  in " + joined(value.where) + "\n";
    }
  }
  return out;
}

std::string fleet_json(const std::vector<SeenFlow>& flows, const std::vector<FleetFile>& files) {
  Json json = Json::parse(lag_json(seen_of(flows)));
  json["not_seen"] = Json::array();
  for (const SeenFlow& flow : flows) {
    if (flow.snapshot) continue;
    json["not_seen"].push_back(
        {{"flow", flow.flow}, {"file", flow.file}, {"trouble", flow.trouble->text()}});
  }
  add_files(json, files);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string fleet_page_json(const std::vector<LookedAt>& looked, const FleetPageState& state,
                            const std::vector<FleetFile>& files) {
  Json json{{"version", 1}, {"longspan_version", LONGSPAN_VERSION}};
  json["at_ms"] = state.at.value;
  json["every_ms"] = state.every.count();
  json["waiting"] = state.waiting;
  std::map<std::pair<std::string, std::string>, const LookedAt*> by_place;
  std::vector<FleetRow> rows;
  for (const LookedAt& each : looked) {
    by_place[{each.row.flow, each.row.file}] = &each;
    rows.push_back(each.row);
  }
  arrange(rows);
  json["rows"] = Json::array();
  for (const FleetRow& row : rows) {
    const LookedAt& look = *by_place.at({row.flow, row.file});
    Json& made = json["rows"].emplace_back(row_json(row));
    made["looked_at_ms"] = look.at.value;
    made["took_ms"] = look.took.count();
  }
  add_files(json, files);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
