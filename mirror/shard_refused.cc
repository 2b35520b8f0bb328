// What a Shard does about records that the target refuses for what they are: too large, without a
// key on a compacted topic, of a time that is out of range.
#include <algorithm>

#include "mirror/dead_letter.h"
#include "mirror/refusal.h"
#include "mirror/shard.h"

namespace longspan {
namespace {

// Kafka's protocol.
constexpr int kMessageTooLarge = 10;
constexpr int kRecordListTooLarge = 18;
constexpr int kInvalidRecord = 87;

}  // namespace

bool hides_one(const Partition& p, const Error& error) {
  return error.next == Next::refuse_record && p.ledger.records() > 1;
}

Error with_ways_out(const Error& error, const Partition& p) {
  const auto run = p.ledger.oldest();
  if (error.next != Next::refuse_record || !run || p.ledger.records() != 1) return error;
  const Offset at = run->source_start;
  const bool is_large =
      error.kafka_code == kMessageTooLarge || error.kafka_code == kRecordListTooLarge;
  Error out = error;
  out.what = "the target refuses the source record at offset " + std::to_string(at.value) + " (" +
             error.what + "); " +
             (is_large ? "to write it: raise max.message.bytes of the target topic " +
                             p.target.topic + "; "
                       : "") +
             "to have such records left out: on.record.refused = dlq, or skip; to leave out this "
             "one: longspan offsets set FILE --partition " +
             p.identity.source.text() + " --source " + std::to_string(at.next().value);
  return out;
}

// By policy such a record is left out; otherwise its partition is parked.
bool Shard::may_leave_out(const Error& error) const {
  return error.next == Next::refuse_record && flow_.on_refused != OnRefused::stop;
}

// Which record of a request it was shows when they go alone.
void Shard::go_one_by_one(Partition& p, Offset until) {
  if (!p.one_by_one) {
    log_info(log_, "one_by_one",
             {{"topic", p.identity.source.topic},
              {"partition", p.identity.source.partition},
              {"until", until},
              {"text", "the target refused a record: which one is found out"}});
    p.one_by_one.emplace();
  }
  p.one_by_one->until = std::max(p.one_by_one->until, until);
}

// The one before has no outcome yet, or its outcome is not on the target.
bool Shard::waits_alone(Partition& p) {
  if (!p.one_by_one) return false;
  OneByOne& alone = *p.one_by_one;
  if (alone.step == OneByOne::Step::recording &&
      slots_.at(p.slot).outbox->acked_total() >= alone.recorded_at) {
    alone.step = OneByOne::Step::waiting;
  }
  return !p.ledger.empty() || alone.step != OneByOne::Step::waiting;
}

// A broker refuses it, and the whole request with it: no need to ask.
bool Shard::lacks_key(const Partition& p, const Record& record) const {
  return !record.key && flow_.on_refused != OnRefused::stop &&
         topic_settings_.compacted_targets.contains(p.target.topic);
}

// True: it is on its way, or its partition is in trouble.
bool Shard::offer_alone(Partition& p, Record& record) {
  OneByOne& alone = *p.one_by_one;
  if (is_exactly_once() && !transaction_->takes_records()) return false;
  if (sink_is_dying_) return false;
  std::optional<Error> refusal;
  if (lacks_key(p, record)) {
    refusal = Error{Next::refuse_record, kInvalidRecord,
                    "the target topic is compacted and takes no record without a key", ""};
  } else if (alone.refused == record.offset) {
    refusal = alone.why;
  }
  const Offset offset = record.offset;
  const TimestampMs timestamp = record.timestamp;
  const auto bytes = static_cast<std::int64_t>(record.payload_bytes());
  // A letter holds what the source holds: before the copy's headers are edited.
  if (flow_.on_refused == OnRefused::dead_letter && (!record.is_edited || !alone.copy)) {
    alone.copy = owned(record);
  }
  if (!refusal) {
    Sink* sink = sink_for_one(p);
    if (sink == nullptr) return true;
    record.make_edits();
    if (sink->produce(p.index, record) == Accepted::full) return false;
  }
  if (is_exactly_once()) transaction_->note_use(batch_at_);
  p.waits_since = ports_.clock.steady();
  p.ledger.add(offset, timestamp, bytes, batch_at_);
  p.next_fetch = offset.next();
  alone.step = OneByOne::Step::asking;
  if (refusal) leave_out(p, *refusal);
  return true;
}

// At least once: a sink of its own, which outlives a refusal. nullptr: the partition is parked.
Sink* Shard::sink_for_one(Partition& p) {
  if (is_exactly_once()) return sink_.get();
  if (auto made = open_single_sink(); !made) {
    park(p, made.error());
    return nullptr;
  }
  if (!p.one_by_one->is_open) {
    if (auto opened = single_sink_->open(p.index, p.target); !opened) {
      park(p, opened.error());
      return nullptr;
    }
    p.one_by_one->is_open = true;
  }
  return single_sink_.get();
}

Result<void> Shard::open_single_sink() {
  if (single_sink_) return {};
  SinkLimits limits;
  limits.bytes_max = config_.limits.sink_bytes_max / 8;
  limits.compression = flow_.compression;
  limits.round_trip = config_.limits.target_round_trip;
  limits.is_gapless = false;
  auto made = ports_.make_sink(limits);
  if (!made) return made.error();
  single_sink_ = std::move(*made);
  for (const auto& [topic, codec] : topic_settings_.compression) {
    single_sink_->set_compression(topic, codec);
  }
  return {};
}

void Shard::close_single(Partition& p) {
  if (!p.one_by_one || !p.one_by_one->is_open) return;
  if (single_sink_) single_sink_->close(p.index);
  p.one_by_one->is_open = false;
}

// The sinks go, and what was only on its way with them.
void Shard::drop_single_sink() {
  single_sink_.reset();
  if (letters_) {
    entries_[letters_->index()] = {};
    free_indices_.push_back(letters_->index());
    letters_.reset();
  }
  letter_of_.reset();
  letters_wanted_.clear();
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (p->one_by_one) p->one_by_one->is_open = false;
    }
  }
}

