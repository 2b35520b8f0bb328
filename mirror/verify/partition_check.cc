#include "mirror/verify/partition_check.h"

#include <algorithm>

#include "mirror/verify/difference.h"

namespace longspan {

namespace {

bool has_room(std::size_t records, std::size_t bytes) {
  return records < PartitionCheck::kBufferRecords && bytes < PartitionCheck::kBufferBytes;
}

}  // namespace

PartitionCheck::PartitionCheck(const CheckSubject& subject, const CheckPlan& plan,
                               std::int64_t pending_key_bytes_max)
    : subject_(subject),
      plan_(plan),
      gone_on_target_(pending_key_bytes_max),
      gone_on_source_(pending_key_bytes_max),
      told_(subject.told) {
  source_.next_ = plan.source_read_from;
  target_.next_ = plan.target_from;
  tally_.expired = plan.expired;
}

void PartitionCheck::Stream::give(std::span<Record> records) {
  for (auto& record : records) {
    if (record.offset < next_) continue;  // delivered again after a restart
    next_ = record.offset.next();
    bytes_ += record.payload_bytes();
    records_.push_back(std::move(record));
  }
}

void PartitionCheck::Stream::reached(Offset next) { next_ = std::max(next_, next); }

void PartitionCheck::Stream::lost_below(Offset start) {
  lost_below_ = std::max(lost_below_, start);
  reached(start);
}

void PartitionCheck::Stream::unreadable(Offset from, Offset to) {
  unreadable_.emplace_back(from, to);
  reached(to);
}

bool PartitionCheck::is_unreadable(Offset source) const {
  const auto& ranges = source_.unreadable_;
  return std::any_of(ranges.begin(), ranges.end(), [source](const auto& range) {
    return range.first <= source && source < range.second;
  });
}

const Record* PartitionCheck::head(const Stream& stream, Offset to) const {
  if (stream.records_.empty() || stream.records_.front().offset >= to) return nullptr;
  return &stream.records_.front();
}

bool PartitionCheck::is_over(const Stream& stream, Offset to) const {
  return stream.closed_ || stream.next_ >= to;
}

std::optional<Offset> PartitionCheck::copy_of(Offset source) {
  const auto segments = subject_.map.segments();
  auto& i = source_cursor_.segment;
  while (i < segments.size() && segments[i].source_end() <= source) ++i;
  if (i == segments.size() || segments[i].source_start > source) return std::nullopt;
  return segments[i].target_start + (source - segments[i].source_start);
}

std::optional<Offset> PartitionCheck::original_of(Offset target) {
  const auto segments = subject_.map.segments();
  auto& i = target_cursor_.segment;
  while (i < segments.size() && segments[i].target_end() <= target) ++i;
  if (i == segments.size() || segments[i].target_start > target) return std::nullopt;
  return segments[i].source_start + (target - segments[i].target_start);
}

void PartitionCheck::advance() {
  while (!compared_ && step()) {
  }
  while (compared_ && step_tail()) {
  }
}

// Each turn judges one record or one pair; false when more must be delivered first.
bool PartitionCheck::step() {
  if (warm_up()) return true;
  const Record* source = head(source_, plan_.source_to);
  const Record* target = head(target_, plan_.target_to);
  if (source != nullptr && target != nullptr) return judge_pair(*source, *target);
  if (source != nullptr) return judge_source_alone(*source);
  if (target != nullptr) return judge_target_alone(*target);
  compared_ = is_over(source_, plan_.source_to) && is_over(target_, plan_.target_to);
  return false;
}

bool PartitionCheck::warm_up() {
  const Record* source = head(source_, plan_.source_from);
  if (source != nullptr) pop_source();
  return source != nullptr;
}

bool PartitionCheck::judge_source_alone(const Record& source) {
  if (!is_over(target_, plan_.target_to)) return false;
  if (copy_of(source.offset)) {
    missing_on_target();
  } else {
    never_mapped();
  }
  return true;
}

bool PartitionCheck::judge_target_alone(const Record& target) {
  if (!is_over(source_, plan_.source_to)) return false;
  if (original_of(target.offset)) {
    missing_on_source();
  } else {
    extra();
  }
  return true;
}

bool PartitionCheck::judge_pair(const Record& source, const Record& target) {
  const auto copy = copy_of(source.offset);
  const auto original = original_of(target.offset);
  if (copy && *copy < target.offset) {
    missing_on_target();
  } else if (original && *original < source.offset) {
    missing_on_source();
  } else if (!copy) {
    never_mapped();
  } else if (!original) {
    extra();
  } else {
    compare();
  }
  return true;
}

void PartitionCheck::compare() {
  const auto& source = source_.records_.front();
  const auto& target = target_.records_.front();
  auto differs = difference(source, target);
  if (differs && is_rewritten(source, target)) {
    differs = difference(source, target, *subject_.rewrites);
  }
  if (differs) {
    ++tally_.different;
    note(source.offset, target.offset, std::move(*differs));
  } else {
    ++tally_.equal;
  }
  pop_source();
  pop_target();
}

// Options may have been others when it was written.
bool PartitionCheck::is_rewritten(const Record& source, const Record& target) const {
  const auto& rewrites = subject_.rewrites;
  if (!rewrites) return false;
  return subject_.is_reparented || named_span(target) == rewrites->ids.span(source.offset);
}

void PartitionCheck::missing_on_target() {
  const auto& source = source_.records_.front();
  const auto copy = copy_of(source.offset);
  if (copy && *copy < target_.lost_below_) {
    ++tally_.expired;
  } else if (subject_.target_compacted) {
    gone_on_target_.wait_for(source);
  } else {
    ++tally_.missing;
    note(source.offset, copy, "the target has no record there");
  }
  pop_source();
}

void PartitionCheck::missing_on_source() {
  const auto& target = target_.records_.front();
  const auto original = original_of(target.offset);
  if (original && *original < std::max(source_.lost_below_, plan_.source_from)) {
    ++tally_.expired;
  } else if (original && is_unreadable(*original)) {
    ++tally_.undecided;
  } else if (subject_.source_compacted) {
    gone_on_source_.wait_for(target);
  } else {
    ++tally_.different;
    note(original, target.offset, "the source has no record there");
  }
  pop_target();
}

void PartitionCheck::never_mapped() {
  const Offset source = source_.records_.front().offset;
  if (ToldRange* told = told_of(source)) {
    ++told->records;  // no more than at_most: see told_of()
    ++(told->kind == EventKind::target_truncated ? tally_.lost_on_target : tally_.left_out);
  } else if (subject_.left_out.contains(source)) {
    ++tally_.left_out;
  } else {
    ++tally_.missing;
    note(source, std::nullopt, "it was never mirrored: the map leaves it out");
  }
  pop_source();
}

// The newest that covers it: what was copied again and lost again is told twice. A loss is told
// with the holes that were in what was lost.
ToldRange* PartitionCheck::told_of(Offset source) {
  ToldRange* found = nullptr;
  for (auto& told : told_) {
    if (!told.from || !told.to || source < *told.from || *told.to <= source) continue;
    if (told.at_most && told.records >= *told.at_most) continue;
    const bool is_loss = told.kind == EventKind::target_truncated;
    if (found == nullptr || !is_loss || found->kind == told.kind) found = &told;
  }
  return found;
}

std::vector<ToldRange> PartitionCheck::told() const {
  std::vector<ToldRange> out;
  for (const auto& told : told_) {
    const bool is_known = told.from && told.to;
    if (told.records > 0 || !is_known) out.push_back(told);
  }
  return out;
}

// By what compaction on that side may remove a record.
Copies::KeyHash PartitionCheck::compaction_key(const Record& record, bool is_compacted) {
  if (!is_compacted || !record.key) return std::nullopt;
  return std::hash<std::string_view>{}(*record.key);
}

// Of a second copy, as of its original, which may have been written under other options.
std::uint64_t PartitionCheck::copy_print(const Record& record) const {
  return subject_.rewrites ? fingerprint_beside_traces(record) : fingerprint(record);
}

void PartitionCheck::extra() {
  const auto& target = target_.records_.front();
  const auto value = copy_print(target);
  const Offset offset = target.offset;
  const auto key = compaction_key(target, subject_.source_compacted || subject_.target_compacted);
  pop_target();  // before: it is no later record than itself
  copies_.saw_extra(value, offset, key);
}

void PartitionCheck::note(std::optional<Offset> source, std::optional<Offset> target,
                          std::string what) {
  if (!first_) first_ = Difference{source, target, std::move(what)};
}

void PartitionCheck::pop_source() {
  const auto& record = source_.records_.front();
  if (plan_.has_extras)
    copies_.saw_source(copy_print(record), compaction_key(record, subject_.source_compacted));
  gone_on_source_.found(record.key);
  source_.bytes_ -= record.payload_bytes();
  source_.records_.pop_front();
}

void PartitionCheck::pop_target() {
  const auto& record = target_.records_.front();
  gone_on_target_.found(record.key);
  if (plan_.has_extras) copies_.saw_target(compaction_key(record, subject_.target_compacted));
  target_.bytes_ -= record.payload_bytes();
  target_.records_.pop_front();
}

void PartitionCheck::look_on(Offset source_end, Offset target_end) {
  // An original is never further off than this; a later record of a key may be anywhere.
  const auto window = plan_.source_to + Records{static_cast<std::int64_t>(Copies::kWindow)};
  const bool wants_keys =
      !gone_on_source_.empty() || (subject_.source_compacted && copies_.is_waiting());
  tail_source_end_ = wants_keys ? source_end : std::min(source_end, window);
  tail_target_end_ = target_end;
}

bool PartitionCheck::step_tail() {
  if (!tail_source_end_) return false;
  if (head(source_, *tail_source_end_) != nullptr) {
    pop_source();
    return true;
  }
  if (head(target_, *tail_target_end_) != nullptr) {
    pop_target();
    return true;
  }
  return false;
}

bool PartitionCheck::wants_source() const {
  if (!has_room(source_.records_.size(), source_.bytes_)) return false;
  if (!compared_) return !is_over(source_, plan_.source_to);
  if (!tail_source_end_ || (gone_on_source_.empty() && !copies_.is_waiting())) return false;
  return !is_over(source_, *tail_source_end_);
}

bool PartitionCheck::wants_target() const {
  if (!has_room(target_.records_.size(), target_.bytes_)) return false;
  if (!compared_) return !is_over(target_, plan_.target_to);
  const bool wants_keys =
      !gone_on_target_.empty() || (subject_.target_compacted && copies_.is_waiting());
  if (!tail_target_end_ || !wants_keys) return false;
  return !is_over(target_, *tail_target_end_);
}

bool PartitionCheck::is_done() const {
  if (!compared_) return false;
  const bool is_open = copies_.is_waiting() || !gone_on_source_.empty() || !gone_on_target_.empty();
  if (is_open && !tail_source_end_) return false;
  return !wants_source() && !wants_target();
}

Records PartitionCheck::progress() const {
  if (compared_) return plan_.size();
  const auto at = source_.records_.empty() ? source_.next_ : source_.records_.front().offset;
  return std::clamp(at, plan_.source_from, plan_.source_to) - plan_.source_from;
}

Tally PartitionCheck::tally() const {
  Tally out = tally_;
  const auto target = gone_on_target_.rest();
  const auto source = gone_on_source_.rest();
  out.compacted = gone_on_target_.justified() + gone_on_source_.justified() + copies_.compacted();
  out.missing += target.missing;
  out.different += source.missing;
  out.undecided += copies_.undecided() + target.undecided_full + target.undecided_tombstones +
                   source.undecided_full + source.undecided_tombstones;
  out.twice = copies_.twice();
  out.before_start = copies_.foreign_below(plan_.first_copy);
  out.foreign = copies_.foreign() - out.before_start;
  return out;
}

// The rest of what waited is known only at the end; the lowest source offset comes first.
std::optional<Difference> PartitionCheck::first_difference() const {
  const auto target = gone_on_target_.rest();
  const auto source = gone_on_source_.rest();
  auto first = first_;
  if (target.first_missing &&
      (!first || !first->source || *target.first_missing < *first->source)) {
    first = Difference{target.first_missing, subject_.map.to_target(*target.first_missing).offset,
                       "the target has no record there, and no later one of its key"};
  }
  if (first) return first;
  if (source.first_missing) {
    return Difference{subject_.map.to_source(*source.first_missing).offset, source.first_missing,
                      "the source has no record there, and no later one of its key"};
  }
  if (const auto foreign = copies_.first_foreign(plan_.first_copy)) {
    return Difference{std::nullopt, foreign, "it is no copy of any source record near it"};
  }
  return std::nullopt;
}

}  // namespace longspan
