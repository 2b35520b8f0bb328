#include "mirror/state/slot_state.h"

#include <algorithm>
#include <iterator>

namespace longspan {
namespace {

// Names the key of the value that could not be decoded.
Error at_key(Error error, const StateKey& key) {
  error.where = text(key);
  return error;
}

// The later segment wins from its start on.
void join(OffsetMap& map, const Segment& segment) {
  map.truncate_from(segment.source_start);
  map.append(segment.source_start, segment.target_start, segment.length);
}

void cut_back(OffsetMap& map, const MapCut& cut) {
  map.truncate_from(cut.source);
  map.set_next_target(std::min(map.next_target(), cut.target));
}

bool is_about_target(EventKind kind) {
  return kind == EventKind::unexpected_target_offset || kind == EventKind::tail_mismatch ||
         kind == EventKind::written_twice;
}

void forget_told(std::map<TopicPartition, std::set<std::int64_t>>& told,
                 const TopicPartition& source, std::int64_t number) {
  const auto found = told.find(source);
  if (found == told.end()) return;
  found->second.erase(number);
  if (found->second.empty()) told.erase(found);
}

// What a former owner says of the target after the next one has read the slot: it may have seen
// that one's writes. What it says of the source stays, for its position behind it may count, where
// the next one never wrote one. `events` rise.
void leave_out_late(std::vector<Event>& events) {
  std::int64_t taken = 0;  // by whoever wrote this event or the next owner
  for (std::size_t left = events.size(); left-- > 0;) {
    const auto number = events[left].number;
    if (events[left].kind == EventKind::slot_taken) {
      taken = number;
    } else if (is_about_target(events[left].kind) && number < taken &&
               number >= taken - kEventsLeftToTheDead) {
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(left));
    }
  }
}

}  // namespace

Result<void> SlotState::apply(std::string_view key, std::optional<std::string_view> value) {
  auto decoded = decode_key(key);
  if (!decoded) return decoded.error();
  auto applied = std::visit([&](const auto& kind) { return apply_to(kind, value); }, *decoded);
  if (!applied) return at_key(applied.error(), *decoded);
  return {};
}

Result<void> SlotState::apply_to(const DefinitionKey&, Value value) {
  definition_.reset();
  if (!value) return {};
  auto decoded = decode_definition(*value);
  if (!decoded) return decoded.error();
  definition_ = *std::move(decoded);
  return {};
}

Result<void> SlotState::apply_to(const PositionKey& key, Value value) {
  const PartitionIdentity identity{key.source, key.topic_id};
  if (value) {
    auto decoded = decode_position(*value);
    if (!decoded) return decoded.error();
    positions_[identity].insert_or_assign(key.epoch, *std::move(decoded));
  } else if (const auto found = positions_.find(identity); found != positions_.end()) {
    found->second.erase(key.epoch);
  }
  settle(identity);
  const auto counted = partitions_.find(identity);
  if (counted != partitions_.end() && counted->second.epoch == key.epoch) {
    told_behind_position_.erase(key.source);
  }
  return {};
}

void SlotState::settle(const PartitionIdentity& identity) {
  const auto epochs = positions_.find(identity);
  if (epochs == positions_.end()) return;
  if (epochs->second.empty()) {
    positions_.erase(epochs);
    auto gone = partitions_.extract(identity);
    if (!gone.empty() && !gone.mapped().pieces.empty()) {
      orphans_[identity] = std::move(gone.mapped().pieces);
    }
    return;
  }
  PartitionEntry& entry = partitions_[identity];
  if (auto orphans = orphans_.extract(identity)) entry.pieces = std::move(orphans.mapped());
  const auto highest = std::prev(epochs->second.end());
  entry.epoch = highest->first;
  entry.position = highest->second;
  entry.stale_epochs.clear();
  for (auto it = epochs->second.begin(); it != highest; ++it) {
    entry.stale_epochs.push_back(it->first);
  }
}

Result<void> SlotState::apply_to(const MapKey& key, Value value) {
  const PartitionIdentity identity{key.source, key.topic_id};
  const PiecePlace place{key.block, key.part, key.epoch};
  const auto found = partitions_.find(identity);
  if (!value) {
    if (found != partitions_.end()) {
      found->second.pieces.erase(place);
    } else if (const auto orphans = orphans_.find(identity); orphans != orphans_.end()) {
      orphans->second.erase(place);
      if (orphans->second.empty()) orphans_.erase(orphans);
    }
    return {};
  }
  auto decoded = decode_map_piece(*value);
  if (!decoded) return decoded.error();
  Pieces& pieces = found != partitions_.end() ? found->second.pieces : orphans_[identity];
  pieces.insert_or_assign(place, *std::move(decoded));
  return {};
}

