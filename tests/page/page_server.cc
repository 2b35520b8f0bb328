// The status page of a process whose figures are known. page_server [PORT]: prints its URL, and
// serves until its input ends. A line is the scene that it shows from then on:
//   rich      two flows; every member has a value, partitions stand still, a flow does not run
//   hostile   the same, with HTML in every text
//   large     10 000 partitions of 1000 topics
//   nothing   no flow

#include <array>
#include <iostream>
#include <mutex>
#include <string>

#include "cli/http/http_server.h"
#include "tests/unit/cli/views/rich_figures.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

constexpr const char* kHostile =
    R"(<img src=x onerror="window.harmed=1">'"><script>window.harmed=1</script>&lt;b&gt;)";

std::string hostile(const std::string& text) { return text + kHostile; }

ProcessSnapshot hostile_snapshot() {
  ProcessSnapshot out = rich_snapshot();
  out.version = hostile(out.version);
  for (FlowSnapshot& flow : out.flows) {
    flow.flow = hostile(flow.flow);
    flow.source_trouble = hostile("source");
    flow.schema_trouble = hostile("schemas");
    for (auto& each : flow.partitions) {
      for (std::string* text : {&each.source.topic, &each.target_topic, &each.reason}) {
        *text = hostile(*text);
      }
    }
    for (auto& each : flow.topics) {
      each.source = hostile(each.source);
      if (!each.reason.empty()) each.reason = hostile(each.reason);
    }
    for (auto& each : flow.groups) {
      each.group = hostile(each.group);
      each.topic = hostile(each.topic);
    }
    for (auto& each : flow.slos) each.objective = each.group = hostile("orders:p99<2s");
    for (auto& each : flow.clocks) each.clock = each.trouble = hostile(each.clock);
    for (auto& each : flow.slots) {
      if (each.owner) each.owner->process = hostile(each.owner->process);
    }
    if (!flow.why) continue;
    for (auto& each : flow.why->found) {
      each.what = hostile(each.what);
      each.scope.name = hostile("orders");
      each.evidence.push_back({hostile("name"), hostile("value")});
    }
  }
  return out;
}

ProcessSnapshot large_snapshot() {
  constexpr std::array<int, 2> kSize{1'000, 10};
  constexpr int kFigures = 30;
  ProcessSnapshot out = rich_snapshot();
  out.flows.resize(1);
  FlowSnapshot& flow = out.flows.front();
  flow.partitions.clear();
  flow.topics.clear();
  for (int i = 0; i < kSize[0]; ++i) {
    TopicSnapshot topic = rich_topic();
    topic.source = "shop.table-" + std::to_string(i);
    topic.target = "east." + topic.source;
    for (auto& hop : topic.recent_hops->hops) {  // figures of its own
      for (int n = 1; n < kFigures; ++n) {
        hop.point.record(0.001 * (i + n * n));
        hop.low.record(0.0007 * (i + n * n));
        hop.high.record(0.0013 * (i + n * n));
      }
    }
    for (int n = 0; n < kSize[1]; ++n) {
      PartitionSnapshot partition = known_partition();
      partition.source = {topic.source, n};
      partition.reason.clear();
      partition.offset_lag = Records{i * 37 + n};
      partition.head_age_ms = i * 91 + n;
      partition.records_per_second = i / 7.0;
      flow.partitions.push_back(std::move(partition));
    }
    flow.topics.push_back(std::move(topic));
  }
  return out;
}

class Shown {
 public:
  [[nodiscard]] ProcessSnapshot get() const {
    const std::lock_guard lock(mutex_);
    return shown_;
  }
  // A name that is not known shows nothing.
  void show(const std::string& scene) {
    ProcessSnapshot next = scene == "rich"      ? rich_snapshot()
                           : scene == "hostile" ? hostile_snapshot()
                           : scene == "large"   ? large_snapshot()
                                                : ProcessSnapshot{};
    const std::lock_guard lock(mutex_);
    is_hostile_ = scene == "hostile";
    shown_ = std::move(next);
  }
  [[nodiscard]] std::vector<ShownEvent> events() const {
    const std::lock_guard lock(mutex_);
    Event event;
    event.kind = EventKind::partition_parked;
    event.at = shown_.at;
    event.text = "it cannot go on";
    if (is_hostile_) event.text = hostile(event.text);
    std::vector<ShownEvent> out;
    for (const auto& flow : shown_.flows) {
      for (const auto& partition : flow.partitions) {
        if (partition.state != PartitionState::parked) continue;
        event.partition = partition.source;
        out.push_back({flow.flow, partition.slot, event});
      }
    }
    return out;
  }

 private:
  mutable std::mutex mutex_;
  ProcessSnapshot shown_ = rich_snapshot();
  bool is_hostile_ = false;
};

int serve(const std::string& port) {
  Shown shown;
  HttpViews views;
  views.snapshot = [&shown] { return shown.get(); };
  views.events = [&shown] { return shown.events(); };
  views.figures = rich_figures;
  views.config = [] { return std::string("flow east->west\n  topics  ") + kHostile + "\n"; };
  const auto server = HttpServer::start("127.0.0.1:" + port, views);
  if (!server) {
    std::cerr << server.error().text() << '\n';
    return 1;
  }
  std::cout << (*server)->url() << std::endl;
  for (std::string line; std::getline(std::cin, line);) shown.show(line);
  return 0;
}

}  // namespace
}  // namespace longspan

int main(int count, char** words) { return longspan::serve(count > 1 ? words[1] : "0"); }