// It went alone and has its outcome, or is no longer asked for.
void Shard::end_one(Partition& p) {
  if (!p.one_by_one) return;
  p.one_by_one->step = OneByOne::Step::waiting;
  p.one_by_one->copy.reset();
}

void Shard::leave_out(Partition& p, const Error& error) {
  OneByOne& alone = *p.one_by_one;
  alone.why = error;
  alone.step = OneByOne::Step::burying;
  if (flow_.on_refused == OnRefused::skip) return left_out(p);
  letters_wanted_.push_back({p.slot, p.identity.source});
  write_letter();
}

// One at a time in a shard: if the topic refuses it, it is known whose it was.
void Shard::write_letter() {
  while (!letter_of_ && !letters_wanted_.empty()) {
    const auto [number, source] = std::move(letters_wanted_.front());
    letters_wanted_.pop_front();
    Partition* p = find(number, source);
    if (p == nullptr || !p->one_by_one || !p->one_by_one->copy) continue;
    if (auto opened = open_letters(); !opened) {
      p->failed = p->ledger.records();
      p->failure = opened.error();
      settle(*p, Phase::parked);
      continue;
    }
    const auto run = p->ledger.oldest();
    LONGSPAN_ASSERT(run.has_value());
    const Error& why = *p->one_by_one->why;
    letters_->put(encode(DeadLetter{source, run->source_start, flow_.name(), p->target.topic,
                                    error_class(why.kafka_code), why.text(), ports_.clock.now(),
                                    std::move(*p->one_by_one->copy)}));
    p->one_by_one->copy.reset();
    letter_of_ = {number, source};
    if (single_sink_) letters_->flush(*single_sink_);
  }
}

Result<void> Shard::open_letters() {
  if (letters_) return {};
  if (!is_exactly_once()) {
    if (auto made = open_single_sink(); !made) return made.error();
  }
  const auto index = take_index({});
  auto letters = std::make_unique<Outbox>(index, TopicPartition{flow_.dead_letter_topic(), 0});
  Sink& sink = is_exactly_once() ? *sink_ : *single_sink_;
  if (auto opened = sink.open(index, letters->target()); !opened) {
    free_indices_.push_back(index);
    return opened.error();
  }
  letters_ = std::move(letters);
  entries_[index].outbox = letters_.get();
  return {};
}

