#include "cli/demo/tables.h"

#include <array>
#include <nlohmann/json.hpp>

namespace longspan::demo {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kOrders = std::to_array<Column>({
    {"id", ColumnType::bigint},
    {"customer_id", ColumnType::bigint},
    {"status", ColumnType::text},
    {"amount", ColumnType::money},
    {"created", ColumnType::microseconds},
    {"updated", ColumnType::zoned_time},
    {"gift", ColumnType::flag},
    {"note", ColumnType::text, true},
});
constexpr auto kCustomers = std::to_array<Column>({
    {"id", ColumnType::bigint},
    {"name", ColumnType::text},
    {"email", ColumnType::text},
    {"city", ColumnType::text, true},
    {"since", ColumnType::microseconds},
});
constexpr auto kPayments = std::to_array<Column>({
    {"id", ColumnType::bigint},
    {"order_id", ColumnType::bigint},
    {"method", ColumnType::text},
    {"amount", ColumnType::money},
    {"paid", ColumnType::microseconds},
});
constexpr auto kTables = std::to_array<Table>({
    {"orders", "shop.orders", 4, 11, 12, kOrders},
    {"customers", "shop.customers", 2, 13, 14, kCustomers},
    {"payments", "shop.payments", 2, 15, 16, kPayments},
});

Json named(Json type, const char* connect_name) {
  type["connect.version"] = 1;
  type["connect.name"] = connect_name;
  return type;
}

Json money_type() {
  Json type = {{"type", "bytes"}, {"scale", 2}, {"precision", 12}, {"connect.version", 1}};
  type["connect.parameters"] = {{"scale", "2"}, {"connect.decimal.precision", "12"}};
  type["connect.name"] = "org.apache.kafka.connect.data.Decimal";
  type["logicalType"] = "decimal";
  return type;
}

Json type_of(ColumnType type) {
  switch (type) {
    case ColumnType::bigint:
      return "long";
    case ColumnType::text:
      return "string";
    case ColumnType::flag:
      return "boolean";
    case ColumnType::money:
      return money_type();
    case ColumnType::microseconds:
      return named({{"type", "long"}}, "io.debezium.time.MicroTimestamp");
    case ColumnType::zoned_time:
      return named({{"type", "string"}}, "io.debezium.time.ZonedTimestamp");
  }
  return nullptr;
}

Json field(std::string_view name, Json type) { return {{"name", name}, {"type", std::move(type)}}; }

Json optional_field(std::string_view name, Json type) {
  Json out = field(name, Json::array({"null", std::move(type)}));
  out["default"] = nullptr;
  return out;
}

Json record(const std::string& name, std::string_view space, Json fields) {
  Json out = {{"type", "record"}, {"name", name}};
  if (!space.empty()) out["namespace"] = space;
  out["fields"] = std::move(fields);
  return out;
}

Json row_type(const Table& table) {
  Json fields = Json::array();
  for (const Column& column : table.columns) {
    const Json type = type_of(column.type);
    fields.push_back(column.optional ? optional_field(column.name, type)
                                     : field(column.name, type));
  }
  Json row = record("Value", {}, std::move(fields));
  row["connect.name"] = std::string(table.topic) + ".Value";
  return row;
}

// Optional with a default: the default's type comes first in the union.
Json snapshot_field() {
  Json type = {{"type", "string"}, {"connect.version", 1}};
  type["connect.parameters"] = {
      {"allowed",
       "true,first,first_in_data_collection,last_in_data_collection,last,false,"
       "incremental"}};
  type["connect.default"] = "false";
  type["connect.name"] = "io.debezium.data.Enum";
  Json out = field("snapshot", Json::array({std::move(type), "null"}));
  out["default"] = "false";
  return out;
}

Json source_type() {
  Json fields = Json::array();
  for (const char* name : {"version", "connector", "name"}) fields.push_back(field(name, "string"));
  fields.push_back(field("ts_ms", "long"));
  fields.push_back(snapshot_field());
  fields.push_back(field("db", "string"));
  fields.push_back(optional_field("sequence", "string"));
  for (const char* name : {"ts_us", "ts_ns"}) fields.push_back(optional_field(name, "long"));
  for (const char* name : {"schema", "table"}) fields.push_back(field(name, "string"));
  for (const char* name : {"txId", "lsn", "xmin"}) fields.push_back(optional_field(name, "long"));
  fields.push_back(optional_field("origin", "string"));
  fields.push_back(optional_field("origin_lsn", "long"));
  return named(record("Source", "io.debezium.connector.postgresql", std::move(fields)),
               "io.debezium.connector.postgresql.Source");
}

Json transaction_type() {
  Json fields = Json::array({field("id", "string"), field("total_order", "long"),
                             field("data_collection_order", "long")});
  return named(record("block", "event", std::move(fields)), "event.block");
}

const char* const kHeartbeatKeySchema =
    R"({"type":"record","name":"ServerNameKey","namespace":"io.debezium.connector.common",)"
    R"("fields":[{"name":"serverName","type":"string"}],"connect.version":1,)"
    R"("connect.name":"io.debezium.connector.common.ServerNameKey"})";
const char* const kHeartbeatValueSchema =
    R"({"type":"record","name":"Heartbeat","namespace":"io.debezium.connector.common",)"
    R"("fields":[{"name":"ts_ms","type":"long"}],"connect.version":1,)"
    R"("connect.name":"io.debezium.connector.common.Heartbeat"})";

}  // namespace

std::span<const Table> tables() { return kTables; }

std::string key_schema(const Table& table) {
  Json out = record("Key", table.topic, Json::array({field(table.columns[0].name, "long")}));
  out["connect.name"] = std::string(table.topic) + ".Key";
  return out.dump();
}

std::string value_schema(const Table& table) {
  Json fields = Json::array();
  fields.push_back(optional_field("before", row_type(table)));
  fields.push_back(optional_field("after", "Value"));
  fields.push_back(field("source", source_type()));
  fields.push_back(optional_field("transaction", transaction_type()));
  fields.push_back(field("op", "string"));
  for (const char* name : {"ts_ms", "ts_us", "ts_ns"}) {
    fields.push_back(optional_field(name, "long"));
  }
  Json out = record("Envelope", table.topic, std::move(fields));
  out["connect.version"] = 2;
  out["connect.name"] = std::string(table.topic) + ".Envelope";
  return out.dump();
}

std::optional<std::string> schema_text(std::int32_t id) {
  if (id == kHeartbeatKeySchemaId) return kHeartbeatKeySchema;
  if (id == kHeartbeatValueSchemaId) return kHeartbeatValueSchema;
  for (const Table& table : kTables) {
    if (id == table.key_schema_id) return key_schema(table);
    if (id == table.value_schema_id) return value_schema(table);
  }
  return std::nullopt;
}

}  // namespace longspan::demo
