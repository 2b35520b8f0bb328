#include "cli/views/lag_table.h"

#include <algorithm>
#include <limits>
#include <map>

#include "cli/views/latency_table.h"
#include "cli/views/partition_state.h"
#include "cli/views/slots_text.h"
#include "cli/views/time_text.h"
#include "lagcalc/text.h"
#include "mirror/observe.h"

namespace longspan {

namespace {

// One row: a partition, or a topic with what its partitions come to.
struct Line {
  std::string topic;
  std::string partition;
  std::string state;
  Tint tint = Tint::none;
  int parked = 0;
  std::optional<Offset> source_end;
  Offset mirrored;
  std::optional<Records> lag;
  std::optional<std::int64_t> head_age_ms;
  std::optional<double> rate;
  std::optional<std::int64_t> catch_up_ms;
  std::string note;
};

template <class T>
std::optional<T> sum(std::optional<T> a, std::optional<T> b) {
  if (!a || !b) return std::nullopt;
  return T{*a + *b};
}
std::optional<Offset> sum(std::optional<Offset> a, std::optional<Offset> b) {
  if (!a || !b) return std::nullopt;
  return Offset{a->value + b->value};
}
std::optional<std::int64_t> latest(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

Tint tint_of(PartitionState state) {
  if (state == PartitionState::parked) return Tint::bad;
  return state == PartitionState::paused ? Tint::warn : Tint::none;
}

Line line_of(const PartitionSnapshot& partition) {
  Line line;
  line.topic = partition.source.topic;
  line.partition = std::to_string(partition.source.partition);
  line.state = state_name(partition.state);
  line.tint = tint_of(partition.state);
  line.parked = partition.state == PartitionState::parked ? 1 : 0;
  line.source_end = partition.source_end;
  line.mirrored = partition.next_source;
  line.lag = partition.offset_lag;
  line.head_age_ms = partition.head_age_ms;
  // Of a record whose clock is ahead of ours.
  if (line.head_age_ms) line.head_age_ms = std::max<std::int64_t>(0, *line.head_age_ms);
  line.rate = partition.records_per_second;
  if (partition.state == PartitionState::active) line.catch_up_ms = partition.catch_up_ms;
  line.note = partition.reason;
  if (partition.priority != Priority::normal) {
    line.state += ", " + std::string(name(partition.priority));
  }
  return line;
}

using Partitions = std::vector<const PartitionSnapshot*>;

// "active", or what is not: "1 parked, 2 paused".
std::string states_of(const Partitions& partitions) {
  std::string out;
  for (const auto state : {PartitionState::parked, PartitionState::paused}) {
    const auto count = std::count_if(partitions.begin(), partitions.end(),
                                     [&](const auto* p) { return p->state == state; });
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(state_name(state));
  }
  if (out.empty()) out = state_name(PartitionState::active);
  const Priority priority = partitions.front()->priority;
  return priority == Priority::normal ? out : out + ", " + std::string(name(priority));
}

// One reason speaks for all that share it.
std::string note_of(const Partitions& partitions) {
  for (const auto* partition : partitions) {
    if (partition->reason.empty()) continue;
    return std::to_string(partition->source.partition) + ": " + partition->reason;
  }
  return {};
}

Line line_of(const std::string& topic, const Partitions& partitions) {
  Line line = line_of(*partitions.front());
  for (std::size_t i = 1; i < partitions.size(); ++i) {
    const Line next = line_of(*partitions[i]);
    line.parked += next.parked;
    line.tint = std::max(line.tint, next.tint);  // bad is above warn is above none
    line.source_end = sum(line.source_end, next.source_end);
    line.mirrored.value += next.mirrored.value;
    line.lag = sum(line.lag, next.lag);
    line.head_age_ms = latest(line.head_age_ms, next.head_age_ms);
    line.rate = sum(line.rate, next.rate);
    line.catch_up_ms = latest(line.catch_up_ms, next.catch_up_ms);
  }
  line.topic = topic;
  line.partition = "all " + std::to_string(partitions.size());
  line.state = states_of(partitions);
  line.note = note_of(partitions);
  return line;
}

bool shows_partitions(const FlowSnapshot& flow, LagRows rows) {
  if (rows == LagRows::fitting) return flow.partitions.size() <= kFewPartitions;
  return rows == LagRows::partitions;
}

bool is_worse(const Line& a, const Line& b) {
  const auto rank = [](const Line& line) {
    constexpr auto kUnknown = std::numeric_limits<std::int64_t>::max();
    return std::pair(line.parked, line.lag ? line.lag->count : kUnknown);
  };
  return rank(a) > rank(b);
}

std::vector<Line> lines_of(const FlowSnapshot& flow, LagRows rows) {
  std::vector<Line> lines;
  if (shows_partitions(flow, rows)) {
    for (const auto& partition : flow.partitions) lines.push_back(line_of(partition));
  } else {
    std::map<std::string, Partitions> topics;
    for (const auto& partition : flow.partitions) {
      topics[partition.source.topic].push_back(&partition);
    }
    for (const auto& [topic, partitions] : topics) lines.push_back(line_of(topic, partitions));
  }
  std::stable_sort(lines.begin(), lines.end(), is_worse);
  return lines;
}

std::string catch_up_text(const Line& line) {
  if (line.catch_up_ms) return duration_text(*line.catch_up_ms);
  return line.rate && line.lag ? "-" : "?";
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
    text += tinted("not running", Tint::bad, style);
  }
  return text + "  " + time_text(flow.at) + "\n";
}

// Why something in the table is "?".
std::string footer_of(const FlowSnapshot& flow, const std::vector<Line>& lines,
                      const TableStyle& style) {
  std::string out;
  if (flow.source_trouble) {
    out += tinted("? source ends are not known: " + *flow.source_trouble, Tint::bad, style) + "\n";
  }
  if (flow.target_trouble) {
    out += tinted("? target: " + *flow.target_trouble, Tint::bad, style) + "\n";
  }
  if (flow.schema_trouble) {
    out += tinted("schemas: " + *flow.schema_trouble, Tint::bad, style) + "\n";
  }
  const bool lacks_rate =
      std::any_of(lines.begin(), lines.end(), [](const Line& line) { return !line.rate; });
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
  if (out.empty() && lines.empty()) out += "nothing is mirrored yet\n";
  return out + slots_text(flow);
}

}  // namespace

std::string lag_table(const FlowSnapshot& flow, LagRows rows, const TableStyle& style) {
  const auto lines = lines_of(flow, rows);
  TextTable table({{"TOPIC", Align::left, true},
                   {"PARTITION", Align::right},
                   {"STATE"},
                   {"SOURCE-END", Align::right, false, true},
                   {"MIRRORED", Align::right, false, true},
                   {"LAG", Align::right},
                   {"HEAD-AGE", Align::right},
                   {"RATE", Align::right},
                   {"CATCH-UP", Align::right}});
  for (const auto& line : lines) {
    table.add({{line.topic},
               {line.partition},
               {line.state, line.tint},
               {line.source_end ? std::to_string(line.source_end->value) : "?"},
               {std::to_string(line.mirrored.value)},
               {line.lag ? std::to_string(line.lag->count) : "?"},
               {line.head_age_ms ? duration_text(*line.head_age_ms) : "?"},
               {line.rate ? rate_text(*line.rate) + "/s" : "?"},
               {catch_up_text(line)}},
              line.note);
  }
  const auto body = lines.empty() ? std::string() : table.text(style);
  return header_of(flow, style) + body + footer_of(flow, lines, style) +
         latency_table(flow, style) + clock_lines(flow, style) + connector_lines(flow, style) +
         group_table(flow, style) + slo_table(flow, style);
}

}  // namespace longspan
