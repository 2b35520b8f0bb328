// What the demo writes must be what Debezium writes: judged by a decoder that also reads records
// captured from a real Debezium 3.7, with the schemas of its registry.
#include "cli/demo/shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "tests/fakes/seed.h"
#include "tests/unit/cli/demo/avro_oracle.h"

namespace longspan::demo {
namespace {

using Json = nlohmann::json;

std::string unhex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return out;
}

std::int32_t schema_id(std::string_view framed) {
  std::int32_t id = 0;
  for (int i = 1; i < 5; ++i) id = id * 256 + static_cast<std::uint8_t>(framed[i]);
  return id;
}

// Schemas of one connector's registry: ids are the connector's own.
std::map<std::int32_t, Json> captured_schemas() {
  std::ifstream file("tests/fixtures/cdc/schemas.json");
  std::map<std::int32_t, Json> out;
  for (const Json& s : Json::parse(file)) {
    out[s.at("id").get<std::int32_t>()] = Json::parse(s.at("schema").get<std::string>());
  }
  return out;
}

Json decode_ours(const std::string& framed) {
  static std::map<std::int32_t, Json> parsed;
  const std::int32_t id = schema_id(framed);
  if (!parsed.contains(id)) parsed[id] = Json::parse(schema_text(id).value());
  return AvroOracle::decode(parsed[id], std::string_view(framed).substr(5));
}

constexpr std::int64_t kNow = 1'795'219'744'103'456;

TEST(AvroOracle, DecodesEveryRecordOfARealDebezium) {
  const auto schemas = captured_schemas();
  std::ifstream file("tests/fixtures/cdc/cdcav.jsonl");
  int values = 0;
  for (std::string line; std::getline(file, line);) {
    const Json record = Json::parse(line);
    if (record.at("value_hex").is_null()) continue;
    const std::string value = unhex(record.at("value_hex"));
    const auto found = schemas.find(schema_id(value));
    ASSERT_NE(found, schemas.end());
    EXPECT_NO_THROW(AvroOracle::decode(found->second, std::string_view(value).substr(5))) << line;
    ++values;
  }
  EXPECT_GT(values, 50);
}

TEST(Tables, HaveTheEnvelopeOfARealDebezium) {
  Json real;
  for (const auto& [id, schema] : captured_schemas()) {
    if (schema.at("name") == "Envelope" &&
        schema.at("connect.name") == "cdcav.public.lines.Envelope") {
      real = schema;
    }
  }
  ASSERT_FALSE(real.is_null());
  for (const Table& table : tables()) {
    const Json ours = Json::parse(value_schema(table));
    ASSERT_EQ(ours.at("fields").size(), real.at("fields").size());
    EXPECT_EQ(ours.at("connect.version"), real.at("connect.version"));
    for (std::size_t i = 0; i < real.at("fields").size(); ++i) {
      const Json& field = ours.at("fields")[i];
      if (field.at("name") == "before") continue;  // the table's own row
      EXPECT_EQ(field, real.at("fields")[i]) << table.name;
    }
  }
}

TEST(Tables, AnswerEveryIdThatIsWritten) {
  std::set<std::int32_t> ids = {kHeartbeatKeySchemaId, kHeartbeatValueSchemaId};
  for (const Table& table : tables()) {
    ids.insert({table.key_schema_id, table.value_schema_id});
    EXPECT_EQ(Json::parse(*schema_text(table.key_schema_id)).at("name"), "Key");
  }
  EXPECT_EQ(ids.size(), 2 + 2 * tables().size());
  EXPECT_FALSE(schema_text(999));
}

class ShopBySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ShopBySeed, WritesEnvelopesThatDecodeWithTheirSchema) {
  SCOPED_TRACE("seed=" + std::to_string(GetParam()));
  Shop shop(GetParam());
  std::map<std::string, int> ops;
  for (int i = 0; i < 80; ++i) {
    const std::int64_t commit = kNow + i * 25'000;
    for (const ShopRecord& r : shop.transaction(5, commit)) {
      if (!r.record.value) continue;
      const Json value = decode_ours(*r.record.value);
      const auto op = value.at("op").get<std::string>();
      ++ops[op];
      EXPECT_EQ(value.at("source").at("ts_us"), commit);
      EXPECT_EQ(value.at("source").at("ts_ms"), commit / 1000);
      EXPECT_EQ(value.at("source").at("lsn"), r.lsn);
      EXPECT_EQ(value.at("before").is_null(), op == "c");
      EXPECT_EQ(value.at("after").is_null(), op == "d");
      const Json& image = op == "d" ? value.at("before") : value.at("after");
      EXPECT_EQ(decode_ours(*r.record.key).at("id"), image.at("id"));
      const auto stamps = read_stamps(*streams()[r.stream].table, *r.record.value);
      ASSERT_TRUE(stamps);
      EXPECT_EQ(stamps->commit_us, commit);
      EXPECT_EQ(stamps->lsn, r.lsn);
      EXPECT_EQ(std::string(1, stamps->op), op);
    }
  }
  EXPECT_GT(ops["c"], 50);
  EXPECT_GT(ops["u"], 50);
  EXPECT_GT(ops["d"], 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShopBySeed, testing::ValuesIn(test_seeds(3)));

TEST(Shop, FollowsEachDeleteByItsTombstone) {
  Shop shop(1);
  int deletes = 0;
  for (int i = 0; i < 100; ++i) {
    const auto records = shop.transaction(5, kNow);
    for (std::size_t at = 0; at < records.size(); ++at) {
      const ShopRecord& r = records[at];
      if (!r.record.value || decode_ours(*r.record.value).at("op") != "d") continue;
      ++deletes;
      ASSERT_LT(at + 1, records.size());
      const ShopRecord& tombstone = records[at + 1];
      EXPECT_FALSE(tombstone.record.value);
      EXPECT_EQ(tombstone.record.key, r.record.key);
      EXPECT_EQ(tombstone.record.headers, r.record.headers);
      EXPECT_EQ(tombstone.lsn, 0);
    }
  }
  EXPECT_GT(deletes, 10);
}

TEST(Shop, KeepsAKeyInOnePartitionAndRaisesTheLsn) {
  Shop shop(7);
  std::map<std::pair<std::string, std::string>, std::size_t> stream_of_key;
  std::int64_t lsn = 0;
  for (int i = 0; i < 200; ++i) {
    for (const ShopRecord& r : shop.transaction(10, kNow)) {
      const auto key = std::pair(streams()[r.stream].place.topic, *r.record.key);
      EXPECT_EQ(stream_of_key.try_emplace(key, r.stream).first->second, r.stream);
      if (r.lsn == 0) continue;
      EXPECT_GT(r.lsn, lsn);
      lsn = r.lsn;
    }
  }
}

TEST(Shop, WritesTheHeadersOfARealDebezium) {
  Shop shop(3);
  const auto records = shop.transaction(1, kNow);
  ASSERT_FALSE(records.empty());
  std::vector<std::string> names;
  for (const Header& h : records[0].record.headers) names.push_back(h.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "__debezium.context.connectorLogicalName", "__debezium.context.taskId",
                "__debezium.context.connectorName", "__debezium.context.runId", "traceparent"}));
  EXPECT_EQ(records[0].record.headers[3].value->size(), 36U);
  EXPECT_THAT(*records[0].record.headers[4].value,
              testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
}

TEST(Shop, WritesHeartbeatsLikeARealDebezium) {
  Shop shop(1);
  const ShopRecord beat = shop.heartbeat(1'795'219'717'025'000);
  EXPECT_EQ(streams()[beat.stream].place.topic, "__debezium-heartbeat.shop");
  EXPECT_TRUE(beat.record.headers.empty());
  // The captured value at that moment, behind another registry's id.
  EXPECT_EQ(beat.record.value->substr(5), unhex("c2eef7b6bf68"));
  EXPECT_EQ(decode_ours(*beat.record.key).at("serverName"), "shop");
}

TEST(ReadStamps, RefusesWhatIsNotAChangeEventOfTheTable) {
  Shop shop(1);
  const ShopRecord r = shop.transaction(1, kNow)[0];
  const std::string& value = *r.record.value;
  const Table& table = *streams()[r.stream].table;
  EXPECT_FALSE(read_stamps(tables()[2], value));
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(read_stamps(table, std::string_view(value).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_stamps(table, value + "x"));
}

}  // namespace
}  // namespace longspan::demo
