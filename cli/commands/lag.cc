#include "cli/commands/lag.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>

#include "cli/commands/flow_choice.h"
#include "cli/commands/http_get.h"
#include "cli/commands/lag_checks.h"
#include "cli/commands/lag_fleet.h"
#include "cli/commands/lag_history.h"
#include "cli/commands/lag_process.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/fleet/cluster_looks.h"
#include "cli/views/file_text.h"
#include "cli/views/lag_condition.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_parse.h"
#include "cli/views/lag_rows.h"
#include "cli/views/lag_screen.h"
#include "cli/views/latency_table.h"
#include "cli/views/terminal.h"
#include "cli/views/why_text.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"json", FlagType::toggle, "", "",
     "Prints JSON, as /api/v1/lag answers it; of --since, a history's"},
    {"flow", FlagType::text, "A->B", "", "Only this flow"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partition", FlagType::number, "N", "", "Only partitions of this number", 0, 2'147'483'647},
    {"group", FlagType::text, "GROUP", "", "Only the topics that this consumer group reads"},
    {"partitions", FlagType::toggle, "", "", "A row per partition"},
    {"groups", FlagType::toggle, "", "", "A row per consumer group and topic"},
    {"hops", FlagType::toggle, "", "", "How long each hop of the way took, as a waterfall"},
    {"top", FlagType::number, "N", "", "Only so many rows", 1, 1'000'000},
    {"by", FlagType::text, "COLUMN", "", "The largest of this column first, such as p99"},
    {"csv", FlagType::toggle, "", "", "Prints all columns as CSV; times in seconds"},
    {"fail-if", FlagType::list, "COLUMN>VALUE", "",
     "Exit 1 if any row may be beyond it, such as 'p99>2s' or 'lag>=1000'; may be repeated"},
    {"why", FlagType::toggle, "", "", "Every cause of a lag that is found, with its evidence"},
    {"watch", FlagType::toggle, "", "",
     "Redraws in place until q or Ctrl-C, with the trend of --by or of the lag"},
    {"interval", FlagType::number, "SECONDS", "2", "Time between two looks of --watch or --listen",
     1, 3600},
    {"at", FlagType::text, "TIME", "",
     "As of 2026-11-21T14:05:00Z, 14:05 (UTC) or -15m, from what was kept; with FILE"},
    {"since", FlagType::text, "TIME", "",
     "A row per --step from 2h ago, or from such a time, until now; with FILE"},
    {"step", FlagType::text, "SPAN", "",
     "Time from row to row of --since; else 1m, or what makes 180 rows at most"},
    {"all", FlagType::text, "DIR", "",
     "A row per flow of every *.properties in DIR, and in what these drift apart"},
    {"listen", FlagType::text, "HOST:PORT", "",
     "With --all: serves the fleet as a page that updates itself, until Ctrl-C"},
    {"url", FlagType::text, "URL", kUsualUrl, "The running longspan to ask; not with FILE"},
});

// Where snapshots come from: a running process, or the clusters.
class Looks {
 public:
  virtual ~Looks() = default;
  virtual Result<ProcessSnapshot> look() = 0;
  // Commands in a text about a flow, with the names that are known here.
  [[nodiscard]] virtual std::string filled_in(std::string text, const std::string& flow) const = 0;
};

Error no_column(const std::string& name) {
  std::string known;
  for (const LagColumnRow& column : kLagColumnTable) {
    known += (known.empty() ? "" : ", ") + std::string(column.name);
  }
  return {Next::stop_process, 0, "--by " + name + " is no column: there are " + known, ""};
}

class HttpLooks final : public Looks {
 public:
  explicit HttpLooks(std::string url) : url_(std::move(url)) {}
  Result<ProcessSnapshot> look() override {
    const auto body = http_get(url_, "/api/v1/lag");
    if (!body) return body.error();
    return lag_from_json(*body);
  }
  [[nodiscard]] std::string filled_in(std::string text, const std::string&) const override {
    return text;
  }

 private:
  std::string url_;
};

class FileLooks final : public Looks {
 public:
  // `listen`: http.listen of the file.
  FileLooks(std::vector<FlowOfFile> flows, std::string listen) : listen_(std::move(listen)) {
    for (const FlowOfFile& flow : flows) {
      known_[flow.config.name()] = {flow.file, bootstrap_of(flow.config.source),
                                    bootstrap_of(flow.config.target)};
    }
    looks_ = std::make_unique<ClusterLooks>(std::move(flows));
  }

