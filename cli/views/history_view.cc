#include "cli/views/history_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "cli/views/latency_table.h"
#include "cli/views/time_text.h"
#include "cli/views/why_json.h"
#include "cli/views/why_text.h"
#include "lagcalc/text.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

// Commit to target: the last of kHops, shown as an interval.
const HopLatency& whole_way(const StepLatencies& of) { return of.hops.of(kHops.back()); }
static_assert(kHops.back().is_within && kHops.back().from == Waypoint::commit &&
              kHops.back().to == Waypoint::target_append);

bool is_covered(const HistoryStep& step) { return step.covered_ms > 0; }

constexpr std::size_t kGapsShown = 5;
constexpr const char* kSilent = "no marks";
// Less is between two looks, by which a cause may have passed from one of its scopes to another.
constexpr std::int64_t kBetweenLooksMs = 21'000;

bool is_in(TimestampMs first, TimestampMs last, const HistoryStep& step) {
  return first < step.to && last >= step.from;
}

// The gravest first, each once.
std::vector<Cause> causes_of(const HistoryStep& step, const History& history) {
  std::vector<const CauseSpan*> there;
  for (const CauseSpan& span : history.causes) {
    if (is_in(span.first, span.last, step)) there.push_back(&span);
  }
  const auto in_step = [&step](const CauseSpan& span) {
    return std::min(span.last, step.to) - std::max(span.first, step.from);
  };
  std::stable_sort(there.begin(), there.end(), [&](const auto* a, const auto* b) {
    if (a->severity != b->severity) return a->severity > b->severity;
    return in_step(*a) > in_step(*b);
  });
  std::vector<Cause> out;
  for (const auto* span : there) {
    if (std::find(out.begin(), out.end(), span->cause) == out.end()) out.push_back(span->cause);
  }
  return out;
}

std::string why_of(const HistoryStep& step, const History& history) {
  const auto causes = causes_of(step, history);
  const bool is_silent = std::any_of(
      history.silences.begin(), history.silences.end(),
      [&](const HistorySilence& silence) { return is_in(silence.from, silence.to, step); });
  if (causes.empty()) return !is_covered(step) ? "?" : is_silent ? kSilent : "-";
  const auto others = causes.size() - 1 + (is_silent ? 1 : 0);
  const std::string more = others > 0 ? " +" + std::to_string(others) : "";
  return std::string(name(causes.front())) + more;
}

// One for each cause at a time, however many partitions it is of; or a time without a mark.
struct ShownCause {
  CauseSpan span;
  std::set<std::string> scopes = {};  // that are told one by one, with their names
  bool is_silence = false;
};

ShownCause shown(const CauseSpan& span) {
  ShownCause out{span};
  if (!span.scope.name.empty()) out.scopes.insert(span.scope.name);
  return out;
}

ShownCause shown(const HistorySilence& silence) {
  ShownCause out;
  out.span.severity = Severity::warning;
  out.span.first = silence.from;
  out.span.last = silence.to;
  out.span.what = "no process of the flow wrote marks: none ran, or none could write";
  out.is_silence = true;
  return out;
}

std::vector<ShownCause> together(const std::vector<CauseSpan>& all) {
  std::vector<ShownCause> out;
  for (const CauseSpan& span : all) {
    const auto known = std::find_if(out.begin(), out.end(), [&](const ShownCause& each) {
      return each.span.cause == span.cause && span.first - each.span.last <= kBetweenLooksMs;
    });
    if (known == out.end()) {
      out.push_back(shown(span));
      continue;
    }
    known->scopes.merge(shown(span).scopes);
    const TimestampMs last = std::max(known->span.last, span.last);
    const TimestampMs first = known->span.first;
    if (is_graver(span, known->span)) known->span = span;
    known->span.first = first;
    known->span.last = last;
  }
  return out;
}

bool begins_earlier(const ShownCause& a, const ShownCause& b) {
  return a.span.first < b.span.first;
}

