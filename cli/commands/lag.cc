#include "cli/commands/lag.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "cli/commands/flow_choice.h"
#include "cli/commands/flow_view.h"
#include "cli/commands/http_get.h"
#include "cli/commands/lag_history.h"
#include "cli/config/load.h"
#include "cli/exit_code.h"
#include "cli/views/file_text.h"
#include "cli/views/lag_json.h"
#include "cli/views/lag_parse.h"
#include "cli/views/lag_table.h"
#include "cli/views/terminal.h"
#include "cli/views/why_text.h"

namespace longspan {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {"json", FlagType::toggle, "", "", "Prints JSON, as /api/v1/lag answers it"},
    {"flow", FlagType::text, "A->B", "", "Only this flow"},
    {"topic", FlagType::text, "TOPIC", "", "Only this source topic"},
    {"partitions", FlagType::toggle, "", "", "A row per partition, however many there are"},
    {"why", FlagType::toggle, "", "", "Every cause of a lag that is found, with its evidence"},
    {"watch", FlagType::toggle, "", "", "Redraws in place until q or Ctrl-C"},
    {"interval", FlagType::number, "SECONDS", "2", "Time between two looks of --watch", 1, 3600},
    {"at", FlagType::text, "TIME", "",
     "As of 2026-11-21T14:05:00Z, 14:05 (UTC) or -15m, from what was kept; with FILE"},
    {"since", FlagType::text, "TIME", "",
     "A row per --step from 2h ago, or from such a time, until now; with FILE"},
    {"step", FlagType::text, "SPAN", "1m", "Time from row to row of --since"},
    {"url", FlagType::text, "URL", kUsualUrl, "The running longspan to ask; not with FILE"},
});

// Where snapshots come from: a running process, or the clusters.
class Looks {
 public:
  virtual ~Looks() = default;
  virtual Result<ProcessSnapshot> look() = 0;
};

class HttpLooks final : public Looks {
 public:
  explicit HttpLooks(std::string url) : url_(std::move(url)) {}
  Result<ProcessSnapshot> look() override {
    const auto body = http_get(url_, "/api/v1/lag");
    if (!body) return body.error();
    return lag_from_json(*body);
  }

 private:
  std::string url_;
};

class ClusterLooks final : public Looks {
 public:
  ClusterLooks(std::string file, std::vector<FlowConfig> flows)
      : file_(std::move(file)), flows_(std::move(flows)) {}

  // A flow that cannot be seen is told on stderr; the others are shown. Fails when none can be.
  Result<ProcessSnapshot> look() override {
    ProcessSnapshot out;
    out.version = LONGSPAN_VERSION;
    out.ready = true;
    std::optional<Error> failure;
    for (const auto& flow : flows_) {
      auto snapshot = look_at(flow);
      if (!snapshot) {
        if (failure) report_error("", *failure);
        failure = snapshot.error();
        failure->what = flow.name() + ": " + failure->what;
        continue;
      }
      out.at = std::max(out.at, snapshot->at);
      out.ready = out.ready && snapshot->running;
      out.flows.push_back(std::move(*snapshot));
    }
    if (failure && out.flows.empty()) return *failure;
    if (failure) code_ = report_error("", *failure);
    return out;
  }
  // Of the flows that could not be seen.
  [[nodiscard]] int code() const { return code_; }

 private:
  Result<FlowSnapshot> look_at(const FlowConfig& flow) {
    auto& view = views_[flow.name()];
    if (view == nullptr) {
      auto opened = FlowView::open(flow);
      if (!opened) return opened.error();
      view = std::move(*opened);
    } else if (auto read = view->refresh(); !read) {
      return read.error();
    }
    auto snapshot = view->snapshot();
    for (auto& partition : snapshot.partitions) {
      partition.reason = with_file(std::move(partition.reason), file_);
    }
    for (auto& topic : snapshot.topics) topic.reason = with_file(std::move(topic.reason), file_);
    if (auto& trouble = snapshot.schema_trouble) trouble = with_file(std::move(*trouble), file_);
    return snapshot;
  }

  std::string file_;
  std::vector<FlowConfig> flows_;
  std::map<std::string, std::unique_ptr<FlowView>> views_;
  int code_ = kExitFine;
};

Result<ProcessSnapshot> asked_for(const CommandLine& line, Looks& looks) {
  auto snapshot = looks.look();
  if (!snapshot) return snapshot;
  if (auto kept = keep_flow(*snapshot, line.text("flow")); !kept) return kept.error();
  if (auto kept = keep_topic(*snapshot, line.text("topic")); !kept) return kept.error();
  return snapshot;
}

std::string rendered(const CommandLine& line, const ProcessSnapshot& snapshot) {
  if (line.has("json")) return lag_json(snapshot) + "\n";
  const auto rows = line.has("partitions") ? LagRows::partitions : LagRows::fitting;
  std::string out;
  for (const auto& flow : snapshot.flows) {
    out += (out.empty() ? "" : "\n") + lag_table(flow, rows, stdout_style());
    std::string why =
        line.has("why") ? why_text(flow, stdout_style()) : why_line(flow, stdout_style());
    out += line.arguments().empty() ? why : with_file(std::move(why), line.argument(0));
  }
  return out.empty() ? "no flows\n" : out;
}

int show_once(const CommandLine& line, Looks& looks) {
  const auto snapshot = asked_for(line, looks);
  if (!snapshot) return report_error("", snapshot.error());
  std::fputs(rendered(line, *snapshot).c_str(), stdout);
  return kExitFine;
}

// Trouble on the way is shown and the watch goes on; at the first look it ends the command.
int watch(const CommandLine& line, Looks& looks) {
  auto snapshot = asked_for(line, looks);
  if (!snapshot) return report_error("", snapshot.error());
  Screen screen;
  std::string shown = rendered(line, *snapshot);
  screen.show(shown);
  while (screen.wait(std::chrono::seconds(*line.number("interval")))) {
    snapshot = asked_for(line, looks);
    if (snapshot) {
      shown = rendered(line, *snapshot);
      screen.show(shown);
    } else {
      screen.show(shown + "\nnot refreshed: " + snapshot.error().text() + "\n");
    }
  }
  return kExitFine;
}

int run_looks(const CommandLine& line, Looks& looks) {
  return line.has("watch") ? watch(line, looks) : show_once(line, looks);
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
        "Its last line says why a flow is late, as far as is known there, and what to do; a\n"
        "running process knows most. --why says all, and what each rests on: longspan causes.\n"
        "--at and --since show what processes wrote into the flow's marks topic in the last 7 "
        "days:\n"
        "positions, records, and the time from commit to target as an interval, low..high.",
    .flags = kFlags,
    .run = lag_command,
};

int lag_command(const CommandLine& line) {
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
  ClusterLooks looks(line.argument(0), std::move(*flows));
  const int code = run_looks(line, looks);
  return code == kExitFine ? looks.code() : code;
}

}  // namespace longspan
