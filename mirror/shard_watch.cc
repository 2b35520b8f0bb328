// What a Shard notices in the ends of both logs, which it is told about once a second, also while a
// partition stands still.
#include <algorithm>

#include "lagcalc/text.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

// Copies that the target deletes sooner than this after they were written were never of use.
constexpr std::chrono::seconds kUsefulFor{60};
constexpr std::chrono::seconds kUnacknowledged{5};

}  // namespace

void Shard::on_command(LogEnds& command) {
  source_down_.note(false, {});
  if (command.is_target_known) target_down_.note(false, {});
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (p->is_removed) continue;
      const auto at_source = command.source.find(source);
      p->waits.leaderless.note(command.leaderless.contains(source), ports_.clock.steady());
      if (at_source != command.source.end()) {
        watch_waits(*p, at_source->second, command.source_asked_at);
        watch_source(*p, at_source->second);
        source_groups_.ends(p->source_group_log, at_source->second, command.source_asked_at);
      }
      const auto at_target = command.target.find(source);
      if (at_target != command.target.end()) {
        watch_target(*p, at_target->second);
        groups_.ends(p->group_log, at_target->second, command.target_asked_at);
      }
      if (command.is_target_known) {
        watch_acknowledgements(*p, at_target != command.target.end());
      }
    }
  }
}

void Shard::watch_source(Partition& p, const PartitionEnds& log) {
  p.source_end = log.stable_end;
  p.source_start = log.start;
  watch_open_transaction(p, log);
  watch_reading(p);
  // What was mirrored when the ends were last told is gone: truncated, or another topic. The ends
  // may be older than the position, but not than the position of the report before.
  const bool is_cut = p.seen_position && log.end < *p.seen_position;
  p.seen_position = p.copied_up_to();
  if (is_cut && (p.phase == Phase::running || p.phase == Phase::held)) {
    settle(p, Phase::measuring);
  }
}

// The library may go silent about a partition for ever, seen where a topic was created anew.
// Waiting doubles each time: over a slow link a large answer may just be on its way.
void Shard::watch_reading(Partition& p) {
  if (p.phase == Phase::probing) return;  // has a patience of its own
  const auto now = ports_.clock.steady();
  if (!waits_for_source(p) && p.phase != Phase::matching) p.read_at = now;
  if (now - p.read_at < p.patience) return;
  // A client that knew the former topic does not find its way to the new one.
  const bool needs_client = p.is_recreated || p.patience > Partition::kPatience;
  p.patience *= 2;
  p.read_at = now;
  log_warn(log_, "reading_stuck",
           {{"topic", p.identity.source.topic},
            {"partition", p.identity.source.partition},
            {"text",
             needs_client ? "with a new client, reading begins again" : "reading begins again"}});
  if (p.phase == Phase::matching) return settle(p, Phase::measuring);
  if (needs_client && !p.is_recreated) {
    // Is it the batch, or the client?
    p.unreadable = Error{Next::park_partition, 0, "nothing comes, and no reason why", ""};
    p.must_probe = true;
    return settle(p, Phase::measuring);
  }
  stop_reading(p);
  source_must_grow_ = source_must_grow_ || needs_client;
  start_reading(p);
}

// The library tries again for ever and says nothing. The cluster answers, so it is the partition's
// trouble.
void Shard::watch_acknowledgements(Partition& p, bool has_leader) {
  const auto waits = ports_.clock.steady() - std::max(p.waits_since, p.acked_at);
  const auto oldest = p.ledger.oldest();
  const bool is_flowing = p.phase == Phase::running || p.phase == Phase::held;
  if (!oldest || !is_flowing || !p.reason.empty() || waits < kUnacknowledged) return;
  p.reason = has_leader ? "the target partition takes no records: too few replicas in sync for "
                          "min.insync.replicas, or its disk is full"
                        : "the target partition has no leader that answers";
  record_event(p, EventKind::target_unwritable, oldest->source_start, p.next_fetch, p.reason);
  p.is_dirty = p.has_position;
}

void Shard::watch_open_transaction(Partition& p, const PartitionEnds& log) {
  const auto now = ports_.clock.steady();
  if (log.stable_end == log.end) {
    p.open_transaction.reset();
    return;
  }
  if (!p.open_transaction || p.open_transaction->at != log.stable_end) {
    p.open_transaction = {log.stable_end, now, now, false};
  }
  auto& open = *p.open_transaction;
  open.seen_at = now;
  if (open.is_told || now - open.since < flow_.hung_transaction) return;
  open.is_told = true;
  record_event(p, EventKind::source_transaction_hung, log.stable_end, log.end,
               "a transaction has been open at the source for " +
                   duration_text(flow_.hung_transaction.count()) +
                   "; nothing behind it can be read until it ends");
}

void Shard::watch_target(Partition& p, const PartitionEnds& log) {
  const auto now = ports_.clock.steady();
  const Offset written = p.map.next_target();
  const bool is_cut = p.seen_target && log.end < *p.seen_target;
  // The ends are older than what was acknowledged since: what is beyond it is not ours.
  const bool is_foreign = p.ledger.empty() && !p.tail && log.end > written;
  p.seen_target = written;
  if ((is_cut || is_foreign) && (p.phase == Phase::running || p.phase == Phase::held)) {
    settle(p, Phase::measuring);
    return;
  }
  // The marks say what was written when; those that are older than kUsefulFor lived long enough.
  while (p.written_marks.size() > 1 && now - p.written_marks[1].second >= kUsefulFor) {
    p.written_marks.pop_front();
  }
  if (!p.written_marks.empty() && log.start > p.written_marks.front().first) {
    const Offset from = p.written_marks.front().first;
    const Offset to = std::min(log.start, written);
    if (to > from) {
      record_range(p, EventKind::expired_at_target, from, to,
                   "the target's retention deleted copies within " +
                       std::to_string(kUsefulFor.count()) +
                       " s of their being written; see retention.ms there and the records' "
                       "timestamps");
    }
    p.written_marks.clear();
  }
  if (p.written_marks.empty() || now - p.written_marks.back().second >= kUsefulFor / 10) {
    p.written_marks.emplace_back(std::max(written, log.start), now);
  }
}

// On a compacted topic a delete can be read for delete.retention.ms only; what stood still longer
// may have missed one, and then the target keeps a record that the source has not.
void Shard::tell_lost_deletes(const Partition& p, const Position& position, Offset source_end) {
  const auto keeps = topic_settings_.delete_retention.find(p.identity.source.topic);
  if (keeps == topic_settings_.delete_retention.end()) return;
  const auto stood = std::chrono::milliseconds(ports_.clock.now() - position.written_at);
  if (stood < keeps->second || position.next_source >= source_end) return;
  record_event(p, EventKind::deletes_may_be_lost, position.next_source, source_end,
               "the topic is compacted and keeps deletes for " +
                   duration_text(keeps->second.count()) + "; the mirror stood still for " +
                   duration_text(stood.count()) + ": longspan verify FILE shows what differs");
}

}  // namespace longspan
