// mirror/topics/naming.h - what a topic is called on the other side, and which names never cross.
//
// MirrorMaker 2's two policies: `prefixed` (DefaultReplicationPolicy: orders -> east.orders) and
// `identity` (IdentityReplicationPolicy: orders -> orders). It also knows MM2's own topics, so that
// they are found under the same names and never mirrored.
//
// Where we differ from MM2, on purpose: only `heartbeats` itself, or `heartbeats` behind known
// cluster aliases, is a heartbeats topic. Under identity MM2 takes every name that ends with
// "heartbeats" for one, prefixes it on every hop, and user topics loop and grow.
//
// Errors:  make() refuses aliases and separators that could not be told apart again in a name.
// Threads: a value; const after make().
// Source:  KIP-382, KIP-949, KIP-1074; Kafka's Topic.validate for what a name may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lagcalc/result.h"

namespace longspan {

inline constexpr std::size_t kTopicNameBytesMax = 249;

enum class NamingPolicy : std::uint8_t { prefixed, identity };

struct NamingSpec {
  NamingPolicy policy = NamingPolicy::prefixed;
  std::string source_alias;
  std::string target_alias;
  std::string separator = ".";          // replication.policy.separator
  bool internal_separator_dot = false;  // true: MM2's own topics keep "." whatever the separator
  std::vector<std::string> clusters{};  // all aliases of the file; source and target are implied
};

class Naming {
 public:
  Naming() = default;  // prefixed, without aliases: only good for being assigned to
  static Result<Naming> make(NamingSpec spec);

  [[nodiscard]] NamingPolicy policy() const { return spec_.policy; }
  [[nodiscard]] const std::string& separator() const { return spec_.separator; }
  [[nodiscard]] const std::string& source_alias() const { return spec_.source_alias; }
  [[nodiscard]] const std::string& target_alias() const { return spec_.target_alias; }

  [[nodiscard]] std::string target_topic(std::string_view source_topic) const;
  // Absent: that topic of the target does not come from this flow's source. Under identity every
  // topic but a heartbeats topic could, so the name itself is the answer.
  [[nodiscard]] std::optional<std::string> source_topic_of(std::string_view target_topic) const;

  // Why this topic is never mirrored, or cannot be: internal, a cycle, or a target name that Kafka
  // would refuse. One sentence without a full stop; absent: nothing against it.
  [[nodiscard]] std::optional<std::string> refusal(std::string_view source_topic) const;

  // Kafka's, MM2's and our own topics, except Debezium's heartbeats (the topic filter decides
  // about those).
  [[nodiscard]] bool is_internal(std::string_view topic) const;
  [[nodiscard]] bool is_checkpoints_topic(std::string_view topic) const;
  // `heartbeats`, or behind a chain of known aliases: east.heartbeats, west.east.heartbeats.
  [[nodiscard]] bool is_heartbeats_topic(std::string_view topic) const;
  // The topic came from the target cluster, directly or over other clusters.
  [[nodiscard]] bool is_cycle(std::string_view source_topic) const;
  // The aliases in front of the name, outermost first: west.east.orders -> {west, east}. Like MM2
  // it cannot tell a prefix from a local topic with the separator in its name.
  [[nodiscard]] std::vector<std::string> upstream_chain(std::string_view topic) const;

  [[nodiscard]] std::string heartbeats_topic() const { return "heartbeats"; }  // as MM2 writes it
  [[nodiscard]] std::string target_heartbeats_topic() const;  // east.heartbeats, both policies
  [[nodiscard]] std::string checkpoints_topic() const;        // on the target
  [[nodiscard]] std::string offset_syncs_topic_on_target() const;
  [[nodiscard]] std::string offset_syncs_topic_on_source() const;

 private:
  explicit Naming(NamingSpec spec) : spec_(std::move(spec)) {}
  [[nodiscard]] const std::string& internal_separator() const;
  // Length of the alias in front of the name: a known one, else what stands before the separator.
  [[nodiscard]] std::optional<std::size_t> hop_length(std::string_view topic) const;
  [[nodiscard]] std::optional<std::string_view> known_hop(std::string_view topic) const;

  NamingSpec spec_;
};

// Why Kafka would refuse a topic of this name; absent: it would not.
[[nodiscard]] std::optional<std::string> illegal_topic_name(std::string_view name);

}  // namespace longspan
