#include "cli/views/lag_screen.h"

#include <algorithm>
#include <span>

#include "cli/views/latency_table.h"
#include "cli/views/slots_text.h"
#include "cli/views/time_text.h"
#include "cli/views/why_text.h"
#include "lagcalc/printable.h"
#include "lagcalc/text.h"
#include "mirror/observe.h"

namespace longspan {
namespace {

struct Shown {
  LagColumn column{};
  bool may_be_left_out = false;
};

constexpr auto kOfTopics = std::to_array<Shown>({
    {LagColumn::topic},
    {LagColumn::state},
    {LagColumn::rate},
    {LagColumn::lag},
    {LagColumn::head_age},
    {LagColumn::catch_up, true},
    {LagColumn::mirror_p99, true},
    {LagColumn::p50, true},
    {LagColumn::p99},
    {LagColumn::e2e_p50, true},
    {LagColumn::e2e_p99},
    {LagColumn::worst_partition, true},
    {LagColumn::worst_group, true},
});
constexpr auto kOfPartitions = std::to_array<Shown>({
    {LagColumn::topic},
    {LagColumn::partition},
    {LagColumn::state},
    {LagColumn::source_end, true},
    {LagColumn::mirrored, true},
    {LagColumn::lag},
    {LagColumn::head_age},
    {LagColumn::rate},
    {LagColumn::catch_up},
});
constexpr auto kOfGroups = std::to_array<Shown>({
    {LagColumn::group},
    {LagColumn::topic, true},
    {LagColumn::state},
    {LagColumn::lag},
    {LagColumn::head_age},
    {LagColumn::catch_up, true},
    {LagColumn::e2e_p50, true},
    {LagColumn::e2e_p99},
    {LagColumn::worst_partition, true},
});

std::span<const Shown> columns_of(LagRowsBy rows) {
  if (rows == LagRowsBy::topic) return kOfTopics;
  if (rows == LagRowsBy::group) return kOfGroups;
  return kOfPartitions;
}

// An interval as "low..high": the point is for those who ask for one flow's figures by --json.
std::string cell_text(const LagRow& row, LagColumn column) {
  const LagFigure& figure = row.of(column);
  if (!figure.low || !figure.high) return figure_text(row, column);
  const LagUnit unit = row_of(column).unit;
  const std::string low = value_text(*figure.low, unit);
  const std::string high = value_text(*figure.high, unit);
  return (low == high ? high : low + ".." + high) + (figure.is_open ? "+?" : "");
}

std::string rows_text(const std::vector<LagRow>& rows, const LagScreenSettings& settings,
                      std::size_t count, const TableStyle& style) {
  if (rows.empty()) return {};
  std::vector<TextTable::Column> columns;
  for (const Shown& shown : columns_of(settings.rows)) {
    const LagColumnRow& column = row_of(shown.column);
    const bool is_right = column.unit != LagUnit::text || shown.column == LagColumn::partition;
    columns.push_back({std::string(column.title), is_right ? Align::right : Align::left,
                       columns.empty(), shown.may_be_left_out});
  }
  if (settings.trend != nullptr) {
    columns.push_back({settings.trend->title(), Align::right, false, true});
  }
  TextTable table(std::move(columns));
  for (std::size_t i = 0; i < std::min(count, rows.size()); ++i) {
    std::vector<TextTable::Cell> cells;
    for (const Shown& shown : columns_of(settings.rows)) {
      const bool is_state = shown.column == LagColumn::state;
      cells.push_back({cell_text(rows[i], shown.column), is_state ? rows[i].tint : Tint::none});
    }
    if (settings.trend != nullptr) cells.push_back({settings.trend->sparkline(rows[i])});
    table.add(std::move(cells), rows[i].note);
  }
  std::string out = table.text(style);
  if (rows.size() <= count) return out;
  return out + "... and " + std::to_string(rows.size() - count) +
         " more: --top=N shows more of them, --by=COLUMN others first\n";
}

// Of the owners as the state names them; absent: each gave one when it should have.
std::optional<std::int64_t> longest_silence(const FlowSnapshot& flow) {
  std::optional<std::int64_t> out;
  for (const auto& slot : flow.slots) {
    if (flow.has_counts || !slot.owner || !is_silent(*slot.owner, flow.at)) continue;
    out = std::max(out, std::optional(flow.at - slot.owner->alive_at));
  }
  return out;
}

std::string header_of(const FlowSnapshot& flow, const TableStyle& style) {
  const auto processes = slots_by_process(flow);
  std::string text = tinted(flow.flow, Tint::bold, style) + "  ";
  if (flow.running) {
    text += tinted("running", Tint::good, style);
    const auto count = std::to_string(processes.size());
    const auto slots = std::to_string(flow.slots.size());
    if (flow.has_counts && flow.slots_total) {
      text += " here with " + slots + " of " + std::to_string(*flow.slots_total) + " slots";
    } else if (!processes.empty()) {
      text += " on " + count + (count == "1" ? " process" : " processes");
    }
    if (const auto silent_ms = longest_silence(flow)) {
      text += ", " + tinted((processes.size() > 1 ? "of one " : "") +
                                std::string("no sign of life for ") + duration_text(*silent_ms),
                            Tint::warn, style);
    }
  } else if (flow.not_running_since) {
    text += tinted("not running since " + time_text(*flow.not_running_since), Tint::bad, style) +
            " (" + duration_text(flow.at - *flow.not_running_since) + ")";
  } else {
    text += tinted(flow.has_counts ? "runs here without a slot" : "not running", Tint::bad, style);
  }
  return text + "  " + time_text(flow.at) + "\n";
}

// Why something in the table is "?".
std::string footer_of(const FlowSnapshot& flow, const std::vector<LagRow>& rows,
                      const TableStyle& style) {
  std::string out;
  if (flow.source_trouble) {
    out += tinted("? source ends are not known: " + printable(*flow.source_trouble), Tint::bad,
                  style) +
           "\n";
  }
  if (flow.target_trouble) {
    out += tinted("? target: " + printable(*flow.target_trouble), Tint::bad, style) + "\n";
  }
  if (flow.schema_trouble) {
    out += tinted("schemas: " + printable(*flow.schema_trouble), Tint::bad, style) + "\n";
  }
  const bool lacks_rate = std::any_of(rows.begin(), rows.end(), [](const LagRow& row) {
    const LagFigure& rate = row.of(LagColumn::rate);
    return !rate.value && !rate.is_none;
  });
  if (lacks_rate && !flow.running) {
    out += "? rates and catch-up times are not known: no process runs this flow\n";
  } else if (lacks_rate && longest_silence(flow)) {
    out += "? rates and catch-up times are not known where a process gave no sign of life\n";
  } else if (lacks_rate) {
    out += "? rates are known once a partition has moved for some seconds\n";
  }
  if (flow.lost_partitions.value_or(0) > 0) {
    out += tinted("? " + std::to_string(*flow.lost_partitions) +
                      " partitions are not known: this process lost its slots and has none yet",
                  Tint::bad, style) +
           "\n";
  }
  for (const auto& topic : flow.topics) {
    if (!topic.reason.empty()) out += topic.source + " is not mirrored: " + topic.reason + "\n";
  }
  if (out.empty() && flow.partitions.empty()) out += "nothing is mirrored yet\n";
  return out + slots_text(flow);
}

}  // namespace

std::string lag_screen(const FlowSnapshot& flow, const LagScreenSettings& settings,
                       const TableStyle& style) {
  std::vector<LagRow> rows = lag_rows(flow, settings.rows);
  if (settings.by) sort_rows(rows, settings.by);
  const std::size_t fitting = style.width == 0 ? rows.size() : kScreenRowsMax;
  std::string out = header_of(flow, style) +
                    rows_text(rows, settings, settings.top.value_or(fitting), style) +
                    footer_of(flow, rows, style);
  if (settings.rows == LagRowsBy::group) return out;
  return out + latency_notes(flow, style) + clock_lines(flow, style) +
         connector_lines(flow, style) + group_table(flow, style) + slo_table(flow, style);
}

}  // namespace longspan
