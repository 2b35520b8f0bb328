#include "cli/commands/lag_process.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/commands/http_get.h"
#include "cli/views/lag_parse.h"
#include "lagcalc/why/diagnose.h"

namespace longspan {
namespace {

// No other process has a slot.
bool is_alone(const FlowSnapshot& flow) {
  std::set<std::string> processes;
  for (const SlotSnapshot& slot : flow.slots) {
    if (slot.owner) processes.insert(slot.owner->process);
  }
  return processes.size() == 1;
}

void take_from(FlowSnapshot& process, FlowSnapshot& flow) {
  flow.groups = std::move(process.groups);
  flow.connectors = std::move(process.connectors);
  flow.slos = std::move(process.slos);
  for (TopicSnapshot& known : process.topics) {
    const auto same = std::find_if(flow.topics.begin(), flow.topics.end(),
                                   [&](const auto& each) { return each.source == known.source; });
    if (same == flow.topics.end()) {
      flow.topics.push_back(std::move(known));
    } else {
      *same = std::move(known);
    }
  }
}

// Since when a transaction is open only who has the partition knows; to the clusters it may be new.
void take_ages(const FlowSnapshot& process, FlowSnapshot& flow) {
  std::map<TopicPartition, std::int64_t> ages;
  for (const PartitionSnapshot& each : process.partitions) {
    if (each.waits.open_transaction_ms) ages[each.source] = *each.waits.open_transaction_ms;
  }
  for (PartitionSnapshot& each : flow.partitions) {
    const auto age = ages.find(each.source);
    if (age != ages.end()) each.waits.open_transaction_ms = age->second;
  }
}

// Another one would not help: there is a process, and it has no slot.
void tell_idle(const std::string& url, Diagnoses& why) {
  for (Diagnosis& each : why.found) {
    if (each.cause != Cause::not_running) continue;
    each.cause = Cause::ownership_moving;
    each.severity = Severity::warning;
    each.what = "no process has a slot of this flow, nor has the one that answers at " + url +
                ": its log says why, longspan lag --url=" + url + " what it knows";
  }
}

}  // namespace

std::string url_of_listener(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = listen.substr(0, colon);
  const std::string port = listen.substr(colon + 1);
  if (port.empty() || port == "0") return {};
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "[::]" || host == "*";
  if (is_any) host = "127.0.0.1";
  return "http://" + host + ":" + port;
}

void add_knowledge_of_process(const std::string& listen, std::vector<FlowSnapshot>& flows) {
  const std::string url = url_of_listener(listen);
  if (url.empty()) return;
  const auto body = http_get(url, "/api/v1/lag", kAskingMax);
  if (!body) return;
  auto process = lag_from_json(*body);
  if (!process) return;
  for (FlowSnapshot& flow : flows) {
    const auto known =
        std::find_if(process->flows.begin(), process->flows.end(),
                     [&](const FlowSnapshot& each) { return each.flow == flow.flow; });
    if (known == process->flows.end() || !known->why || !flow.why) continue;
    if (!flow.running && !known->running) tell_idle(url, *flow.why);
    if (!flow.running || !known->running) continue;
    flow.why = merged(*known->why, *flow.why);
    take_ages(*known, flow);
    if (is_alone(flow)) take_from(*known, flow);
  }
}

}  // namespace longspan
