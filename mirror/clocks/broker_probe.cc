#include "mirror/clocks/broker_probe.h"

#include <algorithm>
#include <span>
#include <utility>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTopicSettles{500};
constexpr std::int32_t kPartitionsABroker = 3;  // at most, where leaders move about
constexpr std::int32_t kMillisecond = 1'000;
constexpr const char* kTimestampType = "message.timestamp.type";

std::string_view name_of(EventSide side) { return name(side); }

// Nobody reads it: ten minutes are for people who look.
NewTopic clock_topic(std::size_t partitions, std::int32_t replication_factor) {
  return {kClockTopic,
          static_cast<std::int32_t>(partitions),
          replication_factor,
          {{kTimestampType, "LogAppendTime"},
           {"cleanup.policy", "delete"},
           {"retention.ms", "600000"},
           {"segment.ms", "600000"},
           {"segment.bytes", "1048576"}}};
}

// For a cluster that does not take the other: without this one setting it tells no clock.
NewTopic plain_clock_topic(std::size_t partitions) {
  NewTopic out = clock_topic(partitions, -1);
  std::erase_if(out.configs, [](const auto& config) { return config.first != kTimestampType; });
  return out;
}

// The first ones.
std::span<const std::int32_t> asked_of(const ClusterView& view) {
  return std::span(view.brokers).first(std::min(view.brokers.size(), BrokerProbe::kBrokersMax));
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
    tell("clock_probe_failed", made.error().cause(), made.error().text());
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
  if (!view) return tell("clock_probe_failed", view.error().cause(), view.error().text());
  if (settings_.writes) {
    tell_of_unasked(*view);
    choose_partitions(*view);
    care_for_topic(*view);
  }
  std::erase_if(view->topics,
                [this](const auto& topic) { return !settings_.follows(topic.first); });
  watch_.set_leaders(settings_.side, *view);
  if (!settings_.writes) tell("", "", "");
}

void BrokerProbe::tell_of_unasked(const ClusterView& view) {
  const std::size_t unasked = view.brokers.size() - asked_of(view).size();
  if (unasked == 0 || std::exchange(is_unasked_told_, true)) return;
  log_warn(log_, "clock_brokers_not_asked",
           {{"cluster", name_of(settings_.side)},
            {"brokers", static_cast<std::int64_t>(unasked)},
            {"most", static_cast<std::int64_t>(kBrokersMax)}});
}

// The one it had, while it still leads that.
void BrokerProbe::choose_partitions(const ClusterView& view) {
  const auto topic = view.topics.find(kClockTopic);
  std::map<std::int32_t, Broker> now;
  for (const auto node : asked_of(view)) {
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
    if (!now.contains(node)) {
      watch_.failed(clock_of(node), "the cluster does not name this broker");
    }
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
  if (without.empty()) return tell("", "", "");
  if (!is_lasting || now < next_care_) return;
  next_care_ = now + kTryAgain;
  const auto done = make_room(view, without);
  if (!done) return cannot_make_room(done.error(), is_missing);
  next_look_ = now + kTopicSettles;
}

// With a topic that others made, or that cannot grow, those who lead a part of it are asked.
void BrokerProbe::cannot_make_room(const Error& error, bool is_missing) {
  const std::string why = std::string(kClockTopic) + " cannot be made or grown: " + error.text();
  for (const auto node : without_) {
    if (!is_missing) watch_.failed(clock_of(node), why);
  }
  tell("clock_topic_refused", error.cause(), why);
  if (!is_missing) watch_.set_trouble(brokers_of(settings_.side), "");
}

Result<void> BrokerProbe::make_room(const ClusterView& view,
                                    const std::vector<std::int32_t>& without) {
  const auto topic = view.topics.find(kClockTopic);
  if (topic == view.topics.end()) return create(without);
  const auto total = static_cast<std::int32_t>(topic->second.size() + without.size());
  if (total > kPartitionsABroker * static_cast<std::int32_t>(asked_of(view).size())) {
    return fail(Next::park_partition, "some brokers lead no partition of it");
  }
  auto grown = client_->grow(kClockTopic, total, without);
  if (!grown && grown.error().next != Next::retry) grown = client_->grow(kClockTopic, total, {});
  if (!grown) return grown.error();
  if (*grown == Making::done) {
    log_info(log_, "clock_topic_grown",
             {{"cluster", name_of(settings_.side)}, {"partitions", total}});
  }
  return {};
}

// Some clusters choose replicas themselves, some have a policy for the rest.
Result<void> BrokerProbe::create(const std::vector<std::int32_t>& brokers) {
  auto made = client_->create(clock_topic(brokers.size(), 1), brokers);
  const auto is_refused = [&] { return !made && made.error().next != Next::retry; };
  if (is_refused()) made = client_->create(clock_topic(brokers.size(), -1), {});
  if (is_refused()) made = client_->create(plain_clock_topic(brokers.size()), {});
  if (!made) return made.error();
  if (*made == Making::done) {
    is_hidden_ = false;
    log_info(log_, "clock_topic_created", {{"cluster", name_of(settings_.side)}});
    return {};
  }
  // Another process was faster: then the next look shows it.
  if (!std::exchange(is_hidden_, true)) return {};
  return fail(Next::park_partition, "it is there, but not shown: Describe on it is needed");
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
  if (broker.told == refused_) refused_.clear();
  broker.told.clear();
  const Stamp stamp{{answer->stamp.value * kMillisecond}, kMillisecond};
  // Both were rounded down.
  const ClockSample sample{watch_.at(sent), watch_.at(answered) + DurationUs{1}, stamp};
  watch_.answered(clock_of(answer->broker.value_or(found->first)), sample);
}

void BrokerProbe::give_up_for_now(std::int32_t node, Broker& broker, const Error& error) {
  broker.sent_at.reset();
  watch_.failed(clock_of(node), error.text());
  const bool is_refused = error.next != Next::retry;
  if (is_refused) broker.next_at = ports_.clock.steady() + kTryAgain;
  const std::string cause = error.cause();
  if (std::exchange(broker.told, cause) == cause) return;
  // What one broker refuses all do: one line for them.
  if (is_refused && std::exchange(refused_, cause) == cause) return;
  log_warn(log_, "clock_probe_failed", {{"clock", clock_of(node).text()}, {"error", error.text()}});
}

void BrokerProbe::tell(const char* event, const std::string& cause, const std::string& why) {
  watch_.set_trouble(brokers_of(settings_.side), why);
  if (std::exchange(told_, cause) == cause || cause.empty()) return;
  log_warn(log_, event, {{"cluster", name_of(settings_.side)}, {"error", why}});
}

}  // namespace longspan
