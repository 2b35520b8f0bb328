#include "mirror/hops/hop_watch.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "mirror/traces/traced_record.h"

namespace longspan {
namespace {

std::int64_t steady_us(Clock::Steady time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Reading reading_of(const Clock& clock) { return {clock.now_us().value, steady_us(clock.steady())}; }

std::int64_t floor_ms(std::int64_t us) {
  constexpr std::int64_t kMillisecond = 1000;
  return us / kMillisecond - (us % kMillisecond < 0 ? 1 : 0);
}

// By whose clock a stamp is.
enum Domain : std::uint16_t { kDatabase, kConnector, kSourceBroker };

RecordStamps stamps_of(const HopWatch::Sample& sample) {
  RecordStamps out;
  const auto by = [](const std::optional<Stamp>& stamp, Domain clock) {
    return stamp ? std::optional(ClockStamp{*stamp, clock}) : std::nullopt;
  };
  out.commit = by(sample.stamps.commit, kDatabase);
  out.connector = by(sample.stamps.connector, kConnector);
  const auto written = stamp_of(sample.timestamp);
  if (!written) return out;
  if (sample.timestamp_kind == TimestampKind::log_append_time) {
    out.source_append = ClockStamp{*written, kSourceBroker};
  } else if (sample.timestamp_kind == TimestampKind::create_time && !out.connector) {
    out.connector = ClockStamp{*written, kConnector};
  }
  return out;
}

}  // namespace

HopWatch::HopWatch(const Clock& clock, StampReader reader, HopSettings settings,
                   const ClockWatch* clocks, SloWatch* slos)
    : clock_(clock),
      reader_(std::move(reader)),
      settings_(std::move(settings)),
      clocks_(clocks),
      slos_(slos),
      timeline_(reading_of(clock)),
      sampler_(settings_.samples_per_second) {}

TrackerSettings HopWatch::settings_of(ClockKind kind) const {
  TrackerSettings settings = settings_of_unasked_clock();
  settings.max_error = settings_.clocks.max_error(kind);
  return settings;
}

HopWatch::Topic& HopWatch::topic_of(const std::string& name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return found->second;
  const auto tracker = [this](ClockKind kind) {
    return ClockTracker({kind, 0}, settings_of(kind));
  };
  Topic made{reader_.topic(name),
             tracker(ClockKind::database),
             tracker(ClockKind::connector),
             tracker(ClockKind::source_broker),
             {}};
  made.is_heartbeat_table = settings_.heartbeat_tables.matches(name);
  return topics_.emplace(name, std::move(made)).first->second;
}

Instant HopWatch::at(Steady time) const {
  return clocks_ != nullptr ? clocks_->at(time) : timeline_.at(steady_us(time));
}

void HopWatch::resumed(const TopicPartition& source, TimestampMs last) {
  const bool has_heartbeats =
      reader_.topic(source.topic).is_heartbeat || settings_.heartbeat_tables.matches(source.topic);
  if (!has_heartbeats || clock_.now() - last > kRetiredMs) return;
  HeartbeatRhythm& heartbeats = topic_of(source.topic).heartbeats;
  if (!heartbeats.newest()) heartbeats.beat(last, clock_.now());
}

bool HopWatch::fetched(Passage& passage, const TopicPartition& source, const Record& record,
                       Steady at, bool is_wanted) {
  if (!passage.holds_heartbeats) {
    const Topic& topic = topic_of(source.topic);
    passage.holds_heartbeats = topic.reading.is_heartbeat || topic.is_heartbeat_table;
  }
  if (*passage.holds_heartbeats && passage.heartbeat < std::optional(record.offset)) {
    passage.heartbeat = record.offset;
    topic_of(source.topic).heartbeats.beat(record.timestamp, clock_.now());
  }
  const auto stands_for = sampler_.take(at);
  if (stands_for == 0 && !is_wanted) return false;
  if (!passage.samples) passage.samples.emplace();
  auto& samples = *passage.samples;
  while (!samples.empty() && samples.back().source >= record.offset) {
    samples.pop_back();
    --samples_;
  }
  passage.next = std::min(passage.next, samples.size());
  if (samples_ >= kSamplesMax) return false;
  auto& reading = topic_of(source.topic).reading;
  const auto stamps = reader_.read(reading, record, passage.last_delete);
  if (reading.is_json) sampler_.charge(std::ssize(*record.value) / kJsonBytes);
  samples.push_back({record.offset, stands_for, stamps, record.timestamp, record.timestamp_kind, at,
                     std::nullopt});
  ++samples_;
  return true;
}

// Records go on in the order in which they came: the first without a time is the next.
void HopWatch::produced(Passage& passage, Offset source) {
  if (!passage.samples) return;
  auto& samples = *passage.samples;
  auto& next = passage.next;
  while (next < samples.size() && samples[next].source < source) ++next;
  if (next >= samples.size() || samples[next].source != source) return;
  samples[next].produced_at = clock_.steady();
  ++next;
}

void HopWatch::acked(Passage& passage, const TopicPartition& source, const OffsetRange& range,
                     std::vector<Sampled>* out) {
  if (!passage.samples) return;
  auto& samples = *passage.samples;
  if (samples.empty() || samples.front().source >= range.to) return;
  const Instant now = at(clock_.steady());
  Topic* of = nullptr;
  Offsets offsets;
  while (!samples.empty() && samples.front().source < range.to) {
    if (range.contains(samples.front().source)) {
      if (of == nullptr) {
        look_at_clocks();
        of = &topic_of(source.topic);
        offsets = offsets_of(*of, now);
      }
      const RecordTimes times = take(*of, source, samples.front(), now, offsets);
      const bool is_newest = samples.size() == 1 || samples[1].source >= range.to;
      if (is_newest) passage.latest = times_of(samples.front(), now);
      note_slowest(passage, times, now);
      if (slos_ != nullptr && samples.front().stands_for > 0) {
        slos_->judge(source.topic, "", times.between(Waypoint::commit, Waypoint::target_append),
                     static_cast<std::uint64_t>(samples.front().stands_for), now);
      }
      if (out != nullptr) {
        out->push_back({samples.front().source, samples.front().stands_for, times});
      }
    }
    samples.pop_front();
    passage.next -= passage.next > 0;
    --samples_;
  }
  if (samples.empty()) passage.samples.reset();
}

void HopWatch::forget(Passage& passage) {
  if (passage.samples) samples_ -= passage.samples->size();
  passage = {};
}

LatestTimes HopWatch::times_of(const Sample& sample, Instant acked) const {
  const auto stamps = stamps_of(sample);
  const auto written = [](const std::optional<ClockStamp>& stamp) {
    return stamp ? std::optional(TimestampMs{floor_ms(stamp->stamp.at.value)}) : std::nullopt;
  };
  return {written(stamps.commit),
          written(stamps.connector),
          written(stamps.source_append),
          {floor_ms(at(sample.fetched_at).us)},
          {floor_ms(acked.us)}};
}

void HopWatch::note_slowest(Passage& passage, const RecordTimes& times, Instant acked) const {
  const auto took = times.between(Waypoint::commit, Waypoint::target_append);
  if (!took || !took->point || !took->low || !took->high) return;  // as it is in the histograms
  const std::int64_t at_most_ms = -floor_ms(-took->high->value);
  passage.slowest.add({{floor_ms(acked.us)}, at_most_ms}, window_at(acked));
}

void HopWatch::look_at_clocks() {
  if (clocks_ == nullptr || (table_ && generation_ == clocks_->generation())) return;
  generation_ = clocks_->generation();
  table_ = clocks_->table();
}

// The source broker's is each record's own.
HopWatch::Offsets HopWatch::offsets_of(const Topic& topic, Instant now) const {
  Offsets out{topic.database.offset(now), topic.connector.offset(now), {}};
  if (!table_) return out;
  out[kDatabase] = narrowed(table_->offset_of({ClockKind::database, 0}), topic.database,
                            settings_.clocks.database_max_error, now);
  return out;
}

ClockTracker& HopWatch::appender_of(Topic& topic, const TopicPartition& source, Stamp stamp) {
  const auto broker = table_ ? table_->appender(EventSide::source, source, stamp) : std::nullopt;
  if (!broker) return topic.source_broker;
  const auto found = source_brokers_.find(broker->number);
  if (found != source_brokers_.end()) return found->second;
  if (source_brokers_.size() >= ClockWatch::kClocksMax) source_brokers_.clear();
  return source_brokers_.try_emplace(broker->number, *broker, settings_of(broker->kind))
      .first->second;
}

ClockOffset HopWatch::offset_of_appender(const ClockTracker& orders, const TopicPartition& source,
                                         Stamp stamp, Instant now) const {
  if (!table_) return orders.offset(now);
  return narrowed(table_->offset_at(EventSide::source, source, stamp), orders,
                  settings_.clocks.source_max_error, now);
}

void HopWatch::add(TopicHops& sum, const Sample& sample, const RecordTimes& times, Bounds bounds) {
  const auto count = static_cast<std::uint64_t>(sample.stands_for);
  if (count == 0) return;
  sum.sampled_total += 1;
  if (sample.stamps.commit) {
    sum.newest_commit = std::max(sum.newest_commit, std::optional(sample.stamps.commit->at));
  }
  sum.contradictions_total += static_cast<std::uint64_t>(times.contradictions());
  if (sample.stamps.why) {
    sum.without_commit[static_cast<std::size_t>(*sample.stamps.why)] += count;
  }
  for (std::size_t i = 0; i < kHops.size(); ++i) {
    sum.hops[i].record(times.between(kHops[i].from, kHops[i].to), count,
                       kHops[i].is_within || bounds == Bounds::of_each_hop);
  }
}

RecordTimes HopWatch::take(Topic& topic, const TopicPartition& source, const Sample& sample,
                           Instant acked, Offsets& offsets) {
  auto stamps = stamps_of(sample);
  stamps.fetched = at(sample.fetched_at);
  if (sample.produced_at) stamps.produced = at(*sample.produced_at);
  stamps.acked = acked;
  const auto learn = [&](const std::optional<ClockStamp>& stamp, ClockTracker& clock) {
    if (stamp) clock.add_order(written_not_after(stamp->stamp, *stamps.fetched), *stamps.fetched);
  };
  learn(stamps.commit, topic.database);
  learn(stamps.connector, topic.connector);
  if (stamps.source_append) {
    const Stamp stamp = stamps.source_append->stamp;
    ClockTracker& appender = appender_of(topic, source, stamp);
    offsets[kSourceBroker] = offset_of_appender(appender, source, stamp, acked);
    learn(stamps.source_append, appender);
  }
  const RecordTimes times(stamps, offsets);
  topic.timestamp_kind = sample.timestamp_kind;
  add(topic.hops, sample, times, Bounds::of_the_whole);
  add(topic.recent.at(acked), sample, times, Bounds::of_each_hop);
  return times;
}

std::optional<HeartbeatRhythm> HopWatch::heartbeats(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end() || !found->second.heartbeats.newest()) return std::nullopt;
  return found->second.heartbeats;
}

std::map<std::int32_t, OffsetBounds> HopWatch::source_brokers() const {
  std::map<std::int32_t, OffsetBounds> out;
  for (const auto& [node, clock] : source_brokers_) out[node] = clock.by_order(now());
  return out;
}

OffsetBounds HopWatch::timestamp_clock(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return {};
  const Topic& of = found->second;
  const bool is_append = of.timestamp_kind == TimestampKind::log_append_time;
  if (is_append && table_) return table_->hull_of(ClockKind::source_broker).bounds;
  return (is_append ? of.source_broker : of.connector).offset(now()).bounds;
}

std::optional<TopicHops> HopWatch::of(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return std::nullopt;
  return found->second.hops;
}

std::optional<TopicHops> HopWatch::recent_of(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return std::nullopt;
  return found->second.recent.of(now());
}

}  // namespace longspan
