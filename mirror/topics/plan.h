// mirror/topics/plan.h - what has to be done on the target before records can flow, and which
// partitions may flow now.
//
// A pure comparison of two topic listings. It is run at every refresh; what it asks for and what is
// then done meet again at the next one, so a plan needs no memory of earlier plans beyond `known`.
//
// A topic that vanished at the source is kept on the target and reported. Partitions are only ever
// added. A target topic with more partitions than its source is left as it is.
//
// Errors:  per topic, as actions; a topic in trouble never holds up another one.
// Threads: free functions.
// Invariant: a partition is ready only if it exists on both sides; while one side is in passing
//            trouble, if it did when it was mirrored.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mirror/admin.h"
#include "mirror/topics/circle.h"
#include "mirror/topics/naming.h"
#include "mirror/topics/topic_filter.h"

namespace longspan {

// A topic that was mirrored before, from the flow's positions.
struct KnownTopic {
  TopicId id = kNoTopicId;      // the source topic's, at the time
  std::int32_t partitions = 0;  // highest mirrored partition + 1
};

struct PlanInput {
  const std::vector<TopicInfo>& source;
  const std::vector<TopicInfo>& target;
  const TopicFilter& filter;
  const Naming& naming;
  std::map<std::string, KnownTopic> known{};  // by source topic
  std::set<std::string> own_target_topics{};  // longspan writes them itself, e.g. east.heartbeats
  bool heartbeats_pass_filter = true;         // MM2's heartbeats.replication.enabled
  std::vector<KeepingFlow> keeping_flows{};
};

enum class TopicActionKind : std::uint8_t {
  create,     // the target topic, with `partitions`
  grow,       // the target topic, to `partitions`
  refuse,     // not mirrored, until the reason goes
  wait,       // a passing trouble at the source or the target: leave everything as it is
  vanished,   // was mirrored, is gone at the source; kept on the target
  recreated,  // another topic of the same name, or fewer partitions than were mirrored
  surplus,    // the target has more partitions than the source; mirrored all the same
};

struct TopicAction {
  TopicActionKind kind{};
  std::string source_topic;
  std::string target_topic;
  std::int32_t partitions = 0;  // wanted on the target by create and grow, else 0
  std::string reason;           // one sentence; empty for a plain create or grow
  friend bool operator==(const TopicAction&, const TopicAction&) = default;
};

struct ReadyPartition {
  TopicPartition source;
  TopicPartition target;
  TopicId source_id = kNoTopicId;
  friend bool operator==(const ReadyPartition&, const ReadyPartition&) = default;
};

struct TopicPlan {
  std::vector<TopicAction> actions;   // by source topic, then kind
  std::vector<ReadyPartition> ready;  // by source topic, then partition
};

[[nodiscard]] TopicPlan plan_topics(const PlanInput& input);

}  // namespace longspan