  // A flow that cannot be seen is told on stderr; the others are shown. Fails when none can be.
  Result<ProcessSnapshot> look() override {
    ProcessSnapshot out;
    out.version = LONGSPAN_VERSION;
    out.ready = true;
    std::optional<Error> failure;
    for (SeenFlow& seen : looks_->look()) {
      if (!seen.snapshot) {
        if (failure) report_error("", *failure);
        failure = std::move(seen.trouble);
        failure->what = seen.flow + ": " + failure->what;
        continue;
      }
      out.at = std::max(out.at, seen.snapshot->at);
      out.ready = out.ready && seen.snapshot->running;
      out.flows.push_back(std::move(*seen.snapshot));
    }
    if (failure && out.flows.empty()) return *failure;
    if (failure) code_ = report_error("", *failure);
    add_knowledge_of_process(listen_, out.flows);
    return out;
  }
  [[nodiscard]] std::string filled_in(std::string text, const std::string& flow) const override {
    const auto found = known_.find(flow);
    if (found == known_.end()) return text;
    const auto& [file, source, target] = found->second;
    text = with_value(text, "--bootstrap-server", "SOURCE", source);
    return with_file(with_value(text, "--bootstrap-server", "TARGET", target), file);
  }
  // Of the flows that could not be seen.
  [[nodiscard]] int code() const { return code_; }

 private:
  struct Known {
    std::string file;
    std::string source;
    std::string target;
  };
  static std::string bootstrap_of(const ClusterConfig& cluster) {
    for (const auto& [name, value] : cluster.common) {
      if (name == "bootstrap.servers") return value;
    }
    return {};
  }

  std::map<std::string, Known> known_;
  std::unique_ptr<ClusterLooks> looks_;
  const std::string listen_;
  int code_ = kExitFine;
};

// What is asked for of the rows, checked before anything is looked at.
struct RowsWanted {
  LagScreenSettings screen;
  std::vector<LagCondition> conditions;
};

Result<RowsWanted> rows_wanted(const CommandLine& line) {
  RowsWanted out;
  if (line.has("partitions") && line.has("groups")) {
    return fail(Next::stop_process, "give either --partitions or --groups");
  }
  if (line.has("json") && (line.has("csv") || line.has("hops") || line.has("top"))) {
    return fail(Next::stop_process, "--json is whole: leave out --csv, --hops and --top");
  }
  if (line.has("partitions") || line.has("partition")) out.screen.rows = LagRowsBy::partition;
  if (line.has("groups")) out.screen.rows = LagRowsBy::group;
  if (const auto top = line.number("top")) out.screen.top = static_cast<std::size_t>(*top);
  if (const std::string by = line.text("by"); !by.empty()) {
    out.screen.by = lag_column_named(by);
    if (!out.screen.by) return no_column(by);
  }
  for (const std::string& text : line.list("fail-if")) {
    auto condition = parse_lag_condition(text);
    if (!condition) return condition.error();
    out.conditions.push_back(std::move(*condition));
  }
  return out;
}

Result<ProcessSnapshot> asked_for(const CommandLine& line, Looks& looks) {
  auto snapshot = looks.look();
  if (!snapshot) return snapshot;
  if (auto kept = keep_flow(*snapshot, line.text("flow")); !kept) return kept.error();
  if (auto kept = keep_topic(*snapshot, line.text("topic")); !kept) return kept.error();
  if (auto kept = keep_group(*snapshot, line.text("group")); !kept) return kept.error();
  if (const auto partition = line.number("partition")) {
    auto kept = keep_partition(*snapshot, static_cast<std::int32_t>(*partition));
    if (!kept) return kept.error();
  }
  return snapshot;
}

std::vector<LagRow> rows_of(const RowsWanted& wanted, const ProcessSnapshot& snapshot) {
  std::vector<LagRow> rows;
  for (const auto& flow : snapshot.flows) {
    for (auto& row : lag_rows(flow, wanted.screen.rows)) rows.push_back(std::move(row));
  }
  return rows;
}

std::string csv_of(const RowsWanted& wanted, const ProcessSnapshot& snapshot) {
  std::vector<LagRow> rows = rows_of(wanted, snapshot);
  sort_rows(rows, wanted.screen.by);
  if (wanted.screen.top && rows.size() > *wanted.screen.top) rows.resize(*wanted.screen.top);
  return lag_csv(rows);
}

std::string rendered(const CommandLine& line, const RowsWanted& wanted, const Looks& looks,
                     const ProcessSnapshot& snapshot) {
  if (line.has("json")) return lag_json(snapshot) + "\n";
  if (line.has("csv")) return csv_of(wanted, snapshot);
  std::string out;
  for (const auto& flow : snapshot.flows) {
    const auto style = stdout_style();
    out += (out.empty() ? "" : "\n") +
           (line.has("hops") ? hops_text(flow, style) : lag_screen(flow, wanted.screen, style));
    std::string why = line.has("why") ? why_text(flow, style) : why_line(flow, style);
    out += looks.filled_in(std::move(why), flow.flow);
  }
  return out.empty() ? "no flows\n" : out;
}

