#include "mirror/state/records.h"

#include <algorithm>
#include <utility>

#include "lagcalc/map_block.h"
#include "mirror/state/byte_codec.h"

namespace longspan {
namespace {

constexpr std::int16_t kVersion = 1;
constexpr std::int32_t kBlocksMax = 1 << 30;  // never reached; so that counting on cannot overflow

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

// The first bytes of a damaged key, for the error.
std::string hex(std::string_view bytes) {
  constexpr std::size_t kShown = 32;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes.substr(0, kShown)) {
    out += kDigits[static_cast<std::uint8_t>(byte) >> 4];
    out += kDigits[byte & 0x0f];
  }
  return bytes.size() > kShown ? out + "..." : out;
}

Unexpected<Error> damaged(std::string_view kind) {
  return fail(Next::park_partition, "state record of kind " + std::string(kind) + " is damaged");
}

// Reads the version; an Error when it is not ours.
std::optional<Error> check_version(ByteReader& reader, std::string_view kind) {
  const std::int16_t version = reader.i16();
  if (reader.failed()) return damaged(kind).error_;
  if (version == kVersion) return std::nullopt;
  std::string what = "state record of kind " + std::string(kind) + " has format version ";
  what += std::to_string(version) + ", this program knows " + std::to_string(kVersion);
  return Error{Next::park_partition, 0, std::move(what), {}};
}

// A value begins with the version; `read` takes the rest, all of it.
template <class T, class Read>
Result<T> decode_value(std::string_view bytes, std::string_view kind, Read read) {
  ByteReader reader(bytes);
  if (auto error = check_version(reader, kind)) return *std::move(error);
  T value;
  read(reader, value);
  if (!reader.done()) return damaged(kind);
  return value;
}

ByteWriter begin_value() {
  ByteWriter writer;
  writer.put_i16(kVersion);
  return writer;
}

void put_id(ByteWriter& writer, const TopicId& id) {
  writer.put_bytes({reinterpret_cast<const char*>(id.data()), id.size()});
}

void read_id(ByteReader& reader, TopicId& id) {
  const std::string_view bytes = reader.bytes(id.size());
  std::copy(bytes.begin(), bytes.end(), id.begin());
}

// --- keys

void put_partition(ByteWriter& writer, const TopicPartition& source, const TopicId& id) {
  writer.put_string(source.topic);
  put_id(writer, id);
  writer.put_i32(source.partition);
}

void read_partition(ByteReader& reader, TopicPartition& source, TopicId& id) {
  source.topic = reader.string();
  read_id(reader, id);
  source.partition = reader.count32();
}

PositionKey read_position_key(ByteReader& reader) {
  PositionKey key;
  read_partition(reader, key.source, key.topic_id);
  key.epoch = reader.count32();
  return key;
}

MapKey read_map_key(ByteReader& reader) {
  MapKey key;
  read_partition(reader, key.source, key.topic_id);
  key.block = reader.count32();
  key.part = reader.count32();
  key.epoch = reader.count32();
  return key;
}

EventKey read_event_key(ByteReader& reader) {
  const EventKey key{reader.count32()};
  reader.require(key.n < kEventsPerSlot + kLossesPerSlot);
  return key;
}

CommandKey read_command_key(ByteReader& reader) {
  CommandKey key;
  key.topic = reader.string();
  if (reader.is_present()) key.partition = reader.count32();
  reader.require(!key.topic.empty() || !key.partition);
  return key;
}

RemedyKey read_remedy_key(ByteReader& reader) {
  RemedyKey key;
  key.source.topic = reader.string();
  key.source.partition = reader.count32();
  return key;
}

// Absent: the kind is not one of ours.
std::optional<StateKey> read_key(ByteReader& reader) {
  switch (reader.u8()) {
    case 'F':
      return DefinitionKey{};
    case 'P':
      return read_position_key(reader);
    case 'M':
      return read_map_key(reader);
    case 'E':
      return read_event_key(reader);
    case 'C':
      return read_command_key(reader);
    case 'R':
      return read_remedy_key(reader);
    case 'S':
      return SchemasKey{};
    case 'O':
      return OwnerKey{};
    default:
      return std::nullopt;
  }
}

std::string text_of_partition(const TopicPartition& source) {
  return "topic=" + source.topic + " partition=" + std::to_string(source.partition);
}

// --- values

void put_segment(ByteWriter& writer, const Segment& segment) {
  writer.put_i64(segment.source_start.value);
  writer.put_i64(segment.target_start.value);
  writer.put_i64(segment.length);
}

// Length 0 stands for no segment and is all zero.
Segment read_segment(ByteReader& reader) {
  const Segment segment{{reader.i64()}, {reader.i64()}, reader.i64()};
  reader.require(segment == Segment{} || is_valid(segment));
  return reader.failed() ? Segment{} : segment;
}

void read_definition(ByteReader& reader, Definition& value) {
  value.created_at = {reader.i64()};
  for (std::int32_t left = reader.count32(); left > 0 && !reader.failed(); --left) {
    std::string key = reader.long_string();
    reader.require(value.keys.empty() || value.keys.rbegin()->first < key);
    value.keys.emplace_hint(value.keys.end(), std::move(key), reader.long_string());
  }
  for (std::int32_t left = reader.count32(); left > 0 && !reader.failed(); --left) {
    std::string topic = reader.string();
    auto& partitions = value.initial_partitions;
    reader.require(partitions.empty() || partitions.rbegin()->first < topic);
    partitions.emplace_hint(partitions.end(), std::move(topic), reader.count32());
  }
}

void read_position(ByteReader& reader, Position& value) {
  value.target_topic = reader.string();
  value.next_source = {reader.count64()};
  value.next_target = {reader.count64()};
  value.open = read_segment(reader);
  value.blocks = reader.count32();
  value.parts = reader.count32();
  reader.require(value.blocks < kBlocksMax && value.parts <= kSegmentsPerBlock);
  const std::uint8_t state = reader.u8();
  reader.require(state <= static_cast<std::uint8_t>(PartitionState::parked));
  value.state = static_cast<PartitionState>(state);
  value.reason = reader.text();
  value.written_at = {reader.i64()};
  value.moved_at = {reader.i64()};
  value.last_timestamp = wrap<TimestampMs>(reader.optional64());
  value.records_per_1000_s = reader.optional64();
  value.fingerprint_offset = wrap<Offset>(reader.optional_count64());
  if (value.fingerprint_offset) value.fingerprint = reader.u64();
  if (reader.is_present()) {
    Stop stop{reader.count64(), static_cast<EventKind>(reader.u8()), {reader.i64()}, {0}};
    stop.to = {reader.i64()};
    reader.require(stop.kind != EventKind{});
    value.stopped_by = stop;
  }
  value.remedied_at = wrap<TimestampMs>(reader.optional64());
  value.again_from = wrap<Offset>(reader.optional_count64());
  reader.require(!value.again_from || *value.again_from <= value.next_source);
  if (reader.is_present()) {
    const LateWindow late{{reader.count64()}, {reader.count64()}, {reader.i64()}};
    reader.require(late.older <= late.newer);
    value.late = late;
  }
  if (reader.is_present()) {
    const auto number = reader.count32();
    value.leader_epoch = {number, {reader.count64()}};
  }
  if (reader.is_present()) {
    value.trial = Trial{reader.count32(), reader.is_present()};
  }
  if (reader.is_present()) read_id(reader, value.target_id.emplace());
  value.target_cut_to = wrap<Offset>(reader.optional_count64());
  reader.require(!value.target_cut_to || *value.target_cut_to < value.next_target);
  if (reader.is_present()) read_id(reader, value.source_id.emplace());
}

void read_map_piece(ByteReader& reader, MapPiece& value) {
  if (reader.is_present()) value.cut = MapCut{{reader.count64()}, {reader.count64()}};
  auto segments = decode_map_block(reader.rest());
  if (!segments) return reader.fail();
  value.segments = *std::move(segments);
}

void read_command(ByteReader& reader, Command& value) {
  value.kind = static_cast<CommandKind>(reader.u8());
  reader.require(value.kind >= CommandKind::pause && value.kind <= CommandKind::hand_back_schemas);
  value.at = {reader.i64()};
  value.who = reader.text();
  value.text = reader.text();
}

void read_remedy(ByteReader& reader, Remedy& value) {
  value.kind = static_cast<RemedyKind>(reader.u8());
  reader.require(value.kind == RemedyKind::accept_loss || value.kind == RemedyKind::set_position);
  value.event = reader.count64();
  value.next_source = {reader.count64()};
  value.at = {reader.i64()};
  value.who = reader.text();
  value.text = reader.text();
  read_id(reader, value.topic_id);
}

void read_owner(ByteReader& reader, Owner& value) {
  value.process = reader.text();
  value.taken_at = {reader.i64()};
  value.alive_at = {reader.i64()};
  value.released_at = wrap<TimestampMs>(reader.optional64());
  value.follows_death = reader.is_present();
  value.epoch = reader.count32();
}

}  // namespace

