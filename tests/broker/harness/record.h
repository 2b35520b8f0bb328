// tests/broker/harness/record.h - one Kafka record as the broker tests write, read and compare it.
//
// Units:   timestamp_ms is epoch milliseconds as stored in the log; offset is the partition's.
// Errors:  none. A null key, value or header value is nullopt; an empty one is "".
// Threads: plain data.

#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace longspan::harness {

using Bytes = std::optional<std::string>;
using Headers = std::vector<std::pair<std::string, Bytes>>;

enum class Stamp { none, create_time, log_append_time };

struct Record {
  int32_t partition = 0;
  int64_t offset = -1;  // -1: not written yet
  Bytes key = {};
  Bytes value = {};
  Headers headers = {};  // in order, duplicates kept
  int64_t timestamp_ms = 0;
  Stamp stamp = Stamp::create_time;
};

// What a mirror must keep: everything but the offset and the kind of the timestamp.
// Empty when equal, else the first thing that differs, in one line.
std::string difference(const Record& source, const Record& target);

// The first difference between two sequences, element by element; empty when all are equal.
std::string difference(const std::vector<Record>& source, const std::vector<Record>& target);

// One short line whatever the record's size; GoogleTest prints records with it.
std::string describe(const Record& record);
std::ostream& operator<<(std::ostream& out, const Record& record);

}  // namespace longspan::harness
