#include "cli/commands/lag_history.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/exit_code.h"
#include "cli/views/history_view.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_screen.h"
#include "cli/views/progress_bar.h"
#include "cli/views/terminal.h"
#include "cli/views/time_parse.h"
#include "cli/views/time_text.h"
#include "lagcalc/text.h"
#include "mirror/kafka/clients.h"
#include "mirror/marks/marks_reader.h"

namespace longspan {
namespace {

constexpr std::int64_t kStepsMax = 10'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kUsualSteps = 180;

Result<History> read(FlowView& view, const HistorySpan& span) {
  ProgressBar bar;
  const auto& config = view.config();
  auto history = read_history(
      view.target_reader(), config.marks_topic(), span, [&](Records done, Records total) {
        bar.show("reading the marks of " + config.name(), done.count, total.count);
      });
  if (!history) return with_addresses(history.error(), config);
  return history;
}

Error no_history(const FlowConfig& config, TimestampMs at, const History& history) {
  const std::string what =
      "nothing is known of " + config.name() + " at " + time_text(at) + ": " +
      (history.is_cut ? "marks of so long ago are deleted" : "no process had written marks before");
  return {Next::park_partition, 0, what, ""};
}

PartitionSnapshot partition_of(const TopicPartition& source, const PartitionPoint& point,
                               const History& history, const FlowConfig& config) {
  PartitionSnapshot out;
  out.source = source;
  out.target_topic = config.naming.target_topic(source.topic);
  out.state = point.mark.state;
  out.next_source = point.mark.next_source;
  out.next_target = point.mark.next_target;
  out.offset_lag = point.mark.offset_lag;
  if (!history.is_running) out.offset_lag.reset();  // of the last mark, not of then
  if (out.offset_lag) out.source_end = out.next_source + *out.offset_lag;
  if (out.offset_lag == Records{0}) out.head_age_ms = 0;
  out.position_written_at = point.at;
  out.latest = point.mark.latest;
  if (!history.is_running) return out;
  const auto records = history.records.find(source);
  const auto covered_ms = history.steps.front().covered_ms;
  const auto count = records == history.records.end() ? 0 : records->second;
  if (covered_ms > 0 && !history.steps.front().is_incomplete) {
    out.records_per_second = static_cast<double>(count) * 1000 / static_cast<double>(covered_ms);
  }
  return out;
}

FlowSnapshot snapshot_of(const FlowConfig& config, TimestampMs at, const History& history) {
  FlowSnapshot out;
  out.flow = config.name();
  out.at = at;
  out.running = history.is_running;
  if (!out.running) out.not_running_since = history.last_at;
  out.has_counts = false;
  out.causes_before = history.causes;
  for (const auto& [source, point] : history.points) {
    out.partitions.push_back(partition_of(source, point, history, config));
    if (out.topics.empty() || out.topics.back().source != source.topic) {
      out.topics.push_back({source.topic, out.partitions.back().target_topic, {}, {}, {}});
    }
  }
  for (auto& topic : out.topics) {
    const auto found = history.steps.front().by_topic.find(topic.source);
    if (found == history.steps.front().by_topic.end()) continue;
    topic.mirror_latency = found->second.mirror_latency;
    topic.residence = found->second.residence;
    if (found->second.hops != TopicHops()) topic.hops = topic.recent_hops = found->second.hops;
  }
  return out;
}

struct AtTime {
  FlowSnapshot flow;
  History history;
};

// Where no process ran then, the positions are those of the last mark before.
Result<AtTime> look_at(const CommandLine& line, const FlowConfig& config, TimestampMs at) {
  auto view = FlowView::open_target(config);
  if (!view) return view.error();
  HistorySpan span{{at.value - kMinuteMs}, at, kMinuteMs, line.text("topic"), true};
  auto history = read(**view, span);
  if (!history) return history.error();
  if (history->points.empty()) {
    const auto last = last_mark_before((*view)->target_reader(), config.marks_topic(), at);
    if (!last) return with_addresses(last.error(), config);
    if (!*last) return no_history(config, at, *history);
    span.to = {(*last)->value + 1};
    span.from = {span.to.value - kMinuteMs};
    history = read(**view, span);
    if (!history) return history.error();
    history->is_running = false;
    history->steps.front().by_topic.clear();  // of another time
    history->causes.clear();
  }
  if (line.has("topic") && history->points.empty()) {
    if (auto known = check_name("topic", line.text("topic"), history->topics); !known) {
      return known.error();
    }
  }
  auto flow = snapshot_of(config, at, *history);
  return AtTime{std::move(flow), std::move(*history)};
}

int show_at(const CommandLine& line, const std::vector<FlowConfig>& flows, TimestampMs at) {
  ProcessSnapshot all;
  all.at = at;
  all.ready = true;
  std::string tables;
  int code = kExitFine;
  LagScreenSettings settings;
  if (line.has("partitions")) settings.rows = LagRowsBy::partition;
  for (const auto& config : flows) {
    auto seen = look_at(line, config, at);
    if (!seen) {
      const bool is_no = seen.error().next == Next::park_partition;
      code = report_error(config.name(), seen.error());
      if (is_no) code = kExitNo;
      continue;
    }
    tables += (tables.empty() ? "" : "\n") + lag_screen(seen->flow, settings, stdout_style()) +
              latencies_table(seen->history, stdout_style()) +
              causes_table(seen->history, stdout_style(), line.has("why"));
    all.ready = all.ready && seen->flow.running;
    all.flows.push_back(std::move(seen->flow));
  }
  if (all.flows.empty()) return code;
  std::fputs(line.has("json") ? (lag_json(all) + "\n").c_str() : tables.c_str(), stdout);
  return code;
}

}  // namespace

Result<void> check_step(const std::string& flow, const HistorySpan& span, const History& history) {
  if (span.step_ms >= history.interval_ms) return {};
  const auto interval = duration_text(history.interval_ms);
  return fail(Next::stop_process,
              "--step is shorter than the " + interval + " between two marks of " + flow +
                  " then (marks.interval.ms): give --step=" +
                  std::to_string((history.interval_ms + 999) / 1000) + "s or longer");
}

namespace {

Result<FlowHistory> look_since(const FlowConfig& config, const HistorySpan& span) {
  auto view = FlowView::open_target(config);
  if (!view) return view.error();
  auto history = read(**view, span);
  if (!history) return history.error();
  if (!span.topic.empty() && !history->topics.empty()) {
    if (auto known = check_name("topic", span.topic, history->topics); !known) return known.error();
  }
  if (auto fine = check_step(config.name(), span, *history); !fine) return fine.error();
  return FlowHistory{config.name(), span, std::move(*history)};
}

int show_since(const CommandLine& line, const std::vector<FlowConfig>& flows,
               const HistorySpan& span) {
  std::vector<FlowHistory> all;
  int code = kExitFine;
  for (const auto& config : flows) {
    auto seen = look_since(config, span);
    if (seen) {
      all.push_back(std::move(*seen));
    } else {
      code = report_error(config.name(), seen.error());
    }
  }
  if (all.empty()) return code;
  std::string text = line.has("json") ? history_json(all) + "\n" : std::string();
  for (const auto& flow : all) {
    if (line.has("json")) break;
    text += (text.empty() ? "" : "\n") + history_table(flow, stdout_style(), line.has("why"));
  }
  std::fputs(text.c_str(), stdout);
  return code;
}

// The shortest that fits on a few screens.
std::int64_t usual_step(std::int64_t length_ms) {
  for (const std::int64_t minutes : {1, 5, 15, 60, 360}) {
    if (length_ms <= minutes * kMinuteMs * kUsualSteps) return minutes * kMinuteMs;
  }
  return 24 * 60 * kMinuteMs;
}

// From a whole step on, so that the steps of two looks are the same.
Result<HistorySpan> span_of(const CommandLine& line, TimestampMs now) {
  const std::string since = line.text("since");
  const auto back = parse_span(since);
  const auto from =
      back ? Result<TimestampMs>(TimestampMs{now.value - *back}) : parse_time(since, now);
  if (!from) return from.error();
  const auto step =
      line.has("step") ? parse_span(line.text("step")) : std::optional(usual_step(now - *from));
  if (!step || *step < 1000) {
    return fail(Next::stop_process, "--step is a span from 1s on: 10s, 1m, 1h");
  }
  if (*from >= now) return fail(Next::stop_process, "--since " + since + " is not in the past");
  HistorySpan span{{from->value / *step * *step}, now, *step, line.text("topic")};
  if ((span.to - span.from) / *step >= kStepsMax) {
    return fail(Next::stop_process, "these are more than " + std::to_string(kStepsMax) +
                                        " steps: give a longer --step");
  }
  return span;
}

}  // namespace

bool asks_for_history(const CommandLine& line) { return line.has("at") || line.has("since"); }

int lag_history(const CommandLine& line, const std::vector<FlowConfig>& flows) {
  if (line.has("at") && line.has("since")) return usage_error("lag: give either --at or --since");
  if (line.has("watch")) return usage_error("lag: --watch shows the present, not history");
  for (const char* flag : {"fail-if", "csv", "hops", "top", "by", "group", "groups", "partition"}) {
    if (!line.has(flag)) continue;
    return usage_error("lag: --" + std::string(flag) + " is of the present, not of history");
  }
  const TimestampMs now = make_clock()->now();
  if (line.has("since")) {
    const auto span = span_of(line, now);
    if (!span) return usage_error("lag: " + span.error().what);
    return show_since(line, flows, *span);
  }
  const auto at = parse_time(line.text("at"), now);
  if (!at) return usage_error("lag: " + at.error().what);
  if (*at > now) return usage_error("lag: --at " + time_text(*at) + " is in the future");
  return show_at(line, flows, *at);
}

}  // namespace longspan
