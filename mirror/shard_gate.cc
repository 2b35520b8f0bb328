#include "mirror/shard_gate.h"

#include <algorithm>
#include <variant>
#include <vector>

namespace longspan {
namespace {

// What the headers say; of several of one name the last counts.
std::vector<SchemaMark> marks_in_headers(const Record& record) {
  std::optional<SchemaMark> key;
  std::optional<SchemaMark> value;
  for (const auto& header : record.headers()) {
    if (header.name != kKeySchemaHeader && header.name != kValueSchemaHeader) continue;
    auto& mark = header.name == kKeySchemaHeader ? key : value;
    mark = header.value ? read_schema_header(*header.value) : std::nullopt;
  }
  std::vector<SchemaMark> out;
  if (key) out.push_back(*key);
  if (value) out.push_back(*value);
  return out;
}

}  // namespace

bool ShardGate::refresh() {
  const auto now = gate_.generation();
  if (now == generation_) return false;
  generation_ = now;
  ids_ = gate_.table();
  for (auto& [name, topic] : topics_) {
    for (auto& part : topic.parts) {
      const auto is_forgotten = [this](auto id) { return state_of(id) != IdState::foreign; };
      if (std::erase_if(part.foreign, is_forgotten) > 0) part.is_plain = false;
    }
  }
  std::erase_if(awaited_since_, [this](const auto& each) {
    const auto state = state_of(each.first);
    return state == IdState::known || state == IdState::foreign;
  });
  return true;
}

void ShardGate::sit_down(Seat& seat, const std::string& topic, const Record& first) {
  if (seat.topic == nullptr) seat.topic = &topics_[topic];
  TopicFraming& framing = seat.topic->framing;
  if (framing.has_header || !first.has_headers()) return;
  framing.has_header = !marks_in_headers(first).empty();
}

bool ShardGate::is_over(std::int32_t id, Clock::time_point now, Bound bound) {
  const auto state = state_of(id);
  if (state == IdState::known || state == IdState::foreign) return true;
  gate_.ask(id);  // its table may have begun anew
  return is_late(id, now, bound);
}

bool ShardGate::is_late(std::int32_t id, Clock::time_point now, Bound bound) {
  const auto since = awaited_since_.try_emplace(id, now).first->second;
  return bound != Bound::max() && now - since >= bound;
}

IdState ShardGate::state_of(std::int32_t id) const {
  const auto found = ids_->find(id);
  return found == ids_->end() ? IdState::unknown : found->second;
}

ShardGate::Verdict ShardGate::look(Seat& seat, const Record& record, Clock::time_point now,
                                   Bound bound) {
  Topic& topic = *seat.topic;
  Verdict out = Verdict::goes;
  // True: the target's registry knows it.
  const auto take = [&](std::size_t part, const SchemaMark& mark) {
    if (out == Verdict::waits) return false;
    if (std::holds_alternative<SchemaGuid>(mark.which)) {
      topic.framing.has_guid_prefix = topic.framing.has_guid_prefix || !mark.is_in_header;
      return false;
    }
    const auto id = std::get<std::int32_t>(mark.which);
    const auto verdict = judge(topic, topic.parts[part], id, now, bound);
    out = std::max(out, verdict);
    if (verdict == Verdict::waits) seat.wait = id;
    if (verdict != Verdict::goes || state_of(id) != IdState::known) return false;
    topic.framing.has_id_prefix = topic.framing.has_id_prefix || !mark.is_in_header;
    return true;
  };
  const std::array parts{record.key, record.value};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto mark = parts[i] ? read_schema_prefix(*parts[i]) : std::nullopt;
    if (mark && take(i, *mark)) seat.passed[i] = std::get<std::int32_t>(mark->which);
  }
  if (topic.framing.has_header) {
    for (const auto& mark : marks_in_headers(record)) take(parts.size(), mark);
  }
  return out;
}

ShardGate::Verdict ShardGate::judge(Topic& topic, Part& part, std::int32_t id,
                                    Clock::time_point now, Bound bound) {
  switch (state_of(id)) {
    case IdState::known:
      if (part.known.size() < TopicFraming::kIdsMax) part.known.insert(id);
      if (topic.framing.ids.size() < TopicFraming::kIdsMax) topic.framing.ids.insert(id);
      return Verdict::goes;
    case IdState::foreign:
      if (part.is_plain) return Verdict::goes;
      part.foreign.insert(id);
      part.is_plain = part.foreign.size() >= kForeignMax * (1 + part.known.size());
      return Verdict::goes;
    case IdState::unknown:
      if (part.is_plain) return Verdict::goes;
      gate_.ask(id);
      break;
    case IdState::awaited:
      break;
  }
  return is_late(id, now, bound) ? Verdict::goes_unknown : Verdict::waits;
}

}  // namespace longspan
