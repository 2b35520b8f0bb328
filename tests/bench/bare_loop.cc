// The bare loop: what librdkafka alone does when one thread reads batches and produces copies.
// bare_loop --source B --target B --source-topic T --target-topic T --partitions P --codec C
//
// It keeps order, bytes, headers and timestamps, writes idempotently with acks=all and checks CRCs;
// it keeps no position, restores nothing and survives nothing. It runs until it is killed.

#include <array>
#include <string>
#include <vector>

#include "tests/bench/arguments.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::bench {
namespace {

using harness::Client;
using harness::Queue;
using harness::require;
using harness::require_ok;

constexpr size_t kBatch = 10'000;
constexpr int kPollMs = 1;

Client open_consumer(const Arguments& arguments) {
  return harness::open_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", arguments.text("source")},
                                                  {"group.id", "bench-bare-loop"},
                                                  {"enable.auto.commit", "false"},
                                                  {"auto.offset.reset", "error"},
                                                  {"isolation.level", "read_committed"},
                                                  {"check.crcs", "true"},
                                                  {"fetch.message.max.bytes", "8388608"},
                                                  {"fetch.max.bytes", "67108864"},
                                                  {"receive.message.max.bytes", "134217728"},
                                                  {"fetch.wait.max.ms", "100"},
                                                  {"fetch.queue.backoff.ms", "2"},
                                                  {"queued.min.messages", "1000000"}});
}

Client open_producer(const Arguments& arguments) {
  return harness::open_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", arguments.text("target")},
                                                  {"compression.codec", arguments.text("codec")},
                                                  {"enable.idempotence", "true"},
                                                  {"acks", "all"},
                                                  {"linger.ms", "5"},
                                                  {"batch.size", "1000000"},
                                                  {"batch.num.messages", "100000"},
                                                  {"message.max.bytes", "16000000"},
                                                  {"queue.buffering.max.messages", "500000"},
                                                  {"queue.buffering.max.kbytes", "262144"}});
}

void assign_all(rd_kafka_t* consumer, const Arguments& arguments) {
  const auto count = static_cast<int>(arguments.number("partitions"));
  const harness::Partitions list(rd_kafka_topic_partition_list_new(count));
  for (int p = 0; p < count; ++p) {
    const std::string topic = arguments.text("source-topic");
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = 0;
  }
  require_ok(rd_kafka_assign(consumer, list.get()), "assign");
}

rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
  rd_kafka_vu_t vu{};
  vu.vtype = type;
  return vu;
}

// Produces a copy; false when the queue is full and the record has to be offered again.
bool copy(rd_kafka_t* producer, rd_kafka_topic_t* topic, rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  rd_kafka_message_detach_headers(message, &headers);
  std::array<rd_kafka_vu_t, 7> args = {
      argument(RD_KAFKA_VTYPE_RKT),      argument(RD_KAFKA_VTYPE_PARTITION),
      argument(RD_KAFKA_VTYPE_MSGFLAGS), argument(RD_KAFKA_VTYPE_KEY),
      argument(RD_KAFKA_VTYPE_VALUE),    argument(RD_KAFKA_VTYPE_TIMESTAMP),
      argument(RD_KAFKA_VTYPE_HEADERS)};
  args[0].u.rkt = topic;
  args[1].u.i32 = message->partition;
  args[2].u.i = RD_KAFKA_MSG_F_COPY;
  args[3].u.mem = {message->key, message->key_len};
  args[4].u.mem = {message->payload, message->len};
  args[5].u.i64 = rd_kafka_message_timestamp(message, nullptr);
  args[6].u.headers = headers;
  const size_t count = headers == nullptr ? args.size() - 1 : args.size();
  const harness::RawError error(rd_kafka_produceva(producer, args.data(), count));
  if (error == nullptr) return true;
  require(rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL, "produce");
  if (headers != nullptr) rd_kafka_message_set_headers(message, headers);
  return false;
}

// Without a delivery callback librdkafka keeps no reports; polling only serves errors.
[[noreturn]] int run(const Arguments& arguments) {
  const Client consumer = open_consumer(arguments);
  const Client producer = open_producer(arguments);
  const Queue queue(rd_kafka_queue_get_consumer(consumer.get()));
  rd_kafka_topic_t* topic =
      rd_kafka_topic_new(producer.get(), arguments.text("target-topic").c_str(), nullptr);
  assign_all(consumer.get(), arguments);
  std::vector<rd_kafka_message_t*> batch(kBatch);
  while (true) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue.get(), kPollMs, batch.data(), batch.size());
    for (ssize_t i = 0; i < count; ++i) {
      require_ok(batch[static_cast<size_t>(i)]->err, "read");
      while (!copy(producer.get(), topic, batch[static_cast<size_t>(i)])) {
        rd_kafka_poll(producer.get(), kPollMs);
      }
      rd_kafka_message_destroy(batch[static_cast<size_t>(i)]);
    }
    rd_kafka_poll(producer.get(), 0);
  }
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "bare_loop", longspan::bench::run);
}
