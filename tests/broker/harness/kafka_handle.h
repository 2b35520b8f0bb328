// tests/broker/harness/kafka_handle.h - librdkafka handles of the tests, opened from a map of
// settings.
//
// The tests keep their own small client code, apart from mirror/kafka/: an oracle that shares the
// code under test proves nothing.
// Errors:  HarnessError with librdkafka's own words; GoogleTest reports it as the test's failure.
// Threads: a handle is used by the thread that opened it.
// Owns:    the handle closes itself; librdkafka keeps a conf only when the open succeeded.

#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace longspan::harness {

struct HarnessError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Destroy(pointer);
  }
};
template <class T, auto Destroy>
using Handle = std::unique_ptr<T, Destroyer<Destroy>>;

using Client = Handle<rd_kafka_t, rd_kafka_destroy>;
using Queue = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Partitions = Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using Message = Handle<rd_kafka_message_t, rd_kafka_message_destroy>;
using RawError = Handle<rd_kafka_error_t, rd_kafka_error_destroy>;

using Settings = std::map<std::string, std::string>;
using DeliveryCallback = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);

// `delivered` may be null; `opaque` is what it gets as its last argument.
Client open_client(rd_kafka_type_t type, const Settings& settings,
                   DeliveryCallback delivered = nullptr, void* opaque = nullptr);

void require(bool condition, const std::string& what);
void require_ok(rd_kafka_resp_err_t error, const std::string& doing);
// Takes the error: null means fine.
void require_ok(rd_kafka_error_t* error, const std::string& doing);

}  // namespace longspan::harness
