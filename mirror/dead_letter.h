// mirror/dead_letter.h - a record that the target refused, as it stands in the dead-letter topic.
//
// Key, value and headers are the record's own; behind its headers come those that Kafka Connect
// writes into its dead-letter topics, and two of ours. The letter's timestamp is when it was
// refused, for the topic's retention counts from it, and the record's own may be what was refused.
//
// Units:   timestamps in ms.
// Errors:  decoding a record that is no dead letter is an Error (park_partition).
// Threads: values and free functions.
// Source:  KIP-298; Kafka Connect's DeadLetterQueueReporter, __connect.errors.*.
#pragma once

#include <string>

#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "mirror/record.h"

namespace longspan {

struct DeadLetter {
  TopicPartition source;
  Offset offset;  // at the source
  std::string flow;
  std::string target_topic;
  std::string error_class;    // Kafka's Java name: org.apache.kafka.common.errors....
  std::string error_message;  // the target's
  TimestampMs refused_at;
  OwnedRecord record;  // as it was
};

// Kafka's exception for a protocol error code.
[[nodiscard]] std::string error_class(int kafka_code);

[[nodiscard]] OwnedRecord encode(DeadLetter letter);
[[nodiscard]] Result<DeadLetter> decode_dead_letter(const Record& record);

}  // namespace longspan
