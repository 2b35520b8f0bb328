// cli/views/lag_trend.h - how a figure of each row went over the last looks, as a sparkline.
//
// Units:   a block a look, the newest last; from nothing to the most that is shown of that row. "?"
//          stands where the figure was not known, "-" where there was none.
// Errors:  none.
// Threads: a value.
// Limits:  kLooks figures a row; a row that is not there any more is forgotten.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/views/lag_rows.h"

namespace longspan {

class LagTrend {
 public:
  static constexpr std::size_t kLooks = 16;

  // A column of text has no trend: that of the lag is kept.
  explicit LagTrend(LagColumn column)
      : column_(row_of(column).unit == LagUnit::text ? LagColumn::lag : column) {}

  // All rows of one look.
  void take(const std::vector<LagRow>& rows);
  [[nodiscard]] std::string sparkline(const LagRow& row) const;
  [[nodiscard]] std::string title() const { return std::string(row_of(column_).title) + " TREND"; }

 private:
  struct Point {
    std::optional<double> value;  // the high bound of an interval
    bool is_none = false;
  };
  using Points = std::deque<Point>;

  LagColumn column_;
  std::map<std::string, Points> rows_;  // by flow and name
};

}  // namespace longspan
