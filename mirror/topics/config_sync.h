// mirror/topics/config_sync.h - which configs a mirrored topic takes over from its source.
//
// MM2's behaviour with its default `use.defaults.from=target`: what is set on the source topic is
// set on the target topic; what is not set on the source topic goes back to the target cluster's
// own default, also when somebody else set it there. Excluded, read-only and sensitive configs are
// never touched, nor those the target does not know.
//
// Four configs have rules of their own, because copying them would change or lose records:
//   message.timestamp.type        never LogAppendTime: that would overwrite every timestamp
//   message.timestamp.before.max.ms, message.timestamp.difference.max.ms
//                                 never copied: a mirror writes old records, they would be refused
//   max.message.bytes             where the source does not set it, the target's is only raised to
//                                 the source's effective value, never lowered
//
// Errors:  none.
// Threads: free functions.
// Invariant: sync_changes() after its own changes were applied yields nothing.
// Source:  KIP-382, KIP-339, KAFKA-12254 (no window with default configs after creation).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/units.h"
#include "mirror/admin.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

// MM2's default of config.properties.exclude, one pattern each.
[[nodiscard]] const std::vector<std::string>& default_config_properties_exclude();

// In the order of names. Empty: nothing to do.
[[nodiscard]] std::vector<ConfigChange> sync_changes(const TopicConfig& source,
                                                     const TopicConfig& target,
                                                     const NamePatterns& exclude);

// What is given along with the creation of the target topic. `known_at_target` is the config of any
// topic of the target cluster, which tells what that cluster knows; absent: all is given.
[[nodiscard]] std::map<std::string, std::string> configs_for_create(
    const TopicConfig& source, const std::optional<TopicConfig>& known_at_target,
    const NamePatterns& exclude);

// Records that are copied and acknowledged, and then deleted by the target's retention before they
// are at the source: their timestamps are kept, so they are old on arrival. One sentence; absent:
// no such risk, or one of the values is not known. `oldest_record`: timestamp of the oldest record
// at the source, where known.
[[nodiscard]] std::optional<std::string> expired_at_target_risk(
    const TopicConfig& source, const TopicConfig& target, std::optional<TimestampMs> oldest_record,
    TimestampMs now);

// The value of a config as a number; absent: not there, withheld, or none.
[[nodiscard]] std::optional<std::int64_t> config_number(const TopicConfig& config,
                                                        const std::string& name);

// The target topic replaces the timestamp of every record by its own clock; absent: it does not.
[[nodiscard]] std::optional<std::string> timestamps_replaced_at_target(const TopicConfig& target);

}  // namespace longspan
