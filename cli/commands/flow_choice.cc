#include "cli/commands/flow_choice.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "lagcalc/printable.h"

namespace longspan {

namespace {

Unexpected<Error> wrong(std::string what) { return fail(Next::stop_process, std::move(what)); }

// "there is no topic ordes, did you mean orders?"
Unexpected<Error> unknown(const std::string& kind, const std::string& name,
                          const std::set<std::string>& known) {
  const auto cut = std::find_if(known.begin(), known.end(), [&](const auto& candidate) {
    return kind == "flow" && name.ends_with('-') && candidate.starts_with(name + ">");
  });
  if (cut != known.end()) {
    return wrong("no flow " + name + "; a shell takes > for a redirection, so quote the name: '" +
                 *cut + "'");
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const auto near = nearest(name, candidates);
  if (!near.empty()) return wrong("no " + kind + " " + name + ", did you mean " + near + "?");
  std::string all;
  constexpr std::size_t kNamed = 5;
  for (const auto& candidate : known) {
    if (known.size() > kNamed) break;
    all += (all.empty() ? "" : ", ") + candidate;
  }
  return wrong("no " + kind + " " + name + (all.empty() ? "" : "; there is " + all));
}

// The partitions of the target that the flow writes.
std::set<TopicPartition> copies_of(const FlowState& state) {
  std::set<TopicPartition> out;
  for (const auto& slot : state.slots) {
    for (const auto& [identity, entry] : slot.partitions()) {
      out.insert({entry.position.target_topic, identity.source.partition});
    }
  }
  return out;
}

Result<void> check_among(const std::set<TopicPartition>& known, const TopicPartition& partition) {
  if (known.contains(partition)) return {};
  std::set<std::string> topics;
  for (const auto& each : known) topics.insert(each.topic);
  if (auto found = check_name("topic", partition.topic, topics); !found) return found;
  const auto count = std::count_if(known.begin(), known.end(),
                                   [&](const auto& each) { return each.topic == partition.topic; });
  return wrong("no partition " + partition.text() + "; the flow mirrors " + std::to_string(count) +
               (count == 1 ? " partition of " : " partitions of ") + partition.topic);
}

std::set<std::string> names_of(const std::vector<FlowConfig>& flows) {
  std::set<std::string> names;
  for (const auto& flow : flows) names.insert(flow.name());
  return names;
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (value < 0 || value > max) return std::nullopt;
  return value;
}

Result<void> check_name(const std::string& kind, const std::string& name,
                        const std::set<std::string>& known) {
  if (known.contains(name)) return {};
  return unknown(kind, name, known);
}

Result<std::vector<FlowConfig>> choose_flows(const std::vector<FlowConfig>& flows,
                                             const std::string& name) {
  if (name.empty()) return flows;
  for (const auto& flow : flows) {
    if (flow.name() == name) return std::vector<FlowConfig>{flow};
  }
  return unknown("flow", name, names_of(flows));
}

Result<FlowConfig> choose_flow(const std::vector<FlowConfig>& flows, const std::string& name) {
  if (name.empty() && flows.size() > 1) {
    std::string all;
    for (const auto& flow : flows) all += (all.empty() ? "'" : ", '") + flow.name() + "'";
    return wrong("the file has several flows; name one with --flow, in quotes: " + all);
  }
  const auto chosen = choose_flows(flows, name);
  if (!chosen) return chosen.error();
  if (chosen->empty()) return wrong("the file has no enabled flow");
  return chosen->front();
}

Result<void> keep_flow(ProcessSnapshot& snapshot, const std::string& flow) {
  if (flow.empty()) return {};
  std::set<std::string> known;
  for (const auto& each : snapshot.flows) known.insert(each.flow);
  std::erase_if(snapshot.flows, [&](const auto& each) { return each.flow != flow; });
  if (snapshot.flows.empty()) return unknown("flow", flow, known);
  return {};
}

Result<void> keep_topic(ProcessSnapshot& snapshot, const std::string& topic) {
  if (topic.empty()) return {};
  std::set<std::string> known;
  for (auto& flow : snapshot.flows) {
    for (const auto& partition : flow.partitions) known.insert(partition.source.topic);
    for (const auto& each : flow.topics) known.insert(each.source);
    std::erase_if(flow.partitions, [&](const auto& p) { return p.source.topic != topic; });
    std::erase_if(flow.topics, [&](const auto& t) { return t.source != topic; });
    std::erase_if(flow.groups, [&](const auto& g) { return g.topic != topic; });
  }
  return check_name("topic", topic, known);
}

Result<void> keep_group(ProcessSnapshot& snapshot, const std::string& group) {
  if (group.empty()) return {};
  std::set<std::string> known;
  for (auto& flow : snapshot.flows) {
    std::set<std::string> topics;
    for (const auto& each : flow.groups) {
      known.insert(each.group);
      if (each.group == group) topics.insert(each.topic);
    }
    std::erase_if(flow.groups, [&](const auto& g) { return g.group != group; });
    std::erase_if(flow.slos, [&](const auto& s) { return !s.group.empty() && s.group != group; });
    std::erase_if(flow.partitions, [&](const auto& p) { return !topics.contains(p.source.topic); });
    std::erase_if(flow.topics, [&](const auto& t) { return !topics.contains(t.source); });
  }
  return check_name("group", group, known);
}

Result<void> keep_partition(ProcessSnapshot& snapshot, std::int32_t partition) {
  bool is_there = false;
  for (auto& flow : snapshot.flows) {
    std::erase_if(flow.partitions, [&](const auto& p) { return p.source.partition != partition; });
    is_there = is_there || !flow.partitions.empty();
  }
  if (is_there) return {};
  return fail(Next::stop_process, "no partition " + std::to_string(partition));
}

std::set<TopicPartition> partitions_of(const FlowState& state) {
  std::set<TopicPartition> out;
  for (const auto& slot : state.slots) {
    for (const auto& [identity, entry] : slot.partitions()) out.insert(identity.source);
  }
  return out;
}

Result<void> check_topic(const FlowState& state, const std::string& topic) {
  std::set<std::string> known;
  for (const auto& partition : partitions_of(state)) known.insert(partition.topic);
  return check_name("topic", topic, known);
}

Result<void> check_partition(const FlowState& state, const TopicPartition& partition) {
  return check_among(partitions_of(state), partition);
}

Result<void> check_copy(const FlowState& state, const TopicPartition& copy) {
  return check_among(copies_of(state), copy);
}

Result<TopicPartition> parse_partition(std::string_view text) {
  const auto colon = text.rfind(':');
  constexpr std::int64_t kMost = 1'000'000;
  if (colon != std::string_view::npos && colon > 0) {
    const auto number = parse_count(text.substr(colon + 1), kMost);
    if (number) {
      return TopicPartition{std::string(text.substr(0, colon)), static_cast<std::int32_t>(*number)};
    }
  }
  return wrong(std::string(text) + " is not TOPIC:PARTITION, as in orders:3");
}

Result<PositionArgument> parse_position(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    const auto partition = parse_partition(text.substr(0, colon));
    const auto offset = parse_count(text.substr(colon + 1), INT64_MAX);
    if (partition && offset) return PositionArgument{*partition, {*offset}};
  }
  return wrong(std::string(text) + " is not TOPIC:PARTITION:OFFSET, as in orders:3:1000");
}

int refuse_if_wrong(const LoadedConfig& loaded) {
  return loaded.errors.empty() ? kExitFine : report(loaded);
}

int exit_code_of(const Error& error) {
  constexpr int kUnknownTopic = 3;
  if (error.next == Next::retry || error.next == Next::rebuild_client) return kExitUnreachable;
  const bool is_kafka = error.kafka_code != 0 && error.kafka_code != kUnknownTopic;
  return is_kafka ? kExitUnreachable : kExitUsage;
}

int report_error(const std::string& flow, const Error& error) {
  const auto text = printable_lines(error.text());
  std::fprintf(stderr, "longspan: %s%s\n", flow.empty() ? "" : (flow + ": ").c_str(), text.c_str());
  return exit_code_of(error);
}

}  // namespace longspan
