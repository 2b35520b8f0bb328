// A Flow's history: the marks topic and the thread that writes it.
#include <algorithm>

#include "mirror/flow.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kAdminPatience{3000};
constexpr std::chrono::milliseconds kShowPatience{250};  // a shard turns each 100 ms at least

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
           {"message.timestamp.type", "LogAppendTime"},  // see marks_reader.h
           {"max.message.bytes", "1048588"}}};
}

}  // namespace

// Without it there is no history, and the flow runs.
Result<void> Flow::ensure_marks_topic(Admin& admin) const {
  const auto wanted = marks_topic(config_);
  const auto topics = admin.topics();
  if (!topics) return topics.error();
  for (const auto& topic : *topics) {
    if (topic.name != wanted.name || topic.error) continue;
    if (topic.partitions >= wanted.partitions) return {};
    return fail(Next::park_partition, "topic " + topic.name + " has " +
                                          std::to_string(topic.partitions) +
                                          " partition and needs 2; grow it to 2");
  }
  return create_topic(admin, wanted);
}

// Before the threads that use it; snapshot() is asked for from outside when start() is done.
void Flow::start_marks() {
  const std::string id = "longspan|" + config_.name() + "|marks";
  const auto make_sink = [this, id](const SinkLimits& limits, Wakeup& wakeup) {
    return ports_.make_sink(config_.target, id, limits, wakeup);
  };
  const auto prepare = [this, id]() -> Result<void> {
    const auto admin = ports_.make_admin(config_.target, id, kAdminPatience);
    if (!admin) return admin.error();
    return ensure_marks_topic(**admin);
  };
  marks_ = std::make_unique<MarksWriter>(
      MarksSettings{config_.marks_topic(), limits_.process, started_at_, config_.marks_interval},
      [this] { return snapshot(); }, make_sink, *ports_.clock, ports_.make_wakeup(), log_, prepare);
  marks_thread_ = std::jthread([this](const std::stop_token& stop) { marks_->run(stop); });
}

// While the slots are still here: the last set says where they stood. A thread that waits for the
// target, kAdminPatience twice at the most, is joined when the shards have stopped.
void Flow::stop_marks(std::chrono::milliseconds patience) {
  if (!marks_thread_.joinable() || marks_thread_.get_stop_token().stop_requested()) return;
  const auto begun = std::chrono::steady_clock::now();
  const auto waiting = ports_.make_wakeup();
  const auto wait_for = [&](std::chrono::milliseconds most, const auto& is_done) {
    while (!is_done() && std::chrono::steady_clock::now() - begun < most) {
      waiting->wait(std::chrono::milliseconds(10));
    }
  };
  for (const auto& running : shards_) {
    running.shard->want_publication();
    running.wakeup->notify();
  }
  wait_for(std::min(patience, kShowPatience), [this] {
    return std::all_of(shards_.begin(), shards_.end(),
                       [](const auto& running) { return running.shard->has_published(); });
  });
  const auto most = std::min(patience, kShowPatience + MarksWriter::kStopPatience);
  const auto gone = std::chrono::steady_clock::now() - begun;
  using Left = Clock::Steady::duration;
  marks_->stop_by(ports_.clock->steady() + std::max<Left>(most - gone, Left::zero()));
  marks_thread_.request_stop();
  marks_->wake();
  wait_for(most, [this] { return marks_->is_finished(); });
}

}  // namespace longspan
