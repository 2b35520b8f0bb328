// The Membership port on librdkafka's group consumer: cooperative-sticky on the state topic.
#include "mirror/membership.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"
#include "mirror/kafka/rebootstrap.h"
#include "mirror/kafka/wakeup.h"

namespace longspan {
namespace kafka {
namespace {

// The client's main thread looks whether a heartbeat is due only when it is woken, and nothing else
// wakes it more often than once a second.
constexpr std::chrono::milliseconds kWakeInterval{200};

std::vector<OwnProperty> membership_properties(const MembershipConfig& config) {
  const auto session_ms = config.session_timeout.count();
  return {
      {"group.id", config.topic},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", std::to_string(session_ms)},
      // Survivors learn of a death by their next heartbeat, and who gets a slot that it is free.
      {"heartbeat.interval.ms", std::to_string(std::min<std::int64_t>(session_ms / 20, 1000))},
      // A frozen process that wakes up later than this has lost its slots for certain.
      {"max.poll.interval.ms", std::to_string(std::max<std::int64_t>(session_ms, 60000))},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "earliest"},
      {"enable.partition.eof", "true"},
      {"isolation.level", "read_committed"},
      {"check.crcs", "true"},
      {"queued.max.messages.kbytes", "4096"},
      {"fetch.message.max.bytes", "1048576"},
      // A slot that is taken waits for the fetch that is out, and its end for another.
      {"fetch.wait.max.ms", "100"},
      {"fetch.queue.backoff.ms", "5", true},
  };
}

using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                      Deleter<rd_kafka_consumer_group_metadata_destroy>>;

// Asks the client's main thread.
GroupMetadata group_metadata(rd_kafka_t* client) {
  return GroupMetadata(rd_kafka_consumer_group_metadata(client));
}

class KafkaMembership final : public Membership {
 public:
  KafkaMembership(Client client, std::string topic, const EventFdWakeup& wakeup)
      : client_(std::move(client)),
        topic_(std::move(topic)),
        queue_(rd_kafka_queue_get_consumer(client_.get())) {
    rd_kafka_poll_set_consumer(client_.get());
    wakeup.watch(queue_.get());
  }

  ~KafkaMembership() override {
    if (!left_) leave();
  }

  Result<void> join() override;
  bool poll(MembershipEvents& events) override;
  void release(const std::vector<std::int32_t>& slots) override;
  [[nodiscard]] std::int32_t generation() const override;
  void leave() override;

 private:
  void wake_main_thread();
  PartitionList list_of(const std::vector<std::int32_t>& slots, std::int64_t offset) const;
  void on_rebalance(MembershipEvents& events, rd_kafka_event_t* event);
  void on_error(MembershipEvents& events, rd_kafka_event_t* event);
  void on_message(MembershipEvents& events, const rd_kafka_message_t* message);

  Client client_;
  Rebootstrap rebootstrap_{client_.get()};
  std::string topic_;
  Queue queue_;
  bool left_ = false;
  std::chrono::steady_clock::time_point woken_at_;
};

Result<void> KafkaMembership::join() {
  const PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(client_.get(), topics.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return to_error(code, "cannot join the ownership group", "group=" + topic_);
}

bool KafkaMembership::poll(MembershipEvents& events) {
  constexpr int kEventsMax = 1000;  // then the caller gets its turn
  wake_main_thread();
  rebootstrap_.turn();
  for (int i = 0; i < kEventsMax; ++i) {
    const KafkaEvent event(rd_kafka_queue_poll(queue_.get(), 0));
    if (!event) return false;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_REBALANCE:
        on_rebalance(events, event.get());
        break;
      case RD_KAFKA_EVENT_FETCH:
        while (const auto* message = rd_kafka_event_message_next(event.get())) {
          on_message(events, message);
        }
        break;
      case RD_KAFKA_EVENT_ERROR:
        on_error(events, event.get());
        break;
      default:
        break;
    }
  }
  return true;
}

void KafkaMembership::wake_main_thread() {
  const auto now = std::chrono::steady_clock::now();
  if (now - woken_at_ < kWakeInterval) return;
  woken_at_ = now;
  std::ignore = group_metadata(client_.get());
}

// The end of a partition is an error event here: fetch events hold records only.
void KafkaMembership::on_error(MembershipEvents& events, rd_kafka_event_t* event) {
  using Place =
      std::unique_ptr<rd_kafka_topic_partition_t, Deleter<rd_kafka_topic_partition_destroy>>;
  const auto code = rd_kafka_event_error(event);
  if (const Place place{rd_kafka_event_topic_partition(event)};
      place && code == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    events.on_slot_end(place->partition, Offset{place->offset});
    return;
  }
  rebootstrap_.note(code);
  events.on_membership_trouble(
      to_error(code, "trouble with the ownership group", "", rd_kafka_event_error_string(event)));
}

PartitionList KafkaMembership::list_of(const std::vector<std::int32_t>& slots,
                                       std::int64_t offset) const {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(slots.size())));
  for (const auto slot : slots) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), slot)->offset = offset;
  }
  return list;
}