// The letter is on the target.
void Shard::on_letter_written() {
  if (!letters_->is_empty()) return;
  const auto written = std::exchange(letter_of_, std::nullopt);
  Partition* p = written ? find(written->first, written->second) : nullptr;
  if (p != nullptr && p->one_by_one && p->one_by_one->step == OneByOne::Step::burying) {
    left_out(*p);
  }
  write_letter();
}

// The dead-letter topic refuses it, too: its partition waits.
void Shard::on_letter_failed(const Error& error) {
  const auto failed = std::exchange(letter_of_, std::nullopt);
  Partition* p = failed ? find(failed->first, failed->second) : nullptr;
  Error shown = error;
  shown.what = flow_.dead_letter_topic() + " does not take the record either: " + error.what;
  shown.next = error.next == Next::refuse_record ? Next::park_partition : error.next;
  if (is_exactly_once()) return refuse_in_transaction(p, shown);
  single_sink_->close(letters_->index());
  entries_[letters_->index()] = {};
  free_indices_.push_back(letters_->index());
  letters_.reset();
  if (p != nullptr && p->one_by_one && !p->ledger.empty()) {
    p->failed = p->ledger.records();
    if (error.next != Next::rebuild_client) p->failure = shown;
    settle(*p, p->failure ? Phase::parked : Phase::measuring);
  }
  write_letter();
}

// The record is accounted for: the position goes on behind it.
void Shard::left_out(Partition& p) {
  OneByOne& alone = *p.one_by_one;
  const Ledger::Run run = p.ledger.take(1);
  const Offset next = run.source_start.next();
  const bool is_skip = flow_.on_refused == OnRefused::skip;
  traces_.left_out(p.traces, run.source_start, is_skip ? "longspan.skip" : "longspan.dead_letter",
                   alone.why->text());
  ++topics_[p.identity.source.topic].refused_total;
  record_range(p, is_skip ? EventKind::record_skipped : EventKind::record_dead_lettered,
               run.source_start, next, alone.why->text());
  alone.until = std::max(alone.until, next + config_.limits.one_by_one);
  p.is_dirty = true;
  p.acked_at = ports_.clock.steady();
  end_one(p);
  recover(p);
  if (!is_exactly_once()) {
    Slot& slot = slots_.at(p.slot);
    write_position(slot, p);
    alone.recorded_at = slot.outbox->put_total();
    alone.step = OneByOne::Step::recording;
  }
  if (p.phase == Phase::settling && p.is_settled()) return finish_settling(p);
  if (p.phase == Phase::held) start_reading(p);
}

// --- reports of the sink for single records ---

void Shard::SingleEvents::on_acked(PartitionIndex index, Offset first, std::size_t count) {
  Partition* p = shard_.entries_[index].partition;
  shard_.on_acked(index, first, count);
  // Of this sink's requests it says nothing.
  if (p != nullptr) p->proven_on = 0;
}

void Shard::SingleEvents::on_acked_somewhere(PartitionIndex index, std::size_t count) {
  Partition* p = shard_.entries_[index].partition;
  shard_.on_acked_somewhere(index, count);
  if (p == nullptr) return;
  p->proven_on = 0;
  if (!p->ledger.empty()) shard_.settle(*p, Phase::measuring);
}

void Shard::SingleEvents::on_failed(PartitionIndex index, std::size_t count, const Error& error) {
  const Entry entry = shard_.entries_[index];
  if (entry.outbox != nullptr) return shard_.on_letter_failed(error);
  if (entry.partition == nullptr) return;
  shard_.close_single(*entry.partition);  // what the sink refused itself blocks its writer
  if (shard_.may_leave_out(error)) return shard_.leave_out(*entry.partition, error);
  shard_.on_failed(index, count, error);
}

void Shard::SingleEvents::on_sink_trouble(const Error& error) { shard_.on_sink_trouble(error); }

}  // namespace longspan