std::string encode_key(const StateKey& key) {
  ByteWriter writer;
  std::visit(Overload{
                 [&](const DefinitionKey&) { writer.put_u8('F'); },
                 [&](const PositionKey& k) {
                   writer.put_u8('P');
                   put_partition(writer, k.source, k.topic_id);
                   writer.put_i32(k.epoch);
                 },
                 [&](const MapKey& k) {
                   writer.put_u8('M');
                   put_partition(writer, k.source, k.topic_id);
                   writer.put_i32(k.block);
                   writer.put_i32(k.part);
                   writer.put_i32(k.epoch);
                 },
                 [&](const EventKey& k) {
                   writer.put_u8('E');
                   writer.put_i32(k.n);
                 },
                 [&](const CommandKey& k) {
                   writer.put_u8('C');
                   writer.put_string(k.topic);
                   if (writer.put_present(k.partition.has_value())) writer.put_i32(*k.partition);
                 },
                 [&](const RemedyKey& k) {
                   writer.put_u8('R');
                   writer.put_string(k.source.topic);
                   writer.put_i32(k.source.partition);
                 },
                 [&](const SchemasKey&) { writer.put_u8('S'); },
                 [&](const OwnerKey&) { writer.put_u8('O'); },
                 [&](const UnknownKey& k) { writer.put_bytes(k.bytes); },
             },
             key);
  return writer.take();
}

