#include "mirror/shard_gate.h"

#include <algorithm>
#include <variant>

namespace longspan {

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
  const Headers headers = first.headers();
  framing.has_header = std::any_of(kRecordParts.begin(), kRecordParts.end(), [&](RecordPart part) {
    return mark_of(part, headers, {}).has_value();
  });
}

bool ShardGate::is_over(std::int32_t id, Clock::time_point now, Bound bound) {
  const auto state = state_of(id);
  if (state == IdState::known || state == IdState::foreign) return true;
  gate_.ask(id);  // its table may have begun anew
  return is_late(id, now, bound);
}

// With a registry silent every id would have its own wait: it has that of the silence.
bool ShardGate::is_late(std::int32_t id, Clock::time_point now, Bound bound) {
  if (bound == Bound::max()) return false;
  if (state_of(id) == IdState::unknown) {
    const auto silent_since = gate_.silent_since();
    if (silent_since && now - *silent_since >= bound) return true;
  }
  return now - awaited_since_.try_emplace(id, now).first->second >= bound;
}

IdState ShardGate::state_of(std::int32_t id) const {
  const auto found = ids_->find(id);
  return found == ids_->end() ? IdState::unknown : found->second;
}

ShardGate::Verdict ShardGate::look(Seat& seat, const Record& record, Clock::time_point now,
                                   Bound bound) {
  Topic& topic = *seat.topic;
  const Headers headers = topic.framing.has_header ? record.headers() : Headers{};
  Verdict out = Verdict::goes;
  for (const RecordPart part : kRecordParts) {
    const auto& bytes = part == RecordPart::key ? record.key : record.value;
    const auto mark = mark_of(part, headers, bytes.value_or(std::string_view{}));
    if (!mark) continue;
    out =
        std::max(out, judge(topic, topic.parts[static_cast<std::size_t>(part)], *mark, now, bound));
    if (out != Verdict::waits) continue;
    seat.wait = std::get<std::int32_t>(mark->which);
    break;
  }
  return out;
}

ShardGate::Verdict ShardGate::judge(Topic& topic, Part& part, const SchemaMark& mark,
                                    Clock::time_point now, Bound bound) {
  if (std::holds_alternative<SchemaGuid>(mark.which)) {
    topic.framing.has_guid_prefix = topic.framing.has_guid_prefix || !mark.is_in_header;
    return Verdict::goes;
  }
  const auto id = std::get<std::int32_t>(mark.which);
  switch (state_of(id)) {
    case IdState::known:
      if (part.passed[place_of(id)] != id) pass(topic, part, id);
      topic.framing.has_id_prefix = topic.framing.has_id_prefix || !mark.is_in_header;
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

void ShardGate::pass(Topic& topic, Part& part, std::int32_t id) {
  if (part.known.size() < TopicFraming::kIdsMax) part.known.insert(id);
  if (topic.framing.ids.size() < TopicFraming::kIdsMax) topic.framing.ids.insert(id);
  part.passed[place_of(id)] = id;
}

}  // namespace longspan
