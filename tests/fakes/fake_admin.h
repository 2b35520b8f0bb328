// tests/fakes/fake_admin.h - an Admin of a FakeCluster.
//
// Errors:  every call answers Next::retry while the cluster is not reachable.
// Threads: one.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "mirror/admin.h"
#include "tests/fakes/fake_cluster.h"

namespace longspan {

class FakeAdmin final : public Admin {
 public:
  explicit FakeAdmin(FakeCluster& cluster) : cluster_(cluster) {}

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

  // What a topic answers for configs nobody set, as from the broker's defaults.
  std::map<std::string, std::string> config_defaults = {{"cleanup.policy", "delete"},
                                                        {"retention.ms", "604800000"},
                                                        {"compression.type", "producer"},
                                                        {"max.message.bytes", "1048588"}};
  std::optional<Error> refuse_writes;                 // create, grow, alter answer with it
  std::map<std::string, GroupState> group_states;     // what is not in it is empty
  std::map<std::string, Error> group_errors;          // group_offsets answers with it
  std::optional<Error> listing_error;                 // list_groups tells of it, beside the groups
  std::set<std::string> hidden_groups;                // list_groups leaves them out
  int lists = 0;                                      // of groups, that were answered
  std::map<TopicPartition, std::int32_t> leaders_of;  // what is not in it is led by 1
  std::vector<std::pair<std::string, std::map<TopicPartition, GroupPosition>>> set_offsets = {};
  std::function<void()> before_group_offsets;  // what happens while groups are asked; may be empty
  int calls = 0;

 private:
  [[nodiscard]] std::optional<Error> unreachable();
  [[nodiscard]] std::optional<Error> refused(const std::string& topic);

  FakeCluster& cluster_;
};

}  // namespace longspan