// Those that are shown, by their time again.
std::vector<ShownCause> gravest(std::vector<ShownCause> all) {
  if (all.size() <= kCausesShown) return all;
  const auto weighs_more = [](const ShownCause& a, const ShownCause& b) {
    if (a.span.severity != b.span.severity) return a.span.severity > b.span.severity;
    return a.span.last - a.span.first > b.span.last - b.span.first;
  };
  std::stable_sort(all.begin(), all.end(), weighs_more);
  all.resize(kCausesShown);
  std::stable_sort(all.begin(), all.end(), begins_earlier);
  return all;
}

// Of a step of which marks cover next to nothing (it has just begun) there is no rate.
std::optional<double> per_second(const HistoryStep& step) {
  constexpr std::int64_t kLeastPart = 10;
  const bool is_known = is_covered(step) && step.covered_ms * kLeastPart >= step.to - step.from;
  if (!is_known || step.is_incomplete) return std::nullopt;
  return static_cast<double>(step.records) * 1000 / static_cast<double>(step.covered_ms);
}

std::string rate_of(const HistoryStep& step) {
  const auto rate = per_second(step);
  return rate ? rate_text(*rate) + "/s" : "?";
}

std::string seconds_text(double seconds) {
  return duration_text(static_cast<std::int64_t>(seconds * 1000));
}

std::string interval_text(const HopLatency& hop, double q) {
  const auto low = hop.low.quantile(q, Histogram::Edge::lower);
  const auto high = hop.high.quantile(q, Histogram::Edge::upper);
  if (!low || !high) return "?";
  return seconds_text(*low) + ".." + seconds_text(*high);
}

std::string worst_text(const std::optional<WorstPartition>& worst) {
  if (!worst) return "-";
  if (worst->latency_ms) return worst->source.text() + " " + duration_text(*worst->latency_ms);
  return worst->source.text() + " lag " + std::to_string(worst->offset_lag->count);
}

bool is_assumed(const HistoryStep& step) { return whole_way(step.latencies).is_assumed; }

// Some rest on what is assumed, and some do not.
bool is_partly_assumed(const History& history) {
  const auto has_latencies = [](const HistoryStep& step) {
    return whole_way(step.latencies).low.count() > 0;
  };
  return std::any_of(history.steps.begin(), history.steps.end(), is_assumed) &&
         std::any_of(history.steps.begin(), history.steps.end(), [&](const HistoryStep& step) {
           return has_latencies(step) && !is_assumed(step);
         });
}

void add_note(std::string& notes, const std::string& note) {
  notes += (notes.empty() ? "" : "; ") + note;
}

std::string why_unknown(const HistoryStep& step, const History& history) {
  if (history.is_from_first && (!history.begins_at || step.to <= *history.begins_at)) {
    return history.is_cut ? "older than what is kept" : "before the first mark";
  }
  return "no marks: no process ran, or it could not write";
}

std::string note_of(const HistoryStep& step, const History& history, bool names_assumed) {
  std::string notes;
  if (!is_covered(step)) add_note(notes, why_unknown(step, history));
  if (step.is_incomplete) add_note(notes, "a process wrote no marks for a part of it");
  if (step.latencies_since || step.latencies_until) {
    add_note(notes, "latencies of " + time_text(step.latencies_since.value_or(step.from)) + " to " +
                        time_text(step.latencies_until.value_or(step.to)));
  }
  if (step.latencies_elsewhere) {
    add_note(notes,
             "latencies are with those from " + time_text(*step.latencies_elsewhere) + " on");
  }
  if (names_assumed && is_assumed(step)) add_note(notes, "assumed");
  return notes;
}

std::string gaps_text(const History& history) {
  std::string out;
  const auto shown = std::min(history.gaps.size(), kGapsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& gap = history.gaps[i];
    out += "a process wrote no marks from " + time_text(gap.from) + " to " + time_text(gap.to) +
           ": its " + std::to_string(gap.records) + " records of then are in no row\n";
  }
  if (shown == history.gaps.size()) return out;
  std::int64_t records = 0;
  for (auto i = shown; i < history.gaps.size(); ++i) records += history.gaps[i].records;
  return out + "and " + std::to_string(history.gaps.size() - shown) +
         " times more: " + std::to_string(records) + " records\n";
}

std::string unreadable_text(const History& history) {
  if (history.unreadable == 0) return {};
  return "? " + std::to_string(history.unreadable) +
         " marks could not be read: damaged, or without the full set they are relative to\n";
}