void KafkaMembership::on_rebalance(MembershipEvents& events, rd_kafka_event_t* event) {
  const auto* partitions = rd_kafka_event_topic_partition_list(event);
  std::vector<std::int32_t> slots;
  for (int i = 0; i < partitions->cnt; ++i) slots.push_back(partitions->elems[i].partition);
  const auto code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    // Every slot is read from its beginning: that is how its state is restored.
    const auto list = list_of(slots, RD_KAFKA_OFFSET_BEGINNING);
    const KafkaError refused(rd_kafka_incremental_assign(client_.get(), list.get()));
    if (!refused) {
      events.on_slots_assigned(slots);
      return;
    }
    events.on_membership_trouble(to_error(rd_kafka_error_code(refused.get()),
                                          "cannot take the slots", "",
                                          rd_kafka_error_string(refused.get())));
    return;
  }
  if (rd_kafka_assignment_lost(client_.get()) != 0) {
    events.on_slots_lost(slots);
  } else {
    events.on_slots_revoked(slots);
  }
}

void KafkaMembership::on_message(MembershipEvents& events, const rd_kafka_message_t* message) {
  const auto slot = message->partition;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    events.on_slot_end(slot, Offset{message->offset});
    return;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    events.on_membership_trouble(to_error(message->err, "cannot read the state topic",
                                          "slot=" + std::to_string(slot),
                                          static_cast<const char*>(message->payload)));
    return;
  }
  std::optional<std::string_view> value;
  if (message->payload != nullptr) {
    value.emplace(static_cast<const char*>(message->payload), message->len);
  }
  events.on_state_record(
      slot,
      {static_cast<const char*>(message->key), message->key == nullptr ? 0 : message->key_len},
      value);
}

void KafkaMembership::release(const std::vector<std::int32_t>& slots) {
  const auto list = list_of(slots, RD_KAFKA_OFFSET_INVALID);
  const KafkaError ignored(rd_kafka_incremental_unassign(client_.get(), list.get()));
}

// Closing asks once more for the slots back; the caller has given them up already.
std::int32_t KafkaMembership::generation() const {
#if RD_KAFKA_VERSION >= 0x020d02ff
  if (const auto metadata = group_metadata(client_.get())) {
    return std::max(rd_kafka_consumer_group_metadata_generation_id(metadata.get()), 0);
  }
#endif
  return 0;
}

void KafkaMembership::leave() {
  constexpr auto kPatience = std::chrono::seconds(2);
  left_ = true;
  const KafkaError refused(rd_kafka_consumer_close_queue(client_.get(), queue_.get()));
  if (refused) return;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (rd_kafka_consumer_closed(client_.get()) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    const KafkaEvent event(rd_kafka_queue_poll(queue_.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
      rd_kafka_assign(client_.get(), nullptr);
    }
  }
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<Membership>> make_membership(const ClusterConfig& target,
                                                    const std::string& client_id,
                                                    const MembershipConfig& config,
                                                    Wakeup& wakeup) {
  auto conf = kafka::make_conf(target, kafka::Role::membership, client_id,
                               kafka::membership_properties(config));
  if (!conf) return conf.error();
  rd_kafka_conf_set_events(conf->get(),
                           RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR);
  auto client = kafka::open_client(RD_KAFKA_CONSUMER, std::move(*conf), "cluster=" + target.alias);
  if (!client) return client.error();
  return std::unique_ptr<Membership>(std::make_unique<kafka::KafkaMembership>(
      std::move(*client), config.topic, static_cast<kafka::EventFdWakeup&>(wakeup)));
}

}  // namespace longspan
