#include "cli/views/lag_trend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace longspan {
namespace {

constexpr std::array<std::string_view, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::string key_of(const LagRow& row) { return row.of(LagColumn::flow).text + ' ' + row.name(); }

}  // namespace

void LagTrend::take(const std::vector<LagRow>& rows) {
  std::map<std::string, Points> next;
  for (const LagRow& row : rows) {
    const std::string key = key_of(row);
    Points points;
    if (const auto known = rows_.find(key); known != rows_.end()) points = std::move(known->second);
    const LagFigure& figure = row.of(column_);
    points.push_back({figure.high ? figure.high : figure.value, figure.is_none});
    if (points.size() > kLooks) points.pop_front();
    next.insert_or_assign(key, std::move(points));
  }
  rows_ = std::move(next);
}

std::string LagTrend::sparkline(const LagRow& row) const {
  const auto found = rows_.find(key_of(row));
  if (found == rows_.end()) return {};
  double most = 0;
  for (const Point& point : found->second) most = std::max(most, point.value.value_or(0));
  std::string out;
  for (const Point& point : found->second) {
    if (!point.value) {
      out += point.is_none ? "-" : "?";
      continue;
    }
    const double share = most > 0 ? std::clamp(*point.value / most, 0.0, 1.0) : 0;
    out += kBlocks[static_cast<std::size_t>(std::lround(share * (kBlocks.size() - 1)))];
  }
  return out;
}

}  // namespace longspan
