#include "tests/bench/steady_load.h"

#include <cstring>

namespace longspan::bench {

using harness::require;
using harness::require_ok;

int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

SteadyLoad::SteadyLoad(const Arguments& arguments)
    : rate_(arguments.number("rate")),
      partitions_(static_cast<int32_t>(arguments.number("partitions"))),
      value_(static_cast<size_t>(arguments.number("bytes")), 'x'),
      client_(
          harness::open_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", arguments.text("source")},
                                                   {"enable.idempotence", "true"},
                                                   {"linger.ms", "0"}})),
      topic_(rd_kafka_topic_new(client_.get(), arguments.text("source-topic").c_str(), nullptr)) {
  // Incompressible enough for what it is; such runs do not compress.
  for (size_t i = 0; i < value_.size(); ++i) value_[i] = static_cast<char>('a' + i * 7 % 26);
}

void SteadyLoad::send(int64_t sequence) {
  const Stamp stamp{sequence, now_ns()};
  std::memcpy(value_.data(), &stamp, sizeof stamp);
  const auto partition = static_cast<int32_t>(sent_++ % partitions_);
  require(rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, value_.data(), value_.size(),
                           nullptr, 0, nullptr) == 0,
          "produce");
}

void assign_all(rd_kafka_t* consumer, const std::string& topic, int partitions) {
  const harness::Partitions list(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = 0;
  }
  require_ok(rd_kafka_assign(consumer, list.get()), "assign");
}

}  // namespace longspan::bench
