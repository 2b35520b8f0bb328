// How long a process that is given a slot reads its state: on a real broker, as the ownership group
// reads it, from the slot's assignment to its end, with every record applied.
// state_read --target B [--partitions 10000] [--writes 5] [--blocks 1]
//
// The state topic is made, filled and deleted here: `writes` positions of each partition (what the
// cleaner has not removed yet), and as many full blocks of its offset map.

#include <chrono>
#include <iostream>
#include <string>

#include "mirror/kafka/clients.h"
#include "mirror/membership.h"
#include "mirror/state/records.h"
#include "mirror/state/slot_state.h"
#include "tests/bench/arguments.h"
#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/topics.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

PartitionIdentity identity(std::int64_t partition) {
  return {{"shop.orders", static_cast<std::int32_t>(partition)}, TopicId{1}};
}

Position position(std::int64_t writes, std::int32_t blocks) {
  Position out;
  out.target_topic = "east.shop.orders";
  out.next_source = Offset{1'000'000 + writes};
  out.next_target = Offset{1'000'000 + writes};
  out.blocks = blocks;
  out.last_timestamp = TimestampMs{1'795'222'923'456};
  out.records_per_1000_s = 1'234'567;
  out.fingerprint_offset = out.next_source;
  out.fingerprint = 0x123456789abcdef;
  return out;
}

MapPiece block() {
  MapPiece out;
  for (std::int64_t i = 0; i < kSegmentsPerBlock; ++i) {
    out.segments.push_back({Offset{i * 200}, Offset{i * 201}, 199});
  }
  return out;
}

class Filler {
 public:
  Filler(const std::string& bootstrap, std::string topic)
      : client_(harness::open_client(
            RD_KAFKA_PRODUCER,
            {{"bootstrap.servers", bootstrap}, {"compression.codec", "lz4"}, {"linger.ms", "50"}})),
        topic_(std::move(topic)) {}

  void put(const StateKey& key, const std::string& value) {
    const std::string bytes = encode_key(key);
    for (;;) {
      const auto code = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(bytes.data(), bytes.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return harness::require_ok(code, "produce");
      rd_kafka_poll(client_.get(), 10);
    }
  }
  void flush() { harness::require_ok(rd_kafka_flush(client_.get(), 120'000), "flush"); }

 private:
  harness::Client client_;
  std::string topic_;
};

struct Restore final : MembershipEvents {
  void on_slots_assigned(const std::vector<std::int32_t>&) override { begun = steady_clock::now(); }
  void on_slots_revoked(const std::vector<std::int32_t>&) override {}
  void on_slots_lost(const std::vector<std::int32_t>&) override {}
  void on_state_record(std::int32_t, std::string_view key,
                       std::optional<std::string_view> value) override {
    ++records;
    harness::require(state.apply(key, value).has_value(), "a state record");
  }
  void on_slot_end(std::int32_t, Offset next) override {
    if (next.value > 0) ended = steady_clock::now();
  }
  void on_membership_trouble(const Error& error) override {
    throw harness::HarnessError(error.text());
  }

  SlotState state;
  std::int64_t records = 0;
  std::optional<steady_clock::time_point> begun;
  std::optional<steady_clock::time_point> ended;
};

int run(const Arguments& arguments) {
  const std::string bootstrap = arguments.text("target");
  const auto partitions = arguments.number("partitions", 10'000);
  const auto writes = arguments.number("writes", 5);
  const auto blocks = static_cast<std::int32_t>(arguments.number("blocks", 0));
  const std::string topic =
      "bench.state." + std::to_string(steady_clock::now().time_since_epoch().count());
  harness::Admin admin(bootstrap);
  admin.create({.name = topic, .partitions = 1});
  Filler filler(bootstrap, topic);
  const std::string full = encode(block());
  for (std::int64_t p = 0; p < partitions; ++p) {
    const auto [source, id] = identity(p);
    for (std::int32_t b = 0; b < blocks; ++b) filler.put(MapKey{source, id, b, 0, 1}, full);
    for (std::int64_t w = 0; w < writes; ++w) {
      filler.put(PositionKey{source, id, 1}, encode(position(w, blocks)));
    }
  }
  filler.flush();

  ClusterConfig cluster;
  cluster.alias = "bench";
  cluster.common = {{"bootstrap.servers", bootstrap}};
  const auto wakeup = make_wakeup();
  auto membership =
      make_membership(cluster, "bench", {topic, std::chrono::milliseconds(10'000)}, *wakeup);
  harness::require(membership.has_value(), "membership");
  harness::require((*membership)->join().has_value(), "join");
  Restore restore;
  while (!restore.ended) {
    const bool has_more = (*membership)->poll(restore);
    if (!has_more && !restore.ended) wakeup->wait(std::chrono::milliseconds(100));
  }
  (*membership)->leave();
  const std::chrono::duration<double> took = *restore.ended - *restore.begun;
  std::cout << restore.records << " records, " << restore.state.partitions().size()
            << " partitions: " << took.count() << " s\n";
  admin.remove(topic);
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "state_read", longspan::bench::run);
}
