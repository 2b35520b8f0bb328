// What a Shard does about records that are lost, and what an operator decided about them.
#include <algorithm>

#include "lagcalc/text.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

// Copies that the target lost are at the source as long as that keeps them.
std::string copy_again_words(const Partition& p, const Stop& event) {
  if (event.kind != EventKind::target_truncated) return {};
  const auto first = p.map.to_source(event.from);
  const bool is_known = first.exactness == Exactness::exact && !p.map.was_pruned();
  return "; or, to copy again what is lost: longspan offsets set FILE --partition " +
         p.identity.source.text() + " --source " +
         (is_known ? std::to_string(first.offset.value) : "earliest");
}

// A coordinator that is restarted may leave out the marker of what it had committed; the next
// commit of the same producer closes both. No copy of ours stands where the log ends.
bool lacks_marker_only(const OffsetMap& map, Offset end) {
  return end.next() == map.next_target() && map.to_source(end).exactness != Exactness::exact;
}

// Another topic has the name of the one that held the copies.
bool is_other_target(const Partition& p, const Measured& measured) {
  return p.target_id && measured.target_id && p.target_id != measured.target_id;
}

Event acceptance(const Partition& p, const Stop& stop, const std::string& who) {
  Event event;
  event.kind = EventKind::loss_accepted;
  event.partition = p.identity.source;
  event.from = stop.from;
  event.to = stop.to;
  event.accepts = EventReference{stop.event, stop.kind};
  event.text = "event " + std::to_string(p.slot) + "/" + std::to_string(stop.event) + " (" +
               std::string(name(stop.kind)) + ") accepted by " + who;
  name_sources(event, p.map);
  return event;
}

// How far our copies can stand. A log that was cut back may be as long again as the position, by
// records of our own.
Offset end_of_copies(const Partition& p, const PartitionEnds& target) {
  return std::min(target.end, p.target_cut_to.value_or(target.end));
}

}  // namespace

// False: the source lost what comes next; the partition is parked.
bool Shard::accept_source(Partition& p, const PartitionEnds& source) {
  const Offset next = p.copied_up_to();
  // A log that was cut back may be longer again than the position.
  const Offset end = std::min(source.end, p.truncated_to.value_or(source.end));
  if (source.start <= next && next <= end) {
    p.next_fetch = std::max(p.next_fetch, source.start);  // what is copied once more may be gone
    p.truncated_to.reset();
    p.asked_cut_at.reset();
    return true;
  }
  const bool is_expired = source.start > next;
  if (!is_expired && p.asks_where_it_was_cut(source.start, ports_.clock.steady())) return true;
  const Offset from = is_expired ? next : end;
  const Offset to = is_expired ? source.start : next;
  const std::string what =
      is_expired
          ? "source records " + range_text(from, to) + " were deleted before they were read"
          : std::string("the source log ") + (end < source.end ? "was cut back to " : "ends at ") +
                std::to_string(end.value) + ", before our position " + std::to_string(next.value);
  const auto kind = is_expired ? EventKind::source_expired : EventKind::source_truncated;
  if (!goes_on(p, {0, kind, from, to}, what)) return false;
  p.next_fetch = is_expired ? source.start : std::max(end, source.start);
  p.leader_epoch.reset();  // of records that are no more
  if (is_expired) {
    p.map.set_next_source(p.next_fetch);
  } else {
    p.map.truncate_from(end);
    p.map_writer->cut(p.map);
    p.truncated_to.reset();
    p.asked_cut_at.reset();
  }
  p.is_dirty = true;
  return true;
}

