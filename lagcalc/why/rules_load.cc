// How the load lies on the partitions, and where it leads.
#include <map>
#include <string_view>

#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// With fewer partitions one of them may have half of everything by chance.
constexpr std::size_t kPartitionsMin = 4;
// One partition with half of a topic's lag, or of its records, and several times what another one
// has: by chance that is far off.
constexpr double kHalf = 0.5;
constexpr double kTimes = 4;
// Below this a rate of ten seconds is a few records.
constexpr double kRecordsPerSecondMin = 10;

using Topic = std::vector<const PartitionFacts*>;

std::map<std::string_view, Topic> by_topic(const FlowFacts& facts) {
  std::map<std::string_view, Topic> topics;
  auto last = topics.end();
  for (const auto& partition : facts.partitions) {
    // Mostly they come topic by topic.
    const std::string_view name = partition.source.topic;
    if (last == topics.end() || last->first != name) last = topics.try_emplace(name).first;
    last->second.push_back(&partition);
  }
  return topics;
}

// One partition that has much more of something than the others of its topic.
struct Peak {
  const PartitionFacts* partition = nullptr;
  double value = 0;
  double sum = 0;
  double median = 0;  // of the others
};

// Absent: not known of each of them.
template <class Value>
std::optional<Peak> peak_of(const Topic& topic, Value value) {
  Peak peak;
  std::vector<double> all;
  for (const auto* partition : topic) {
    const std::optional<double> one = value(*partition);
    if (!one) return std::nullopt;
    if (peak.partition == nullptr || *one > peak.value) {
      peak.partition = partition;
      peak.value = *one;
    }
    peak.sum += *one;
    all.push_back(*one);
  }
  if (all.size() < kPartitionsMin) return Peak{};
  std::sort(all.begin(), all.end());
  peak.median = all[(all.size() - 1) / 2];
  return peak;
}

bool stands_out(const Peak& peak) {
  return peak.partition != nullptr && peak.sum > 0 && peak.value >= kHalf * peak.sum &&
         peak.value >= kTimes * peak.median;
}

// What a backlog of partitions does that are read and written: absent where a rate is not known.
struct Movement {
  Records lag;
  std::int64_t late = 0;                   // partitions
  std::optional<std::int64_t> eta_ms = 0;  // of the slowest; absent: one is not catching up
  std::optional<std::int64_t> behind_ms;   // of the latest
  double rate = 0;
  double source_rate = 0;
};

std::optional<Movement> movement_of(const Topic& topic) {
  Movement sum;
  for (const auto* p : topic) {
    if (p->standing != Standing::active) continue;
    const auto late = is_late(*p);
    if (!late || !p->records_per_second || !p->source_records_per_second) return std::nullopt;
    sum.rate += *p->records_per_second;
    sum.source_rate += *p->source_records_per_second;
    if (!*late) continue;
    ++sum.late;
    sum.lag += p->offset_lag.value_or(Records{});
    sum.behind_ms = std::max(sum.behind_ms, p->behind_ms);
    sum.eta_ms = sum.eta_ms && p->catch_up_ms
                     ? std::optional(std::max(*sum.eta_ms, *p->catch_up_ms))
                     : std::nullopt;
  }
  return sum;
}

void add_movement(Diagnosis& diagnosis, const Movement& movement) {
  diagnosis.evidence.push_back({"partitions[].offset_lag", movement.lag.count});
  diagnosis.evidence.push_back({"partitions[].records_per_second", movement.rate});
  diagnosis.evidence.push_back({"partitions[].source_records_per_second", movement.source_rate});
  if (movement.behind_ms)
    diagnosis.evidence.push_back({"partitions[].behind_ms", *movement.behind_ms});
}

std::optional<double> lag_of(const PartitionFacts& p) {
  if (!p.offset_lag) return std::nullopt;
  return static_cast<double>(p.offset_lag->count);
}

}  // namespace

