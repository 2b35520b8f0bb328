#include "lagcalc/schema_framing.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

using namespace std::string_literals;

struct Row {
  const char* name;
  std::string payload;
  std::optional<SchemaMark> mark;
};

SchemaGuid guid() {
  SchemaGuid out;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(i * 17);
  }
  return out;
}

std::string guid_bytes() {
  const SchemaGuid each = guid();
  return {each.bytes.begin(), each.bytes.end()};
}

TEST(SchemaFraming, ReadsPrefixes) {
  const Row rows[] = {
      // Debezium's heartbeat key, as it was captured.
      {"debezium",
       "\x00\x00\x00\x00\x09\x0a"
       "cdcav"s,
       SchemaMark{9}},
      {"id_alone", "\x00\x00\x00\x01\x02"s, SchemaMark{258}},
      {"highest_id", "\x00\x7f\xff\xff\xff"s, SchemaMark{INT32_MAX}},
      {"negative_id", "\x00\x80\x00\x00\x00"s, std::nullopt},
      {"id_zero", "\x00\x00\x00\x00\x00"s, std::nullopt},
      {"too_short", "\x00\x00\x00\x01"s, std::nullopt},
      {"empty", "", std::nullopt},
      {"json", "{\"a\":1}", std::nullopt},
      {"guid", "\x01"s + guid_bytes() + "payload", SchemaMark{guid()}},
      {"guid_too_short", "\x01"s + guid_bytes().substr(1), std::nullopt},
      {"another_magic", "\x02\x00\x00\x00\x09"s, std::nullopt},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(read_schema_prefix(row.payload), row.mark);
  }
}

TEST(SchemaFraming, AHeaderSaysTheSame) {
  const auto mark = read_schema_header("\x01"s + guid_bytes());
  ASSERT_TRUE(mark);
  EXPECT_TRUE(mark->is_in_header);
  EXPECT_EQ(std::get<SchemaGuid>(mark->which), guid());
  EXPECT_FALSE(read_schema_header("9"));
}

TEST(SchemaFraming, AGuidHasItsUsualText) {
  EXPECT_EQ(guid().text(), "00112233-4455-6677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace longspan
