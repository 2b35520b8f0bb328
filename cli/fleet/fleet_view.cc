#include "cli/fleet/fleet_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "cli/version.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_rows.h"
#include "cli/views/slots_text.h"
#include "cli/views/time_text.h"
#include "lagcalc/text.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

struct FleetRow {
  const SeenFlow* flow = nullptr;
  LagRow sums;  // of all topics
  std::string worst_topic = "-";
  int severity = -1;  // of the first cause; above all causes: not seen, or not running
  std::string why;
};

// Unknown where one part is.
void take(LagFigure& sum, const LagFigure& part, double (*fold)(double, double)) {
  if (part.is_none || (sum.is_open && !sum.value)) return;
  sum.is_none = false;
  if (!part.value) {
    sum.value.reset();
    sum.is_open = true;
    return;
  }
  sum.value = sum.value ? fold(*sum.value, *part.value) : *part.value;
}
double add(double a, double b) { return a + b; }
double larger(double a, double b) { return std::max(a, b); }

struct Summed {
  LagColumn column;
  double (*fold)(double, double);
};
constexpr Summed kSummed[] = {{LagColumn::lag, add},
                              {LagColumn::rate, add},
                              {LagColumn::head_age, larger},
                              {LagColumn::catch_up, larger}};

constexpr int kNotSeen = 100;
constexpr int kNotRunning = 99;

FleetRow row_of(const SeenFlow& flow) {
  FleetRow out;
  out.flow = &flow;
  for (LagFigure& figure : out.sums.figures) figure.is_none = true;
  if (!flow.snapshot) {
    out.severity = kNotSeen;
    out.why = "cannot be seen: " + flow.trouble->text();
    for (LagFigure& figure : out.sums.figures) figure.is_none = false;
    return out;
  }
  const FlowSnapshot& seen = *flow.snapshot;
  std::optional<double> oldest;
  for (const LagRow& topic : lag_rows(seen, LagRowsBy::topic)) {
    for (const Summed& each : kSummed) {
      take(out.sums.of(each.column), topic.of(each.column), each.fold);
    }
    const auto& age = topic.of(LagColumn::head_age).value;
    if (!age || *age <= oldest.value_or(0)) continue;
    oldest = age;
    out.worst_topic = topic.of(LagColumn::topic).text;
  }
  if (seen.why && !seen.why->found.empty()) {
    const auto& first = seen.why->found.front();
    out.severity = static_cast<int>(first.severity);
    out.why = std::string(name(first.cause)) + ": " + first.what;
  }
  if (!seen.running) out.severity = kNotRunning;
  return out;
}

std::pair<std::string, Tint> state_of(const SeenFlow& flow) {
  if (!flow.snapshot) return {"?", Tint::bad};
  const FlowSnapshot& seen = *flow.snapshot;
  if (seen.running) {
    const auto processes = slots_by_process(seen).size();
    return {"running on " + std::to_string(processes), Tint::good};
  }
  if (!seen.not_running_since) return {"not running", Tint::bad};
  return {"not running for " + duration_text(seen.at - *seen.not_running_since), Tint::bad};
}

std::string topics_text(const SeenFlow& flow) {
  if (!flow.snapshot) return "?";
  const auto& topics = flow.snapshot->topics;
  const auto refused = std::count_if(topics.begin(), topics.end(),
                                     [](const auto& topic) { return !topic.reason.empty(); });
  const auto mirrored = std::to_string(std::ssize(topics) - refused);
  return refused == 0 ? mirrored : mirrored + " of " + std::to_string(topics.size());
}

// Two files may have one flow: then the file tells them apart.
std::string name_of(const SeenFlow& flow, const std::vector<SeenFlow>& all) {
  const auto same = std::count_if(all.begin(), all.end(),
                                  [&](const SeenFlow& other) { return other.flow == flow.flow; });
  return same == 1 ? flow.flow : flow.flow + " (" + flow.file + ")";
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
  std::vector<FleetRow> rows;
  for (const SeenFlow& flow : flows) rows.push_back(row_of(flow));
  std::stable_sort(rows.begin(), rows.end(), [](const FleetRow& a, const FleetRow& b) {
    const auto age = [](const FleetRow& row) {
      return row.sums.of(LagColumn::head_age).value.value_or(0);
    };
    return std::tuple(-a.severity, -age(a), a.flow->flow) <
           std::tuple(-b.severity, -age(b), b.flow->flow);
  });
  TextTable table({{"FLOW", Align::left, true},
                   {"STATE"},
                   {"TOPICS", Align::right, false, true},
                   {"RATE", Align::right},
                   {"LAG", Align::right},
                   {"HEAD-AGE", Align::right},
                   {"CATCH-UP", Align::right, false, true},
                   {"WORST TOPIC", Align::left, false, true}});
  for (const FleetRow& row : rows) {
    const auto [state, tint] = state_of(*row.flow);
    table.add({{name_of(*row.flow, flows)},
               {state, tint},
               {topics_text(*row.flow)},
               {figure_text(row.sums, LagColumn::rate)},
               {figure_text(row.sums, LagColumn::lag)},
               {figure_text(row.sums, LagColumn::head_age)},
               {figure_text(row.sums, LagColumn::catch_up)},
               {row.worst_topic}},
              row.why);
  }
  return rows.empty() ? "no flows\n" : table.text(style);
}

std::string drift_text(const std::vector<FleetFile>& files, const TableStyle& style) {
  std::string out;
  for (const FleetFile& file : files) {
    for (const std::string& error : file.loaded.errors) {
      out += tinted("wrong: " + error, Tint::bad, style) + "\n";
    }
  }
  for (const Drift& drift : drifts_of(files)) {
    out += tinted("drift: " + drift.what, Tint::warn, style) + "\n";
    for (const Drift::Value& value : drift.values) {
      out += "  " + (value.text.empty() ? std::string("(nothing)") : value.text) + "  in " +
             joined(value.where) + "\n";
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
  json["wrong_files"] = Json::array();
  for (const FleetFile& file : files) {
    if (file.loaded.errors.empty()) continue;
    json["wrong_files"].push_back({{"file", file.path}, {"errors", file.loaded.errors}});
  }
  json["drift"] = Json::array();
  for (const Drift& drift : drifts_of(files)) json["drift"].push_back(drift_json(drift));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan
