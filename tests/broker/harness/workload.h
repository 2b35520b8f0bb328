// tests/broker/harness/workload.h - records with everything a mirror must keep, repeatable by seed.
//
// Units:   value sizes in bytes; times are epoch milliseconds of 2023, older than any default
// retention. Errors:  HarnessError from Writer. Threads: one thread.

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/broker/harness/record.h"

namespace longspan::harness {

enum class Keys { some_null, always };  // a compacted topic refuses records without a key

struct RecordMix {
  uint64_t seed = 1;
  int32_t partitions = 1;
  Keys keys = Keys::some_null;
  uint32_t distinct_keys = 100;
  size_t value_bytes_max = 400;
};

// Null and empty keys and values, headers with repeated names, null and empty header values,
// binary bytes, timestamps that go back as well as forward. The value starts with a sequence
// number.
class RecordMaker {
 public:
  explicit RecordMaker(const RecordMix& mix);
  Record next();

 private:
  uint64_t below(uint64_t bound);  // 0 <= result < bound
  std::string bytes(size_t size);
  Bytes key();
  Bytes value();
  Headers headers();

  RecordMix mix_;
  std::mt19937_64 random_;
  uint64_t sequence_ = 0;
};

struct Workload {
  std::string bootstrap;
  std::string topic;
  RecordMix mix = {};
  size_t records = 1000;  // written in all, those of aborted transactions included
};

struct Written {
  std::vector<Record> visible;  // under read_committed, in the order written, with offsets
  size_t aborted = 0;
};

inline const std::vector<std::string> kCodecs = {"none", "gzip", "snappy", "lz4", "zstd"};

// Writes in twenty portions: every codec in turn, plain and in transactions, every second
// transaction aborted. The portions follow one another, so partitions have one defined order.
Written produce_mixed(const Workload& workload);

}  // namespace longspan::harness
