#include "mirror/topics/naming.h"

#include <algorithm>

#include "mirror/topics/topic_filter.h"

namespace longspan {

namespace {

constexpr std::string_view kHeartbeats = "heartbeats";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::optional<std::string> illegal_alias(std::string_view alias) {
  const std::string shown = "the cluster alias '" + std::string(alias) + "' ";
  if (alias.empty()) return "a cluster alias is empty";
  if (alias.find('.') != std::string_view::npos) {
    return shown + "has a dot, so that names of topics could not be told apart; rename it";
  }
  if (!std::all_of(alias.begin(), alias.end(), is_name_character)) {
    return shown + "becomes part of topic names and may hold only letters, digits, '_' and '-'";
  }
  return std::nullopt;
}

std::optional<std::string> illegal_separator(std::string_view separator) {
  if (separator.empty()) return "replication.policy.separator is empty";
  if (!std::all_of(separator.begin(), separator.end(), is_name_character)) {
    return "replication.policy.separator '" + std::string(separator) +
           "' holds what a topic name may not hold";
  }
  return std::nullopt;
}

// us and us-east with the separator "-": us-east-orders could be from either.
std::optional<std::string> ambiguous_aliases(const NamingSpec& spec) {
  for (const std::string& shorter : spec.clusters) {
    for (const std::string& longer : spec.clusters) {
      if (!longer.starts_with(shorter + spec.separator)) continue;
      return "with the separator '" + spec.separator + "' the cluster aliases '" + shorter +
             "' and '" + longer + "' cannot be told apart in topic names";
    }
  }
  return std::nullopt;
}

std::optional<std::string> problem_of(const NamingSpec& spec) {
  if (auto problem = illegal_alias(spec.source_alias)) return problem;
  if (auto problem = illegal_alias(spec.target_alias)) return problem;
  if (spec.source_alias == spec.target_alias) {
    return "source and target have the same cluster alias '" + spec.source_alias + "'";
  }
  if (auto problem = illegal_separator(spec.separator)) return problem;
  return ambiguous_aliases(spec);
}

bool is_longspan_internal(std::string_view topic) {
  return topic.starts_with("longspan.") && topic.ends_with(".internal");
}

}  // namespace

Result<Naming> Naming::make(NamingSpec spec) {
  spec.clusters.push_back(spec.source_alias);
  spec.clusters.push_back(spec.target_alias);
  // Longest first, so that a name is cut at the longest alias that fits.
  std::sort(spec.clusters.begin(), spec.clusters.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  spec.clusters.erase(std::unique(spec.clusters.begin(), spec.clusters.end()), spec.clusters.end());
  std::erase(spec.clusters, std::string());
  if (auto problem = problem_of(spec)) {
    return fail(Next::stop_process, *problem,
                "flow=" + spec.source_alias + "->" + spec.target_alias);
  }
  return Naming(std::move(spec));
}

std::optional<std::string_view> Naming::known_hop(std::string_view topic) const {
  for (const std::string& alias : spec_.clusters) {
    const std::size_t prefix = alias.size() + spec_.separator.size();
    if (topic.size() > prefix && topic.starts_with(alias) &&
        topic.substr(alias.size()).starts_with(spec_.separator)) {
      return topic.substr(0, alias.size());
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> Naming::hop_length(std::string_view topic) const {
  if (const auto known = known_hop(topic)) return known->size();
  const std::size_t at = topic.find(spec_.separator);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  if (at + spec_.separator.size() == topic.size()) return std::nullopt;
  return at;
}

std::vector<std::string> Naming::upstream_chain(std::string_view topic) const {
  std::vector<std::string> chain;
  while (const auto length = hop_length(topic)) {
    chain.emplace_back(topic.substr(0, *length));
    topic.remove_prefix(*length + spec_.separator.size());
  }
  return chain;
}

bool Naming::is_heartbeats_topic(std::string_view topic) const {
  while (const auto hop = known_hop(topic)) {
    topic.remove_prefix(hop->size() + spec_.separator.size());
  }
  return topic == kHeartbeats;
}

bool Naming::is_cycle(std::string_view source_topic) const {
  // Identity keeps no trace of where a topic came from, except on heartbeats.
  if (spec_.policy == NamingPolicy::identity && !is_heartbeats_topic(source_topic)) return false;
  const auto chain = upstream_chain(source_topic);
  return std::find(chain.begin(), chain.end(), spec_.target_alias) != chain.end();
}

const std::string& Naming::internal_separator() const {
  static const std::string dot = ".";
  return spec_.internal_separator_dot ? dot : spec_.separator;
}

bool Naming::is_checkpoints_topic(std::string_view topic) const {
  const std::string& s = internal_separator();
  return topic.ends_with(s + "checkpoints" + s + "internal");
}

bool Naming::is_internal(std::string_view topic) const {
  if (is_debezium_heartbeat(topic)) return false;
  if (topic.starts_with("__") || topic.starts_with(".")) return true;
  if (topic.starts_with("mm2") && topic.ends_with(internal_separator() + "internal")) return true;
  // Connect's state topics keep the dot whatever the separator.
  if (topic.starts_with("mm2-") && topic.ends_with(".internal")) return true;
  return is_checkpoints_topic(topic) || is_longspan_internal(topic);
}

std::string Naming::target_topic(std::string_view source_topic) const {
  if (spec_.policy == NamingPolicy::identity && !is_heartbeats_topic(source_topic)) {
    return std::string(source_topic);
  }
  return spec_.source_alias + spec_.separator + std::string(source_topic);
}

std::optional<std::string> Naming::source_topic_of(std::string_view target_topic_name) const {
  if (is_internal(target_topic_name)) return std::nullopt;
  if (spec_.policy == NamingPolicy::identity && !is_heartbeats_topic(target_topic_name)) {
    return std::string(target_topic_name);
  }
  if (known_hop(target_topic_name) != spec_.source_alias) return std::nullopt;
  target_topic_name.remove_prefix(spec_.source_alias.size() + spec_.separator.size());
  return std::string(target_topic_name);
}

std::optional<std::string> Naming::refusal(std::string_view source_topic) const {
  if (is_internal(source_topic)) {
    return "it is an internal topic of Kafka, MirrorMaker or longspan";
  }
  if (is_cycle(source_topic)) {
    return "it came from the target cluster '" + spec_.target_alias + "', mirroring it is a cycle";
  }
  const std::string target = target_topic(source_topic);
  if (auto problem = illegal_topic_name(target)) {
    return "its name on the target, '" + target + "', " + *problem;
  }
  if (is_internal(target)) {
    return "its name on the target, '" + target + "', is that of an internal topic";
  }
  return std::nullopt;
}

std::string Naming::target_heartbeats_topic() const {
  return spec_.source_alias + spec_.separator + heartbeats_topic();
}

std::string Naming::checkpoints_topic() const {
  const std::string& s = internal_separator();
  return spec_.source_alias + s + "checkpoints" + s + "internal";
}

std::string Naming::offset_syncs_topic_on_target() const {
  const std::string& s = internal_separator();
  return "mm2-offset-syncs" + s + spec_.source_alias + s + "internal";
}

std::string Naming::offset_syncs_topic_on_source() const {
  const std::string& s = internal_separator();
  return "mm2-offset-syncs" + s + spec_.target_alias + s + "internal";
}

std::optional<std::string> illegal_topic_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name == "." || name == "..") return "is not a name Kafka allows";
  if (name.size() > kTopicNameBytesMax) {
    return "has " + std::to_string(name.size()) + " characters, Kafka allows " +
           std::to_string(kTopicNameBytesMax);
  }
  if (!std::all_of(name.begin(), name.end(), is_name_character)) {
    return "holds what a topic name may not hold";
  }
  return std::nullopt;
}

}  // namespace longspan
