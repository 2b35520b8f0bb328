// What a Shard reads first, how much of it, and what part of the sink each priority gets.
#include <algorithm>
#include <utility>

#include "mirror/shard.h"

namespace longspan {
namespace {

constexpr std::size_t kRecordsPerPoll = 2000;
constexpr std::chrono::milliseconds kLookInterval{20};
// High priority that got nothing for so long waits for its broker, not for us: the others go on.
constexpr std::chrono::seconds kFresh{2};
constexpr std::chrono::seconds kSlow{5};
// Far longer than a record takes where nothing waits.
constexpr std::chrono::milliseconds kQueued{1000};
constexpr std::chrono::seconds kProbePatience{5};
// Where high priority shares the sink, a record of it that comes is not to wait behind much.
constexpr LatencyWindow::Tolerance kBesideHigh{4, std::chrono::milliseconds(250),
                                               std::chrono::milliseconds(1000)};
constexpr LatencyWindow::Tolerance kAlone{10, std::chrono::milliseconds(1000),
                                          std::chrono::milliseconds(2000)};
constexpr std::int64_t kQuartersBesideHigh = 3;
// At a bound it is read and held back in turns, many times a second.
constexpr std::chrono::seconds kShownFor{1};

std::size_t records_for(std::int64_t bytes, std::int64_t bytes_per_record) {
  const auto records = bytes / std::max<std::int64_t>(bytes_per_record, 1);
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(records, 1, static_cast<std::int64_t>(kRecordsPerPoll)));
}

}  // namespace

std::size_t Shard::read_records() {
  std::size_t read = 0;
  for (const Priority priority : kPriorities) {
    read += read_class(classes_[index_of(priority)]);
    look_at_high_priority();
  }
  return read;
}

std::size_t Shard::read_class(TopicClass& topics) {
  if (!topics.source) return 0;
  const auto now = ports_.clock.steady();
  if (!may_read(topics)) {
    topics.hold_back(HeldBack::no, now);  // it is the sink that it waits for
    return 0;
  }
  const bool is_bounded = budget_.is_needed();
  const auto room = is_bounded ? budget_.room(topics.priority, now) : ReadBudget::Room{};
  topics.hold_back(room.why, now);
  if (room.why != HeldBack::no) return 0;
  const auto records_max =
      room.bytes ? records_for(*room.bytes, topics.bytes_per_record) : kRecordsPerPoll;
  batch_at_ = now;
  topics.bytes_of_poll = 0;
  const auto read = topics.source->poll(*this, records_max);
  if (read < records_max) topics.drained_at = now;
  if (topics.bytes_of_poll == 0) return read;
  const auto before = std::exchange(topics.delivered_at, now);
  if (now - before >= kFresh) next_look_at_high_ = {};  // it may be behind from now on
  topics.bytes_per_record = topics.bytes_of_poll / static_cast<std::int64_t>(read);
  topics.bytes_read_total += topics.bytes_of_poll;
  if (is_bounded) budget_.spend(topics.priority, topics.bytes_of_poll);
  return read;
}

// Looked at at a pace: it asks every partition of high priority.
void Shard::look_at_high_priority() {
  const auto now = ports_.clock.steady();
  if (now < next_look_at_high_) return;
  next_look_at_high_ = now + kLookInterval;
  if (flow_.priority_high.patterns().empty() && !budget_.has_high()) return;
  budget_.note_high(config_.index, high_work(now));
}

// Behind by what is known of the source's end, a second old at most: by the library's own "end of
// partition", which comes half a second late, a trickle would never be caught up with.
HighWork Shard::high_work(Clock::Steady now) const {
  HighWork work = HighWork::none;
  const TopicClass& high = classes_[index_of(Priority::high)];
  // What its own throttle keeps it from reading is for the others.
  const bool moves = now - std::max(high.delivered_at, high.acked_at) < kFresh;
  const bool is_served = moves && !budget_.is_used_up(high.priority, now);
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      if (p->priority != Priority::high) continue;
      work = HighWork::caught_up;
      const bool is_read = p->phase == Phase::running && p->is_reading && now - p->read_at < kFresh;
      const bool is_there = p->source_end && *p->source_end > p->next_fetch;
      // Read, but waiting at the target; one that has stopped answering holds nobody back.
      const auto oldest = p->ledger.oldest();
      const bool is_queued =
          oldest && now - oldest->fetched_at > kQueued && now - p->acked_at < kSlow;
      if (is_served && ((is_there && is_read) || is_queued)) return HighWork::behind;
    }
  }
  return work;
}

