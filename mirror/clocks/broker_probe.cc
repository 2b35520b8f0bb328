#include "mirror/clocks/broker_probe.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTopicSettles{500};
constexpr std::int32_t kPartitionsABroker = 3;  // at most, where leaders move about
constexpr std::int32_t kMillisecond = 1'000;

std::string_view name_of(EventSide side) { return name(side); }

// Nobody reads it: ten minutes are for people who look.
NewTopic clock_topic(std::size_t partitions, std::int32_t replication_factor) {
  return {kClockTopic,
          static_cast<std::int32_t>(partitions),
          replication_factor,
          {{"message.timestamp.type", "LogAppendTime"},
           {"cleanup.policy", "delete"},
           {"retention.ms", "600000"},
           {"segment.ms", "600000"},
           {"segment.bytes", "1048576"}}};
}

}  // namespace

BrokerProbe::BrokerProbe(BrokerProbeSettings settings, BrokerProbePorts ports, ClockWatch& watch,
                         LogContext log)
    : settings_(std::move(settings)),
      ports_(std::move(ports)),
      watch_(watch),
      log_(std::move(log)) {}

void BrokerProbe::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) turn();
  client_.reset();
}

ClockId BrokerProbe::clock_of(std::int32_t node) const {
  return {brokers_of(settings_.side), node};
}

void BrokerProbe::turn() {
  if (!client_ && !open()) return ports_.wakeup->wait(kPollMost);
  // Not while a record is on its way: its answer would have to wait for the cluster's.
  const bool is_look_due = ports_.clock.steady() >= next_look_;
  if (is_look_due && on_their_way_.empty()) look();
  if (settings_.writes && !is_look_due) send_due();
  client_->poll(*this, until_next());
}

bool BrokerProbe::open() {
  const auto now = ports_.clock.steady();
  if (now < next_open_) return false;
  next_open_ = now + kTryAgain;
  auto made = ports_.make_client();
  if (!made) {
    tell("clock_probe_failed", made.error().text());
    return false;
  }
  client_ = std::move(*made);
  return true;
}

std::chrono::milliseconds BrokerProbe::until_next() const {
  const auto now = ports_.clock.steady();
  if (now >= next_look_) return kPollMost;  // for what is on its way
  auto next = std::min(now + kPollMost, next_look_);
  for (const auto& [node, broker] : brokers_) {
    if (settings_.writes && broker.partition && !broker.sent_at) {
      next = std::min(next, broker.next_at);
    }
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now);
  return std::max(left, std::chrono::milliseconds(1));
}

void BrokerProbe::look() {
  const auto begun = ports_.clock.steady();
  auto view = client_->look();
  const auto now = ports_.clock.steady();
  // Where there is much to tell it is asked for less often.
  next_look_ = now + std::max<Clock::Steady::duration>(kLook, (now - begun) * kLookShare);
  if (!view) return tell("clock_probe_failed", view.error().text());
  view->brokers.resize(std::min(view->brokers.size(), kBrokersMax));
  if (settings_.writes) {
    choose_partitions(*view);
    care_for_topic(*view);
  }
  std::erase_if(view->topics,
                [this](const auto& topic) { return !settings_.follows(topic.first); });
  watch_.set_leaders(settings_.side, *view);
  if (!settings_.writes) tell("", "");
}

// The one it had, while it still leads that.
void BrokerProbe::choose_partitions(const ClusterView& view) {
  const auto topic = view.topics.find(kClockTopic);
  std::map<std::int32_t, Broker> now;
  for (const auto node : view.brokers) {
    auto& broker = now[node];
    const auto known = brokers_.find(node);
    if (known != brokers_.end()) broker = known->second;
    if (topic == view.topics.end()) {
      broker.partition.reset();
      continue;
    }
    const auto& leaders = topic->second;
    const auto leads = [&](std::int32_t partition) {
      return leaders[static_cast<std::size_t>(partition)] == node;
    };
    const auto count = static_cast<std::int32_t>(leaders.size());
    if (broker.partition && *broker.partition < count && leads(*broker.partition)) continue;
    broker.partition.reset();
    for (std::int32_t i = 0; i < count && !broker.partition; ++i) {
      if (leads(i)) broker.partition = i;
    }
  }
  for (const auto& [node, broker] : brokers_) {
    if (!now.contains(node)) watch_.failed(clock_of(node), "the cluster does not name this broker");
  }
  brokers_ = std::move(now);
}

