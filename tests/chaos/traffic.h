// tests/chaos/traffic.h - what the applications write meanwhile: plain records and transactions,
// a third of them aborted, in every codec, at a steady rate.
//
// Errors:  a writer that fails is thrown away, counted, and replaced: what it wrote is uncertain,
//          so the truth is what an independent reader finds on the source.
// Threads: a thread of its own; the calls from any.
// Owns:    the thread; stop() or the destructor ends it within a portion.
// Limits:  records_per_second, all topics together.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::chaos {

struct TrafficTopic {
  std::string name;
  harness::RecordMix mix = {};
  size_t portion_max = 100;  // records written at once
};

struct TrafficPace {
  uint64_t seed = 1;
  double records_per_second = 1000;
};

// Unique in its topic, and going back as well as forward: a copy is known by it.
int64_t nth_timestamp_ms(uint64_t n);

class Traffic {
 public:
  Traffic(std::string bootstrap, const std::vector<TrafficTopic>& topics, TrafficPace pace);

  void stop();  // the last portion is complete; rethrows nothing
  uint64_t written() const { return written_; }
  uint64_t writers_lost() const { return writers_lost_; }

 private:
  struct Topic {
    TrafficTopic given;
    harness::RecordMaker maker;
    uint64_t sequence = 0;
  };

  void run(const std::stop_token& stopped);
  void write_portion();
  size_t fill(harness::Writer& writer, Topic& topic);
  void write_plain(const std::string& codec, Topic& topic);
  void write_transaction(const std::string& codec, Topic& one, Topic& other);
  harness::Writer& writer_of(const std::string& codec, bool transactional);

  std::string bootstrap_;
  std::vector<Topic> topics_;
  TrafficPace pace_;
  std::mt19937_64 random_;
  std::map<std::string, std::unique_ptr<harness::Writer>> writers_;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> writers_lost_{0};
  std::jthread thread_;  // last: it uses the others
};

}  // namespace longspan::chaos
