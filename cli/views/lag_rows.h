// cli/views/lag_rows.h - a flow's snapshot as rows of figures: what `longspan lag` sorts, prints as
// CSV and checks against a limit.
//
// One row a topic, one a partition or one a group and topic. A figure is a value with its bounds,
// in the column's unit; what is not known is absent, never 0. Latencies are of the last one to two
// minutes. A condition sees more than a table shows: what waits is as late as its oldest waiting
// record, however fast the records before it were (`at_most`).
//
// Errors:  none; a Condition that cannot be read is one sentence.
// Threads: values and pure functions.
// Limits:  time in proportion to the partitions and groups.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/views/text_table.h"
#include "lagcalc/result.h"
#include "mirror/snapshot.h"

namespace longspan {

enum class LagUnit : std::uint8_t { text, count, per_second, seconds };

// Columns in the order of the CSV.
enum class LagColumn : std::uint8_t {
  flow,
  topic,
  partition,
  group,
  state,
  source_end,
  mirrored,
  lag,
  head_age,
  rate,
  catch_up,
  bytes,
  mirror_p99,
  p50,
  p99,
  e2e_p50,
  e2e_p99,
  worst_partition,
  worst_group,
};
inline constexpr std::size_t kLagColumns = 19;

struct LagColumnRow {
  std::string_view name;   // of --by, --fail-if and the CSV
  std::string_view title;  // of the table
  LagUnit unit{};
  bool is_interval = false;
  std::string_view meaning;
};
inline constexpr std::array<LagColumnRow, kLagColumns> kLagColumnTable{{
    {"flow", "FLOW", LagUnit::text, false, "source->target"},
    {"topic", "TOPIC", LagUnit::text, false, "of the source"},
    {"partition", "PARTITION", LagUnit::text, false, "its number, or how many there are"},
    {"group", "GROUP", LagUnit::text, false, "a consumer group"},
    {"state", "STATE", LagUnit::text, false, "of the partitions, or of the group"},
    {"source-end", "SOURCE-END", LagUnit::count, false, "where the source's log ends"},
    {"mirrored", "MIRRORED", LagUnit::count, false, "the next source offset to be mirrored"},
    {"lag", "LAG", LagUnit::count, false,
     "records that wait; low..high where a transaction holds some back"},
    {"head-age", "HEAD-AGE", LagUnit::seconds, true, "age of the oldest of them"},
    {"rate", "RATE", LagUnit::per_second, false, "records mirrored a second"},
    {"catch-up", "CATCH-UP", LagUnit::seconds, false, "until nothing waits"},
    {"bytes", "BYTES", LagUnit::count, false, "what waits, estimated"},
    {"mirror-p99", "MIRROR P99", LagUnit::seconds, false,
     "record timestamp to target, since the start"},
    {"p50", "TO TARGET P50", LagUnit::seconds, true, "WAL commit to target"},
    {"p99", "TO TARGET P99", LagUnit::seconds, true, "WAL commit to target"},
    {"e2e-p50", "TO SINK P50", LagUnit::seconds, true, "WAL commit to sink, of the slowest group"},
    {"e2e-p99", "TO SINK P99", LagUnit::seconds, true, "WAL commit to sink, of the slowest group"},
    {"worst-partition", "WORST PART.", LagUnit::text, false, "with the largest lag"},
    {"worst-group", "WORST GROUP", LagUnit::text, false, "with the oldest waiting record"},
}};
[[nodiscard]] constexpr const LagColumnRow& row_of(LagColumn column) {
  return kLagColumnTable[static_cast<std::size_t>(column)];
}
[[nodiscard]] std::optional<LagColumn> lag_column_named(std::string_view name);

struct LagFigure {
  std::string text;             // of a text column
  std::optional<double> value;  // absent: not known
  std::optional<double> low;    // of an interval
  std::optional<double> high;
  bool is_open = false;  // it may be more: nobody knows how long what waits does
  bool is_none = false;  // there is no such thing: nothing came lately, no group reads it
  std::optional<double> at_most{};  // what a condition compares; absent: the high one, or the value
};

struct LagRow {
  std::array<LagFigure, kLagColumns> figures;
  Tint tint = Tint::none;  // of the state
  int parked = 0;
  std::string note;

  [[nodiscard]] const LagFigure& of(LagColumn column) const {
    return figures[static_cast<std::size_t>(column)];
  }
  LagFigure& of(LagColumn column) { return figures[static_cast<std::size_t>(column)]; }
  // "orders", "orders-3", "orders group warehouse"
  [[nodiscard]] std::string name() const;
};

enum class LagRowsBy : std::uint8_t { topic, partition, group };
[[nodiscard]] std::vector<LagRow> lag_rows(const FlowSnapshot& flow, LagRowsBy by);
// The largest first, unknown ones before them; absent: the parked ones first, then by lag.
void sort_rows(std::vector<LagRow>& rows, std::optional<LagColumn> by);

[[nodiscard]] std::string value_text(double value, LagUnit unit);
// A figure as a table shows it: "41 ms (2 ms to 102 ms)", "?" where it is not known, "-" where
// there is none.
[[nodiscard]] std::string figure_text(const LagRow& row, LagColumn column);

// With a header line; intervals are three columns: NAME_low, NAME, NAME_high; times in seconds.
[[nodiscard]] std::string lag_csv(const std::vector<LagRow>& rows);

}  // namespace longspan
