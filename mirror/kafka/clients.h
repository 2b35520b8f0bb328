// mirror/kafka/clients.h - the real Source, Sink, Admin, Clock and Wakeup: librdkafka behind ports.
//
// The only header of this folder that other folders include: it names no librdkafka type.
//
// Errors:  wrong client properties or an unreachable library feature come back as Error; trouble
//          with brokers comes later, through the ports.
// Threads: each object belongs to one thread, but see the port; make_* may be called anywhere.
// Owns:    every object owns its client handle; `wakeup` must outlive source and sink.
// Limits:  SourceLimits and SinkLimits bound the memory of one handle, headers and per-record
//          overhead included, except the inflated size of one fetched batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mirror/admin.h"
#include "mirror/clocks/probe_client.h"
#include "mirror/flow_config.h"
#include "mirror/ports.h"

namespace longspan {

enum class Isolation : std::uint8_t { read_committed, read_uncommitted };

struct SourceLimits {
  std::int64_t bytes_max = 128LL << 20;  // of fetched, undelivered data
  std::int32_t partitions_max = 16;      // the bytes are divided for this many partitions
  Isolation isolation = Isolation::read_committed;
  std::chrono::microseconds round_trip{1000};  // measured; sizes fetches and socket buffers
  bool for_probes = false;  // quick answers to many starts are wanted, not many records
};

struct SinkLimits {
  static constexpr std::int64_t kBatchBytesMax = 1'000'000;  // Kafka's default limit is just above

  std::int64_t bytes_max = 96LL << 20;            // queued and in flight
  std::int64_t batch_bytes_max = kBatchBytesMax;  // uncompressed; the smallest max.message.bytes
  std::string compression = "lz4";
  std::int64_t record_bytes_max = 100LL << 20;
  std::chrono::microseconds round_trip{1000};
  // Not empty: everything is written in transactions, and a record behind a failed one is kept out
  // by the abort instead of the gapless promise.
  std::string transactional_id = {};
  // Off, for one record at a time: the sink outlives a record that is refused.
  bool is_gapless = true;
  std::chrono::milliseconds transaction_timeout{15000};
};

[[nodiscard]] std::unique_ptr<Wakeup> make_wakeup();
[[nodiscard]] std::unique_ptr<Clock> make_clock();
// `client_id` shows in broker logs and quotas: "longspan|east->west|shard-0|source".
Result<std::unique_ptr<Source>> make_source(const ClusterConfig& cluster,
                                            const std::string& client_id,
                                            const SourceLimits& limits, Wakeup& wakeup);
Result<std::unique_ptr<Sink>> make_sink(const ClusterConfig& cluster, const std::string& client_id,
                                        const SinkLimits& limits, Wakeup& wakeup);
Result<std::unique_ptr<Admin>> make_admin(const ClusterConfig& cluster,
                                          const std::string& client_id,
                                          std::chrono::milliseconds timeout);
Result<std::unique_ptr<ProbeClient>> make_probe_client(const ClusterConfig& cluster,
                                                       const std::string& client_id,
                                                       std::chrono::milliseconds timeout);

// The client library as linked: "2.14.2", and one sentence for each thing that is off because of
// it.
struct LibraryReport {
  std::string version;
  std::vector<std::string> missing;
};
[[nodiscard]] LibraryReport library_report();

// Checks every property of the cluster against the library without connecting: one Error per
// refused property, naming it.
[[nodiscard]] std::vector<Error> check_properties(const ClusterConfig& cluster);

}  // namespace longspan
