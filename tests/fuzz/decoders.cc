#include "tests/fuzz/decoders.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "lagcalc/assert.h"
#include "lagcalc/histogram_block.h"
#include "lagcalc/map_block.h"
#include "mirror/groups/offsets_topic.h"
#include "mirror/marks/marks_records.h"
#include "mirror/state/map_writer.h"
#include "mirror/state/records.h"
#include "mirror/state/slot_state.h"

namespace longspan::fuzz {
namespace {

std::uint8_t take_byte(std::string_view& bytes) {
  const auto byte = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

std::string_view take(std::string_view& bytes, std::size_t size) {
  const std::string_view out = bytes.substr(0, size);
  bytes.remove_prefix(out.size());
  return out;
}

template <class T>
void check_round_trip(std::string_view bytes, Result<T> (*decode)(std::string_view)) {
  const auto decoded = decode(bytes);
  if (decoded) LONGSPAN_ASSERT(encode(*decoded) == bytes);
}

// What was restored can be gone on with, and translates.
void check_entry(const PartitionIdentity& identity, const PartitionEntry& entry) {
  const OffsetMap map = map_of(entry);
  LONGSPAN_ASSERT(map.next_source() == entry.position.next_source);
  LONGSPAN_ASSERT(map.to_target(map.next_source()).exactness == Exactness::ahead);
  LONGSPAN_ASSERT(map.to_target({0}).offset <= map.next_target());
  MapWriter writer(identity, entry.epoch + 1, entry);
  Position position = entry.position;
  for (const StateRecord& record : writer.take(map, position)) {
    LONGSPAN_ASSERT(!record.value || decode_map_piece(*record.value));
  }
}

}  // namespace

void check_histogram_block(std::string_view bytes) {
  const auto decoded = decode_histogram(bytes);
  if (!decoded) return;
  LONGSPAN_ASSERT(encode_histogram(*decoded) == bytes);
  // Nothing that can be read is more than the bound on a record.
  LONGSPAN_ASSERT(bytes.size() <= std::size_t{50} * 1024);
  Histogram twice = *decoded;
  if (twice.count() > UINT64_MAX / 2) return;
  twice.merge(*decoded);
  const auto again = decode_histogram(encode_histogram(twice));
  LONGSPAN_ASSERT(again.has_value() && *again == twice);
  LONGSPAN_ASSERT(twice.buckets().size() == decoded->buckets().size());
}

void check_map_block(std::string_view bytes) {
  const auto decoded = decode_map_block(bytes);
  if (!decoded) return;
  LONGSPAN_ASSERT(encode_map_block(*decoded) == bytes);
  if (decoded->empty()) return;
  const Segment last = decoded->back();
  const OffsetMap map(*decoded, last.source_end(), last.target_end());
  LONGSPAN_ASSERT(map.to_target(last.source_start).offset == last.target_start);
}

void check_state_value(std::string_view bytes) {
  if (bytes.empty()) return;
  switch (take_byte(bytes) % 6) {
    case 0:
      return check_round_trip(bytes, decode_definition);
    case 1:
      return check_round_trip(bytes, decode_position);
    case 2:
      return check_round_trip(bytes, decode_map_piece);
    case 3:
      return check_round_trip(bytes, decode_event);
    case 4:
      return check_round_trip(bytes, decode_command);
    default:
      return check_round_trip(bytes, decode_owner);
  }
}

void check_state_key(std::string_view bytes) {
  const auto decoded = decode_key(bytes);
  if (!decoded) return;
  LONGSPAN_ASSERT(encode_key(*decoded) == bytes);
  LONGSPAN_ASSERT(!text(*decoded).empty());
}

void check_slot_state(std::string_view bytes) {
  constexpr std::uint8_t kTombstone = 255;
  SlotState state;
  while (bytes.size() >= 2) {
    const std::uint8_t key_size = take_byte(bytes);
    const std::uint8_t value_size = take_byte(bytes);
    const std::string_view key = take(bytes, key_size);
    std::optional<std::string_view> value;
    if (value_size != kTombstone) value = take(bytes, value_size);
    const auto applied = state.apply(key, value);
    if (!applied) LONGSPAN_ASSERT(applied.error().next == Next::park_partition);
  }
  for (const auto& [identity, entry] : state.partitions()) check_entry(identity, entry);
  LONGSPAN_ASSERT(state.next_event() >= 0);
}

namespace {

// Topics without partitions are nothing, and many partitions are written as several topics.
PositionsMark plain(PositionsMark mark) {
  std::vector<TopicPositions> topics;
  for (auto& topic : mark.topics) {
    const bool goes_on = !topics.empty() && topics.back().topic == topic.topic &&
                         topics.back().number == topic.number && !topic.partitions.empty() &&
                         topics.back().partitions.back().partition < topic.partitions[0].partition;
    if (goes_on) {
      auto& all = topics.back().partitions;
      all.insert(all.end(), topic.partitions.begin(), topic.partitions.end());
    } else if (!topic.partitions.empty()) {
      topics.push_back(std::move(topic));
    }
  }
  mark.topics = std::move(topics);
  return mark;
}
LatenciesMark plain(LatenciesMark mark) { return mark; }
CausesMark plain(CausesMark mark) { return mark; }

std::vector<std::string> encode_all(const CausesMark& mark) { return {encode(mark)}; }
template <class T>
std::vector<std::string> encode_all(const T& mark) {
  return encode(mark);
}

template <class T>
void check_again(const T& mark) {
  const auto records = encode_all(mark);
  if (records.size() != 1) return;
  auto expected = plain(mark);
  expected.head.is_first = true;
  const auto again = decode_mark(records[0]);
  LONGSPAN_ASSERT(again.has_value() && plain(std::get<T>(*again)) == expected);
}

}  // namespace

void check_mark(std::string_view bytes) {
  const auto mark = decode_mark(bytes);
  if (!mark) LONGSPAN_ASSERT(mark.error().next == Next::park_partition);
  if (!mark || bytes.size() >= kMarkBytesMax / 2) return;
  if (const auto* positions = std::get_if<PositionsMark>(&*mark)) check_again(*positions);
  if (const auto* latencies = std::get_if<LatenciesMark>(&*mark)) check_again(*latencies);
  if (const auto* causes = std::get_if<CausesMark>(&*mark)) check_again(*causes);
}

void check_offsets_topic(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::string_view key = take(bytes, take_byte(bytes));
  const auto record = decode_offsets_record(key, bytes);
  OffsetsTopicTally tally;
  tally.add(record);
  LONGSPAN_ASSERT((tally.unreadable == 1) == !record);
  if (!record) return;
  LONGSPAN_ASSERT(decode_offsets_record(key, std::nullopt).has_value());
  // What lies behind the last field is ignored.
  const auto longer = decode_offsets_record(key, std::string(bytes) + "x");
  LONGSPAN_ASSERT(longer.has_value() && *longer == *record);
}

}  // namespace longspan::fuzz