// A broker that is on its way up leads its partition in a moment: nothing is added for it at once.
void BrokerProbe::care_for_topic(const ClusterView& view) {
  std::vector<std::int32_t> without;
  for (const auto& [node, broker] : brokers_) {
    if (!broker.partition) without.push_back(node);
  }
  const bool is_missing = !view.topics.contains(kClockTopic);
  const bool is_lasting = is_missing || without == without_;
  without_ = without;
  const auto now = ports_.clock.steady();
  if (without.empty()) return tell("", "");
  if (!is_lasting || now < next_care_) return;
  next_care_ = now + kTryAgain;
  const auto done = make_room(view, without);
  if (!done) {
    return tell("clock_topic_refused",
                std::string(kClockTopic) + " cannot be made or grown: " + done.error().text());
  }
  next_look_ = now + kTopicSettles;
}

Result<void> BrokerProbe::make_room(const ClusterView& view,
                                    const std::vector<std::int32_t>& without) {
  const auto topic = view.topics.find(kClockTopic);
  if (topic == view.topics.end()) {
    auto made = client_->create(clock_topic(without.size(), 1), without);
    // Some clusters choose replicas themselves.
    if (!made && made.error().next != Next::retry) {
      made = client_->create(clock_topic(without.size(), -1), {});
    }
    if (made) log_info(log_, "clock_topic_created", {{"cluster", name_of(settings_.side)}});
    return made;
  }
  const auto total = static_cast<std::int32_t>(topic->second.size() + without.size());
  if (total > kPartitionsABroker * static_cast<std::int32_t>(view.brokers.size())) {
    return fail(Next::park_partition, "some brokers lead no partition of it");
  }
  auto grown = client_->grow(kClockTopic, total, without);
  if (!grown && grown.error().next != Next::retry) grown = client_->grow(kClockTopic, total, {});
  return grown;
}

void BrokerProbe::send_due() {
  const auto now = ports_.clock.steady();
  for (auto& [node, broker] : brokers_) {
    if (!broker.partition || broker.sent_at || now < broker.next_at) continue;
    if (on_their_way_.contains(*broker.partition)) continue;
    broker.next_at = now + kEvery;
    broker.sent_at = ports_.clock.steady();
    const auto sent = client_->send(*broker.partition);
    if (sent) {
      on_their_way_[*broker.partition] = node;
    } else {
      give_up_for_now(node, broker, sent.error());
    }
  }
}

void BrokerProbe::on_answer(std::int32_t partition, const Result<ProbeAnswer>& answer) {
  const auto answered = ports_.clock.steady();
  const auto asked = on_their_way_.extract(partition);
  if (asked.empty()) return;
  const auto found = brokers_.find(asked.mapped());
  if (found == brokers_.end() || !found->second.sent_at) return;  // it went meanwhile
  Broker& broker = found->second;
  if (!answer) return give_up_for_now(found->first, broker, answer.error());
  const auto sent = *std::exchange(broker.sent_at, std::nullopt);
  broker.is_told = false;
  const Stamp stamp{{answer->stamp.value * kMillisecond}, kMillisecond};
  // Both were rounded down.
  const ClockSample sample{watch_.at(sent), watch_.at(answered) + DurationUs{1}, stamp};
  watch_.answered(clock_of(answer->broker.value_or(found->first)), sample);
}

void BrokerProbe::give_up_for_now(std::int32_t node, Broker& broker, const Error& error) {
  broker.sent_at.reset();
  watch_.failed(clock_of(node), error.text());
  if (error.next != Next::retry) broker.next_at = ports_.clock.steady() + kTryAgain;
  if (std::exchange(broker.is_told, true)) return;
  log_warn(log_, "clock_probe_failed", {{"clock", clock_of(node).text()}, {"error", error.text()}});
}

void BrokerProbe::tell(const char* event, const std::string& why) {
  watch_.set_trouble(brokers_of(settings_.side), why);
  if (std::exchange(told_, why) == why || why.empty()) return;
  log_warn(log_, event, {{"cluster", name_of(settings_.side)}, {"error", why}});
}

}  // namespace longspan
