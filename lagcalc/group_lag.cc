#include "lagcalc/group_lag.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr std::int64_t kMsInUs = 1000;

// Whether the commit is one of the log that is there now.
bool is_of_this_log(const GroupCommit& commit, const GroupPartition& p) {
  if (commit.topic != TopicMatch::unknown) return commit.topic == TopicMatch::same;
  // Epochs only rise while a topic lives.
  if (commit.leader_epoch && p.leader_epoch && *commit.leader_epoch > *p.leader_epoch) return false;
  return !(commit.at && p.recreated_at && *commit.at < *p.recreated_at);
}

CommitStep step_of(const GroupPartition& p) {
  if (!p.commit) return CommitStep::none;
  if (!is_of_this_log(*p.commit, p)) return CommitStep::new_log;
  if (!p.previous) return CommitStep::first;
  const bool has_lower_epoch = p.commit->leader_epoch && p.previous->leader_epoch &&
                               *p.commit->leader_epoch < *p.previous->leader_epoch;
  if (!is_of_this_log(*p.previous, p)) return CommitStep::new_log;
  if (p.commit->offset < p.previous->offset) return CommitStep::backward;
  if (has_lower_epoch) return CommitStep::new_log;  // further on, but by an older leader
  return p.commit->offset == p.previous->offset ? CommitStep::unmoved : CommitStep::forward;
}

ClockDoubt doubt_of(const GroupPartition& p, TimestampUs now) {
  if (!p.head) return ClockDoubt::none;
  const TimestampUs bound = p.head_arrival ? p.head_arrival->latest : now;
  if (p.head->earliest > bound) return ClockDoubt::ahead;
  return p.head->disorder_us > kDisorderMaxUs ? ClockDoubt::disordered : ClockDoubt::none;
}

void add_head_age(GroupLag& out, const GroupPartition& p, TimestampUs now) {
  if (!out.is_caught_up) out.doubt = doubt_of(p, now);
  out.is_age_by_arrival =
      !out.is_caught_up && p.head_arrival && (!p.head || out.doubt != ClockDoubt::none);
  out.head_age = head_age(now, out.is_age_by_arrival ? p.head_arrival : p.head, out.is_caught_up);
  if (!out.head_age && p.known_unread) {
    out.waits_us = microseconds_between(p.known_unread->latest, now);
  }
}

// Of two ends that were asked for one after the other, no later one lies before an earlier one.
struct Ends {
  Offset stable;
  Offset high_watermark;
};
Ends ends_of(const GroupPartition& p) {
  const Offset stable = std::max(p.last_stable, p.log_start);
  return {stable, std::max(p.high_watermark, stable)};
}

void add_records(GroupLag& out, const GroupPartition& p) {
  const Offset committed = p.commit->offset;
  const Ends ends = ends_of(p);
  // A reader of uncommitted records may stand between the two ends.
  const Offset end = std::max(ends.stable, std::min(committed, ends.high_watermark));
  const Lag lag = compute_lag({committed, p.log_start, end});
  out.state = lag.state;
  out.offset_lag = lag.records;
  if (!lag.records) return;
  out.high_watermark_lag = compute_lag({committed, p.log_start, ends.high_watermark}).records;
  out.expired = std::max(Records{0}, p.log_start - committed);
  if (*lag.records == Records{0}) {
    out.record_lag = Records{0};
  } else if (p.readable) {
    out.record_lag = std::min(*p.readable, *lag.records);
  }
  out.is_caught_up = out.record_lag == Records{0};
}

std::optional<std::int64_t> catch_up_ms(const GroupLag& lag, const GroupPartition& p,
                                        TimestampUs now) {
  if (lag.is_caught_up) return 0;
  if (p.group == GroupState::empty || p.group == GroupState::dead) return std::nullopt;
  return catch_up_time(*lag.offset_lag, commit_rate(p, now), p.produce_rate);
}

std::optional<AgeRange> residence_of(const GroupPartition& p, CommitStep step) {
  if (step != CommitStep::forward || !p.commit->at || !p.last_read) return std::nullopt;
  TimestampUs at;
  TimestampUs end;
  if (__builtin_mul_overflow(p.commit->at->value, kMsInUs, &at.value) ||
      __builtin_add_overflow(at.value, kMsInUs, &end.value)) {
    return std::nullopt;
  }
  return AgeRange{microseconds_between(p.last_read->latest, at),
                  microseconds_between(p.last_read->earliest, end)};
}

}  // namespace

std::optional<Offset> first_unread(const GroupPartition& p) {
  if (!p.commit || !is_of_this_log(*p.commit, p)) return std::nullopt;
  return std::max(p.commit->offset, p.log_start);
}

std::optional<double> commit_rate(const GroupPartition& p, TimestampUs now) {
  if (step_of(p) != CommitStep::forward || !p.commit->at || !p.previous->at) return std::nullopt;
  const auto between_ms =
      static_cast<double>(p.commit->at->value) - static_cast<double>(p.previous->at->value);
  const double since_ms =
      static_cast<double>(now.value) / kMsInUs - static_cast<double>(p.commit->at->value);
  const double ms = std::max(between_ms, since_ms);
  if (between_ms < 0 || ms <= 0) return std::nullopt;
  return static_cast<double>((p.commit->offset - p.previous->offset).count) / ms * 1000;
}

GroupLag compute_group_lag(const GroupPartition& p, TimestampUs now) {
  GroupLag out;
  out.group = p.group;
  out.step = step_of(p);
  if (p.newest) out.newest_age_us = microseconds_between(*p.newest, now);
  if (!p.commit) return out;
  if (!is_of_this_log(*p.commit, p)) {
    out.state = LagState::recreated;
    return out;
  }
  add_records(out, p);
  if (!out.offset_lag) return out;
  add_head_age(out, p, now);
  out.catch_up_ms = catch_up_ms(out, p, now);
  out.residence = residence_of(p, out.step);
  return out;
}

}  // namespace longspan
