// Causes that stop single partitions.
#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// An election takes a second or two.
constexpr std::int64_t kLeaderlessMs = 5'000;
// Transactions of Kafka Streams last 100 ms by default, of Connect a minute at most; below this it
// is one that is just being written.
constexpr std::int64_t kOpenMs = 10'000;
// transaction.timeout.ms is 60 s by default in Kafka's producer: beyond it nobody ends it any more.
constexpr std::int64_t kHungMs = 60'000;
// As `target_unwritable` among events.
constexpr std::int64_t kUnacknowledgedMs = 5'000;
// A new version comes within a tick of the schema duty, a second or two.
constexpr std::int64_t kSchemaWaitMs = 5'000;

Diagnosis of(Cause cause, Severity severity, const PartitionFacts& p) {
  return {cause, severity, Confidence::certain, scope_of(p.source), {}};
}

void add_lag(Diagnosis& diagnosis, const PartitionFacts& p) {
  if (p.offset_lag) diagnosis.evidence.push_back({"partitions[].offset_lag", p.offset_lag->count});
  if (p.behind_ms) diagnosis.evidence.push_back({"partitions[].behind_ms", *p.behind_ms});
}

std::int64_t badness_of(const PartitionFacts& p) { return p.offset_lag.value_or(Records{}).count; }

}  // namespace

Answer source_leaderless(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    const std::int64_t ms = p.source_leaderless_ms.value_or(0);
    const bool is_long = ms >= kLeaderlessMs;
    if (ms == 0 || (!is_long && !p.is_leaderless_longer)) return std::nullopt;
    auto out = of(Cause::source_leaderless, is_long ? Severity::critical : Severity::warning, p);
    if (!is_long) out.confidence = Confidence::likely;
    out.what = p.source.text() + " has no leader at the source that answers, since " +
               (is_long ? "" : "at least ") + duration_text(ms);
    out.evidence.push_back({"partitions[].source_leaderless_ms", *p.source_leaderless_ms});
    return {{*p.source_leaderless_ms, std::move(out)}};
  };
  return in_partitions(
      facts, [](auto& p) { return p.source_leaderless_ms.has_value(); }, look);
}

Answer hung_transaction(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    if (p.open_transaction_ms.value_or(0) < kOpenMs) return std::nullopt;
    const bool is_hung = *p.open_transaction_ms >= kHungMs;
    auto out = of(Cause::hung_transaction, is_hung ? Severity::critical : Severity::warning, p);
    if (!is_hung) out.confidence = Confidence::likely;
    out.what = "a transaction has been open on " + p.source.text() + " at the source for " +
               duration_text(*p.open_transaction_ms) + "; what is behind it cannot be read";
    out.evidence.push_back({"partitions[].open_transaction_ms", *p.open_transaction_ms});
    if (p.behind_transaction) {
      out.evidence.push_back({"partitions[].behind_transaction", p.behind_transaction->count});
    }
    return {{*p.open_transaction_ms, std::move(out)}};
  };
  return in_partitions(
      facts, [](auto& p) { return p.open_transaction_ms.has_value(); }, look);
}

Answer target_unwritable(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    if (p.unacknowledged_ms.value_or(0) < kUnacknowledgedMs) return std::nullopt;
    auto out = of(Cause::target_unwritable, Severity::critical, p);
    out.what = "the target's partition of " + p.source.text() + " has taken nothing for " +
               duration_text(*p.unacknowledged_ms) + (p.reason.empty() ? "" : ": " + p.reason);
    out.evidence.push_back({"partitions[].unacknowledged_ms", *p.unacknowledged_ms});
    add_lag(out, p);
    return {{*p.unacknowledged_ms, std::move(out)}};
  };
  return in_partitions(
      facts, [](auto& p) { return p.unacknowledged_ms.has_value(); }, look);
}

Answer parked_partition(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    const bool is_other = p.unacknowledged_ms.value_or(0) >= kUnacknowledgedMs;
    if (p.standing != Standing::parked || is_other) return std::nullopt;
    auto out = of(Cause::parked_partition, Severity::critical, p);
    out.what = p.source.text() + " is parked" + (p.reason.empty() ? "" : ": " + p.reason);
    out.evidence.push_back({"partitions[].state", std::string("parked")});
    add_lag(out, p);
    return {{badness_of(p), std::move(out)}};
  };
  return in_partitions(
      facts, [](auto&) { return true; }, look);
}

Answer paused(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    if (p.standing != Standing::paused || p.offset_lag == Records{0}) return std::nullopt;
    auto out = of(Cause::paused, Severity::info, p);
    out.what =
        p.source.text() + " is paused by command" + (p.reason.empty() ? "" : ": " + p.reason);
    out.evidence.push_back({"partitions[].state", std::string("paused")});
    add_lag(out, p);
    return {{badness_of(p), std::move(out)}};
  };
  return in_partitions(
      facts, [](auto&) { return true; }, look);
}

Answer schema_gate(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    if (p.schema_wait_ms.value_or(0) < kSchemaWaitMs) return std::nullopt;
    auto out = of(Cause::schema_gate, Severity::warning, p);
    out.what = p.source.text() + " waits since " + duration_text(*p.schema_wait_ms) +
               " for a schema that the target's registry does not have";
    out.evidence.push_back({"partitions[].schema_wait_ms", *p.schema_wait_ms});
    add_lag(out, p);
    return {{*p.schema_wait_ms, std::move(out)}};
  };
  return in_partitions(
      facts, [](auto& p) { return p.schema_wait_ms.has_value(); }, look);
}

}  // namespace longspan::why
