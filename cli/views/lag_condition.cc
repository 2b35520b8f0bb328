#include "cli/views/lag_condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/views/latency_table.h"
#include "cli/views/time_text.h"

namespace longspan {
namespace {

constexpr double kMsInSecond = 1'000;

Unexpected<Error> not_understood(std::string_view text, const std::string& why) {
  return fail(Next::stop_process, "'" + std::string(text) + "' is no condition: " + why);
}

std::string known_columns() {
  std::string out;
  for (const LagColumnRow& column : kLagColumnTable) {
    if (column.unit == LagUnit::text) continue;
    out += (out.empty() ? "" : ", ") + std::string(column.name);
  }
  return out;
}

std::optional<double> limit_of(std::string_view text, LagUnit unit) {
  if (unit == LagUnit::seconds) {
    if (const auto ms = parse_span(text)) return static_cast<double>(*ms) / kMsInSecond;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

Result<LagCondition> parse_lag_condition(std::string_view text) {
  LagCondition out;
  out.text = text;
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos) {
    return not_understood(text, "give COLUMN>VALUE or COLUMN<VALUE, such as p99>2s");
  }
  const auto column = lag_column_named(text.substr(0, at));
  if (!column || row_of(*column).unit == LagUnit::text) {
    return not_understood(text, "columns are " + known_columns());
  }
  out.column = *column;
  out.is_above = text[at] == '>';
  out.is_inclusive = at + 1 < text.size() && text[at + 1] == '=';
  const LagUnit unit = row_of(*column).unit;
  const auto limit = limit_of(text.substr(at + (out.is_inclusive ? 2 : 1)), unit);
  if (!limit) {
    return not_understood(text, unit == LagUnit::seconds
                                    ? "its value is a time, such as 500ms or 2s"
                                    : "its value is a number");
  }
  out.limit = *limit;
  return out;
}

std::optional<std::string> failure_of(const LagCondition& condition, const LagRow& row) {
  const LagFigure& figure = row.of(condition.column);
  const std::string what = row.name() + ": " + std::string(row_of(condition.column).name) + " is ";
  const bool may_be_more = figure.is_open && condition.is_above;
  if (!figure.value && !figure.at_most && figure.is_none) return std::nullopt;
  if (may_be_more || (!figure.value && !figure.is_none)) return what + "not known";
  std::optional<double> worst = condition.is_above ? figure.high : figure.low;
  if (!worst) worst = figure.value;
  if (condition.is_above && figure.at_most) worst = std::max(worst.value_or(0), *figure.at_most);
  if (!worst) return std::nullopt;
  const bool is_beyond = condition.is_above ? *worst > condition.limit : *worst < condition.limit;
  if (!is_beyond && !(condition.is_inclusive && *worst == condition.limit)) return std::nullopt;
  const bool is_waiting = condition.is_above && figure.at_most && figure.at_most == worst &&
                          figure.at_most != figure.high;
  if (!is_waiting) return what + figure_text(row, condition.column);
  return what + "up to " + seconds_text(*worst) + ": so long the oldest record waits";
}

}  // namespace longspan
