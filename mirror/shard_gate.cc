#include "mirror/shard_gate.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace longspan {
namespace {

void note_prefix(TopicFraming& framing, const SchemaWhich& which) {
  const bool is_id = std::holds_alternative<std::int32_t>(which);
  (is_id ? framing.has_id_prefix : framing.has_guid_prefix) = true;
}

}  // namespace

bool ShardGate::refresh() {
  const auto now = gate_.generation();
  if (now == generation_) return false;
  generation_ = now;
  ids_ = gate_.table();
  const bool did_lack = std::exchange(lacks_guids_, gate_.lacks_guids());
  for (auto& [name, topic] : topics_) {
    for (auto& part : topic.parts) {
      const auto is_forgotten = [this](const auto& which) {
        return state_of(which) != IdState::foreign;
      };
      if (std::erase_if(part.foreign, is_forgotten) > 0) part.is_plain = false;
      if (did_lack && !lacks_guids_) part.passed_guids = {};  // nobody had asked for them
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

bool ShardGate::is_over(const SchemaWhich& which, Clock::time_point now, Bound bound) {
  const auto state = state_of(which);
  if (state == IdState::known || state == IdState::foreign) return true;
  if (is_beyond_telling(which)) return true;
  gate_.ask(which);  // its table may have begun anew
  return is_late(which, now, bound);
}

// With a registry silent every id would have its own wait: it has that of the silence.
bool ShardGate::is_late(const SchemaWhich& which, Clock::time_point now, Bound bound) {
  if (bound == Bound::max()) return false;
  if (state_of(which) == IdState::unknown) {
    const auto silent_since = gate_.silent_since();
    if (silent_since && now - *silent_since >= bound) return true;
  }
  return now - awaited_since_.try_emplace(which, now).first->second >= bound;
}

IdState ShardGate::state_of(const SchemaWhich& which) const {
  const auto found = ids_->find(which);
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
    seat.wait = mark->which;
    break;
  }
  return out;
}

ShardGate::Verdict ShardGate::judge(Topic& topic, Part& part, const SchemaMark& mark,
                                    Clock::time_point now, Bound bound) {
  const auto& which = mark.which;
  if (is_beyond_telling(which)) {
    if (!mark.is_in_header) note_prefix(topic.framing, which);
    put(part, which);
    return Verdict::goes;
  }
  switch (state_of(which)) {
    case IdState::known:
      if (!has_passed(part, which)) pass(topic, part, which);
      if (!mark.is_in_header) note_prefix(topic.framing, which);
      return Verdict::goes;
    case IdState::foreign:
      if (part.is_plain) return Verdict::goes;
      part.foreign.insert(which);
      part.is_plain = part.foreign.size() >= kForeignMax * (1 + part.known.size());
      return Verdict::goes;
    case IdState::unknown:
      if (part.is_plain) return Verdict::goes;
      gate_.ask(which);
      break;
    case IdState::awaited:
      break;
  }
  return is_late(which, now, bound) ? Verdict::goes_unknown : Verdict::waits;
}

bool ShardGate::has_passed(const Part& part, const SchemaWhich& which) {
  if (const auto* id = std::get_if<std::int32_t>(&which)) return part.passed[place_of(*id)] == *id;
  const auto& guid = std::get<SchemaGuid>(which);
  return part.passed_guids[guid.bytes[0] % kPassedGuidsMax] == guid;
}

void ShardGate::put(Part& part, const SchemaWhich& which) {
  if (const auto* id = std::get_if<std::int32_t>(&which)) {
    part.passed[place_of(*id)] = *id;
  } else {
    const auto& guid = std::get<SchemaGuid>(which);
    part.passed_guids[guid.bytes[0] % kPassedGuidsMax] = guid;
  }
}

void ShardGate::pass(Topic& topic, Part& part, const SchemaWhich& which) {
  if (part.known.size() < TopicFraming::kIdsMax) part.known.insert(which);
  const auto* id = std::get_if<std::int32_t>(&which);
  if (id != nullptr && topic.framing.ids.size() < TopicFraming::kIdsMax) {
    topic.framing.ids.insert(*id);
  }
  put(part, which);
}

}  // namespace longspan