// False: the target is not what the position says; the partition is parked. Where another topic has
// the name of the one that held the copies they are gone, however long its log is; what stands
// there is compared with what comes next, as any tail.
bool Shard::accept_target(Partition& p, const Measured& measured) {
  const PartitionEnds& target = *measured.target_ends;
  const Offset expected = p.map.next_target();
  const bool is_other = is_other_target(p, measured);
  if (is_other && expected > Offset{}) {
    const std::string what =
        "the target topic was deleted and created again: the copies we wrote up to " +
        std::to_string(expected.value) + " are gone";
    if (!goes_on(p, {0, EventKind::target_truncated, Offset{}, expected}, what)) return false;
    p.forget_copies_from(target.start);
  }
  if (measured.target_id && p.target_id != measured.target_id) {
    p.target_id = measured.target_id;
    p.is_dirty = true;
  }
  const Offset end = end_of_copies(p, target);
  if (is_other || end >= expected) {
    p.target_cut_to.reset();
    return true;
  }
  if (!is_exactly_once() || !lacks_marker_only(p.map, end)) {
    const std::string what = std::string("the target log ") +
                             (end < target.end ? "was cut back to " : "ends at ") +
                             std::to_string(end.value) + ", before the copies we wrote up to " +
                             std::to_string(expected.value);
    if (!goes_on(p, {0, EventKind::target_truncated, end, expected}, what)) return false;
  }
  p.forget_copies_from(end);
  return true;
}

// By policy, or because an operator said so. A loss that an operator accepted may have grown since:
// then the growth is an event of its own, for stopping again would never end.
bool Shard::goes_on(Partition& p, const Stop& loss, const std::string& what) {
  const auto accepted = std::exchange(p.accepted, std::nullopt);
  if (accepted && accepted->kind == loss.kind) {
    const bool is_same = accepted->from == loss.from && accepted->to == loss.to;
    if (!is_same) record_event(p, loss.kind, loss.from, loss.to, what + "; accepted before");
    return true;
  }
  if (flow_.policy(loss.kind) == OnDataLoss::go_on) {
    record_event(p, loss.kind, loss.from, loss.to, what + "; going on, by policy");
    return true;
  }
  stop_for(p, loss, what);
  return false;
}

// Parks it until the event is accepted or its cause goes. At every retry it is the same event as
// long as it is the same loss.
void Shard::stop_for(Partition& p, Stop event, const std::string& what) {
  const bool is_told = p.stopped_by && p.stopped_by->kind == event.kind &&
                       p.stopped_by->from == event.from && p.stopped_by->to == event.to;
  if (is_told) {
    event.event = p.stopped_by->event;
  } else if (event.event == 0) {  // not told yet; a slot's first event is always slot_taken
    event.event = record_event(p, event.kind, event.from, event.to, what).number;
  }
  p.stopped_by = event;
  park(p, {Next::park_partition, 0,
           what + "; to go on: longspan resume FILE --partition " + p.identity.source.text() +
               " --accept-loss " + std::to_string(p.slot) + "/" + std::to_string(event.event) +
               copy_again_words(p, event),
           ""});
}

void Shard::stop_for(Partition& p, const Stop& event) {
  stop_for(p, event, "target records " + range_text(event.from, event.to) + " are not ours");
}

// Resuming what was paused accepts nothing.
void Shard::stop_again(Partition& p) {
  if (p.phase == Phase::settling) p.after_settling = Phase::parked;
  if (p.stopped_by->kind == EventKind::partition_suspected) return park(p, blame_of(p));
  stop_for(p, *p.stopped_by);
}

// For what was done already, and only the policy objects to. At the next tick, for the records that
// show it are still being handed on.
void Shard::stop_by_policy(Partition& p, const Stop& event) {
  if (flow_.policy(event.kind) == OnDataLoss::stop) p.must_stop = event;
}

// The event that a former owner stopped for keeps its number.
void Shard::restore_stop(Partition& p, const Position& position) {
  p.remedied_at = position.remedied_at;
  p.carried_out_at = position.remedied_at;
  p.stopped_by = position.stopped_by;
  if (p.stopped_by) p.reason = position.reason;
}

