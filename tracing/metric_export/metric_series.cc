#include "tracing/metric_export/metric_series.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace longspan {
namespace {

using Value = std::variant<double, Histogram>;
using Counts = std::vector<Histogram::IndexedCount>;

// Both by rising index; absent where one has less.
std::optional<Counts> difference(std::span<const Histogram::IndexedCount> now,
                                 std::span<const Histogram::IndexedCount> before) {
  Counts out;
  auto old = before.begin();
  for (const auto& bucket : now) {
    if (old != before.end() && old->index < bucket.index) return std::nullopt;
    std::uint64_t count = bucket.count;
    if (old != before.end() && old->index == bucket.index) {
      if (old->count > count) return std::nullopt;
      count -= old->count;
      ++old;
    }
    if (count > 0) out.push_back({bucket.index, count});
  }
  if (old != before.end()) return std::nullopt;
  return out;
}

std::optional<Value> difference(const Value& now, const Value& before) {
  if (const auto* number = std::get_if<double>(&now)) {
    const double more = *number - std::get<double>(before);
    return more < 0 ? std::nullopt : std::optional<Value>(more);
  }
  auto more = longspan::difference(std::get<Histogram>(now), std::get<Histogram>(before));
  return more ? std::optional<Value>(std::move(*more)) : std::nullopt;
}

// Of a cumulative series only whether it began anew is asked.
Value reduced(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return static_cast<double>(std::get<Histogram>(value).count());
}

Value zero_of(const Value& value) {
  return std::holds_alternative<double>(value) ? Value(0.0) : Value(Histogram());
}

// Lengths, so that no two lists of labels have the same key.
std::string key_of(std::size_t row, const std::vector<std::string>& labels) {
  std::string out = std::to_string(row);
  for (const std::string& label : labels) {
    out += ' ' + std::to_string(label.size()) + ':';
    out += label;
  }
  return out;
}

}  // namespace

std::optional<Histogram> difference(const Histogram& now, const Histogram& before) {
  if (before.zero_count() > now.zero_count()) return std::nullopt;
  auto positive = difference(now.positive(), before.positive());
  auto negative = difference(now.negative(), before.negative());
  if (!positive || !negative) return std::nullopt;
  return Histogram::of({std::move(*positive), std::move(*negative),
                        now.zero_count() - before.zero_count(), now.sum_ns() - before.sum_ns()});
}

Temporality MetricSeries::temporality(MetricKind kind) const {
  return kind == MetricKind::counter ? temporalities_.counters : temporalities_.histograms;
}

std::vector<MetricPoint> MetricSeries::look(const MetricSet& set, UnixNs now) {
  ++look_;
  std::vector<MetricPoint> out;
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    for (const MetricSample* sample : set.ordered(row)) {
      out.push_back({row, sample->labels, {}, now, sample->value});
      if (kMetrics[row].kind != MetricKind::gauge) fill(out.back(), sample->value);
      for (const Exemplar& exemplar : sample->exemplars) {
        if (ns_of(exemplar.at) >= out.back().start) out.back().exemplars.push_back(exemplar);
      }
    }
  }
  std::erase_if(seen_, [this](const auto& each) { return each.second.look != look_; });
  looked_at_ = now;
  return out;
}

void MetricSeries::fill(MetricPoint& point, const Value& value) {
  const bool is_delta = temporality(kMetrics[point.row].kind) == Temporality::delta;
  const Value compared = is_delta ? value : reduced(value);
  const auto [at, is_new] = seen_.try_emplace(key_of(point.row, point.labels));
  Seen& seen = at->second;
  auto more = is_new ? std::nullopt : difference(compared, seen.value);
  if (!more) {
    seen = {looked_at_, zero_of(compared), 0};
    more = compared;
  }
  seen.look = look_;
  point.start = seen.start;
  if (is_delta) {
    point.value = std::move(*more);
  } else {
    seen.value = compared;
  }
}

void MetricSeries::accept(const MetricPoint& point) {
  const MetricKind kind = kMetrics[point.row].kind;
  if (kind == MetricKind::gauge || temporality(kind) != Temporality::delta) return;
  const auto seen = seen_.find(key_of(point.row, point.labels));
  if (seen == seen_.end()) return;
  seen->second.start = point.at;
  if (const auto* number = std::get_if<double>(&point.value)) {
    std::get<double>(seen->second.value) += *number;
  } else {
    std::get<Histogram>(seen->second.value).merge(std::get<Histogram>(point.value));
  }
}

}  // namespace longspan
