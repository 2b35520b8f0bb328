#include "cli/demo/change_event.h"

#include "cli/demo/avro.h"
#include "lagcalc/assert.h"

namespace longspan::demo {
namespace {

constexpr std::string_view kVersion = "3.7.0.Final";
constexpr std::string_view kConnector = "postgresql";
constexpr int kNull = 0;          // branch of ["null", T]
constexpr int kPresent = 1;       // the other one
constexpr int kSnapshotText = 0;  // `snapshot` is [T, "null"]

void write_optional_long(AvroWriter& out, std::int64_t value) {
  out.add_branch(kPresent);
  out.add_long(value);
}

void write_cell(AvroWriter& out, const Column& column, const Cell& cell) {
  const bool present = !std::holds_alternative<std::monostate>(cell);
  LONGSPAN_ASSERT(present || column.optional);
  if (column.optional) out.add_branch(present ? kPresent : kNull);
  if (!present) return;
  switch (column.type) {
    case ColumnType::bigint:
    case ColumnType::microseconds:
      return out.add_long(std::get<std::int64_t>(cell));
    case ColumnType::money:
      return out.add_bytes(decimal_bytes(std::get<std::int64_t>(cell)));
    case ColumnType::flag:
      return out.add_flag(std::get<bool>(cell));
    case ColumnType::text:
    case ColumnType::zoned_time:
      return out.add_text(std::get<std::string>(cell));
  }
}

void write_row(AvroWriter& out, const Table& table, const std::optional<Row>& row) {
  out.add_branch(row ? kPresent : kNull);
  if (!row) return;
  LONGSPAN_ASSERT(row->size() == table.columns.size());
  for (std::size_t i = 0; i < row->size(); ++i) write_cell(out, table.columns[i], (*row)[i]);
}

// ["lastCommitLsn","lsn"]
std::string sequence_text(const Transaction& transaction, std::int64_t lsn) {
  return "[\"" + std::to_string(transaction.commit_lsn) + "\",\"" + std::to_string(lsn) + "\"]";
}

void write_source(AvroWriter& out, const Table& table, const Transaction& transaction,
                  std::int64_t lsn) {
  out.add_text(kVersion);
  out.add_text(kConnector);
  out.add_text(kTopicPrefix);
  out.add_long(transaction.commit_us / 1000);
  out.add_branch(kSnapshotText);
  out.add_text("false");
  out.add_text("shop");
  out.add_branch(kPresent);
  out.add_text(sequence_text(transaction, lsn));
  write_optional_long(out, transaction.commit_us);
  write_optional_long(out, transaction.commit_us * 1000);
  out.add_text("public");
  out.add_text(table.name);
  write_optional_long(out, transaction.id);
  write_optional_long(out, lsn);
  for (int i = 0; i < 3; ++i) out.add_branch(kNull);  // xmin, origin, origin_lsn
}

void skip_cell(AvroReader& in, const Column& column) {
  if (column.optional && in.read_branch() == kNull) return;
  switch (column.type) {
    case ColumnType::bigint:
    case ColumnType::microseconds:
      in.read_long();
      return;
    case ColumnType::flag:
      in.read_flag();
      return;
    case ColumnType::money:
    case ColumnType::text:
    case ColumnType::zoned_time:
      in.read_text();
      return;
  }
}

void skip_row(AvroReader& in, const Table& table) {
  if (in.read_branch() == kNull) return;
  for (const Column& column : table.columns) skip_cell(in, column);
}

std::int64_t read_optional_long(AvroReader& in) {
  return in.read_branch() == kNull ? 0 : in.read_long();
}

void skip_optional_text(AvroReader& in) {
  if (in.read_branch() != kNull) in.read_text();
}

void read_source(AvroReader& in, Stamps& stamps) {
  for (int i = 0; i < 3; ++i) in.read_text();  // version, connector, name
  in.read_long();                              // ts_ms
  if (in.read_branch() == kSnapshotText) in.read_text();
  in.read_text();  // db
  skip_optional_text(in);
  stamps.commit_us = read_optional_long(in);
  read_optional_long(in);                      // ts_ns
  for (int i = 0; i < 2; ++i) in.read_text();  // schema, table
  read_optional_long(in);                      // txId
  stamps.lsn = read_optional_long(in);
  read_optional_long(in);  // xmin
  skip_optional_text(in);  // origin
  read_optional_long(in);  // origin_lsn
}

}  // namespace

std::string encode_key(const Table& table, std::int64_t id) {
  AvroWriter out(table.key_schema_id);
  out.add_long(id);
  return out.take();
}

std::string encode_value(const Table& table, const Transaction& transaction,
                         const ChangeEvent& event) {
  AvroWriter out(table.value_schema_id);
  write_row(out, table, event.before);
  write_row(out, table, event.after);
  write_source(out, table, transaction, event.lsn);
  out.add_branch(kNull);  // transaction: provide.transaction.metadata is off
  out.add_text({&event.op, 1});
  write_optional_long(out, event.processed_us / 1000);
  write_optional_long(out, event.processed_us);
  write_optional_long(out, event.processed_us * 1000);
  return out.take();
}

std::optional<Stamps> read_stamps(const Table& table, std::string_view value) {
  AvroReader in(value);
  if (!in.ok() || in.schema_id() != table.value_schema_id) return std::nullopt;
  Stamps stamps;
  skip_row(in, table);
  skip_row(in, table);
  read_source(in, stamps);
  if (in.read_branch() != kNull) return std::nullopt;  // the demo's source never fills it
  const std::string_view op = in.read_text();
  for (int i = 0; i < 3; ++i) read_optional_long(in);
  if (!in.ok() || !in.at_end() || op.size() != 1) return std::nullopt;
  stamps.op = op[0];
  return stamps;
}

std::string encode_heartbeat_key() {
  AvroWriter out(kHeartbeatKeySchemaId);
  out.add_text(kTopicPrefix);
  return out.take();
}

std::string encode_heartbeat_value(std::int64_t now_ms) {
  AvroWriter out(kHeartbeatValueSchemaId);
  out.add_long(now_ms);
  return out.take();
}

}  // namespace longspan::demo