void add_quantile(Json& json, const std::string& name, const Histogram& histogram, double q,
                  Histogram::Edge edge = Histogram::Edge::middle) {
  if (const auto value = histogram.quantile(q, edge)) json[name] = *value;
}

Json whole_way_json(const HopLatency& hop) {
  Json json;
  json["count"] = hop.low.count();
  json["absent"] = hop.tally.absent + hop.tally.one_sided;
  json["negative"] = hop.tally.negative;
  json["assumed"] = hop.is_assumed;
  for (const auto& [name, q] :
       {std::pair("p50", 0.5), std::pair("p99", 0.99), std::pair("max", 1.0)}) {
    add_quantile(json, std::string(name) + "_low_s", hop.low, q, Histogram::Edge::lower);
    add_quantile(json, std::string(name) + "_s", hop.point, q);
    add_quantile(json, std::string(name) + "_high_s", hop.high, q, Histogram::Edge::upper);
  }
  return json;
}

Json worst_json(const WorstPartition& worst) {
  Json json{{"topic", worst.source.topic}, {"partition", worst.source.partition}};
  if (worst.latency_ms) json["latency_ms"] = *worst.latency_ms;
  if (worst.offset_lag) json["offset_lag"] = worst.offset_lag->count;
  return json;
}

Json step_json(const HistoryStep& step, const History& history) {
  Json json{{"from_ms", step.from.value}, {"to_ms", step.to.value}};
  json["covered_ms"] = step.covered_ms;
  if (is_covered(step)) json["records"] = step.records;
  if (step.is_incomplete) json["incomplete"] = true;
  if (const auto rate = per_second(step)) json["records_per_second"] = *rate;
  if (whole_way(step.latencies) != HopLatency()) {
    json["commit_to_target"] = whole_way_json(whole_way(step.latencies));
  }
  const auto& mirror = step.latencies.mirror_latency;
  if (mirror.count() > 0) {
    Json& shown = json["mirror_latency"];
    shown["count"] = mirror.count();
    add_quantile(shown, "p50_s", mirror, 0.5);
    add_quantile(shown, "p99_s", mirror, 0.99);
  }
  if (step.latencies_since) json["latencies_since_ms"] = step.latencies_since->value;
  if (step.latencies_until) json["latencies_until_ms"] = step.latencies_until->value;
  if (step.latencies_elsewhere) {
    json["latencies_elsewhere_since_ms"] = step.latencies_elsewhere->value;
  }
  if (step.worst) json["worst"] = worst_json(*step.worst);
  for (const Cause cause : causes_of(step, history)) json["causes"].push_back(name(cause));
  return json;
}

}  // namespace

std::string causes_table(const History& history, const TableStyle& style, bool shows_all) {
  if (history.causes.empty() && history.silences.empty()) return {};
  std::vector<ShownCause> all;
  if (shows_all) {
    for (const CauseSpan& span : history.causes) all.push_back(shown(span));
  } else {
    all = together(history.causes);
  }
  for (const HistorySilence& silence : history.silences) all.push_back(shown(silence));
  std::stable_sort(all.begin(), all.end(), begins_earlier);
  const auto rows = shows_all ? all : gravest(all);
  TextTable table({{"FROM"}, {"TO"}, {"FOR", Align::right}, {"WHY"}});
  for (const auto& [span, scopes, is_silence] : rows) {
    const bool is_sum = scopes.size() > 1 && !span.scope.name.empty();
    const std::string count = is_sum ? std::to_string(scopes.size()) + " like this: " : "";
    table.add({{time_text(span.first)},
               {time_text(span.last)},
               {span.first < span.last ? duration_text(span.last - span.first) : "once"},
               {is_silence ? kSilent : std::string(name(span.cause)), tint_of(span.severity)}},
              count + span.what);
  }
  const auto left = std::ssize(all) - std::ssize(rows) + history.causes_left_out;
  return "\n" + table.text(style) +
         (left > 0 ? "and " + std::to_string(left) + " less grave ones: --why\n" : "");
}

