// tests/broker/harness/reader.h - an independent reader: explicit offsets, read_committed, CRCs
// checked.
//
// Errors:  HarnessError on any consumer error, and when nothing arrives for 30 s before the end.
// Threads: one thread; the callback runs in it.
// Limits:  read_partition and read_topic hold everything in memory; for_each_record holds one
// batch.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/record.h"

namespace longspan::harness {

struct ReadFrom {
  std::string bootstrap;
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;  // below the log's start: reading begins at its start
  Settings extra = {};
};

// Calls for every readable record up to the end as it is when reached (the last stable offset).
// Returns the position after the last one, markers included.
int64_t for_each_record(const ReadFrom& from, const std::function<void(Record)>& seen);

std::vector<Record> read_partition(const ReadFrom& from);
// All partitions, one after the other, each from its start.
std::vector<Record> read_topic(const std::string& bootstrap, const std::string& topic);

}  // namespace longspan::harness
