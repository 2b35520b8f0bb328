// What every admin call shares: asking, and making the client.
#include "mirror/kafka/admin_client.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "mirror/kafka/conf.h"

namespace longspan {
namespace kafka {

void KafkaAdmin::refresh_metadata(const Client& client) {
  constexpr int kPatienceMs = 1000;
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client.get(), 0, nullptr, &raw, kPatienceMs);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(raw);
}

// For a while after a broker died its cluster may still name it as the controller, any one where
// there are several; the library then waits for it as long as the request may take. To whom a
// newer answer names it turns at once.
KafkaEvent KafkaAdmin::await_answer(const Client& client, rd_kafka_queue_t* queue) const {
  constexpr std::chrono::milliseconds kAskAgain{1000};
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms_) + kAskAgain;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    const auto patience = std::clamp(left, std::chrono::milliseconds(0), kAskAgain);
    KafkaEvent event(rd_kafka_queue_poll(queue, static_cast<int>(patience.count())));
    if (event || left <= kAskAgain) return event;
    refresh_metadata(client);
  }
}

Queue KafkaAdmin::begin(const Client& client, rd_kafka_admin_op_t op, const Submit& submit,
                        std::optional<Isolation> isolation, std::optional<int> timeout_ms) const {
  const AdminOptions options(rd_kafka_AdminOptions_new(client.get(), op));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms.value_or(timeout_ms_),
                                            reason.data(), reason.size());
#if RD_KAFKA_VERSION >= 0x020300ff
  if (isolation) {
    const KafkaError ignored(rd_kafka_AdminOptions_set_isolation_level(
        options.get(), *isolation == Isolation::read_committed
                           ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                           : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  }
#else
  (void)isolation;
#endif
  Queue queue(rd_kafka_queue_new(client.get()));
  submit(options.get(), queue.get());
  return queue;
}

Result<KafkaEvent> KafkaAdmin::answer_to(const Client& client, const std::string& doing,
                                         const Queue& asked) const {
  KafkaEvent event = await_answer(client, asked.get());
  if (!event) {
    rebootstrap_.note(RD_KAFKA_RESP_ERR__TIMED_OUT);
    rebootstrap_.turn();
    return fail(Next::retry, doing + ": no answer in time", where_);
  }
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return error_of(code, doing, "", rd_kafka_event_error_string(event.get()));
  }
  return event;
}

}  // namespace kafka

Result<std::unique_ptr<Admin>> make_admin(const ClusterConfig& cluster,
                                          const std::string& client_id,
                                          std::chrono::milliseconds timeout) {
  auto conf = kafka::make_conf(cluster, kafka::Role::admin, client_id, {});
  if (!conf) return conf.error();
  const std::string where = "cluster=" + cluster.alias;
  // The events are drained nowhere: errors reach the caller through each call's own answer.
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), where);
  if (!client) return client.error();
  auto make_group_client = [cluster, client_id,
                            where](const std::string& group) -> Result<kafka::Client> {
    auto own = kafka::make_conf(cluster, kafka::Role::admin, client_id, {{"group.id", group}});
    if (!own) return own.error();
    return kafka::open_client(RD_KAFKA_CONSUMER, std::move(*own), where);
  };
  return std::unique_ptr<Admin>(std::make_unique<kafka::KafkaAdmin>(
      std::move(*client), where, timeout, std::move(make_group_client)));
}

}  // namespace longspan
