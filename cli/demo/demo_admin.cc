#include "cli/demo/demo_admin.h"

#include <utility>

namespace longspan::demo {
namespace {

class DemoAdmin : public Admin {
 public:
  DemoAdmin(EmbeddedCluster& cluster, std::unique_ptr<Admin> inner,
            std::unique_ptr<EmbeddedTopics> topics)
      : cluster_(cluster), inner_(std::move(inner)), topics_(std::move(topics)) {}

  Result<std::string> cluster_id() override { return inner_->cluster_id(); }
  Result<std::vector<TopicInfo>> topics() override { return topics_->list(); }
  Result<std::map<TopicPartition, Result<PartitionEnds>>> ends(
      const std::vector<TopicPartition>& partitions) override {
    return inner_->ends(partitions);
  }
  Result<std::map<TopicPartition, Offset>> group_offsets(const std::string& group) override {
    return inner_->group_offsets(group);
  }
  Result<void> commit_offsets(const std::string& group,
                              const std::map<TopicPartition, GroupPosition>& positions) override {
    return inner_->commit_offsets(group, positions);
  }

  Result<void> create_topic(const NewTopic& topic) override {
    return cluster_.create_topic(topic.name, topic.partitions);
  }
  Result<void> grow_topic(const std::string& topic, std::int32_t) override {
    return fail(Next::park_partition, "an embedded cluster cannot add partitions",
                "topic=" + topic);
  }
  Result<std::map<std::string, Result<TopicConfig>>> describe_configs(
      const std::vector<std::string>& topics) override {
    std::map<std::string, Result<TopicConfig>> answer;
    for (const auto& topic : topics) answer.emplace(topic, TopicConfig());
    return answer;
  }
  Result<void> alter_config(const std::string& topic, const std::vector<ConfigChange>&) override {
    return fail(Next::park_partition, "an embedded cluster has no topic configs", "topic=" + topic);
  }
  Result<std::map<TopicPartition, std::optional<Offset>>> offsets_for_time(
      const std::vector<TopicPartition>&, TimestampMs) override {
    return fail(Next::park_partition, "an embedded cluster cannot look up records by time");
  }
  Result<GroupInfo> describe_group(const std::string& group) override {
    return fail(Next::park_partition, "an embedded cluster cannot describe groups",
                "group=" + group);
  }
  // Those of the demo's own readers, of which nobody says more than that they are there.
  Result<GroupListing> list_groups() override {
    GroupListing listing;
    for (auto& group : cluster_.groups()) {
      listing.groups.emplace(std::move(group), GroupState::unknown);
    }
    return listing;
  }

 private:
  EmbeddedCluster& cluster_;
  std::unique_ptr<Admin> inner_;
  std::unique_ptr<EmbeddedTopics> topics_;
};

}  // namespace

std::unique_ptr<Admin> make_demo_admin(EmbeddedCluster& cluster, std::unique_ptr<Admin> inner,
                                       std::unique_ptr<EmbeddedTopics> topics) {
  return std::make_unique<DemoAdmin>(cluster, std::move(inner), std::move(topics));
}

}  // namespace longspan::demo
