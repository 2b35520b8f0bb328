// mirror/kafka/native_record.h - a consumed rd_kafka_message_t seen as a Record.
//
// Owns:    the Record destroys the message; a sink may take it over (give_away) and then must.
// Source:  rdkafka.h; headers are decoded by the library on first use.
#pragma once

#include <cstdint>

#include "mirror/kafka/handles.h"
#include "mirror/record.h"

namespace longspan::kafka {

extern const NativeOps kMessageOps;

inline constexpr std::int64_t kHeaderOverhead = 64;  // of each, beside its name and its value
// What the library takes for a message's headers.
[[nodiscard]] std::int64_t header_bytes(const rd_kafka_message_t* message);

inline Record record_of(rd_kafka_message_t* message) {
  Record record;
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.offset = {message->offset};
  record.timestamp = {rd_kafka_message_timestamp(message, &kind)};
  record.timestamp_kind = kind == RD_KAFKA_TIMESTAMP_CREATE_TIME ? TimestampKind::create_time
                          : kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME
                              ? TimestampKind::log_append_time
                              : TimestampKind::none;
  if (message->key != nullptr) {
    record.key.emplace(static_cast<const char*>(message->key), message->key_len);
  }
  if (message->payload != nullptr) {
    record.value.emplace(static_cast<const char*>(message->payload), message->len);
  }
  record.native = NativeRecord(message, &kMessageOps);
  return record;
}

}  // namespace longspan::kafka
