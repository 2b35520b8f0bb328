// lagcalc/stamps/change_stamps.h - when a change was committed and when its connector saw it, or
// why that is not known.
//
// Units:   commit is by the database's clock, connector by that of Kafka Connect's JVM. Both lie in
//          the years 2000 to 2199: what does not is unreadable, never wrapped.
// Errors:  none; NoCommit says why a record is left out of commit latency. A flattened change that
//          tells neither its operation nor `snapshot` counts as committed, and has no `op`: rows of
//          a snapshot cannot be told from others there.
// Threads: values and pure functions.
// Source:  Debezium's envelope and PostgresSourceInfoStructMaker, SourceInfo, 1.0 to 3.7.
// Invariant: exactly one of `commit` and `why` is there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/stamp.h"

namespace longspan {

struct ChangeFields;

// Why a record has no commit time; records are counted by it.
enum class NoCommit : std::uint8_t {
  snapshot,                   // the time is the snapshot's
  incremental_snapshot,       // the time is the connector's
  non_transactional_message,  // the time is that of the transaction before
  truncate,                   // a TRUNCATE changes no row
  missing,                    // the record has no commit time: null, or not written by Debezium
  no_schema,                  // an Avro value, and its writer\'s schema is not known (yet)
  unreadable,                 // bytes that contradict their schema or are not JSON; an absurd time
  over_limit,                 // too large, too deep or too many items to be read
  heartbeat,                  // Debezium's own: shows that the connector lives
  tombstone_without_delete,   // a null value, and the delete before it was not seen
};
inline constexpr std::array kNoCommits = {NoCommit::snapshot,
                                          NoCommit::incremental_snapshot,
                                          NoCommit::non_transactional_message,
                                          NoCommit::truncate,
                                          NoCommit::missing,
                                          NoCommit::no_schema,
                                          NoCommit::unreadable,
                                          NoCommit::over_limit,
                                          NoCommit::heartbeat,
                                          NoCommit::tombstone_without_delete};
[[nodiscard]] std::string_view name(NoCommit why);  // "incremental_snapshot"; for metrics

enum class ChangeOp : std::uint8_t { create, update, remove, read, truncate, message };
[[nodiscard]] std::optional<ChangeOp> change_op(std::string_view letter);  // "c", "u", "d", ...
[[nodiscard]] std::string_view name(ChangeOp op);                          // "create"

struct ChangeStamps {
  std::optional<Stamp> commit;
  std::optional<Stamp> connector;
  std::optional<NoCommit> why = NoCommit::missing;
  std::optional<ChangeOp> op;
  friend bool operator==(const ChangeStamps&, const ChangeStamps&) = default;
};

// Of a record with a value.
[[nodiscard]] ChangeStamps judge(const ChangeFields& fields);
// Of a record in a heartbeat topic: its only time is the connector's.
[[nodiscard]] ChangeStamps judge_heartbeat(const ChangeFields& fields);

}  // namespace longspan
