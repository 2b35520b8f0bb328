#include "cli/views/latency_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "cli/views/time_text.h"
#include "cli/views/waterfall.h"
#include "lagcalc/printable.h"
#include "lagcalc/text.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {
namespace {

constexpr std::int64_t kMsInUs = 1000;
constexpr double kMsInSecond = 1000;

std::string quantile_text(const Histogram& histogram, double quantile,
                          Histogram::Edge edge = Histogram::Edge::middle) {
  const auto value = histogram.quantile(quantile, edge);
  return value ? seconds_text(*value) : "?";
}

const HopLatency& whole(const TopicHops& hops) { return hops.of(kHops.back()); }

// "How late are we" is of now: what was since the start stands only where nothing came lately.
constexpr std::string_view kNothingLately = "nothing in the last minutes: since the start";

const TopicHops& shown(const TopicSnapshot& topic) {
  return topic.recent_hops ? *topic.recent_hops : *topic.hops;
}

const GroupLatency& shown(const GroupSnapshot& group) {
  return group.recent ? *group.recent : group.latency;
}

std::string joined(std::string a, std::string_view b) {
  if (a.empty() || b.empty()) return a.append(b);
  return a.append("; ").append(b);
}

// The reason that most records have.
std::string why_not(const TopicHops& hops) {
  const auto most = std::max_element(hops.without_commit.begin(), hops.without_commit.end());
  if (*most == 0) return {};
  const auto why = kNoCommits[static_cast<std::size_t>(most - hops.without_commit.begin())];
  return count_text(static_cast<std::int64_t>(*most)) +
         " without a commit time: " + std::string(name(why));
}

std::string age_text(const std::optional<AgeRange>& age, std::optional<std::int64_t> waits_us) {
  if (!age && waits_us && *waits_us > 0) return duration_text(*waits_us / kMsInUs) + " or more";
  if (!age) return "?";
  const std::string high = duration_text(std::max<std::int64_t>(0, age->high_us / kMsInUs));
  const std::string low = duration_text(std::max<std::int64_t>(0, age->low_us / kMsInUs));
  return low == high ? high : low + " to " + high;
}

std::string lag_text(const GroupSnapshot& group) {
  const auto lag = group.known_lag();
  if (!lag) return "?";
  return std::to_string(lag->count) + (group.unknown_lags == 0 ? "" : "+?");
}

// What is wrong with positions.
std::string note_of(const GroupSnapshot& group) {
  std::string out;
  for (const LagState state : kLagStates) {
    const auto count = group.partitions_by_state[static_cast<std::size_t>(state)];
    if (count == 0 || state == LagState::known) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(name(state));
  }
  return out;
}

// "99.9 %", "99.1 to 99.9 %": of the interval.
std::string percent_text(const std::optional<RatioInterval>& ratio) {
  if (!ratio) return "?";
  constexpr double kPercent = 100;
  std::array<char, 64> out{};
  if (ratio->low == ratio->high) {
    std::snprintf(out.data(), out.size(), "%.4g %%", ratio->high * kPercent);
  } else {
    std::snprintf(out.data(), out.size(), "%.4g to %.4g %%", ratio->low * kPercent,
                  ratio->high * kPercent);
  }
  return out.data();
}

std::string burn_text(const SloStatus& slo) {
  const auto rate = burn_rate(slo.slo, slo.over_long.front());
  if (!rate) return "?";
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.3g to %.3g", rate->low, rate->high);
  return out.data();
}

std::string more(std::size_t all, const char* what) {
  if (all <= kLatencyRowsMax) return {};
  return "... and " + std::to_string(all - kLatencyRowsMax) + " more " + what +
         ": --json shows all\n";
}

}  // namespace

std::string seconds_text(double seconds) {
  const double ms = seconds * kMsInSecond;
  if (std::fabs(ms) >= 1 || ms == 0) return duration_text(std::llround(ms));
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.1f ms", ms);
  return out.data();
}

std::string latency_text(const HopLatency& took, double quantile) {
  if (took.point.count() == 0) return "?";
  return quantile_text(took.point, quantile) + " (" +
         quantile_text(took.low, quantile, Histogram::Edge::lower) + " to " +
         quantile_text(took.high, quantile, Histogram::Edge::upper) + ")";
}

std::string latency_notes(const FlowSnapshot& flow, const TableStyle& style) {
  std::string out;
  bool is_assumed = false;
  std::size_t count = 0;
  for (const auto& topic : flow.topics) {
    if (!topic.hops || topic.hops->sampled_total == 0) continue;
    is_assumed = is_assumed || whole(shown(topic)).is_assumed;
    const std::string why = why_not(shown(topic));
    if (why.empty() || ++count > kLatencyRowsMax) continue;
    out += topic.source + ": " + why + "\n";
  }
  if (count > kLatencyRowsMax) out += more(count, "topics with such records");
  if (is_assumed) out += tinted(kAssumedNote, Tint::faint, style);
  return out.empty() ? out : "\n" + out;
}

