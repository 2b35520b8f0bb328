// cli/demo/tables.h - the tables of the demo's shop, and the Avro schemas Debezium gives them.
//
// Units:   money in cents; times in microseconds since the epoch.
// Threads: constant data and free functions.
// Source:  Debezium 3.7 for PostgreSQL with Confluent's AvroConverter, as captured in
//          tests/fixtures/cdc/schemas.json: field order, defaults and connect.* properties.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace longspan::demo {

enum class ColumnType : std::uint8_t { bigint, text, flag, money, microseconds, zoned_time };

struct Column {
  std::string_view name;
  ColumnType type;
  bool optional = false;
};

struct Table {
  std::string_view name;   // "orders"
  std::string_view topic;  // "shop.orders"
  std::int32_t partitions;
  std::int32_t key_schema_id;
  std::int32_t value_schema_id;
  std::span<const Column> columns;  // the first is the primary key, a bigint
};

// bigint, money and microseconds are int64; text and zoned_time are text.
using Cell = std::variant<std::monostate, std::int64_t, bool, std::string>;
using Row = std::vector<Cell>;

inline constexpr std::string_view kTopicPrefix = "shop";  // Debezium's topic.prefix
inline constexpr std::string_view kHeartbeatTopic = "__debezium-heartbeat.shop";
inline constexpr std::int32_t kHeartbeatKeySchemaId = 1;
inline constexpr std::int32_t kHeartbeatValueSchemaId = 2;

[[nodiscard]] std::span<const Table> tables();

[[nodiscard]] std::string key_schema(const Table& table);
[[nodiscard]] std::string value_schema(const Table& table);
// The schema text of an id, as a registry would answer; absent: no such id.
[[nodiscard]] std::optional<std::string> schema_text(std::int32_t id);

}  // namespace longspan::demo
