// What a Shard does about batches of the source that cannot be read: it finds where they end.
#include <algorithm>

#include "lagcalc/text.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

constexpr std::int64_t kProbeBytes = 4LL << 20;
constexpr std::size_t kProbeRecords = 100;
// How long nothing may come: where it is known that something comes elsewhere, and where not.
constexpr std::chrono::seconds kProvenPatience{3};
constexpr std::chrono::seconds kProbePatience{10};
// One client reads what another cannot: so often in a row it is tried at once.
constexpr int kContradictionsMax = 3;

}  // namespace

void Shard::on_batch_unreadable(PartitionIndex index, std::optional<Offset>, const Error& error) {
  Partition& p = *entries_[index].partition;
  p.is_reading = false;
  p.source_failures += 1;
  p.unreadable = error;
  p.must_probe = true;
  settle(p, Phase::measuring);
}

// With a client of its own: the shard's has other partitions to wait for, and this one's window is
// small.
void Shard::probe(Partition& p) {
  LONGSPAN_ASSERT(p.ledger.empty() && !p.is_reading);
  p.must_probe = false;
  if (!probe_source_) {
    SourceLimits limits;
    limits.bytes_max = kProbeBytes;
    limits.partitions_max = 1;
    limits.round_trip = config_.limits.source_round_trip;
    limits.for_probes = true;
    auto made = ports_.make_source(limits);
    if (!made) return park(p, made.error());
    probe_source_ = std::move(*made);
  }
  p.phase = Phase::probing;
  probing_.insert(p.index);
  p.step_over.emplace(p.next_fetch, *p.source_end);
  start_probe(p);
}

void Shard::start_probe(Partition& p) {
  p.has_probe_answer = false;
  p.read_at = ports_.clock.steady();
  auto started = probe_source_->start(p.index, p.identity.source, p.step_over->probe(), {});
  if (!started) park(p, started.error());
}

// The next reading begins here and not within an event: of the former one more may be on its way.
std::size_t Shard::poll_probes() {
  const auto read = probe_source_->poll(probe_events_, kProbeRecords);
  const auto now = ports_.clock.steady();
  const std::vector<PartitionIndex> probing(probing_.begin(), probing_.end());
  for (const PartitionIndex index : probing) {
    Partition& p = *entries_[index].partition;
    const auto patience =
        p.step_over->is_proven() ? kProvenPatience : std::max(kProbePatience, p.patience / 2);
    if (!p.has_probe_answer && now - p.read_at >= patience) {
      probe_source_->stop(index);
      p.has_probe_answer = true;
      p.step_over->on_silence();
      if (p.reason.empty()) p.reason = p.unreadable->text();  // this will take its time
    }
    if (!p.has_probe_answer) continue;
    p.step_over->is_done() ? end_probing(p) : start_probe(p);
  }
  if (probing_.empty()) probe_source_.reset();
  return read;
}

void Shard::end_probing(Partition& p) {
  const StepOver over = *p.step_over;
  const Error cause = *p.unreadable;
  stop_side_reading(p);
  if (over.from() == over.to()) {
    // Read by another client, or by none: what was in the way is not the batch.
    const bool was_silent = cause.kafka_code == 0;
    if (was_silent && class_of(p).source) source_must_grow_ = true;
    if (p.source_failures > kContradictionsMax) return park(p, cause);
    return measure(p);
  }
  p.source_failures = 0;
  const std::string what =
      "source records " + range_text(over.from(), over.to()) + " cannot be read (" + cause.text() +
      "); behind them reading " +
      (p.source_end && over.to() >= *p.source_end ? "comes to the log's end" : "succeeds again") +
      (over.is_guess() ? "; of some of them nothing was heard at all" : "");
  const Stop loss{0, EventKind::batch_unreadable, over.from(), over.to()};
  // Where nothing came it may just be slow: only an operator gives that up.
  const bool is_accepted = p.accepted && p.accepted->kind == loss.kind;
  if (over.is_guess() && !is_accepted) return stop_for(p, loss, what);
  if (!goes_on(p, loss, what)) return;
  p.next_fetch = over.to();
  p.map.set_next_source(std::max(p.map.next_source(), over.to()));
  p.leader_epoch.reset();  // reading would begin before the batch again
  p.is_dirty = true;
  measure(p);
}

// Of the target's tail, or of a batch.
void Shard::stop_side_reading(Partition& p) {
  if (p.phase == Phase::matching) tail_source_->stop(p.index);
  if (p.phase != Phase::probing) return;
  probe_source_->stop(p.index);
  probing_.erase(p.index);
  p.step_over.reset();
  p.phase = Phase::measuring;
}

// The batch is gone, by retention or by an election, or it is harmless: nothing is left to accept.
void Shard::forget_what_was_here(Partition& p) {
  if (is_about_what_is_read(p.stopped_by)) p.stopped_by.reset();
  if (is_about_what_is_read(p.accepted)) p.end_acceptance();
}

// Absent: the partition is not probed, or has answered.
StepOver* Shard::ProbeEvents::answered(PartitionIndex index) {
  Partition& p = *shard_.entries_[index].partition;
  if (p.phase != Phase::probing || p.has_probe_answer) return nullptr;
  shard_.probe_source_->stop(index);
  p.has_probe_answer = true;
  return &*p.step_over;
}

void Shard::ProbeEvents::on_records(PartitionIndex index, std::span<Record> records) {
  if (auto* over = answered(index)) over->on_readable(records.front().offset);
}

void Shard::ProbeEvents::on_end_of_partition(PartitionIndex index, Offset next) {
  auto* const over = answered(index);
  if (over != nullptr) over->on_readable(std::max(next, over->probe()));
}

void Shard::ProbeEvents::on_batch_unreadable(PartitionIndex index, std::optional<Offset> batch,
                                             const Error& error) {
  auto* const over = answered(index);
  if (over == nullptr) return;
  Partition& p = *shard_.entries_[index].partition;
  if (over->readings() == 0) p.unreadable = error;
  p.source_failures = 0;
  over->on_unreadable(batch);
}

// Out of range, gone or not allowed: measuring tells. But behind a wrong checksum the library reads
// on where it should not, and what it says of a place far off may come when this reading has begun:
// so it begins once more.
void Shard::ProbeEvents::on_partition_failed(PartitionIndex index, const Error& error) {
  if (answered(index) == nullptr) return;
  Partition& p = *shard_.entries_[index].partition;
  p.source_failures += 1;
  if (p.source_failures > kContradictionsMax) shard_.park(p, error);
}

void Shard::ProbeEvents::on_source_trouble(const Error& error) { shard_.on_source_trouble(error); }

}  // namespace longspan
