// What a Shard does about records whose schema id the target's registry does not know: their
// partition waits for it, within bounds.
#include <algorithm>

#include "mirror/shard.h"

namespace longspan {

void Shard::set_gate(Partition& p) {
  p.is_gated = gate_ != nullptr && flow_.schema_gate_topics.matches(p.identity.source.topic);
}

// What is held back for its incompatibility must not slip through because it takes long.
ShardGate::Bound Shard::gate_bound() const {
  return flow_.schemas.on_incompatible == OnIncompatible::hold ? ShardGate::Bound::max()
                                                               : flow_.schema_gate_timeout;
}

// False: it is read again when it may go on. `record` is gone then.
bool Shard::goes_through_gate(Partition& p, const Record& record) {
  if (ShardGate::goes_at_once(p.seat, record)) return true;
  if (p.seat.topic == nullptr) gate_->sit_down(p.seat, p.identity.source.topic, record);
  const Offset offset = record.offset;
  const auto verdict = gate_->look(p.seat, record, ports_.clock.steady(), gate_bound());
  if (verdict == ShardGate::Verdict::goes) return true;
  if (verdict == ShardGate::Verdict::goes_unknown) {
    if (offset < p.unknown_up_to) return true;  // offered once more
    p.unknown_up_to = offset.next();
    if (!p.gone_unknown) p.gone_unknown = Partition::GoneUnknown{offset, {}, 0};
    p.gone_unknown->to = offset.next();
    ++p.gone_unknown->records;
    return true;
  }
  drop_pending_of(p.index);
  stop_reading(p);
  ++gate_->counts.holds_total;
  log_info(log_, "schema_awaited",
           {{"topic", p.identity.source.topic},
            {"partition", p.identity.source.partition},
            {"offset", offset},
            {"schema", text(*p.seat.wait)}});
  return false;
}

void Shard::look_at_gates() {
  if (!gate_ || !gate_->refresh()) return;
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) look_at_gate(*p);
  }
}

void Shard::look_at_gate(Partition& p) {
  if (p.gone_unknown) tell_gone_unknown(p);
  if (!p.seat.wait) return;
  const auto now = ports_.clock.steady();
  if (p.is_gated && !gate_->is_over(*p.seat.wait, now, gate_bound())) return;
  p.seat.wait.reset();
  if (p.phase == Phase::running && !p.is_reading) start_reading(p);
}

void Shard::tell_gone_unknown(Partition& p) {
  const auto gone = *std::exchange(p.gone_unknown, std::nullopt);
  gate_->counts.unknown_total += gone.records;
  record_range(p, EventKind::schema_unknown, gone.from, gone.to,
               "the target's schema registry does not know the ids of " +
                   std::to_string(gone.records) + " records, and they waited long enough");
}

void Shard::add_gate(ShardSnapshot& snapshot) const {
  snapshot.gate = gate_->counts;
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      snapshot.gate.waiting += p->phase == Phase::running && p->seat.wait ? 1 : 0;
    }
  }
  for (const auto& [name, topic] : gate_->topics()) {
    const auto shown = snapshot.topics.find(name);
    if (shown != snapshot.topics.end()) shown->second.framing = topic.framing;
  }
}

}  // namespace longspan
