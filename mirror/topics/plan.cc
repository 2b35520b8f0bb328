#include "mirror/topics/plan.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace longspan {

namespace {

// Kafka takes '.' and '_' for the same in metric names and refuses topics that collide in them.
std::string metric_name(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

class Planner {
 public:
  explicit Planner(const PlanInput& input) : input_(input) {
    for (const TopicInfo& topic : input.target) {
      target_[topic.name] = &topic;
      by_metric_name_.emplace(metric_name(topic.name), topic.name);
    }
    for (const TopicInfo& topic : input.source) source_[topic.name] = &topic;
  }

  TopicPlan run() {
    for (const auto& [name, topic] : source_) plan_topic(*topic);
    for (const auto& [name, known] : input_.known) {
      if (!source_.contains(name)) {
        act(TopicActionKind::vanished, name, "it is gone at the source, the copy is kept");
      }
    }
    std::stable_sort(plan_.actions.begin(), plan_.actions.end(), [](const auto& a, const auto& b) {
      return std::tie(a.source_topic, a.kind) < std::tie(b.source_topic, b.kind);
    });
    return std::move(plan_);
  }

 private:
  void act(TopicActionKind kind, const std::string& source_topic, std::string reason) {
    plan_.actions.push_back(
        {kind, source_topic, input_.naming.target_topic(source_topic), 0, std::move(reason)});
  }
  void change(TopicActionKind kind, const TopicInfo& source, std::string reason = {}) {
    act(kind, source.name, std::move(reason));
    plan_.actions.back().partitions = source.partitions;
  }

  [[nodiscard]] const KnownTopic* known(const std::string& name) const {
    const auto it = input_.known.find(name);
    return it == input_.known.end() ? nullptr : &it->second;
  }

  // True: the flow wants this topic. What was never mirrored and is filtered out is not reported:
  // on most clusters that is nearly everything.
  bool wanted(const std::string& name) {
    if (input_.heartbeats_pass_filter && input_.naming.is_heartbeats_topic(name)) return true;
    const FilterVerdict verdict = input_.filter.verdict(name);
    if (!verdict.passes && known(name) != nullptr) {
      act(TopicActionKind::refuse, name, verdict.reason);
    }
    return verdict.passes;
  }

  std::optional<std::string> refusal(const std::string& name) const {
    if (auto reason = input_.naming.refusal(name)) return reason;
    if (auto circle = circle_of(name)) return circle;
    const std::string target = input_.naming.target_topic(name);
    if (input_.own_target_topics.contains(target)) {
      return "longspan writes '" + target + "' on the target itself";
    }
    const auto taken = claimed_.find(target);
    if (taken != claimed_.end()) {
      return "its name on the target, '" + target + "', is taken by '" + taken->second + "'";
    }
    const auto alike = by_metric_name_.find(metric_name(target));
    if (!target_.contains(target) && alike != by_metric_name_.end()) {
      return "its name on the target, '" + target + "', collides with '" + alike->second +
             "': Kafka takes '.' and '_' for the same";
    }
    return std::nullopt;
  }

  std::optional<std::string> circle_of(const std::string& name) const {
    if (input_.keeping_flows.empty()) return std::nullopt;
    const auto& naming = input_.naming;
    const auto way =
        way_back(name, naming.source_alias(), naming.target_alias(), input_.keeping_flows);
    if (!way) return std::nullopt;
    return "it would go round in a circle: " + *way +
           " mirrors it back under the same name; exclude it from one of them "
           "(topics.exclude), or use the default replication policy";
  }

  void plan_topic(const TopicInfo& source) {
    if (!wanted(source.name)) return;
    if (auto reason = refusal(source.name)) {
      return act(TopicActionKind::refuse, source.name, *std::move(reason));
    }
    const std::string target_name = input_.naming.target_topic(source.name);
    claimed_[target_name] = source.name;
    by_metric_name_.emplace(metric_name(target_name), target_name);
    if (source.error) return trouble(source, "source", *source.error);
    if (source.partitions <= 0) {
      return act(TopicActionKind::wait, source.name, "the source tells no partitions of it yet");
    }
    const auto target = target_.find(target_name);
    if (target == target_.end()) {
      report_recreation(source);
      return change(
          TopicActionKind::create, source,
          known(source.name) != nullptr ? "it was mirrored and is gone on the target" : "");
    }
    if (target->second->error) return trouble(source, "target", *target->second->error);
    report_recreation(source);
    compare(source, *target->second);
  }

  void compare(const TopicInfo& source, const TopicInfo& target) {
    if (target.partitions < source.partitions) change(TopicActionKind::grow, source);
    if (target.partitions > source.partitions) {
      act(TopicActionKind::surplus, source.name,
          "the target has " + std::to_string(target.partitions) + " partitions, the source " +
              std::to_string(source.partitions));
    }
    make_ready(source, std::min(source.partitions, target.partitions));
  }

  void make_ready(const TopicInfo& source, std::int32_t partitions) {
    const std::string target = input_.naming.target_topic(source.name);
    for (std::int32_t p = 0; p < partitions; ++p) {
      plan_.ready.push_back({{source.name, p}, {target, p}, source.id});
    }
  }

  // A topic that is mirrored already goes on through a passing trouble: its partitions report
  // their own failures, and dropping them here would turn a leaderless second into a restart.
  void trouble(const TopicInfo& source, const std::string& where, const Error& error) {
    const std::string reason = where + ": " + error.text();
    if (error.next != Next::retry) return act(TopicActionKind::refuse, source.name, reason);
    act(TopicActionKind::wait, source.name, reason);
    const KnownTopic* before = known(source.name);
    if (before == nullptr) return;
    TopicInfo as_before = source;
    if (as_before.id == kNoTopicId) as_before.id = before->id;
    const auto target = target_.find(input_.naming.target_topic(source.name));
    if (target == target_.end()) return;
    const bool target_told = !target->second->error && target->second->partitions > 0;
    make_ready(as_before, target_told ? std::min(before->partitions, target->second->partitions)
                                      : before->partitions);
  }

  void report_recreation(const TopicInfo& source) {
    const KnownTopic* before = known(source.name);
    if (before == nullptr) return;
    const bool ids = source.id != kNoTopicId && before->id != kNoTopicId;
    if (ids && source.id != before->id) {
      act(TopicActionKind::recreated, source.name,
          "it was deleted and created again at the source (its topic id is another)");
    } else if (source.partitions < before->partitions) {
      act(TopicActionKind::recreated, source.name,
          "it has " + std::to_string(source.partitions) + " partitions at the source and had " +
              std::to_string(before->partitions) + ", so it was created again");
    }
  }

  const PlanInput& input_;
  std::map<std::string, const TopicInfo*> source_;
  std::map<std::string, const TopicInfo*> target_;
  std::map<std::string, std::string> by_metric_name_;
  std::map<std::string, std::string> claimed_;  // target topic -> source topic
  TopicPlan plan_;
};

}  // namespace

TopicPlan plan_topics(const PlanInput& input) { return Planner(input).run(); }

}  // namespace longspan
