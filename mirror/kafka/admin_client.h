// mirror/kafka/admin_client.h - the Admin port on librdkafka's admin calls.
//
// Each call waits for its one answer on a queue of its own. Calls that an older library lacks
// answer with an Error that says so. One .cc per subject: admin_topics, admin_configs,
// admin_offsets, admin_groups.
//
// Errors, Threads: see mirror/admin.h.
// Owns:    its client handle.
// Source:  rdkafka.h, Admin API.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mirror/admin.h"
#include "mirror/kafka/clients.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"
#include "mirror/kafka/rebootstrap.h"

namespace longspan::kafka {

class KafkaAdmin : public Admin {
 public:
  // A client of its own for what is asked of a group; see group_offsets().
  static constexpr int kGroupClientUses = 1'000;
  using MakeGroupClient = std::function<Result<Client>(const std::string& group)>;

  KafkaAdmin(Client client, std::string where, std::chrono::milliseconds timeout,
             MakeGroupClient make_group_client)
      : client_(std::move(client)),
        where_(std::move(where)),
        timeout_ms_(static_cast<int>(timeout.count())),
        make_group_client_(std::move(make_group_client)) {}

  Result<std::string> cluster_id() override;
  Result<std::vector<TopicInfo>> topics() override;
  Result<std::map<std::string, TopicId>> topic_ids(const std::vector<std::string>& names) override;
  Result<void> create_topic(const NewTopic& topic) override;
  Result<void> grow_topic(const std::string& topic, std::int32_t partitions) override;
  Result<std::map<std::string, Result<TopicConfig>>> describe_configs(
      const std::vector<std::string>& topics) override;
  Result<void> alter_config(const std::string& topic,
                            const std::vector<ConfigChange>& changes) override;
  Result<std::map<TopicPartition, Result<PartitionEnds>>> ends(
      const std::vector<TopicPartition>& partitions) override;
  Result<std::map<TopicPartition, std::optional<Offset>>> offsets_for_time(
      const std::vector<TopicPartition>& partitions, TimestampMs at) override;
  Result<std::vector<std::optional<std::int32_t>>> leaders(const std::string& topic) override;
  Result<GroupInfo> describe_group(const std::string& group) override;
  Result<GroupListing> list_groups() override;
  Result<std::map<TopicPartition, Offset>> group_offsets(const std::string& group) override;
  Result<void> commit_offsets(const std::string& group,
                              const std::map<TopicPartition, GroupPosition>& positions) override;

 private:
  using Submit = std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  // Sends by `submit` and waits for its answer.
  Result<KafkaEvent> ask(const std::string& doing, rd_kafka_admin_op_t op, const Submit& submit,
                         std::optional<Isolation> isolation = {}) {
    return ask(client_, doing, op, submit, isolation);
  }
  Result<KafkaEvent> ask(const Client& client, const std::string& doing, rd_kafka_admin_op_t op,
                         const Submit& submit, std::optional<Isolation> isolation = {}) const {
    return answer_to(client, doing, begin(client, op, submit, isolation));
  }
  // The two halves of it, where several are asked at once.
  Queue begin(const Client& client, rd_kafka_admin_op_t op, const Submit& submit,
              std::optional<Isolation> isolation, std::optional<int> timeout_ms = {}) const;
  Result<KafkaEvent> answer_to(const Client& client, const std::string& doing,
                               const Queue& asked) const;
  // Of brokers and of the topics that the client knows; a second at most.
  static void refresh_metadata(const Client& client);
  // Absent: none came in time.
  KafkaEvent await_answer(const Client& client, rd_kafka_queue_t* queue) const;
  Error error_of(rd_kafka_resp_err_t code, const std::string& doing, const std::string& topic,
                 const char* detail = nullptr) const {
    rebootstrap_.note(code);
    rebootstrap_.turn();
    return to_error(code, doing, topic.empty() ? where_ : where_ + " topic=" + topic, detail);
  }
  Result<void> topic_answer(const std::string& doing, const std::string& topic,
                            const rd_kafka_topic_result_t* const* results, std::size_t count) const;
  void add_topic_ids(std::vector<TopicInfo>& topics);
  // ListOffsets with a spec (or a timestamp) for every partition, and what came of it.
  Queue list_offsets(const std::vector<TopicPartition>& partitions, std::int64_t spec,
                     Isolation isolation, int timeout_ms) const;
  Result<std::map<TopicPartition, Result<std::int64_t>>> listed(
      const std::vector<TopicPartition>& partitions, const Queue& asked) const;
  // The ends, as far as they come within `timeout_ms`.
  Result<std::map<TopicPartition, Result<PartitionEnds>>> ends_within(
      const std::vector<TopicPartition>& partitions, int timeout_ms);
  std::map<TopicPartition, Result<PartitionEnds>> watermarks(
      const std::vector<TopicPartition>& partitions);
  [[nodiscard]] Result<void> open_group_client(const std::string& group);
  Result<void> set_group_offsets(const Client& client, const std::string& group,
                                 const std::map<TopicPartition, GroupPosition>& positions) const;
  Result<std::map<TopicPartition, Offset>> ask_group_offsets(const Client& client,
                                                             const std::string& group) const;

  Client client_;
  mutable Rebootstrap rebootstrap_{client_.get()};  // what errors tell of the client
  std::string where_;
  int timeout_ms_;
  MakeGroupClient make_group_client_;
  Client group_client_;  // absent: to be made
  int group_client_uses_ = 0;
};

}  // namespace longspan::kafka
