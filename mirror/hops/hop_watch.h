// mirror/hops/hop_watch.h - follows sampled records of a shard from their fetch to their
// acknowledgement, and adds up how long each hop took.
//
//   fetched() --a sample, with its stamps--> produced() --> acked() --> topics()
//
// The clocks of the database and the connector are followed for each topic: of two topics they may
// be two databases'. A record cannot be fetched before it was committed, which bounds each clock
// from one side. With a ClockWatch that is combined with what was measured: of the database, and of
// the broker that led the source partition when it appended the record. A side that nobody measures
// is assumed.
//
// Units:   source offsets; steady times of the shard's clock.
// Errors:  none.
// Threads: one shard's.
// Limits:  `samples_per_second`, of which a JSON value takes one for each kJsonBytes; kSamplesMax
//          on their way, further ones are left out.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/clocks/record_times.h"
#include "lagcalc/clocks/timeline.h"
#include "lagcalc/even_sampler.h"
#include "lagcalc/heartbeat_rhythm.h"
#include "lagcalc/stamps/last_delete.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/hops/latest_times.h"
#include "mirror/hops/recent.h"
#include "mirror/hops/slo_watch.h"
#include "mirror/hops/slowest_record.h"
#include "mirror/hops/stamp_reader.h"
#include "mirror/hops/topic_hops.h"
#include "mirror/ports.h"
#include "mirror/record.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

struct TracedRecord;

struct HopSettings {
  std::int64_t samples_per_second = 1'000;  // of the shard; 0: none
  ClockConfig clocks;                       // what is assumed of those that nobody measures
  NamePatterns heartbeat_tables = {};       // topics of tables whose changes are heartbeats
};

class HopWatch {
 public:
  static constexpr std::size_t kSamplesMax = 100'000;
  // JSON is read at some 65 to 170 MB/s (bench/stamps): so many take as long as the rest of a
  // sample.
  static constexpr std::int64_t kJsonBytes = 200;
  using Steady = Clock::Steady;

  struct Sample {
    Offset source;
    std::int64_t stands_for = 1;
    ChangeStamps stamps;
    TimestampMs timestamp;  // the record's
    TimestampKind timestamp_kind = TimestampKind::none;
    Steady fetched_at{};
    std::optional<Steady> produced_at;
  };
  // Of one partition: what is on its way, in the order of its offsets.
  struct Passage {
    std::optional<std::deque<Sample>> samples;  // absent: none; an empty deque takes 576 bytes
    LastDelete last_delete;
    std::size_t next = 0;                  // of them, to be produced
    std::optional<bool> holds_heartbeats;  // known once a record of it came
    std::optional<Offset> heartbeat;       // the last one that was told
    std::optional<LatestTimes> latest;     // of the newest that was acknowledged
    SlowestRecords slowest;
  };

  // `clocks` may be null: no clock is measured. `slos` judges what records took; nullptr: nobody
  // does. Both outlive it.
  HopWatch(const Clock& clock, StampReader reader, HopSettings settings,
           const ClockWatch* clocks = nullptr, SloWatch* slos = nullptr);

  // A partition is opened behind a record of that time. The last heartbeat is one: a process that
  // began after a connector died must not take it for one that never was. What is older than
  // kRetiredMs nobody waits for any more.
  static constexpr std::int64_t kRetiredMs = 86'400'000;
  void resumed(const TopicPartition& source, TimestampMs last);