Result<void> SlotState::apply_to(const EventKey& key, Value value) {
  if (!value) {
    events_.erase(key.n);
    return {};
  }
  // The ring makes room: with the event goes what is known of it.
  if (const auto before = events_.find(key.n); before != events_.end()) {
    const auto& [n, event] = *before;
    if (event.partition) forget_told(told_behind_position_, *event.partition, event.number);
  }
  auto decoded = decode_event(*value);
  // Nothing rests on an event: one that cannot be read costs only itself.
  const bool is_known = decoded && name(decoded->kind) != "unknown";
  if (!decoded || (is_known && key_of(*decoded) != key)) {
    events_.erase(key.n);
    return {};
  }
  if (is_about_target(decoded->kind) && decoded->partition && decoded->from && decoded->to) {
    told_behind_position_[*decoded->partition].insert(decoded->number);
  }
  events_.insert_or_assign(key.n, *std::move(decoded));
  return {};
}

Result<void> SlotState::apply_to(const CommandKey& key, Value value) {
  if (!value) {
    commands_.erase(key);
    return {};
  }
  auto decoded = decode_command(*value);
  if (!decoded) return decoded.error();
  commands_.insert_or_assign(key, *std::move(decoded));
  return {};
}

Result<void> SlotState::apply_to(const RemedyKey& key, Value value) {
  remedies_.erase(key.source);
  if (!value) return {};
  auto decoded = decode_remedy(*value);
  if (!decoded) return decoded.error();
  remedies_.emplace(key.source, *std::move(decoded));
  return {};
}

Result<void> SlotState::apply_to(const SchemasKey&, Value value) {
  schemas_command_.reset();
  if (!value) return {};
  auto decoded = decode_command(*value);
  if (!decoded) return decoded.error();
  schemas_command_ = *std::move(decoded);
  return {};
}

Result<void> SlotState::apply_to(const OwnerKey&, Value value) {
  owner_.reset();
  if (!value) return {};
  auto decoded = decode_owner(*value);
  if (!decoded) return decoded.error();
  owner_ = *std::move(decoded);
  return {};
}

Result<void> SlotState::apply_to(const UnknownKey&, Value) { return {}; }

std::vector<Event> SlotState::events() const {
  std::vector<Event> out;
  out.reserve(events_.size());
  for (const auto& [n, event] : events_) out.push_back(event);
  std::sort(out.begin(), out.end(),
            [](const Event& a, const Event& b) { return a.number < b.number; });
  leave_out_late(out);
  return out;
}

std::vector<OffsetRange> SlotState::named_behind_position(const TopicPartition& source) const {
  std::vector<OffsetRange> out;
  const auto told = told_behind_position_.find(source);
  if (told == told_behind_position_.end()) return out;
  for (const Event& event : events()) {
    if (told->second.contains(event.number)) out.push_back({*event.from, *event.to});
  }
  return out;
}

std::int64_t SlotState::next_event() const {
  std::int64_t next = 0;
  for (const auto& [n, event] : events_) next = std::max(next, event.number + 1);
  return next;
}

std::int32_t SlotState::epochs_end() const {
  std::int32_t highest = owner_ ? owner_->epoch : 0;
  const auto look = [&highest](const Pieces& pieces) {
    for (const auto& [place, piece] : pieces) highest = std::max(highest, place.epoch);
  };
  for (const auto& [identity, entry] : partitions_) {
    highest = std::max(highest, entry.epoch);
    look(entry.pieces);
  }
  for (const auto& [identity, pieces] : orphans_) look(pieces);
  return highest + 1;
}

bool SlotState::is_paused(const TopicPartition& source) const {
  const auto pauses = [&](const CommandKey& key) {
    const auto found = commands_.find(key);
    return found != commands_.end() && found->second.kind == CommandKind::pause;
  };
  return pauses({}) || pauses({source.topic, std::nullopt}) ||
         pauses({source.topic, source.partition});
}

bool is_counted(const PartitionEntry& entry, const PiecePlace& place) {
  const auto& [block, part, epoch] = place;
  if (block > entry.position.blocks) return false;
  if (block < entry.position.blocks) {
    const auto above = entry.pieces.upper_bound(place);
    const bool is_highest =
        above == entry.pieces.end() || above->first.block != block || above->first.part != 0;
    return part == 0 && is_highest;
  }
  if (epoch != entry.epoch) return false;
  return part == 0 ||
         (part <= entry.position.parts && !entry.pieces.contains({block, 0, entry.epoch}));
}

OffsetMap map_of(const PartitionEntry& entry) {
  OffsetMap map;
  std::int32_t oldest_block = entry.position.blocks;
  for (const auto& [place, piece] : entry.pieces) {
    if (!is_counted(entry, place)) continue;
    oldest_block = std::min(oldest_block, place.block);
    for (const Segment& segment : piece.segments) join(map, segment);
    if (piece.cut) cut_back(map, *piece.cut);
  }
  if (entry.position.open.length > 0) join(map, entry.position.open);
  map.truncate_from(entry.position.next_source);
  map.set_next_source(entry.position.next_source);
  map.set_next_target(entry.position.next_target);
  if (oldest_block > 0) map.mark_pruned();
  return map;
}

}  // namespace longspan