std::string history_table(const FlowHistory& flow, const TableStyle& style, bool shows_all_causes) {
  const bool has_causes = !flow.history.causes.empty() || !flow.history.silences.empty();
  std::vector<TextTable::Column> columns{{"FROM"},
                                         {"RECORDS", Align::right},
                                         {"RATE", Align::right},
                                         {"P50", Align::right},
                                         {"P99", Align::right},
                                         {"MAX", Align::right, false, true},
                                         {"WORST", Align::left, true}};
  if (has_causes) columns.push_back({"WHY"});
  TextTable table(std::move(columns));
  const bool is_partly = is_partly_assumed(flow.history);
  for (const auto& step : flow.history.steps) {
    const bool is_known = is_covered(step);
    const auto& way = whole_way(step.latencies);
    std::vector<TextTable::Cell> cells{{time_text(step.from)},
                                       {is_known ? std::to_string(step.records) : "?"},
                                       {rate_of(step)},
                                       {interval_text(way, 0.5)},
                                       {interval_text(way, 0.99)},
                                       {interval_text(way, 1)},
                                       {is_known || step.worst ? worst_text(step.worst) : "?"}};
    if (has_causes) cells.push_back({why_of(step, flow.history)});
    table.add(std::move(cells), note_of(step, flow.history, is_partly));
  }
  const auto& steps = flow.history.steps;
  const bool has_assumed = std::any_of(steps.begin(), steps.end(), is_assumed);
  return tinted(flow.flow, Tint::bold, style) + "  commit to target, low..high; worst: at most\n" +
         table.text(style) + causes_table(flow.history, style, shows_all_causes) +
         gaps_text(flow.history) + unreadable_text(flow.history) +
         (has_assumed ? tinted(kAssumedNote, Tint::faint, style) : "");
}

std::string history_json(const std::vector<FlowHistory>& flows) {
  Json json;
  json["version"] = 1;
  Json& all = json["flows"] = Json::array();
  for (const auto& flow : flows) {
    Json one{{"flow", flow.flow},
             {"from_ms", flow.span.from.value},
             {"to_ms", flow.span.to.value},
             {"step_ms", flow.span.step_ms}};
    const auto& history = flow.history;
    if (!flow.span.topic.empty()) one["topic"] = flow.span.topic;
    if (history.begins_at) one["begins_at_ms"] = history.begins_at->value;
    if (history.last_at) one["last_mark_at_ms"] = history.last_at->value;
    if (history.unreadable > 0) one["unreadable"] = history.unreadable;
    for (const auto& gap : history.gaps) {
      one["gaps"].push_back(
          {{"from_ms", gap.from.value}, {"to_ms", gap.to.value}, {"records", gap.records}});
    }
    for (const auto& silence : history.silences) {
      one["silences"].push_back({{"from_ms", silence.from.value}, {"to_ms", silence.to.value}});
    }
    if (!history.causes.empty()) one["causes"] = causes_json(history.causes);
    if (history.causes_left_out > 0) one["causes_left_out"] = history.causes_left_out;
    Json& steps = one["steps"] = Json::array();
    for (const auto& step : history.steps) steps.push_back(step_json(step, history));
    all.push_back(std::move(one));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string latencies_table(const History& history, const TableStyle& style) {
  const auto& topics = history.steps.front().by_topic;
  if (topics.empty()) return {};
  TextTable table({{"TOPIC", Align::left, true},
                   {"RECORDS", Align::right},
                   {"P50", Align::right},
                   {"P99", Align::right},
                   {"MAX", Align::right, false, true}});
  bool has_assumed = false;
  for (const auto& [topic, latencies] : topics) {
    const auto& way = whole_way(latencies);
    has_assumed = has_assumed || way.is_assumed;
    table.add({{topic},
               {std::to_string(latencies.mirror_latency.count())},
               {interval_text(way, 0.5)},
               {interval_text(way, 0.99)},
               {interval_text(way, 1)}});
  }
  const auto& since = history.steps.front().latencies_since;
  return "commit to target " + (since ? "since " + time_text(*since) : "over the minute before") +
         ", low..high\n" + table.text(style) +
         (has_assumed ? tinted(kAssumedNote, Tint::faint, style) : "");
}

}  // namespace longspan
