// What a Flow has to do with clocks: the probes' threads, and what they find as events.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "mirror/flow.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};
// A stop waits for a call that is under way.
constexpr std::chrono::milliseconds kProbePatience{2'000};
constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

std::string seconds_text(DurationUs size) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%+.3f s", static_cast<double>(size.value) / 1e6);
  return text.data();
}

Event event_of(const ClockStep& step) {
  const auto& [low, point, high, assumed] = step.size;
  Event event;
  event.kind = EventKind::clock_stepped;
  event.text = step.clock.text() + " was set by ";
  if (point) event.text += seconds_text(*point) + ": ";
  if (low) event.text += "at least " + seconds_text(*low);
  if (high) event.text += std::string(low ? ", " : "") + "at most " + seconds_text(*high);
  return event;
}

}  // namespace

// Every process of the flow asks for itself: its own clock is the other end of each offset.
Result<void> Flow::start_clocks() {
  const bool is_wanted = config_.latency_samples > 0;
  if (is_wanted && ports_.make_probe_client) {
    start_probe({EventSide::target, config_.clocks.probe_target, [this](std::string_view topic) {
                   return topic == kOffsetsTopic || config_.naming.source_topic_of(topic);
                 }});
    start_probe({EventSide::source, config_.clocks.probe_source, [this](std::string_view topic) {
                   return topic == kOffsetsTopic || config_.topics.matches(topic);
                 }});
  }
  if (!is_wanted || !ports_.make_database_clock || config_.clocks.database_dsn.empty()) return {};
  auto database = ports_.make_database_clock(config_.clocks.database_dsn);
  if (!database) return database.error();
  database_probe_ =
      std::make_unique<DatabaseProbe>(std::move(*database), *ports_.clock, clocks_, log_);
  probe_threads_.emplace_back([this](const std::stop_token& stop) { database_probe_->run(stop); });
  return {};
}

void Flow::start_probe(BrokerProbeSettings settings) {
  const bool is_source = settings.side == EventSide::source;
  const auto make_client = [this, is_source] {
    return ports_.make_probe_client(is_source ? config_.source : config_.target,
                                    "longspan|" + config_.name() + "|clocks", kProbePatience);
  };
  auto& probe = broker_probes_.emplace_back(std::make_unique<BrokerProbe>(
      std::move(settings), BrokerProbePorts{*ports_.clock, ports_.make_wakeup(), make_client},
      clocks_, log_));
  probe_threads_.emplace_back(
      [probe = probe.get()](const std::stop_token& stop) { probe->run(stop); });
}

void Flow::stop_clocks() {
  for (auto& thread : probe_threads_) thread.request_stop();
  probe_threads_.clear();  // joined
}

// On a probe's thread, or the flow's.
void Flow::clock_stepped(const ClockStep& step) {
  log_warn(log_, "clock_stepped",
           {{"clock", step.clock.text()},
            {"size_us", step.size.point ? std::optional(step.size.point->value) : std::nullopt},
            {"at_least_us", step.size.low ? std::optional(step.size.low->value) : std::nullopt},
            {"at_most_us", step.size.high ? std::optional(step.size.high->value) : std::nullopt}});
  std::ignore = clock_news_.post(step);
}

void Flow::tick_clocks() {
  const auto now = ports_.clock->steady();
  if (now < next_clock_tick_) return;
  next_clock_tick_ = now + kTick;
  clocks_.tick();
  tell_steps();
}

// Of clocks that every process sees one tells; of its host each does, in a slot of its own.
void Flow::tell_steps() {
  for (const ClockStep& step : clock_news_.take_all()) {
    note_step(step);
    if (step.clock.kind != ClockKind::host) {
      tell_events(kClocksDuty, {event_of(step)});
      continue;
    }
    const auto own = std::find_if(owned_.begin(), owned_.end(),
                                  [](const auto& at) { return at.second.is_restored; });
    if (own == owned_.end()) continue;
    std::ignore = shards_[own->second.shard].shard->post(WriteEvent{own->first, event_of(step)});
  }
}

}  // namespace longspan
