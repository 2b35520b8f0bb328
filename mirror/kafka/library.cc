// What the linked client library is, and the checks that need no connection.
#include <librdkafka/rdkafka.h>
#include <time.h>

#include <array>
#include <chrono>

#include "mirror/kafka/clients.h"
#include "mirror/kafka/conf.h"

namespace longspan {
namespace {

struct Lack {
  int below;  // rd_kafka_version() below this lacks it
  const char* sentence;
};

// Source: librdkafka's CHANGELOG.
constexpr auto kLacks = std::to_array<Lack>({
    {0x020601ff, "SCRAM logins fail against Kafka 3.8.1 and later (needs 2.6.1)"},
    {0x020300ff, "topic ids, last stable offsets and start times are unknown (needs 2.3.0)"},
    {0x020200ff, "topic configs cannot be synced incrementally (needs 2.2.0)"},
    {0x020200ff, "fetching pauses for a second whenever a queue is full (needs 2.2.0)"},
    {0x020100ff, "a truncated source log is noticed late (needs 2.1.0)"},
    {0x020d02ff, "known defects in batch reading and positions (fixed in 2.13.2)"},
});

class SystemClock : public Clock {
 public:
  TimestampMs now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
  }
  TimestampUs now_us() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
  // It counts while the machine is suspended, too: what went on elsewhere meanwhile took that long.
  Steady steady() const override {
    timespec at{};
    clock_gettime(CLOCK_BOOTTIME, &at);
    return Steady(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
  }
};

}  // namespace

LibraryReport library_report() {
  LibraryReport report{rd_kafka_version_str(), {}};
  for (const auto& lack : kLacks) {
    if (rd_kafka_version() < lack.below) report.missing.emplace_back(lack.sentence);
  }
  return report;
}

std::vector<Error> check_properties(const ClusterConfig& cluster) {
  return kafka::refused_properties(cluster);
}

std::unique_ptr<Clock> make_clock() { return std::make_unique<SystemClock>(); }

}  // namespace longspan
