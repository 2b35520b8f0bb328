#include "cli/views/lag_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "cli/views/latency_table.h"
#include "cli/views/partition_state.h"
#include "lagcalc/text.h"

namespace longspan {
namespace {

constexpr double kMsInSecond = 1'000;
constexpr double kUsInSecond = 1'000'000;
using Partitions = std::vector<const PartitionSnapshot*>;
using Groups = std::vector<const GroupSnapshot*>;

LagFigure number(std::optional<double> value) {
  LagFigure out;
  out.value = value;
  return out;
}

LagFigure text(std::string value) {
  LagFigure out;
  out.text = std::move(value);
  return out;
}

LagFigure none() {
  LagFigure out;
  out.is_none = true;
  return out;
}

// Absent where one is.
template <class Of>
std::optional<double> folded(const Partitions& all, Of of, double (*fold)(double, double)) {
  std::optional<double> out;
  for (const PartitionSnapshot* each : all) {
    const std::optional<double> value = of(*each);
    if (!value) return std::nullopt;
    out = out ? fold(*out, *value) : *value;
  }
  return out;
}
double add(double a, double b) { return a + b; }
double larger(double a, double b) { return std::max(a, b); }

std::optional<double> seconds(std::optional<std::int64_t> ms) {
  if (!ms) return std::nullopt;
  return static_cast<double>(*ms) / kMsInSecond;
}

LagFigure quantile(const HopLatency& took, double q) {
  LagFigure out = number(took.point.quantile(q));
  out.low = took.low.quantile(q, Histogram::Edge::lower);
  out.high = took.high.quantile(q, Histogram::Edge::upper);
  return out;
}

// Nobody followed what came lately, or nothing came; else what came could not be measured, save
// records that tell no commit time: of those there is no latency.
bool has_none(const FlowSnapshot& flow, const TopicSnapshot* topic) {
  if (topic == nullptr || !flow.has_counts) return false;
  if (!topic->recent_hops) return topic->hops.has_value() || topic->mirror_latency.count() == 0;
  const TopicHops& hops = *topic->recent_hops;
  const HopTally& tally = hops.of(kHops.back()).tally;
  const auto untold =
      std::accumulate(hops.without_commit.begin(), hops.without_commit.end(), std::uint64_t{0});
  return tally.one_sided == 0 && tally.absent <= untold;
}

// What waits now is at least as late as its oldest.
void wait_at_least(LagFigure& latency, const LagFigure& head_age) {
  const auto age = head_age.high ? head_age.high : head_age.value;
  if (!age && !head_age.is_none) {
    latency.is_none = false;
    latency.is_open = true;
    return;
  }
  latency.is_open = latency.is_open || head_age.is_open;
  const auto most = latency.high ? latency.high : latency.value;
  if (age) latency.at_most = std::max(most.value_or(0), *age);
}

std::string priority_text(const PartitionSnapshot& partition) {
  if (partition.priority == Priority::normal) return {};
  return ", " + std::string(name(partition.priority));
}

// "active", or what is not: "1 parked, 2 paused".
std::string states_of(const Partitions& partitions) {
  std::string out;
  const PartitionSnapshot& first = *partitions.front();
  if (partitions.size() == 1) return std::string(state_name(first.state)) + priority_text(first);
  for (const auto state : {PartitionState::parked, PartitionState::paused}) {
    const auto count = std::count_if(partitions.begin(), partitions.end(),
                                     [&](const auto* p) { return p->state == state; });
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(state_name(state));
  }
  if (out.empty()) out = state_name(PartitionState::active);
  return out + priority_text(first);
}

// What can be done stands with the verdict, and with the partition.
constexpr std::string_view kRemedy = "; to ";

// One reason speaks for all that share it.
std::string note_of(const Partitions& partitions) {
  for (const auto* partition : partitions) {
    if (partition->reason.empty()) continue;
    if (partitions.size() == 1) return partition->reason;
    return std::to_string(partition->source.partition) + ": " + partition->reason;
  }
  return {};
}

Tint tint_of(const Partitions& partitions) {
  Tint out = Tint::none;
  for (const auto* partition : partitions) {
    if (partition->state == PartitionState::parked) return Tint::bad;
    if (partition->state == PartitionState::paused) out = Tint::warn;
  }
  return out;
}

const PartitionSnapshot* worst_of(const Partitions& partitions) {
  const auto lag = [](const auto* p) {
    return p->offset_lag ? p->offset_lag->count : std::numeric_limits<std::int64_t>::max();
  };
  return *std::max_element(partitions.begin(), partitions.end(),
                           [&](const auto* a, const auto* b) { return lag(a) < lag(b); });
}

// By transactions other than one that was opened just now.
struct HeldBack {
  std::int64_t records = 0;
  bool is_long = false;  // it is known that one lasts
};

HeldBack held_back(const Partitions& all) {
  constexpr std::int64_t kLastsMs = 10'000;
  HeldBack out;
  for (const PartitionSnapshot* each : all) {
    const Waits& waits = each->waits;
    if (!waits.behind_transaction || waits.behind_transaction <= Records{0}) continue;
    if (waits.open_transaction_ms.value_or(kLastsMs) < kLastsMs) continue;
    out.records += waits.behind_transaction->count;
    out.is_long = out.is_long || waits.open_transaction_ms;
  }
  return out;
}

// Nobody knows how many of them are aborted, nor how old they are.
void add_held_back(LagRow& row, const HeldBack& held) {
  if (held.records == 0) return;
  LagFigure& lag = row.of(LagColumn::lag);
  if (lag.value) {
    lag.low = lag.value;
    lag.high = *lag.value + static_cast<double>(held.records);
  }
  row.of(LagColumn::head_age).is_open = held.is_long;
  if (held.is_long) row.of(LagColumn::catch_up) = LagFigure();
  if (!row.note.empty()) return;
  row.note =
      std::to_string(held.records) + " records wait behind an open transaction at the source";
}

// What is of the partitions alone.
LagRow row_of(const FlowSnapshot& flow, const Partitions& all) {
  LagRow row;
  row.tint = tint_of(all);
  row.note = note_of(all);
  row.parked = static_cast<int>(std::count_if(
      all.begin(), all.end(), [](const auto* p) { return p->state == PartitionState::parked; }));
  const auto set = [&](LagColumn column, LagFigure figure) { row.of(column) = std::move(figure); };
  set(LagColumn::flow, text(flow.flow));
  set(LagColumn::topic, text(all.front()->source.topic));
  set(LagColumn::state, text(states_of(all)));
  const auto sum = [&](LagColumn column, auto of) { set(column, number(folded(all, of, add))); };
  using Value = std::optional<double>;
  sum(LagColumn::source_end, [](const auto& p) {
    return p.source_end ? Value(static_cast<double>(p.source_end->value)) : Value();
  });
  sum(LagColumn::mirrored,
      [](const auto& p) { return Value(static_cast<double>(p.next_source.value)); });
  sum(LagColumn::lag, [](const auto& p) {
    return p.offset_lag ? Value(static_cast<double>(p.offset_lag->count)) : Value();
  });
  sum(LagColumn::bytes, [](const auto& p) {
    return p.bytes_lag_estimate ? Value(static_cast<double>(*p.bytes_lag_estimate)) : Value();
  });
  sum(LagColumn::rate, [](const auto& p) { return p.records_per_second; });
  // Of a record whose clock is ahead of ours the age is none.
  set(LagColumn::head_age, number(folded(
                               all,
                               [](const auto& p) {
                                 const auto age = seconds(p.head_age_ms);
                                 return age ? Value(std::max(0.0, *age)) : Value();
                               },
                               larger)));
  const auto& lag = row.of(LagColumn::lag);
  const auto catch_up = folded(
      all,
      [](const auto& p) {
        return p.state == PartitionState::active ? seconds(p.catch_up_ms) : Value();
      },
      larger);
  set(LagColumn::catch_up, number(catch_up));
  // It does not catch up at this rate.
  row.of(LagColumn::catch_up).is_none = !catch_up && lag.value && row.of(LagColumn::rate).value;
  add_held_back(row, held_back(all));
  return row;
}

void add_group(LagRow& row, const FlowSnapshot& flow, const GroupSnapshot& group) {
  const auto lag = group.known_lag();
  const bool is_known = lag && group.unknown_lags == 0;
  row.of(LagColumn::lag) =
      number(is_known ? std::optional(static_cast<double>(lag->count)) : std::nullopt);
  LagFigure age;
  if (is_known && lag->count == 0) {
    age = number(0);
  } else if (group.head_age) {
    age.low = static_cast<double>(group.head_age->low_us) / kUsInSecond;
    age.high = static_cast<double>(group.head_age->high_us) / kUsInSecond;
    age.value = (*age.low + *age.high) / 2;
  } else if (group.waits_us) {
    age.value = static_cast<double>(*group.waits_us) / kUsInSecond;
    age.is_open = true;
  }
  row.of(LagColumn::head_age) = age;
  row.of(LagColumn::catch_up) = number(seconds(group.catch_up_ms));
  const HopLatency nothing;
  const HopLatency& took = group.recent ? group.recent->end_to_end : nothing;
  for (const auto& [column, q] : {std::pair(LagColumn::e2e_p50, 0.5), {LagColumn::e2e_p99, 0.99}}) {
    row.of(column) = quantile(took, q);
    row.of(column).is_none = took.point.count() == 0 && !group.recent && flow.has_counts;
  }
  wait_at_least(row.of(LagColumn::e2e_p99), age);
}

// To the target, and by the slowest group to the sink.
void add_latencies(LagRow& row, const FlowSnapshot& flow, const TopicSnapshot* topic,
                   const Groups& groups) {
  const bool has_recent = topic != nullptr && topic->recent_hops;
  const HopLatency nothing;
  const HopLatency& whole = has_recent ? topic->recent_hops->of(kHops.back()) : nothing;
  for (const auto& [column, q] : {std::pair(LagColumn::p50, 0.5), {LagColumn::p99, 0.99}}) {
    row.of(column) = quantile(whole, q);
    row.of(column).is_none = whole.point.count() == 0 && has_none(flow, topic);
  }
  wait_at_least(row.of(LagColumn::p99), row.of(LagColumn::head_age));
  const bool has_mirror = topic != nullptr && topic->mirror_latency.count() > 0;
  row.of(LagColumn::mirror_p99) =
      has_mirror ? number(topic->mirror_latency.quantile(0.99)) : none();
  row.of(LagColumn::e2e_p50) = row.of(LagColumn::e2e_p99) = row.of(LagColumn::worst_group) =
      flow.has_counts ? none() : LagFigure();  // without a process no group is known
  std::optional<double> latest;
  for (const GroupSnapshot* group : groups) {
    LagRow of_group;
    add_group(of_group, flow, *group);
    const LagFigure& p99 = of_group.of(LagColumn::e2e_p99);
    const double late = p99.at_most.value_or(p99.is_none ? -1 : std::numeric_limits<double>::max());
    if (latest && late <= *latest) continue;
    latest = late;
    row.of(LagColumn::e2e_p50) = of_group.of(LagColumn::e2e_p50);
    row.of(LagColumn::e2e_p99) = p99;
    row.of(LagColumn::worst_group) = text(group->group);
  }
}

std::string plain(double value) { return fmt::format("{:.15g}", value); }

std::string quoted(const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string out = "\"";
  for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string value_text(double value, LagUnit unit) {
  if (unit == LagUnit::seconds) return seconds_text(value);
  if (unit == LagUnit::per_second) return rate_text(value) + "/s";
  return plain(value);
}

std::optional<LagColumn> lag_column_named(std::string_view name) {
  for (std::size_t i = 0; i < kLagColumns; ++i) {
    if (kLagColumnTable[i].name == name) return static_cast<LagColumn>(i);
  }
  return std::nullopt;
}

std::string LagRow::name() const {
  std::string out = of(LagColumn::topic).text;
  const auto& partition = of(LagColumn::partition);
  if (partition.value) out += "-" + plain(*partition.value);
  const auto& group = of(LagColumn::group).text;
  return group.empty() ? out : out + " group " + group;
}

static std::vector<LagRow> group_rows(const FlowSnapshot& flow) {
  std::vector<LagRow> out;
  for (const GroupSnapshot& group : flow.groups) {
    LagRow& row = out.emplace_back();
    for (LagFigure& figure : row.figures) figure.is_none = true;
    row.of(LagColumn::flow) = text(flow.flow);
    row.of(LagColumn::topic) = text(group.topic);
    row.of(LagColumn::group) =
        text(group.group + (group.side == EventSide::source ? " (source)" : ""));
    row.of(LagColumn::state) = text(std::string(longspan::name(group.state)));
    if (group.state == GroupState::empty && group.offset_lag > Records{0}) row.tint = Tint::warn;
    add_group(row, flow, group);
    if (group.worst_partition) {
      row.of(LagColumn::worst_partition) = text(std::to_string(*group.worst_partition));
    }
  }
  return out;
}

static std::vector<LagRow> partition_rows(const FlowSnapshot& flow) {
  std::vector<LagRow> out;
  for (const PartitionSnapshot& partition : flow.partitions) {
    LagRow& row = out.emplace_back(row_of(flow, {&partition}));
    for (const LagColumn column : {LagColumn::mirror_p99, LagColumn::p50, LagColumn::p99,
                                   LagColumn::e2e_p50, LagColumn::e2e_p99, LagColumn::group,
                                   LagColumn::worst_group, LagColumn::worst_partition}) {
      row.of(column) = none();
    }
    row.of(LagColumn::partition) = number(partition.source.partition);
  }
  return out;
}

static std::vector<LagRow> topic_rows(const FlowSnapshot& flow) {
  std::map<std::string_view, Partitions> partitions;
  std::map<std::string_view, const TopicSnapshot*> topics;
  std::map<std::string_view, Groups> groups;
  for (const auto& each : flow.partitions) partitions[each.source.topic].push_back(&each);
  for (const auto& each : flow.topics) topics[each.source] = &each;
  for (const auto& each : flow.groups) {
    if (each.side == EventSide::target) groups[each.topic].push_back(&each);
  }
  std::vector<LagRow> out;
  for (const auto& [topic, all] : partitions) {
    LagRow& row = out.emplace_back(row_of(flow, all));
    const auto found = topics.find(topic);
    add_latencies(row, flow, found == topics.end() ? nullptr : found->second, groups[topic]);
    row.of(LagColumn::group) = row.of(LagColumn::partition) = none();
    row.note.resize(std::min(row.note.size(), row.note.find(kRemedy)));
    const PartitionSnapshot& worst = *worst_of(all);
    const bool is_late = worst.offset_lag != Records{0};
    row.of(LagColumn::worst_partition) =
        is_late ? text(std::to_string(worst.source.partition)) : none();
  }
  return out;
}

std::vector<LagRow> lag_rows(const FlowSnapshot& flow, LagRowsBy by) {
  std::vector<LagRow> out = by == LagRowsBy::topic       ? topic_rows(flow)
                            : by == LagRowsBy::partition ? partition_rows(flow)
                                                         : group_rows(flow);
  sort_rows(out, std::nullopt);
  return out;
}

void sort_rows(std::vector<LagRow>& rows, std::optional<LagColumn> by) {
  const auto key = [&](const LagRow& row) {
    const LagFigure& figure = row.of(by.value_or(LagColumn::lag));
    constexpr double kUnknown = std::numeric_limits<double>::infinity();
    const double value = figure.is_none ? -kUnknown : figure.value.value_or(kUnknown);
    return std::pair(by ? 0 : row.parked, value);
  };
  if (by && longspan::row_of(*by).unit == LagUnit::text && *by != LagColumn::partition) {
    std::stable_sort(rows.begin(), rows.end(), [&](const LagRow& a, const LagRow& b) {
      return a.of(*by).text < b.of(*by).text;
    });
    return;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const LagRow& a, const LagRow& b) { return key(a) > key(b); });
}

std::string figure_text(const LagRow& row, LagColumn column) {
  const LagFigure& figure = row.of(column);
  const LagUnit unit = longspan::row_of(column).unit;
  if (!figure.text.empty()) return figure.text;
  if (!figure.value) return figure.is_none ? "-" : "?";
  const std::string value = value_text(*figure.value, unit);
  if (!figure.low || !figure.high) return value + (figure.is_open ? "+?" : "");
  return value + (figure.is_open ? "+?" : "") + " (" + value_text(*figure.low, unit) + " to " +
         value_text(*figure.high, unit) + ")";
}

std::string lag_csv(const std::vector<LagRow>& rows) {
  std::string out;
  for (const LagColumnRow& column : kLagColumnTable) {
    const std::string name(column.name);
    out += (out.empty() ? "" : ",") +
           (column.is_interval ? name + "_low," + name + "," + name + "_high" : name);
  }
  const auto value = [](const std::optional<double>& of) {
    return of ? plain(*of) : std::string();
  };
  for (const LagRow& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < kLagColumns; ++i) {
      const LagFigure& figure = row.figures[i];
      if (i > 0) line += ",";
      if (kLagColumnTable[i].is_interval) line += value(figure.low) + ",";
      line += figure.text.empty() ? value(figure.value) : quoted(figure.text);
      if (kLagColumnTable[i].is_interval) line += "," + value(figure.high);
    }
    out += "\n" + line;
  }
  return out + "\n";
}

}  // namespace longspan
