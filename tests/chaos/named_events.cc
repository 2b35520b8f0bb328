#include "tests/chaos/named_events.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/mirror_run.h"

namespace longspan::chaos {
namespace {

std::optional<int64_t> optional_number(const nlohmann::json& json, const char* name) {
  if (!json.contains(name)) return std::nullopt;
  return json.at(name).get<int64_t>();
}

NamedEvent event_of(const nlohmann::json& json) {
  return {.slot = json.at("slot").get<int32_t>(),
          .number = json.at("number").get<int64_t>(),
          .kind = json.at("kind").get<std::string>(),
          .at_ms = json.at("at_ms").get<int64_t>(),
          .topic = json.value("topic", ""),
          .partition = json.value("partition", int32_t{-1}),
          .from = optional_number(json, "from_offset"),
          .to = optional_number(json, "to_offset"),
          .text = json.value("text", "")};
}

std::string shown(const std::optional<int64_t>& offset) {
  return offset ? std::to_string(*offset) : "?";
}

std::string line_of(const NamedEvent& event) {
  std::string line =
      std::to_string(event.at_ms) + " slot " + std::to_string(event.slot) + " " + event.kind;
  if (!event.topic.empty()) line += " " + event.topic + ":" + std::to_string(event.partition);
  if (event.from || event.to) line += " [" + shown(event.from) + ", " + shown(event.to) + ")";
  return line + " " + event.text;
}

}  // namespace

const std::set<std::string> kSecondCopyKinds = {"written_twice", "unexpected_target_offset",
                                                "tail_mismatch"};
const std::set<std::string> kLossKinds = {"source_expired", "source_truncated", "topic_recreated"};

NamedEvents::NamedEvents(const std::filesystem::path& properties) {
  const auto answer = harness::ask_json("events", properties);
  for (const auto& event : answer.at("events")) events_.push_back(event_of(event));
}

std::vector<NamedEvent> NamedEvents::of(const std::string& topic,
                                        const std::set<std::string>& kinds) const {
  std::vector<NamedEvent> found;
  std::ranges::copy_if(events_, std::back_inserter(found), [&](const NamedEvent& event) {
    return event.topic == topic && kinds.contains(event.kind);
  });
  return found;
}

std::set<int64_t> NamedEvents::offsets(const std::string& topic, int32_t partition,
                                       const std::set<std::string>& kinds) const {
  std::set<int64_t> named;
  for (const NamedEvent& event : of(topic, kinds)) {
    if (event.partition != partition || !event.from || !event.to) continue;
    for (int64_t offset = *event.from; offset < *event.to; ++offset) named.insert(offset);
  }
  return named;
}

std::map<std::string, size_t> NamedEvents::count_by_kind() const {
  std::map<std::string, size_t> counts;
  for (const NamedEvent& event : events_) ++counts[event.kind];
  return counts;
}

std::string NamedEvents::text() const {
  std::string text;
  for (const NamedEvent& event : events_) text += line_of(event) + "\n";
  return text;
}

}  // namespace longspan::chaos
