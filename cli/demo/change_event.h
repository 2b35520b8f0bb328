// cli/demo/change_event.h - one row change as Debezium writes it: key and envelope, and back.
//
// Units:   microseconds and milliseconds since the epoch.
// Errors:  read_stamps() answers nothing for bytes that are not a change event of the table.
// Threads: values and free functions.
// Source:  Debezium 3.7, PostgresSourceInfoStructMaker and Envelope; cli/demo/tables.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/demo/tables.h"

namespace longspan::demo {

struct Transaction {
  std::int64_t id = 0;
  std::int64_t commit_us = 0;   // source.ts_us: the same for every row of the transaction
  std::int64_t commit_lsn = 0;  // of the transaction before, as Debezium's source.sequence has it
};

struct ChangeEvent {
  char op = 'c';  // c, u or d
  std::optional<Row> before;
  std::optional<Row> after;
  std::int64_t lsn = 0;           // place of this change in the WAL, rises strictly
  std::int64_t processed_us = 0;  // the connector's clock
};

[[nodiscard]] std::string encode_key(const Table& table, std::int64_t id);
[[nodiscard]] std::string encode_value(const Table& table, const Transaction& transaction,
                                       const ChangeEvent& event);

// What a sink, or whoever compares, needs of the envelope.
struct Stamps {
  std::int64_t commit_us = 0;
  std::int64_t lsn = 0;
  char op = 0;
};
[[nodiscard]] std::optional<Stamps> read_stamps(const Table& table, std::string_view value);

[[nodiscard]] std::string encode_heartbeat_key();
[[nodiscard]] std::string encode_heartbeat_value(std::int64_t now_ms);

}  // namespace longspan::demo
