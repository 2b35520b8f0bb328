#include "mirror/hops/slo_watch.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr std::int64_t kSecondInUs = 1'000'000;

}  // namespace

const std::vector<std::size_t>& SloWatch::objectives_of(const std::string& topic) {
  const auto [found, is_new] = by_topic_.try_emplace(topic);
  if (is_new && !left_out_.matches(topic)) {
    for (std::size_t i = 0; i < objectives_.size(); ++i) {
      if (objectives_[i].topics.matches(topic)) found->second.push_back(i);
    }
  }
  return found->second;
}

void SloWatch::judge(const std::string& topic, const std::string& group,
                     const std::optional<DurationInterval>& latency, std::uint64_t count,
                     Instant now) {
  const bool is_measured = latency && (latency->low || latency->high);
  for (const std::size_t i : objectives_of(topic)) {
    auto found = sums_.find({i, group});
    if (found == sums_.end()) {
      const bool takes_a_place = is_measured || group.empty();
      if (!takes_a_place || sums_.size() >= kScopesMax) continue;
      found = sums_.try_emplace({i, group}).first;
    }
    is_old_ = true;
    if (!is_measured) {
      found->second.unmeasured += count;
      continue;
    }
    const SloVerdict verdict = longspan::judge(*latency, objectives_[i].slo.target);
    found->second.total.record(verdict, count);
    found->second.window.record(verdict, count, now.us / kSecondInUs);
  }
}

std::optional<DurationUs> SloWatch::longest_target(const std::string& topic) {
  std::optional<DurationUs> out;
  for (const std::size_t i : objectives_of(topic)) {
    out = std::max(out, std::optional(objectives_[i].slo.target));
  }
  return out;
}

SloWatch::Snapshot SloWatch::snapshot(Instant now) {
  const bool is_due = !snapshot_at_ || now >= *snapshot_at_ + DurationUs{kSnapshotEachUs};
  if (!is_old_ || !is_due) return snapshot_;
  is_old_ = false;
  snapshot_at_ = now;
  std::vector<SloSnapshot> out;
  for (const auto& [key, sum] : sums_) {
    const Objective& objective = objectives_[key.first];
    out.push_back(
        {objective.text, objective.slo, key.second, sum.total, sum.window, sum.unmeasured});
  }
  snapshot_ = std::make_shared<const std::vector<SloSnapshot>>(std::move(out));
  return snapshot_;
}

SloStatus status_of(const SloSnapshot& snapshot, std::int64_t now_s) {
  SloStatus out{.objective = snapshot.objective,
                .slo = snapshot.slo,
                .group = snapshot.group,
                .total = snapshot.total,
                .unmeasured = snapshot.unmeasured};
  out.in_window = snapshot.window.over(snapshot.slo.window_s, now_s);
  out.since_s = snapshot.window.since_s();
  for (std::size_t i = 0; i < kBurnRules.size(); ++i) {
    out.over_long[i] = snapshot.window.over(kBurnRules[i].long_s, now_s);
    out.over_short[i] = snapshot.window.over(kBurnRules[i].short_s, now_s);
  }
  return out;
}

void merge(std::vector<SloSnapshot>& into, const std::vector<SloSnapshot>& part) {
  for (const SloSnapshot& each : part) {
    const auto found = std::find_if(into.begin(), into.end(), [&](const SloSnapshot& known) {
      return known.objective == each.objective && known.group == each.group;
    });
    if (found == into.end()) {
      into.push_back(each);
    } else {
      found->total.add(each.total);
      found->window.merge(each.window);
      found->unmeasured += each.unmeasured;
    }
  }
}

}  // namespace longspan
