#include "mirror/kafka/handles.h"

#include <chrono>
#include <string>

#include "mirror/kafka/bounded_call.h"
#include "tracing/log.h"

namespace longspan::kafka {

namespace {
constexpr std::chrono::seconds kCloseBound{3};
}

void close_client(rd_kafka_t* client) {
  const std::string name = rd_kafka_name(client);
  if (ends_within(kCloseBound, [client] { rd_kafka_destroy(client); })) return;
  log_warn("client_left_behind",
           {{"client", name},
            {"text",
             "the client library does not end it; its threads and memory stay until this "
             "process ends"}});
}

void close_queue(rd_kafka_queue_t* queue) {
  rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
  rd_kafka_queue_destroy(queue);
}

}  // namespace longspan::kafka
