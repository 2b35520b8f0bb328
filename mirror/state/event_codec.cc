// Events as values of the state topic: mirror/state/records.h.
#include <algorithm>

#include "mirror/state/byte_codec.h"
#include "mirror/state/records.h"

namespace longspan {
namespace {

constexpr std::int16_t kVersion = 1;
// With what only some events have. A program that knows only version 1 leaves such an event out.
constexpr std::int16_t kVersionWithMore = 2;

bool has_more(const Event& event) {
  return event.source_from || event.source_to || event.offsets || event.accepts;
}

}  // namespace

EventKey key_of(const Event& event) {
  if (!is_kept_longer(event.kind))
    return {static_cast<std::int32_t>(event.number % kEventsPerSlot)};
  return {kEventsPerSlot + static_cast<std::int32_t>(event.number % kLossesPerSlot)};
}

std::string encode(const Event& value) {
  ByteWriter writer;
  writer.put_i16(has_more(value) ? kVersionWithMore : kVersion);
  writer.put_i64(value.number);
  writer.put_u8(static_cast<std::uint8_t>(value.kind));
  writer.put_i64(value.at.value);
  if (writer.put_present(value.partition.has_value())) {
    writer.put_string(value.partition->topic);
    writer.put_i32(value.partition->partition);
  }
  writer.put_optional(raw(value.from));
  writer.put_optional(raw(value.to));
  writer.put_text(value.text);
  writer.put_text(value.who);
  if (!has_more(value)) return writer.take();
  writer.put_optional(raw(value.source_from));
  writer.put_optional(raw(value.source_to));
  writer.put_optional(value.offsets);
  if (writer.put_present(value.accepts.has_value())) {
    writer.put_i64(value.accepts->number);
    writer.put_u8(static_cast<std::uint8_t>(value.accepts->kind));
  }
  return writer.take();
}

Result<Event> decode_event(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::int16_t version = reader.i16();
  if (!reader.failed() && version != kVersion && version != kVersionWithMore) {
    return fail(Next::park_partition, "state record of kind event has format version " +
                                          std::to_string(version) + ", this program knows " +
                                          std::to_string(kVersionWithMore));
  }
  Event value;
  value.number = reader.count64();
  value.kind = static_cast<EventKind>(reader.u8());
  reader.require(value.kind != EventKind{});
  value.at = {reader.i64()};
  if (reader.is_present()) {
    value.partition = TopicPartition{reader.string(), reader.count32()};
  }
  value.from = wrap<Offset>(reader.optional_count64());
  value.to = wrap<Offset>(reader.optional_count64());
  value.text = reader.text();
  value.who = reader.text();
  if (version == kVersionWithMore) {
    value.source_from = wrap<Offset>(reader.optional_count64());
    value.source_to = wrap<Offset>(reader.optional_count64());
    value.offsets = reader.optional_count64();
    if (reader.is_present()) {
      value.accepts = {reader.count64(), static_cast<EventKind>(reader.u8())};
    }
  }
  if (!reader.done()) {
    return fail(Next::park_partition, "state record of kind event is damaged");
  }
  return value;
}

}  // namespace longspan
