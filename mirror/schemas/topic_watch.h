// mirror/schemas/topic_watch.h - follows the topic in which the source's registry keeps its
// schemas.
//
//   _schemas --a record--> SchemaTopicWatch --SchemaHurry--> SchemaDuty --REST--> both registries
//
// Only what comes from now on, and only as a reason to look: what is in the registry its answers
// tell. So a record that is missed costs nothing but time, and none has to be remembered. Each is
// told twice, a second apart: a registry may see its own topic later than we do.
//
// Errors:  what keeps the topic from being read is logged once; it is tried again each kTryAgain.
//          Meanwhile ticks find what is new.
// Threads: run() or turn() on one thread, which waits for the cluster where a client is made.
// Owns:    its clients.
// Limits:  kRecordsATurn, kBytesMax.
// Source:  ARCHITECTURE.md, "Schemas"; keys: topic_key.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "mirror/admin.h"
#include "mirror/ports.h"
#include "mirror/schemas/hurry.h"
#include "tracing/log.h"

namespace longspan {

struct SchemaTopicPorts {
  const Clock& clock;
  std::unique_ptr<Wakeup> wakeup;
  std::function<Result<std::unique_ptr<Source>>(Wakeup&)> make_source;
  std::function<Result<std::unique_ptr<Admin>>()> make_admin;
};

class SchemaTopicWatch final : private SourceEvents {
 public:
  static constexpr std::chrono::milliseconds kTurn{1'000};
  static constexpr std::chrono::milliseconds kTryAgain{30'000};
  static constexpr std::size_t kRecordsATurn = 1'000;
  static constexpr std::int64_t kBytesMax = 4LL << 20;

  // `changed` is called on run()'s thread.
  SchemaTopicWatch(std::string topic, SchemaTopicPorts ports, LogContext log,
                   std::function<void(const SchemaHurry&)> changed)
      : partition_{std::move(topic), 0},
        ports_(std::move(ports)),
        log_(std::move(log)),
        changed_(std::move(changed)) {}

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. Until the next.
  std::chrono::milliseconds turn();

 private:
  void on_records(PartitionIndex partition, std::span<Record> records) override;
  void on_end_of_partition(PartitionIndex, Offset) override {}
  void on_partition_failed(PartitionIndex partition, const Error& error) override;
  void on_source_trouble(const Error& error) override;
  void tell();
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<Offset> end();

  const TopicPartition partition_;
  const SchemaTopicPorts ports_;
  const LogContext log_;
  const std::function<void(const SchemaHurry&)> changed_;
  std::unique_ptr<Source> source_;  // absent: to be opened
  SchemaHurry hurry_;               // of this turn
  SchemaHurry again_;               // to be told once more
  Clock::Steady again_at_{};
  std::optional<Error> failure_;  // the same
  std::string told_;              // what was logged last
};

}  // namespace longspan
