#include "cli/fleet/fleet_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "cli/views/slots_text.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

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

FleetState state_of(Severity severity) {
  if (severity == Severity::critical) return FleetState::critical;
  return severity == Severity::warning ? FleetState::warning : FleetState::fine;
}

void add_sums(FleetRow& out, const FlowSnapshot& flow) {
  for (LagFigure& figure : out.sums.figures) figure.is_none = true;
  std::optional<double> oldest;
  for (const LagRow& topic : lag_rows(flow, LagRowsBy::topic)) {
    for (const Summed& each : kSummed) {
      take(out.sums.of(each.column), topic.of(each.column), each.fold);
    }
    const auto& age = topic.of(LagColumn::head_age).value;
    if (!age || *age <= oldest.value_or(0)) continue;
    oldest = age;
    out.worst_topic = topic.of(LagColumn::topic).text;
  }
}

}  // namespace

std::string_view name(FleetState state) {
  constexpr std::array<std::string_view, 5> kNames{"not_seen", "not_running", "critical", "warning",
                                                   "fine"};
  return kNames[static_cast<std::size_t>(state)];
}

FleetRow fleet_row(const SeenFlow& flow) {
  FleetRow out;
  out.flow = out.name = flow.flow;
  out.file = flow.file;
  if (!flow.snapshot) {
    out.state = FleetState::not_seen;
    out.what = flow.trouble->text();
    return out;
  }
  const FlowSnapshot& seen = *flow.snapshot;
  add_sums(out, seen);
  out.processes = slots_by_process(seen).size();
  out.topics = seen.topics.size();
  out.mirrored_topics =
      static_cast<std::size_t>(std::count_if(seen.topics.begin(), seen.topics.end(),
                                             [](const auto& each) { return each.reason.empty(); }));
  if (seen.why && !seen.why->found.empty()) {
    const Diagnosis& first = seen.why->found.front();
    out.state = state_of(first.severity);
    out.cause = name(first.cause);
    out.what = first.what;
  }
  if (seen.running) return out;
  out.state = FleetState::not_running;
  if (seen.not_running_since) out.not_running_ms = seen.at - *seen.not_running_since;
  return out;
}

void arrange(std::vector<FleetRow>& rows) {
  std::map<std::string, int> files;
  for (const FleetRow& row : rows) ++files[row.flow];
  for (FleetRow& row : rows) {
    row.name = files[row.flow] == 1 ? row.flow : row.flow + " (" + row.file + ")";
  }
  std::stable_sort(rows.begin(), rows.end(), [](const FleetRow& a, const FleetRow& b) {
    const auto age = [](const FleetRow& row) {
      return row.sums.of(LagColumn::head_age).value.value_or(0);
    };
    return std::tuple(a.state, -age(a), a.flow) < std::tuple(b.state, -age(b), b.flow);
  });
}

std::vector<FleetRow> fleet_rows(const std::vector<SeenFlow>& flows) {
  std::vector<FleetRow> rows;
  rows.reserve(flows.size());
  for (const SeenFlow& flow : flows) rows.push_back(fleet_row(flow));
  arrange(rows);
  return rows;
}

}  // namespace longspan