namespace {

struct Bar {
  std::string name;
  const HopLatency* took = nullptr;
};

// In the order of the way; the hop across the source's append only where that is not known.
std::vector<Bar> bars_of(const TopicHops& hops) {
  std::vector<Bar> out;
  const auto is_known = [&](std::string_view name) {
    return std::any_of(kHops.begin(), kHops.end(), [&](const Hop& hop) {
      return hop.name == name && hops.of(hop).point.count() > 0;
    });
  };
  const bool has_append = is_known("source_append_to_fetched");
  for (const Hop& hop : kHops) {
    if (hop.is_within || hops.of(hop).point.count() == 0) continue;
    if (has_append && hop.name == "connector_to_fetched") continue;
    out.push_back({std::string(hop.name), &hops.of(hop)});
  }
  return out;
}

void add_bars(TextTable& table, const std::vector<Bar>& bars) {
  double whole = 0;
  for (const Bar& bar : bars) whole += std::max(0.0, bar.took->point.quantile(0.5).value_or(0));
  double from = 0;
  for (const Bar& bar : bars) {
    const double took = std::max(0.0, bar.took->point.quantile(0.5).value_or(0));
    table.add({{bar.name},
               {quantile_text(bar.took->point, 0.5)},
               {quantile_text(bar.took->point, 0.99)},
               {bar_text(from, took, whole)}});
    from += took;
  }
}

}  // namespace

std::string hops_text(const FlowSnapshot& flow, const TableStyle& style) {
  std::string out;
  for (const TopicSnapshot& topic : flow.topics) {
    if (!topic.hops || topic.hops->sampled_total == 0) continue;
    TextTable table({{topic.source, Align::left, true},
                     {"P50", Align::right},
                     {"P99", Align::right},
                     {"", Align::left, false, true}});
    const TopicHops& hops = shown(topic);
    std::vector<Bar> bars = bars_of(hops);
    const GroupSnapshot* slowest = nullptr;
    const auto p99 = [](const GroupSnapshot& of) {
      return shown(of).end_to_end.point.quantile(0.99).value_or(-1);
    };
    for (const GroupSnapshot& group : flow.groups) {
      const bool ends_here = group.side == EventSide::target && group.topic == topic.source;
      if (!ends_here || shown(group).append_to_sink_commit.point.count() == 0) continue;
      if (slowest == nullptr || p99(group) > p99(*slowest)) slowest = &group;
    }
    if (slowest != nullptr) {
      bars.push_back({"target_append_to_sink_commit", &shown(*slowest).append_to_sink_commit});
    }
    add_bars(table, bars);
    const auto add_whole = [&](const std::string& name, const HopLatency& took) {
      table.add({{name}, {latency_text(took, 0.5)}, {latency_text(took, 0.99)}, {""}});
    };
    add_whole("commit_to_target_append", whole(hops));
    if (slowest != nullptr) {
      add_whole("end_to_end, group " + slowest->group, shown(*slowest).end_to_end);
    }
    const std::string_view note = topic.recent_hops ? std::string_view() : kNothingLately;
    out += (out.empty() ? "" : "\n") + table.text(style) +
           (note.empty() ? "" : std::string(note) + "\n");
  }
  return out.empty() ? "no record was followed yet\n" : out;
}

std::string group_table(const FlowSnapshot& flow, const TableStyle& style) {
  if (flow.groups.empty()) return {};
  std::vector<const GroupSnapshot*> groups;
  for (const auto& group : flow.groups) groups.push_back(&group);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto* a, const auto* b) { return a->offset_lag > b->offset_lag; });
  TextTable table({{"GROUP", Align::left, true},
                   {"TOPIC"},
                   {"STATE"},
                   {"LAG", Align::right},
                   {"HEAD-AGE", Align::right},
                   {"CATCH-UP", Align::right},
                   {"END TO END P50 (LOW TO HIGH)", Align::right},
                   {"P99 (LOW TO HIGH)", Align::right, false, true}});
  for (std::size_t i = 0; i < std::min(groups.size(), kLatencyRowsMax); ++i) {
    const GroupSnapshot& group = *groups[i];
    const bool is_bad = group.state == GroupState::empty && group.offset_lag > Records{0};
    const bool is_old = !group.recent && group.latency.end_to_end.point.count() > 0;
    table.add({{group.group},
               {group.topic + (group.side == EventSide::source ? " (source)" : "")},
               {std::string(name(group.state)), is_bad ? Tint::warn : Tint::none},
               {lag_text(group)},
               {age_text(group.head_age, group.waits_us)},
               {group.catch_up_ms ? duration_text(*group.catch_up_ms) : "?"},
               {latency_text(shown(group).end_to_end, 0.5)},
               {latency_text(shown(group).end_to_end, 0.99)}},
              joined(note_of(group), is_old ? kNothingLately : std::string_view()));
  }
  return "\n" + table.text(style) + more(groups.size(), "groups and topics");
}

