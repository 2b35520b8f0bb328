// mirror/groups/mm2_formats.h - the records MirrorMaker 2 keeps, byte for byte.
//
// Kafka's protocol encoding: big-endian integers; a string is an int16 length and UTF-8. Keys carry
// no version, nor does an offset sync; the values of checkpoints and heartbeats start with int16 0.
// All of them go to partition 0 of their topic.
//
//   offset sync   key: source topic, partition               value: source offset, target offset
//   checkpoint    key: group, target topic, partition        value: 0, source, target, metadata
//   heartbeat     key: source alias, target alias            value: 0, timestamp in ms
//
// Units:   a sync pairs one record's own two offsets; a checkpoint pairs a group's committed
//          (next to be read) offset with its translation.
// Errors:  encoding refuses strings above 32767 bytes; decoding refuses what is cut short, what is
//          of another version, and negative numbers. Bytes behind the last field are ignored, as
//          MM2 does. No input crashes it.
// Threads: values and free functions.
// Source:  org.apache.kafka.connect.mirror Heartbeat, Checkpoint, OffsetSync.
#pragma once

#include <string>
#include <string_view>

#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

struct Mm2Record {
  std::string key;
  std::string value;
};

struct OffsetSync {
  TopicPartition source;  // the source's name
  Offset source_offset;
  Offset target_offset;
  friend bool operator==(const OffsetSync&, const OffsetSync&) = default;
};

struct Checkpoint {
  std::string group;
  TopicPartition target;  // the target's name
  Offset source_offset;
  Offset target_offset;
  std::string metadata;  // of the commit; may be empty
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

struct Heartbeat {
  std::string source_alias;
  std::string target_alias;
  TimestampMs at;
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

[[nodiscard]] Result<Mm2Record> encode(const OffsetSync& sync);
[[nodiscard]] Result<Mm2Record> encode(const Checkpoint& checkpoint);
[[nodiscard]] Result<Mm2Record> encode(const Heartbeat& heartbeat);

[[nodiscard]] Result<OffsetSync> decode_offset_sync(std::string_view key, std::string_view value);
[[nodiscard]] Result<Checkpoint> decode_checkpoint(std::string_view key, std::string_view value);
[[nodiscard]] Result<Heartbeat> decode_heartbeat(std::string_view key, std::string_view value);

}  // namespace longspan