int show_once(const CommandLine& line, const RowsWanted& wanted, Looks& looks) {
  const auto snapshot = asked_for(line, looks);
  if (!snapshot) return report_error("", snapshot.error());
  std::fputs(rendered(line, wanted, looks, *snapshot).c_str(), stdout);
  return wanted.conditions.empty() ? kExitFine
                                   : check_rows(wanted.conditions, wanted.screen.rows, *snapshot);
}

// Trouble on the way is shown and the watch goes on; at the first look it ends the command.
int watch(const CommandLine& line, RowsWanted wanted, Looks& looks) {
  auto snapshot = asked_for(line, looks);
  if (!snapshot) return report_error("", snapshot.error());
  LagTrend trend(wanted.screen.by.value_or(LagColumn::lag));
  wanted.screen.trend = &trend;
  Screen screen;
  trend.take(rows_of(wanted, *snapshot));
  std::string shown = rendered(line, wanted, looks, *snapshot);
  screen.show(shown);
  while (screen.wait(std::chrono::seconds(*line.number("interval")))) {
    snapshot = asked_for(line, looks);
    if (snapshot) {
      trend.take(rows_of(wanted, *snapshot));
      shown = rendered(line, wanted, looks, *snapshot);
      screen.show(shown);
    } else {
      screen.show(shown + "\nnot refreshed: " + snapshot.error().text() + "\n");
    }
  }
  return kExitFine;
}

int run_looks(const CommandLine& line, Looks& looks) {
  const auto wanted = rows_wanted(line);
  if (!wanted) return usage_error("lag: " + wanted.error().what);
  if (!line.has("watch")) return show_once(line, *wanted, looks);
  if (line.has("csv") || line.has("fail-if")) {
    return usage_error("lag: --watch is for people: leave out --csv and --fail-if");
  }
  return watch(line, *wanted, looks);
}

}  // namespace

const CommandRow kLagCommand{
    .name = "lag",
    .arguments = "[FILE]",
    .arguments_max = 1,
    .summary = "How far behind every topic and partition is, and for how long",
    .details =
        "Without FILE a running longspan is asked over HTTP. With the flows' FILE the clusters\n"
        "themselves are, so it also works while nothing runs, and says since when.\n"
        "A row a topic: how late it is up to the target, and up to its slowest sink (low..high,\n"
        "of the last minutes). The last line says why a flow is late, as far as is known there,\n"
        "and what to do; a running process knows most: with FILE, too, it is asked, at\n"
        "http.listen. --why says all, and what each rests on: longspan causes.\n"
        "--fail-if also fails on what is not known; for p99 and e2e-p99 what waits is as late as\n"
        "the oldest record that waits. Columns of --by, --fail-if and --csv: lag, head-age, rate,\n"
        "catch-up, bytes, mirror-p99, p50, p99 (commit to target), e2e-p50, e2e-p99 (to sink).\n"
        "--at and --since show what processes wrote into the flow's marks topic in the last 7 "
        "days:\n"
        "positions, records, the time from commit to target as an interval, low..high, and why\n"
        "the flow was late then; of many causes the gravest, with --why all.",
    .flags = kFlags,
    .run = lag_command,
};

int lag_command(const CommandLine& line) {
  if (line.has("all")) return lag_fleet(line);
  if (line.has("listen")) return usage_error("lag: --listen is for --all DIR");
  if (line.has("step") && !line.has("since")) return usage_error("lag: --step is for --since");
  if (line.arguments().empty()) {
    if (asks_for_history(line)) return usage_error("lag: --at and --since need FILE");
    HttpLooks looks(line.text("url"));
    return run_looks(line, looks);
  }
  if (line.has("url")) return usage_error("lag: give either FILE or --url");
  const LoadedConfig loaded = load_config(line.argument(0));
  if (const int code = refuse_if_wrong(loaded); code != kExitFine) return code;
  auto flows = choose_flows(loaded.flows, line.text("flow"));
  if (!flows) return report_error("", flows.error());
  if (asks_for_history(line)) return lag_history(line, *flows);
  std::vector<FlowOfFile> of_file;
  for (FlowConfig& flow : *flows) of_file.push_back({line.argument(0), std::move(flow)});
  FileLooks looks(std::move(of_file), loaded.process.http_listen);
  const int code = run_looks(line, looks);
  return code == kExitFine ? looks.code() : code;
}

}  // namespace longspan