// What this priority may have in flight to the target. Beside high priority the others leave room
// for what may come of it, and while it is behind they have only their floor.
std::int64_t Shard::sink_room(const TopicClass& topics) const {
  const auto all = config_.limits.sink_bytes_max;
  if (!budget_.has_high()) return topics.window.bytes();
  const auto floor = all / 100 * budget_.floor_percent();
  if (topics.priority == Priority::high) return std::min(topics.window.bytes(), all - floor);
  return std::min(topics.window.bytes(),
                  budget_.is_high_behind() ? floor : all / 4 * kQuartersBesideHigh);
}

bool Shard::has_sink_room(const Partition& p) const {
  const TopicClass& topics = class_of(p);
  return weight(topics.in_flight) <= sink_room(topics);
}

// Before it is read, or anew when the file was.
void Shard::set_priority(Partition& p) {
  const bool is_high = flow_.priority_high.matches(p.identity.source.topic);
  p.priority = is_high ? Priority::high : Priority::normal;
  p.ledger.count_in(class_of(p).in_flight);
}

void Shard::on_command(ChangeSettings& command) {
  static_cast<LiveSettings&>(flow_) = std::move(command.settings);
  hops_.set_window(flow_.marks_interval + kPublishEach * 2);
  if (ports_.budget == nullptr) budget_.set(flow_, {}, ports_.clock.steady());
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      set_gate(*p);
      const bool is_high = flow_.priority_high.matches(source.topic);
      if (is_high == (p->priority == Priority::high)) continue;
      const bool was_reading = p->is_reading || p->queued > 0;
      stop_reading(*p);
      drop_pending_of(p->index);  // it is read again
      set_priority(*p);
      if (was_reading) start_reading(*p);
    }
  }
  next_look_at_high_ = {};
}

void Shard::note_offered(const Partition& p, Offset offset) {
  TopicClass& topics = class_of(p);
  // One that is stuck must not keep the others from being measured. Asked for every record: the
  // clock is not.
  if (topics.probe && batch_at_ - topics.probe->offered_at < kProbePatience) return;
  topics.probe = {p.index, offset, ports_.clock.steady(), weight(topics.in_flight)};
}

void Shard::note_acked(const Partition& p, const Ledger::Run& run) {
  TopicClass& topics = class_of(p);
  topics.acked_at = ports_.clock.steady();
  if (!topics.probe || topics.probe->index != p.index) return;
  const auto probe = *topics.probe;
  if (probe.offset >= run.source_start + Records{run.length}) return;
  topics.probe.reset();
  if (probe.offset < run.source_start) return;  // of another life of this index
  const auto now = ports_.clock.steady();
  const bool is_beside_high = p.priority == Priority::normal && budget_.has_high();
  topics.window.add(now - probe.offered_at, probe.in_flight, now,
                    is_beside_high ? kBesideHigh : kAlone);
}

std::string Shard::why_waiting(const Partition& p) const {
  if (p.seat.wait) {
    const auto trouble = gate_->trouble();
    return "waits for schema " + text(*p.seat.wait) +
           (trouble ? ": " + *trouble : ", which the target's registry does not have yet");
  }
  if (p.phase == Phase::suspected) {
    return "waits to be read alone: processes died, perhaps of one of several partitions";
  }
  const bool is_behind = p.source_end && *p.source_end > p.next_fetch;
  if (p.phase != Phase::running || !is_behind) return "";
  const TopicClass& topics = class_of(p);
  return ports_.clock.steady() - topics.held_back_at < kShownFor ? std::string(text_of(topics.why))
                                                                 : "";
}

PrioritySnapshot Shard::snapshot_of(Priority priority) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const TopicClass& topics = classes_[index_of(priority)];
  PrioritySnapshot s;
  s.bytes_read_total = topics.bytes_read_total;
  s.throttled_total_ms = duration_cast<milliseconds>(topics.throttled_total).count();
  s.yielded_total_ms = duration_cast<milliseconds>(topics.yielded_total).count();
  s.in_flight_bytes = weight(topics.in_flight);
  s.in_flight_bytes_max = sink_room(topics);
  return s;
}

// Everything the library had fetched was delivered, and nothing of this partition was among it.
bool Shard::waits_for_source(const Partition& p) const {
  const TopicClass& topics = class_of(p);
  const bool is_free = p.phase == Phase::running && p.is_reading && p.ledger.empty() &&
                       topics.pending.empty() && *p.source_end > p.next_fetch;
  const auto now = ports_.clock.steady();
  const bool was_held_back = now - topics.held_back_at < kFresh;
  return is_free && (!was_held_back || now - topics.drained_at < kFresh);
}

}  // namespace longspan