Result<StateKey> decode_key(std::string_view bytes) {
  ByteReader reader(bytes);
  auto key = read_key(reader);
  if (!key && !bytes.empty()) return StateKey(UnknownKey{std::string(bytes)});
  if (!key || !reader.done()) {
    return fail(Next::park_partition, "key of a state record is damaged", "key=0x" + hex(bytes));
  }
  return *std::move(key);
}

std::string text(const StateKey& key) {
  return std::visit(
      Overload{
          [](const DefinitionKey&) { return std::string("definition"); },
          [](const PositionKey& k) {
            return "position " + text_of_partition(k.source) + " epoch=" + std::to_string(k.epoch);
          },
          [](const MapKey& k) {
            return "map " + text_of_partition(k.source) + " block=" + std::to_string(k.block) +
                   " part=" + std::to_string(k.part) + " epoch=" + std::to_string(k.epoch);
          },
          [](const EventKey& k) { return "event n=" + std::to_string(k.n); },
          [](const CommandKey& k) {
            if (k.topic.empty()) return std::string("command");
            if (!k.partition) return "command topic=" + k.topic;
            return "command " + text_of_partition({k.topic, *k.partition});
          },
          [](const RemedyKey& k) { return "remedy " + text_of_partition(k.source); },
          [](const SchemasKey&) { return std::string("schemas"); },
          [](const OwnerKey&) { return std::string("owner"); },
          [](const UnknownKey& k) { return "unknown key=0x" + hex(k.bytes); },
      },
      key);
}

std::string encode(const Definition& value) {
  ByteWriter writer = begin_value();
  writer.put_i64(value.created_at.value);
  writer.put_i32(static_cast<std::int32_t>(value.keys.size()));
  for (const auto& [key, setting] : value.keys) {
    writer.put_long_string(key);
    writer.put_long_string(setting);
  }
  writer.put_i32(static_cast<std::int32_t>(value.initial_partitions.size()));
  for (const auto& [topic, partitions] : value.initial_partitions) {
    writer.put_string(topic);
    writer.put_i32(partitions);
  }
  return writer.take();
}

