#include "mirror/topics/config_sync.h"

#include <charconv>
#include <cstdint>

namespace longspan {

namespace {

constexpr const char* kTimestampType = "message.timestamp.type";
constexpr const char* kMaxMessageBytes = "max.message.bytes";
constexpr const char* kLogAppendTime = "LogAppendTime";
constexpr const char* kCreateTime = "CreateTime";
constexpr std::int64_t kMaxMessageBytesOfKafka = 1'048'588;  // the default Kafka is built with
constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerHour = 3'600'000;

const ConfigEntry* find(const TopicConfig& config, const std::string& name) {
  const auto it = config.find(name);
  return it == config.end() ? nullptr : &it->second;
}

std::optional<std::int64_t> number(const ConfigEntry* entry) {
  if (entry == nullptr || entry->is_sensitive) return std::nullopt;
  std::int64_t value = 0;
  const char* end = entry->value.data() + entry->value.size();
  const auto [stop, error] = std::from_chars(entry->value.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// A mirror writes records long after they were made: a bound on their age would refuse them.
bool bounds_record_age(const std::string& name) {
  return name == "message.timestamp.before.max.ms" || name == "message.timestamp.difference.max.ms";
}

bool may_touch(const std::string& name, const ConfigEntry& entry, const NamePatterns& exclude) {
  return !entry.is_read_only && !entry.is_sensitive && !bounds_record_age(name) &&
         !exclude.matches(name);
}

// Wanted value of a config that is set on the source topic, or nothing for "the target's default".
std::optional<std::string> wanted(const ConfigEntry& source) {
  if (source.is_default) return std::nullopt;
  return source.value;
}

std::optional<ConfigChange> timestamp_type_change(const ConfigEntry& target) {
  if (target.value != kLogAppendTime) return std::nullopt;
  return ConfigChange{kTimestampType, kCreateTime};
}

std::optional<ConfigChange> max_message_change(const ConfigEntry& source,
                                               const ConfigEntry& target) {
  const auto at_source = number(&source);
  const auto at_target = number(&target);
  if (!at_source || !at_target || *at_target >= *at_source) return std::nullopt;
  return ConfigChange{kMaxMessageBytes, source.value};
}

std::optional<ConfigChange> change_of(const std::string& name, const ConfigEntry& source,
                                      const ConfigEntry& target) {
  if (name == kTimestampType) return timestamp_type_change(target);
  if (name == kMaxMessageBytes && source.is_default) return max_message_change(source, target);
  const auto value = wanted(source);
  if (!value) {
    if (target.is_default) return std::nullopt;
    return ConfigChange{name, std::nullopt};
  }
  if (!target.is_default && target.value == *value) return std::nullopt;
  return ConfigChange{name, *value};
}

// "168 h", "15 min", "20 s": whole units, of the largest that fits at least twice.
std::string span(std::int64_t ms) {
  if (ms >= 2 * kMsPerHour) return std::to_string(ms / kMsPerHour) + " h";
  if (ms >= 2 * kMsPerMinute) return std::to_string(ms / kMsPerMinute) + " min";
  return std::to_string(ms / 1000) + " s";
}

// Milliseconds; absent: not by time, or not known.
std::optional<std::int64_t> time_retention(const TopicConfig& config) {
  const ConfigEntry* policy = find(config, "cleanup.policy");
  if (policy != nullptr && policy->value.find("delete") == std::string::npos) return std::nullopt;
  const auto retention = number(find(config, "retention.ms"));
  if (!retention || *retention < 0) return std::nullopt;
  return retention;
}

}  // namespace

std::optional<std::int64_t> config_number(const TopicConfig& config, const std::string& name) {
  return number(find(config, name));
}

const std::vector<std::string>& default_config_properties_exclude() {
  static const std::vector<std::string> patterns = {R"(follower\.replication\.throttled\.replicas)",
                                                    R"(leader\.replication\.throttled\.replicas)",
                                                    R"(message\.timestamp\.difference\.max\.ms)",
                                                    R"(message\.timestamp\.type)",
                                                    R"(unclean\.leader\.election\.enable)",
                                                    R"(min\.insync\.replicas)"};
  return patterns;
}

std::vector<ConfigChange> sync_changes(const TopicConfig& source, const TopicConfig& target,
                                       const NamePatterns& exclude) {
  std::vector<ConfigChange> changes;
  for (const auto& [name, entry] : source) {
    const ConfigEntry* at_target = find(target, name);
    if (at_target == nullptr || !may_touch(name, entry, exclude)) continue;
    if (at_target->is_read_only || at_target->is_sensitive) continue;
    if (auto change = change_of(name, entry, *at_target)) changes.push_back(*std::move(change));
  }
  return changes;
}

std::map<std::string, std::string> configs_for_create(
    const TopicConfig& source, const std::optional<TopicConfig>& known_at_target,
    const NamePatterns& exclude) {
  std::map<std::string, std::string> configs;
  for (const auto& [name, entry] : source) {
    if (known_at_target && find(*known_at_target, name) == nullptr) continue;
    if (!may_touch(name, entry, exclude)) continue;
    const bool large = name == kMaxMessageBytes && number(&entry) > kMaxMessageBytesOfKafka;
    if (!entry.is_default || large) configs[name] = entry.value;
  }
  // Not a copy, hence not subject to the exclude list: with a target cluster whose default is
  // LogAppendTime every timestamp of the source would be lost from the first record on.
  configs[kTimestampType] = kCreateTime;
  return configs;
}

std::optional<std::string> expired_at_target_risk(const TopicConfig& source,
                                                  const TopicConfig& target,
                                                  std::optional<TimestampMs> oldest_record,
                                                  TimestampMs now) {
  const auto keeps = time_retention(target);
  if (!keeps) return std::nullopt;
  if (oldest_record && now - *oldest_record > *keeps) {
    return "the oldest record is " + span(now - *oldest_record) +
           " old and the target keeps records for " + span(*keeps) +
           ", so it deletes mirrored records soon after they arrive";
  }
  if (find(source, "retention.ms") == nullptr) return std::nullopt;
  const auto source_keeps = time_retention(source);
  if (source_keeps && *source_keeps <= *keeps) return std::nullopt;
  return "the source keeps records " + (source_keeps ? "for " + span(*source_keeps) : "forever") +
         " and the target for " + span(*keeps) + ", so older records are deleted on the target";
}

std::optional<std::string> timestamps_replaced_at_target(const TopicConfig& target) {
  const ConfigEntry* type = find(target, kTimestampType);
  if (type == nullptr || type->value != kLogAppendTime) return std::nullopt;
  return "message.timestamp.type is LogAppendTime on the target, so it replaces the timestamps of "
         "the source; set it to CreateTime";
}

}  // namespace longspan
