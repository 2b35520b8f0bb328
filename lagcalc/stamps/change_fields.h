// lagcalc/stamps/change_fields.h - what the readers of Avro, JSON and headers take from a change,
// by field name.
//
// Beside times there is the trace context that an application put into a row: `row_context`, the
// text of a column of that name in the row after the change, or in a flattened value.
//
// Units:   times are as they were written: milliseconds, microseconds, nanoseconds since 1970 UTC.
// Errors:  a whole that cannot be read has a `fault`; a single time that is no integer is damaged.
// Threads: values and pure functions.
// Limits:  kRowContextFieldBytesMax of a row's context; of a longer one so much and a byte.
// Source:  Debezium: Envelope, SourceInfo, ExtractNewRecordState (add.fields, add.headers),
//          ActivateTracingSpan (tracing.span.context.field).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/stamps/change_stamps.h"

namespace longspan {

// A field that somebody wants.
enum class ChangeField : std::uint8_t {
  commit_ms,  // the times stand first, in this order
  commit_us,
  commit_ns,
  connector_ms,
  connector_us,
  connector_ns,
  op,
  snapshot,
  transaction,  // the id of the database's transaction
  deleted,      // "true" in the flattened value of a delete
  row_context,
  none,
};
inline constexpr std::size_t kChangeFields = static_cast<std::size_t>(ChangeField::none);

// What ExtractNewRecordState puts in front of the names it adds (add.headers.prefix,
// add.fields.prefix).
struct StampNames {
  std::string prefix = "__";
};
inline constexpr std::string_view kRowContextField = "tracingspancontext";
inline constexpr std::size_t kRowContextFieldBytesMax = std::size_t{16} * 1024;

[[nodiscard]] ChangeField flat_field(std::string_view field,
                                     const StampNames& names);     // "__source_ts_ms"
[[nodiscard]] ChangeField envelope_field(std::string_view field);  // "ts_ms", "op"
[[nodiscard]] ChangeField source_field(std::string_view field);    // "ts_ms", "txId"

enum class ChangeShape : std::uint8_t {
  other,      // neither; a top-level ts_* is in `connector`, for heartbeats
  flattened,  // fields of the names that ExtractNewRecordState gives, in a value or in headers
  envelope,   // op, ts_*, and a record `source` with times
};

struct WrittenTimes {
  std::optional<std::int64_t> ms;
  std::optional<std::int64_t> us;
  std::optional<std::int64_t> ns;
  bool is_damaged = false;
  friend bool operator==(const WrittenTimes&, const WrittenTimes&) = default;

  [[nodiscard]] bool empty() const { return !ms && !us && !ns && !is_damaged; }
};

enum class SnapshotMark : std::uint8_t { none, snapshot, incremental };

struct ChangeFields {
  ChangeShape shape = ChangeShape::other;
  WrittenTimes commit;
  WrittenTimes connector;
  std::optional<ChangeOp> op;
  SnapshotMark snapshot = SnapshotMark::none;
  bool has_transaction = false;
  std::string row_context;        // empty: none
  std::optional<NoCommit> fault;  // unreadable or over_limit; then nothing else is there
  friend bool operator==(const ChangeFields&, const ChangeFields&) = default;

  [[nodiscard]] bool has_commit() const { return !commit.empty(); }
  // Whether headers tell all that judge() asks for, so that the value need not be read.
  [[nodiscard]] bool is_enough() const {
    return has_commit() && op && (*op != ChangeOp::message || has_transaction);
  }

  void put(ChangeField field, std::int64_t value) {
    constexpr std::optional<std::int64_t> WrittenTimes::*kUnits[] = {
        &WrittenTimes::ms, &WrittenTimes::us, &WrittenTimes::ns};
    if (field < ChangeField::op)
      times_of(field).*kUnits[static_cast<std::size_t>(field) % 3] = value;
    if (field == ChangeField::transaction) has_transaction = true;
  }
  void put(ChangeField field, std::string_view text);
  void put(ChangeField field, bool value);
  void put_damaged(ChangeField field);

 private:
  WrittenTimes& times_of(ChangeField field) {
    return field < ChangeField::connector_ms ? commit : connector;
  }
};

[[nodiscard]] ChangeFields faulty(NoCommit fault);
// The value's fields, and the headers' where the value has none or cannot be read.
[[nodiscard]] ChangeFields joined(const ChangeFields& value, const ChangeFields& headers);

}  // namespace longspan