std::string encode(const Position& value) {
  ByteWriter writer = begin_value();
  writer.put_string(value.target_topic);
  writer.put_i64(value.next_source.value);
  writer.put_i64(value.next_target.value);
  put_segment(writer, value.open.length > 0 ? value.open : Segment{});
  writer.put_i32(value.blocks);
  writer.put_i32(value.parts);
  writer.put_u8(static_cast<std::uint8_t>(value.state));
  writer.put_text(value.reason);
  writer.put_i64(value.written_at.value);
  writer.put_i64(value.moved_at.value);
  writer.put_optional(raw(value.last_timestamp));
  writer.put_optional(value.records_per_1000_s);
  writer.put_optional(raw(value.fingerprint_offset));
  if (value.fingerprint_offset) writer.put_u64(value.fingerprint);
  if (writer.put_present(value.stopped_by.has_value())) {
    writer.put_i64(value.stopped_by->event);
    writer.put_u8(static_cast<std::uint8_t>(value.stopped_by->kind));
    writer.put_i64(value.stopped_by->from.value);
    writer.put_i64(value.stopped_by->to.value);
  }
  writer.put_optional(raw(value.remedied_at));
  writer.put_optional(raw(value.again_from));
  if (writer.put_present(value.late.has_value())) {
    writer.put_i64(value.late->older.value);
    writer.put_i64(value.late->newer.value);
    writer.put_i64(value.late->newer_since.value);
  }
  if (writer.put_present(value.leader_epoch.has_value())) {
    writer.put_i32(value.leader_epoch->number);
    writer.put_i64(value.leader_epoch->up_to.value);
  }
  if (writer.put_present(value.trial.has_value())) {
    writer.put_i32(value.trial->deaths);
    writer.put_present(value.trial->is_running);
  }
  if (writer.put_present(value.target_id.has_value())) put_id(writer, *value.target_id);
  writer.put_optional(raw(value.target_cut_to));
  if (writer.put_present(value.source_id.has_value())) put_id(writer, *value.source_id);
  return writer.take();
}

std::string encode(const MapPiece& value) {
  ByteWriter writer = begin_value();
  if (writer.put_present(value.cut.has_value())) {
    writer.put_i64(value.cut->source.value);
    writer.put_i64(value.cut->target.value);
  }
  writer.put_bytes(encode_map_block(value.segments));
  return writer.take();
}

std::string encode(const Command& value) {
  ByteWriter writer = begin_value();
  writer.put_u8(static_cast<std::uint8_t>(value.kind));
  writer.put_i64(value.at.value);
  writer.put_text(value.who);
  writer.put_text(value.text);
  return writer.take();
}

std::string encode(const Remedy& value) {
  ByteWriter writer = begin_value();
  writer.put_u8(static_cast<std::uint8_t>(value.kind));
  writer.put_i64(value.event);
  writer.put_i64(value.next_source.value);
  writer.put_i64(value.at.value);
  writer.put_text(value.who);
  writer.put_text(value.text);
  put_id(writer, value.topic_id);
  return writer.take();
}

std::string encode(const Owner& value) {
  ByteWriter writer = begin_value();
  writer.put_text(value.process);
  writer.put_i64(value.taken_at.value);
  writer.put_i64(value.alive_at.value);
  writer.put_optional(raw(value.released_at));
  writer.put_present(value.follows_death);
  writer.put_i32(value.epoch);
  return writer.take();
}

Result<Definition> decode_definition(std::string_view bytes) {
  return decode_value<Definition>(bytes, "definition", read_definition);
}
Result<Position> decode_position(std::string_view bytes) {
  return decode_value<Position>(bytes, "position", read_position);
}
Result<MapPiece> decode_map_piece(std::string_view bytes) {
  return decode_value<MapPiece>(bytes, "map", read_map_piece);
}
Result<Command> decode_command(std::string_view bytes) {
  return decode_value<Command>(bytes, "command", read_command);
}
Result<Remedy> decode_remedy(std::string_view bytes) {
  return decode_value<Remedy>(bytes, "remedy", read_remedy);
}
Result<Owner> decode_owner(std::string_view bytes) {
  return decode_value<Owner>(bytes, "owner", read_owner);
}

}  // namespace longspan
