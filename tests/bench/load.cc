// Fills a topic that the measurements read: load --bootstrap B --topic T --partitions P --records N
// --bytes S --codec C. With --records 0 it only creates the topic.
//
// Payload: every byte one of 32 letters, drawn evenly: 5 bits of entropy a byte, so lz4 finds
// little and zstd about a third. Keys are eight bytes. The seed is fixed: runs are comparable.

#include <cstdint>
#include <random>
#include <string>

#include "tests/bench/arguments.h"
#include "tests/broker/harness/topics.h"

namespace longspan::bench {
namespace {

using harness::require;
using harness::require_ok;

constexpr size_t kPoolBytes = 8 << 20;

std::string random_pool() {
  std::mt19937_64 random(20240229);
  std::string pool(kPoolBytes, '\0');
  for (char& c : pool) c = "abcdefghijklmnopqrstuvwxyz012345"[random() % 32];
  return pool;
}

harness::Client open_producer(const Arguments& arguments) {
  return harness::open_client(RD_KAFKA_PRODUCER,
                              {{"bootstrap.servers", arguments.text("bootstrap")},
                               {"compression.codec", arguments.text("codec", "none")},
                               {"enable.idempotence", "true"},
                               {"linger.ms", "20"},
                               {"batch.size", "1000000"},
                               {"batch.num.messages", "100000"},
                               {"queue.buffering.max.messages", "200000"}});
}

void produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const Arguments& arguments) {
  const std::string pool = random_pool();
  const auto bytes = static_cast<size_t>(arguments.number("bytes"));
  const auto partitions = static_cast<int32_t>(arguments.number("partitions"));
  const int64_t records = arguments.number("records");
  std::mt19937_64 random(1);
  for (int64_t i = 0; i < records;) {
    char* value = const_cast<char*>(pool.data()) + random() % (kPoolBytes - bytes);
    const int result = rd_kafka_produce(topic, static_cast<int32_t>(i % partitions),
                                        RD_KAFKA_MSG_F_COPY, value, bytes, &i, sizeof i, nullptr);
    if (result == 0) ++i;
    if (result != 0) require(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL, "produce");
    rd_kafka_poll(client, result == 0 ? 0 : 10);
  }
  require_ok(rd_kafka_flush(client, 300'000), "flush");
}

int run(const Arguments& arguments) {
  harness::Admin admin(arguments.text("bootstrap"));
  const std::string name = arguments.text("topic");
  const int64_t records = arguments.number("records");
  admin.create({.name = name,
                .partitions = static_cast<int32_t>(arguments.number("partitions")),
                .configs = {{"max.message.bytes", "16000000"}, {"compression.type", "producer"}}});
  if (records == 0) return 0;
  const harness::Client client = open_producer(arguments);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client.get(), name.c_str(), nullptr);
  produce(client.get(), topic, arguments);
  rd_kafka_topic_destroy(topic);
  require(admin.records(name) == records, "not every record arrived in " + name);
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "load", longspan::bench::run);
}