  // Before the record is handed on. One that is read again takes the place of what it was before.
  // True: it is sampled. Where `is_wanted` and it was not to be it is all the same, and stands for
  // none.
  bool fetched(Passage& passage, const TopicPartition& source, const Record& record, Steady at,
               bool is_wanted = false);
  // See StampReader::row_context().
  [[nodiscard]] std::string row_context(const TopicPartition& source, const Record& record) {
    return reader_.row_context(topic_of(source.topic).reading, record);
  }
  void produced(Passage& passage, Offset source);
  struct Sampled {
    Offset source;
    std::int64_t stands_for = 1;
    RecordTimes times;
    std::shared_ptr<TracedRecord> trace = {};  // null: it has no spans
  };
  // They are on the target. What is before them was left out. `out` is given those that were
  // sampled; nullptr: nobody asks.
  void acked(Passage& passage, const TopicPartition& source, const OffsetRange& range,
             std::vector<Sampled>* out = nullptr);
  [[nodiscard]] std::optional<SlowestRecord> slowest(const Passage& passage) const {
    return passage.slowest.of(window_at(now()));
  }
  // How long a window of the slowest records is, from now on.
  void set_window(std::chrono::milliseconds window) { window_ = window; }
  // The partition goes; the topic does.
  void forget(Passage& passage);
  void forget(const std::string& topic) { topics_.erase(topic); }

  // Absent: no record of it was sampled.
  [[nodiscard]] std::optional<TopicHops> of(const std::string& topic) const;
  // The same of the last one to two minutes.
  [[nodiscard]] std::optional<TopicHops> recent_of(const std::string& topic) const;
  // Absent: its records are no heartbeats, and no changes of a heartbeat table.
  [[nodiscard]] std::optional<HeartbeatRhythm> heartbeats(const std::string& topic) const;
  // Of the clock that wrote the topic's timestamps; open where nothing was sampled.
  [[nodiscard]] OffsetBounds timestamp_clock(const std::string& topic) const;
  // What orders of events say of the source's brokers, as far as it is known which appended what.
  [[nodiscard]] std::map<std::int32_t, OffsetBounds> source_brokers() const;
  // The present on longspan's timeline.
  [[nodiscard]] Instant now() const { return at(clock_.steady()); }
  [[nodiscard]] Instant at(Steady time) const;

 private:
  struct Topic {
    StampReader::Topic reading;
    ClockTracker database;
    ClockTracker connector;
    ClockTracker source_broker;  // of any, where nobody knows which
    TopicHops hops;
    Recent<TopicHops> recent = {};
    TimestampKind timestamp_kind = TimestampKind::none;
    HeartbeatRhythm heartbeats = {};
    bool is_heartbeat_table = false;
  };

  Topic& topic_of(const std::string& name);
  using Offsets = std::array<ClockOffset, 3>;
  void look_at_clocks();
  [[nodiscard]] Offsets offsets_of(const Topic& topic, Instant now) const;
  // What orders of events say of the clock of the source broker that appended the record.
  [[nodiscard]] ClockTracker& appender_of(Topic& topic, const TopicPartition& source, Stamp stamp);
  // The same with what was measured.
  [[nodiscard]] ClockOffset offset_of_appender(const ClockTracker& orders,
                                               const TopicPartition& source, Stamp stamp,
                                               Instant now) const;
  [[nodiscard]] TrackerSettings settings_of(ClockKind kind) const;
  // Of the whole way both bounds are kept, of each hop only where there are few sums to keep.
  enum class Bounds : std::uint8_t { of_the_whole, of_each_hop };
  static void add(TopicHops& sum, const Sample& sample, const RecordTimes& times, Bounds bounds);
  RecordTimes take(Topic& topic, const TopicPartition& source, const Sample& sample, Instant acked,
                   Offsets& offsets);
  [[nodiscard]] LatestTimes times_of(const Sample& sample, Instant acked) const;
  void note_slowest(Passage& passage, const RecordTimes& times, Instant acked) const;
  [[nodiscard]] std::int64_t window_at(Instant time) const {
    return time.us / std::chrono::microseconds(window_).count();
  }

  const Clock& clock_;
  StampReader reader_;
  const HopSettings settings_;
  const ClockWatch* const clocks_;
  SloWatch* const slos_;
  std::shared_ptr<const ClockTable> table_;              // nullptr: the same
  std::uint64_t generation_ = 0;                         // of the table
  std::map<std::int32_t, ClockTracker> source_brokers_;  // by node id: what orders of events say
  Timeline timeline_;                                    // without clocks_
  EvenSampler sampler_;
  std::size_t samples_ = 0;
  std::chrono::milliseconds window_{10'000};
  std::map<std::string, Topic> topics_;
};

}  // namespace longspan