Answer skewed_keys(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.partitions.empty();
  for (const auto& [name, topic] : by_topic(facts)) {
    const auto peak =
        peak_of(topic, [](const PartitionFacts& p) { return p.source_records_per_second; });
    is_known = is_known && peak;
    if (!peak || !stands_out(*peak) || peak->value < kRecordsPerSecondMin) continue;
    if (is_late(*peak->partition) != true) continue;
    Diagnosis out{Cause::skewed_keys,
                  Severity::warning,
                  Confidence::likely,
                  scope_of(peak->partition->source),
                  {}};
    out.what = out.scope.name + " gets " + percent_text(peak->value / peak->sum) +
               " of its topic's records: few keys have most of them";
    out.evidence.push_back({"partitions[].source_records_per_second", peak->value});
    found.emplace_back(static_cast<std::int64_t>(peak->value), std::move(out));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

Answer hot_partition(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.partitions.empty();
  for (const auto& [name, topic] : by_topic(facts)) {
    const auto peak = peak_of(topic, lag_of);
    is_known = is_known && peak;
    if (!peak || !stands_out(*peak)) continue;
    const PartitionFacts& p = *peak->partition;
    if (is_late(p) != true || p.standing != Standing::active) continue;
    Diagnosis out{
        Cause::hot_partition, Severity::warning, Confidence::likely, scope_of(p.source), {}};
    out.what = p.source.text() + " has " + percent_text(peak->value / peak->sum) +
               " of its topic's lag, " + count_text(p.offset_lag->count) + " records";
    out.evidence.push_back({"partitions[].offset_lag", p.offset_lag->count});
    if (p.behind_ms) out.evidence.push_back({"partitions[].behind_ms", *p.behind_ms});
    if (p.catch_up_ms) {
      out.severity = Severity::info;
      out.eta_ms = p.catch_up_ms;
      out.evidence.push_back({"partitions[].catch_up_ms", *p.catch_up_ms});
      out.what += "; it is caught up in " + duration_text(*p.catch_up_ms);
    }
    found.emplace_back(p.offset_lag->count, std::move(out));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

Answer falling_behind(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.partitions.empty();
  for (const auto& [name, topic] : by_topic(facts)) {
    const auto movement = movement_of(topic);
    is_known = is_known && movement;
    if (!movement || movement->late == 0 || movement->eta_ms) continue;
    Diagnosis out{Cause::falling_behind,
                  Severity::warning,
                  Confidence::certain,
                  {ScopeKind::topic, std::string(name), std::string(name)},
                  {}};
    out.what = std::to_string(movement->late) + " partitions of " + std::string(name) +
               " are late and not catching up: " + rate_text(movement->rate) +
               " records/s are mirrored, " + rate_text(movement->source_rate) + " come";
    add_movement(out, *movement);
    found.emplace_back(movement->lag.count, std::move(out));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

Answer catching_up(const FlowFacts& facts) {
  if (facts.partitions.empty()) return std::nullopt;
  Topic all;
  for (const auto& partition : facts.partitions) all.push_back(&partition);
  const auto movement = movement_of(all);
  if (!movement) return std::nullopt;
  if (movement->late == 0 || !movement->eta_ms) return kNo;
  Diagnosis out{Cause::catching_up, Severity::info, Confidence::certain, {}, {}};
  out.what = count_text(movement->lag.count) + " records behind, caught up in " +
             duration_text(*movement->eta_ms) + ": " + rate_text(movement->rate) +
             " records/s are mirrored, " + rate_text(movement->source_rate) + " come";
  out.eta_ms = movement->eta_ms;
  add_movement(out, *movement);
  out.evidence.push_back({"partitions[].catch_up_ms", *movement->eta_ms});
  return Answer({std::move(out)});
}

// Claimed only where everything that it takes is known.
Answer keeping_up(const FlowFacts& facts) {
  const auto late = is_late(facts);
  // What an open transaction holds back is no lag: it must be known that there is none.
  const bool is_known =
      std::all_of(facts.partitions.begin(), facts.partitions.end(),
                  [](const auto& p) { return p.open_transaction_ms.has_value(); });
  if (!facts.is_running || !facts.source.answers || !facts.target.answers || !late || !is_known) {
    return std::nullopt;
  }
  const bool all_well = *facts.is_running && *facts.source.answers && *facts.target.answers;
  const bool all_active = std::all_of(facts.partitions.begin(), facts.partitions.end(),
                                      [](const auto& p) { return p.standing == Standing::active; });
  const auto open = [](const auto& p) { return *p.open_transaction_ms >= kLateMs; };
  const bool is_held = std::any_of(facts.partitions.begin(), facts.partitions.end(), open);
  if (!all_well || !all_active || is_held || *late) return kNo;
  Diagnosis out{Cause::keeping_up, Severity::info, Confidence::certain, {}, {}};
  out.what =
      "the mirror keeps up: of no partition a record waits longer than " + duration_text(kLateMs);
  std::int64_t behind = 0;
  for (const auto& p : facts.partitions) behind = std::max(behind, p.behind_ms.value_or(0));
  out.evidence.push_back({"partitions[].behind_ms", behind});
  return Answer({std::move(out)});
}

}  // namespace longspan::why
