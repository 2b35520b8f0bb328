#include "mirror/hops/commit_clocks.h"

namespace longspan {
namespace {

constexpr std::int64_t kMsInUs = 1000;

// A stamp of longspan's own clock needs no offset.
ClockOffset own_clock(Instant now) {
  ClockOffset out;
  out.bounds = {OffsetBound{}, OffsetBound{}};
  out.as_of = now;
  return out;
}

}  // namespace

std::optional<TimestampMs> SeenCommit::written_at() const {
  if (!at || is_own_clock) return std::nullopt;
  return TimestampMs{at->at.value / kMsInUs};
}

CommitClocks::CommitClocks(EventSide side, const HopWatch& hops, const ClockConfig& config,
                           const ClockWatch* clocks)
    : hops_(hops),
      brokers_(brokers_of(side)),
      max_error_(config.max_error(brokers_)),
      clocks_(clocks) {}

CommitClocks::Key CommitClocks::key_of(const SeenCommit& commit) {
  if (commit.sink != nullptr) return {-1, commit.sink};
  return {commit.coordinator.value_or(-1), nullptr};
}

ClockTracker CommitClocks::tracker_of(const SeenCommit& commit) const {
  TrackerSettings settings = settings_of_unasked_clock();
  settings.max_error = max_error_;
  if (commit.sink != nullptr) return ClockTracker({ClockKind::sink, 0}, settings);
  return ClockTracker({brokers_, commit.coordinator.value_or(-1)}, settings);
}

void CommitClocks::learn(const SeenCommit& commit, std::optional<Instant> not_before) {
  if (!commit.at || commit.is_own_clock) return;
  const Instant now = hops_.now();
  ClockTracker& clock = known_.try_emplace(key_of(commit), tracker_of(commit)).first->second;
  clock.add_order(written_not_after(*commit.at, now), now);
  if (not_before) clock.add_order(written_not_before(*commit.at, *not_before), now);
}

ClockOffset CommitClocks::offset_of(const SeenCommit& commit) const {
  const Instant now = hops_.now();
  if (commit.is_own_clock) return own_clock(now);
  const auto known = known_.find(key_of(commit));
  std::optional<ClockTracker> nothing;
  const ClockTracker& orders =
      known != known_.end() ? known->second : nothing.emplace(tracker_of(commit));
  if (clocks_ == nullptr || commit.sink != nullptr) return orders.offset(now);
  const auto table = clocks_->table();
  const ClockOffset measured = commit.coordinator
                                   ? table->offset_of({brokers_, *commit.coordinator})
                                   : table->hull_of(brokers_);
  return narrowed(measured, orders, max_error_, now);
}

GroupCommit CommitClocks::on_timeline(const SeenCommit& commit) const {
  GroupCommit out{commit.offset, commit.leader_epoch};
  const auto at = commit.written_at();
  if (!at) return out;
  const auto point = offset_of(commit).bounds.interval().point;
  if (point) out.at = TimestampMs{at->value - point->value / kMsInUs};
  return out;
}

}  // namespace longspan
