// mirror/hops/stamp_reader.h - a record's times of commit and connector, wherever they stand in it:
// an Avro value, a JSON value, headers.
//
// An Avro value is read by its writer's schema. While that is not here it is asked for, and the
// record has no stamps. Headers cost more than a value to look at: they are read where a topic's
// records have had times or the schema's id in them, which one record in kLookEach finds out; so
// are values of a topic in which kPlainMax in a row were no changes: bytes that only look like an
// id would be asked for at the registry for ever.
//
// The same way leads to the trace context that an application put into a row.
//
// Errors:  none; ChangeStamps::why says why a record has no commit time.
// Threads: one thread's.
// Source:  lagcalc/stamps/; Debezium.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/stamps/change_stamps.h"
#include "lagcalc/stamps/heartbeats.h"
#include "lagcalc/stamps/last_delete.h"
#include "mirror/hops/writer_schemas.h"
#include "mirror/record.h"

namespace longspan {

struct StampSettings {
  StampNames names;
  HeartbeatPatterns heartbeats;
};

class StampReader {
 public:
  static constexpr std::uint32_t kLookEach = 64;
  static constexpr std::uint32_t kPlainMax = 256;

  // What is known of a topic.
  struct Topic {
    bool is_heartbeat = false;
    bool needs_headers = false;
    bool is_json = false;  // the last value that was read
    std::uint32_t seen = 0;
    std::uint32_t plain = 0;  // values in a row that were no changes, or could not be read ...
    NoCommit plain_why = NoCommit::missing;  // ... and why; the same is said of those not read
  };

  // `schemas` outlives it; nullptr: no registry.
  StampReader(WriterSchemas* schemas, StampSettings settings);

  [[nodiscard]] Topic topic(const std::string& name) const;
  // `last_delete`: of the record's partition.
  [[nodiscard]] ChangeStamps read(Topic& topic, const Record& record, LastDelete& last_delete);

  // The text of the row's column kRowContextField; empty: none, or the writer's schema is not here
  // (yet). Reads a JSON value where the column's name is in it, and an Avro value whose schema has
  // it.
  [[nodiscard]] std::string row_context(const Topic& topic, const Record& record);

 private:
  [[nodiscard]] ChangeFields fields_of_headers(Topic& topic, const Headers& headers) const;
  [[nodiscard]] ChangeFields fields_of_value(Topic& topic, std::string_view value,
                                             const Headers& headers);
  [[nodiscard]] ChangeFields fields_of_avro(const SchemaWhich& which, std::string_view body);
  // Null: it is not here yet, and asked for.
  [[nodiscard]] const WriterSchemas::Projection* projection_of(const SchemaWhich& which);

  WriterSchemas* const schemas_;
  const StampSettings settings_;
  std::shared_ptr<const WriterSchemas::Table> table_;
  std::uint64_t generation_ = 0;
};

}  // namespace longspan