void Shard::on_command(ApplyRemedy& command) {
  const auto found = slots_.find(command.slot);
  if (found == slots_.end()) return postpone(command);
  if (found->second.is_dropping) return;
  found->second.remedies[command.source] = command.remedy;
  Partition* p = find(command.slot, command.source);
  if (p == nullptr || p->is_removed) return;
  apply(*p, command.remedy);
  if (!p->accepted && !p->set_position) return;
  if (p->phase == Phase::parked || p->phase == Phase::measuring) {
    measure(*p);
  } else if (p->set_position && p->phase != Phase::paused) {
    settle(*p, Phase::measuring);
  }
}

void Shard::apply(Partition& p, const Remedy& remedy) {
  if (p.remedied_at && remedy.at <= *p.remedied_at) return;  // taken before
  if (remedy.topic_id != p.identity.topic_id) {
    log_warn(log_, "remedy_not_meant",
             {{"topic", p.identity.source.topic},
              {"partition", p.identity.source.partition},
              {"text", "it was given for another topic of this name"}});
    return;
  }
  p.remedied_at = remedy.at;
  p.is_dirty = p.has_position;
  const std::string who = remedy.who + (remedy.text.empty() ? "" : ": " + remedy.text);
  if (remedy.kind == RemedyKind::set_position) {
    p.set_over = p.stop_to_keep();
    p.accepted.reset();
    p.must_stop.reset();
    p.set_position = remedy;
  } else if (const auto stop = p.stop_to_keep(); !stop || stop->event != remedy.event) {
    log_warn(log_, "nothing_to_accept",
             {{"topic", p.identity.source.topic},
              {"partition", p.identity.source.partition},
              {"text", "the partition does not wait for event " + std::to_string(remedy.event)}});
    return;
  } else {
    p.accepted = stop;
    p.must_stop.reset();
    record_event(slots_.at(p.slot), acceptance(p, *stop, who));
  }
  p.stopped_by.reset();
  p.blame.reset();
  p.reason.clear();
  p.backoff = {};
}

// The map up to here is closed; where the position goes back, what is copied again counts from now
// on. Nothing is read before the new position is on the target: a crash would set it twice.
void Shard::carry_out_set(Partition& p, const Measured& measured) {
  const PartitionEnds& target = *measured.target_ends;
  const Remedy remedy = *std::exchange(p.set_position, std::nullopt);
  const Offset before = p.has_position ? p.position() : remedy.next_source;
  const Offset to = remedy.next_source;
  const bool is_forward = to > before;
  record_event(p, is_forward ? EventKind::records_left_out : EventKind::position_set,
               std::min(before, to), std::max(before, to),
               std::string(is_forward ? "not copied, by " : "copied once more, by ") + remedy.who +
                   (remedy.text.empty() ? "" : ": " + remedy.text));
  // What the closed map says must hold: copies that the target lost are no part of it.
  const Offset end = is_other_target(p, measured) ? target.start : end_of_copies(p, target);
  const auto over = std::exchange(p.set_over, std::nullopt);
  if (const Offset expected = p.map.next_target(); p.has_position && end < expected) {
    if (!over || over->kind != EventKind::target_truncated) {
      record_event(p, EventKind::target_truncated, end, expected,
                   "found when the position was set: the copies there are gone from the target");
    }
    p.forget_copies_from(end);
  }
  p.target_id = measured.target_id;
  if (p.late) p.late->older = std::min(p.late->older, to);
  for (auto& record : p.map_writer->seal_all(p.map)) {
    put(slots_.at(p.slot), record.key, std::move(record.value));
  }
  p.has_position = true;
  p.must_copy_again = false;
  p.trial.reset();
  p.next_fetch = to;
  p.leader_epoch.reset();
  p.truncated_to.reset();
  p.asked_cut_at.reset();
  p.target_cut_to.reset();
  // Where the target ends now, also when it lost copies: who sets a position has seen that.
  const bool had_copies = !p.map.segments().empty() || p.map.was_pruned();
  p.map = OffsetMap({}, to, target.end);
  if (had_copies) p.map.mark_pruned();
  p.fingerprint_done.reset();
  start_at(p);
}

}  // namespace longspan