std::string clock_lines(const FlowSnapshot& flow, const TableStyle& style) {
  std::string out;
  for (const ClockSnapshot& clock : flow.clocks) {
    constexpr double kUs = 1e6;
    const auto text = [](DurationUs of) {
      return seconds_text(std::fabs(static_cast<double>(of.value)) / kUs);
    };
    const auto& [low, point, high, is_assumed] = clock.offset;
    if (low && *low > kMaxErrorDefault) {
      out += tinted("clock " + clock.clock + " is " + text(*low) + " or more ahead of ours\n",
                    Tint::warn, style);
    } else if (high && *high < -kMaxErrorDefault) {
      out += tinted("clock " + clock.clock + " is " + text(*high) + " or more behind ours\n",
                    Tint::warn, style);
    } else if (!clock.trouble.empty() && clock.clock != "host") {
      out += tinted("clock " + clock.clock + " is not measured: " + printable(clock.trouble) + "\n",
                    Tint::faint, style);
    }
  }
  return out.empty() ? out : "\n" + out;
}

std::string connector_lines(const FlowSnapshot& flow, const TableStyle& style) {
  std::string out;
  for (std::size_t i = 0; i < std::min(flow.connectors.size(), kLatencyRowsMax); ++i) {
    const ConnectorSnapshot& connector = flow.connectors[i];
    const bool is_bad = connector.liveness == Liveness::dead;
    const bool is_late = connector.liveness == Liveness::late;
    out += "connector " + printable(connector.prefix) + ": " +
           tinted(name(connector.liveness),
                  is_bad    ? Tint::bad
                  : is_late ? Tint::warn
                            : Tint::none,
                  style);
    if (connector.heartbeat_at) {
      out += ", heartbeat " + duration_text(flow.at - *connector.heartbeat_at) + " ago";
    }
    if (connector.interval_ms) out += " (every " + duration_text(*connector.interval_ms) + ")";
    if (connector.newest_commit) {
      const TimestampMs at{connector.newest_commit->value / kMsInUs};
      out += ", newest commit " + duration_text(flow.at - at) + " ago";
    }
    if (connector.heartbeat_commit) {
      const TimestampMs at{connector.heartbeat_commit->value / kMsInUs};
      out += " (heartbeat table " + duration_text(flow.at - at) + ")";
    }
    out += "\n";
  }
  if (out.empty()) return {};
  return "\n" + out + more(flow.connectors.size(), "connectors");
}

// Why it counts less than one may think.
std::string note_of(const SloStatus& slo) {
  std::string out = slo.since_s ? "since " + time_text({*slo.since_s * 1000})
                                : std::string("nothing was judged yet");
  if (slo.unmeasured > 0) {
    out += "; " + count_text(static_cast<std::int64_t>(slo.unmeasured)) +
           " records tell no commit time";
  }
  return out;
}

// Only what arrived is judged: a record that waits for longer than the target is late already.
bool has_late_waiting(const FlowSnapshot& flow, const SloStatus& slo) {
  const auto topics = NamePatterns::make({slo.slo.topics}, "slo");
  if (!topics) return false;
  const std::int64_t target_ms = slo.slo.target.value / kMsInUs;
  if (!slo.group.empty()) {
    return std::any_of(flow.groups.begin(), flow.groups.end(), [&](const GroupSnapshot& group) {
      return group.group == slo.group && group.side == EventSide::target &&
             topics->matches(group.topic) && group.waits_us.value_or(0) > slo.slo.target.value;
    });
  }
  if (flow.target_silent_ms.value_or(0) > target_ms) return true;
  return std::any_of(flow.partitions.begin(), flow.partitions.end(), [&](const auto& partition) {
    return topics->matches(partition.source.topic) && partition.head_age_ms.value_or(0) > target_ms;
  });
}

std::string slo_table(const FlowSnapshot& flow, const TableStyle& style) {
  if (flow.slos.empty()) return {};
  TextTable table({{"OBJECTIVE", Align::left, true},
                   {"UP TO"},
                   {"GOOD", Align::right},
                   {"BUDGET LEFT", Align::right},
                   {"BURN RATE, 1 H", Align::right},
                   {"JUDGED", Align::right, false, true}});
  for (std::size_t i = 0; i < std::min(flow.slos.size(), kLatencyRowsMax); ++i) {
    const SloStatus& slo = flow.slos[i];
    const auto left = budget_left(slo.slo, slo.in_window);
    bool is_burning = false;
    for (std::size_t rule = 0; rule < kBurnRules.size(); ++rule) {
      is_burning = is_burning || slo.burns(rule);
    }
    table.add({{slo.objective},
               {slo.group.empty() ? "the target" : "group " + slo.group},
               {percent_text(compliance(slo.in_window))},
               {percent_text(left), left && left->high < 0 ? Tint::bad : Tint::none},
               {burn_text(slo), is_burning ? Tint::bad : Tint::none},
               {count_text(static_cast<std::int64_t>(slo.in_window.total()))}},
              joined(note_of(slo), has_late_waiting(flow, slo)
                                       ? "what waits now is late, and not judged yet"
                                       : std::string_view()));
  }
  return "\n" + table.text(style) + more(flow.slos.size(), "objectives and groups");
}

}  // namespace longspan
