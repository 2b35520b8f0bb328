// A Flow's history: the marks topic and the thread that writes it.
#include <algorithm>

#include "mirror/flow.h"

namespace longspan {
namespace {

// 7 days of some 1,000 partitions that move take 1.2 GB; of more, fewer days are kept.
NewTopic marks_topic(const FlowConfig& config) {
  return {config.marks_topic(),
          2,
          config.internal_replication_factor,
          {{"cleanup.policy", "delete"},
           {"retention.ms", "604800000"},
           {"retention.bytes", "4294967296"},
           {"segment.bytes", "67108864"},
           {"compression.type", "producer"},
           {"max.message.bytes", "1048588"}}};
}

}  // namespace

// Without it there is no history, and the flow runs.
void Flow::ensure_marks_topic(const std::vector<TopicInfo>& topics) {
  const auto topic = marks_topic(config_);
  const bool is_there = std::any_of(topics.begin(), topics.end(),
                                    [&](const TopicInfo& t) { return t.name == topic.name; });
  if (is_there) return;
  const auto created = ensure_topic(topic);
  if (!created) log_warn(log_, "marks_topic_missing", {{"error", created.error().text()}});
}

// Before the threads that use it; snapshot() is asked for from outside when start() is done.
void Flow::start_marks() {
  const std::string id = "longspan|" + config_.name() + "|marks";
  const auto make_sink = [this, id](const SinkLimits& limits, Wakeup& wakeup) {
    return ports_.make_sink(config_.target, id, limits, wakeup);
  };
  marks_ = std::make_unique<MarksWriter>(
      MarksSettings{config_.marks_topic(), limits_.process, started_at_, config_.marks_interval},
      [this] { return snapshot(); }, make_sink, *ports_.clock, ports_.make_wakeup(), log_);
  marks_thread_ = std::jthread([this](const std::stop_token& stop) { marks_->run(stop); });
}

// While the slots are still here: the last set says where they stood.
void Flow::stop_marks() {
  if (!marks_thread_.joinable()) return;
  marks_thread_.request_stop();
  marks_->wake();
  marks_thread_.join();
}

}  // namespace longspan
