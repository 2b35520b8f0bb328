#include "tests/fakes/fake_admin.h"

namespace longspan {

namespace {

Error unknown_topic(const std::string& topic) {
  return {Next::park_partition, kafka_code::kUnknownTopic, "unknown topic or partition",
          "topic=" + topic};
}

}  // namespace

std::optional<Error> FakeAdmin::unreachable() {
  ++calls;
  if (cluster_.reachable()) return std::nullopt;
  return Error{Next::retry, kafka_code::kRequestTimedOut, "no broker is reachable", "fake"};
}

std::optional<Error> FakeAdmin::refused(const std::string& topic) {
  if (auto error = unreachable()) return error;
  if (refuse_writes) return refuse_writes;
  if (!cluster_.has_topic(topic)) return unknown_topic(topic);
  return std::nullopt;
}

Result<std::string> FakeAdmin::cluster_id() {
  if (auto error = unreachable()) return *error;
  return cluster_.cluster_id();
}

Result<std::vector<TopicInfo>> FakeAdmin::topics() {
  if (auto error = unreachable()) return *error;
  std::vector<TopicInfo> out;
  for (const auto& [name, topic] : cluster_.topics()) {
    const auto partitions = static_cast<std::int32_t>(topic.partitions.size());
    out.push_back({name, topic.id, topic.error ? 0 : partitions, topic.error});
  }
  return out;
}

Result<std::map<std::string, TopicId>> FakeAdmin::topic_ids(const std::vector<std::string>& names) {
  if (auto error = unreachable()) return *error;
  std::map<std::string, TopicId> ids;
  for (const auto& name : names) {
    if (cluster_.has_topic(name)) ids.emplace(name, cluster_.topic(name).id);
  }
  return ids;
}

Result<void> FakeAdmin::create_topic(const NewTopic& topic) {
  if (auto error = unreachable()) return *error;
  if (refuse_writes) return *refuse_writes;
  if (cluster_.has_topic(topic.name)) {
    return Error{Next::retry, kafka_code::kTopicExists, "the topic exists", "topic=" + topic.name};
  }
  cluster_.create_topic(topic.name, topic.partitions, topic.configs);
  return {};
}

Result<void> FakeAdmin::grow_topic(const std::string& topic, std::int32_t partitions) {
  if (auto error = refused(topic)) return *error;
  const auto have = static_cast<std::int32_t>(cluster_.topic(topic).partitions.size());
  if (partitions <= have) {
    return Error{Next::retry, kafka_code::kInvalidPartitions,
                 "the topic has " + std::to_string(have) + " partitions", "topic=" + topic};
  }
  cluster_.grow_topic(topic, partitions);
  return {};
}

Result<std::map<std::string, Result<TopicConfig>>> FakeAdmin::describe_configs(
    const std::vector<std::string>& topics) {
  if (auto error = unreachable()) return *error;
  std::map<std::string, Result<TopicConfig>> out;
  for (const auto& name : topics) {
    if (!cluster_.has_topic(name)) {
      out.emplace(name, unknown_topic(name));
      continue;
    }
    TopicConfig config;
    for (const auto& [key, value] : config_defaults) config[key] = {value, true, false, false};
    for (const auto& [key, value] : cluster_.topic(name).configs) {
      config[key] = {value, false, false, false};
    }
    out.emplace(name, std::move(config));
  }
  return out;
}

Result<void> FakeAdmin::alter_config(const std::string& topic,
                                     const std::vector<ConfigChange>& changes) {
  if (auto error = refused(topic)) return *error;
  auto& configs = cluster_.topic(topic).configs;
  for (const auto& change : changes) {
    if (change.value) {
      configs[change.name] = *change.value;
    } else {
      configs.erase(change.name);
    }
  }
  return {};
}

Result<std::map<TopicPartition, Result<PartitionEnds>>> FakeAdmin::ends(
    const std::vector<TopicPartition>& partitions) {
  if (auto error = unreachable()) return *error;
  std::map<TopicPartition, Result<PartitionEnds>> out;
  for (const auto& partition : partitions) {
    const auto* const log = cluster_.find(partition);
    if (log == nullptr) {
      out.emplace(partition, unknown_topic(partition.topic));
    } else if (log->broken) {
      out.emplace(partition, *log->broken);
    } else {
      out.emplace(partition, PartitionEnds{log->start, log->end, log->stable_end()});
    }
  }
  return out;
}

Result<std::map<TopicPartition, std::optional<Offset>>> FakeAdmin::offsets_for_time(
    const std::vector<TopicPartition>& partitions, TimestampMs at) {
  if (auto error = unreachable()) return *error;
  std::map<TopicPartition, std::optional<Offset>> out;
  for (const auto& partition : partitions) {
    const auto* const log = cluster_.find(partition);
    if (log == nullptr) return unknown_topic(partition.topic);
    auto& answer = out[partition];
    for (const auto& record : log->records) {
      if (record.data.timestamp < at) continue;
      answer = record.offset;
      break;
    }
  }
  return out;
}

Result<GroupInfo> FakeAdmin::describe_group(const std::string& group) {
  if (auto error = unreachable()) return *error;
  return GroupInfo{cluster_.groups().contains(group) ? "Empty" : "Dead", 0};
}

Result<GroupListing> FakeAdmin::list_groups() {
  if (auto error = unreachable()) return *error;
  GroupListing listing;
  listing.error = listing_error;
  ++lists;
  for (const auto& [group, offsets] : cluster_.groups()) {
    if (hidden_groups.contains(group)) continue;
    const auto state = group_states.find(group);
    listing.groups[group] = state == group_states.end() ? GroupState::empty : state->second;
  }
  return listing;
}

Result<std::vector<std::optional<std::int32_t>>> FakeAdmin::leaders(const std::string& topic) {
  if (auto error = unreachable()) return *error;
  if (!cluster_.has_topic(topic)) return unknown_topic(topic);
  std::vector<std::optional<std::int32_t>> out(cluster_.topic(topic).partitions.size(), 1);
  for (const auto& [partition, leader] : leaders_of) {
    if (partition.topic == topic) out.at(static_cast<std::size_t>(partition.partition)) = leader;
  }
  return out;
}

Result<void> FakeAdmin::commit_offsets(const std::string& group,
                                       const std::map<TopicPartition, GroupPosition>& positions) {
  if (auto error = unreachable()) return *error;
  if (const auto error = group_errors.find(group); error != group_errors.end()) {
    return error->second;
  }
  for (const auto& [partition, position] : positions) {
    cluster_.commit(group, partition, position.offset);
  }
  set_offsets.emplace_back(group, positions);
  return {};
}

Result<std::map<TopicPartition, Offset>> FakeAdmin::group_offsets(const std::string& group) {
  if (auto error = unreachable()) return *error;
  if (before_group_offsets) before_group_offsets();
  if (const auto refused = group_errors.find(group); refused != group_errors.end()) {
    return refused->second;
  }
  const auto found = cluster_.groups().find(group);
  if (found == cluster_.groups().end()) return std::map<TopicPartition, Offset>{};
  return found->second;
}

}  // namespace longspan
