#include "lagcalc/stamps/avro_projection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/lagcalc/stamps/avro_bytes.h"

namespace longspan {
namespace {

constexpr std::int64_t kUs = 1'795'219'743'138'067;

AvroProjection compiled(const std::string& schema, std::vector<std::string_view> references = {},
                        const StampNames& names = {}) {
  auto projection = AvroProjection::compile(schema, references, names);
  if (!projection) throw std::runtime_error(projection.error().text());
  return *projection;
}

// `fields` as in {"name":"a","type":"long"}, separated by commas.
std::string record(const std::string& name, const std::string& fields) {
  return R"({"type":"record","name":")" + name + R"(","fields":[)" + fields + "]}";
}
std::string field(const std::string& name, const std::string& type) {
  return R"({"name":")" + name + R"(","type":)" + type + "}";
}
const std::string kLong = R"("long")";
const std::string kString = R"("string")";
const std::string kSource = record("Source", field("ts_ms", kLong) + "," + field("db", kString));
const std::string kEnvelope =
    record("Envelope",
           field("op", kString) + "," + field("source", kSource) + "," + field("after", kString));

AvroBytes change() { return AvroBytes().text("u").number(kUs / 1000).text("shop").text("row"); }

TEST(AvroProjection, FindsFieldsByNameWhereverTheyStand) {
  const std::string permuted = record(
      "Envelope",
      field("after", kString) + "," +
          field("source", record("Source", field("db", kString) + "," + field("ts_ms", kLong))) +
          "," + field("op", kString));
  const ChangeFields fields = compiled(permuted).read(
      AvroBytes().text("row").text("db").number(kUs / 1000).text("u").bytes());
  EXPECT_EQ(fields, compiled(kEnvelope).read(change().bytes()));
  EXPECT_EQ(fields.shape, ChangeShape::envelope);
  EXPECT_EQ(fields.commit.ms, kUs / 1000);
  EXPECT_EQ(fields.op, ChangeOp::update);
}

TEST(AvroProjection, StopsBehindTheLastWantedField) {
  const AvroProjection projection = compiled(kEnvelope);
  const std::string needed = AvroBytes().text("u").number(kUs / 1000).bytes();
  EXPECT_TRUE(projection.read(needed).has_commit());
  EXPECT_TRUE(projection.read(needed + "\xff\xff\xff").has_commit());
  EXPECT_EQ(projection.read(needed.substr(0, needed.size() - 1)), faulty(NoCommit::unreadable));
  EXPECT_EQ(projection.read(""), faulty(NoCommit::unreadable));
}

TEST(AvroProjection, ReadsUnionsInEitherOrder) {
  for (const bool is_null_first : {true, false}) {
    const std::string type = is_null_first ? R"(["null","long"])" : R"(["long","null"])";
    const AvroProjection projection =
        compiled(record("Value", field("__source_ts_us", type) + "," + field("__op", kString)));
    const std::int64_t null = is_null_first ? 0 : 1;
    EXPECT_EQ(projection.read(AvroBytes().number(1 - null).number(kUs).text("c").bytes()).commit.us,
              kUs);
    const ChangeFields without = projection.read(AvroBytes().number(null).text("c").bytes());
    EXPECT_FALSE(without.has_commit());
    EXPECT_EQ(without.op, ChangeOp::create);
    EXPECT_EQ(projection.read(AvroBytes().number(2).text("c").bytes()).fault, NoCommit::unreadable);
    EXPECT_EQ(projection.read(AvroBytes().number(-1).text("c").bytes()).fault,
              NoCommit::unreadable);
  }
}

// Numbers are read eight bytes at once where there is room, and byte by byte near the end.
TEST(AvroProjection, ReadsNumbersOfEveryLength) {
  const AvroProjection projection =
      compiled(record("Value", field("skipped", kLong) + "," + field("__source_ts_us", kLong) +
                                   "," + field("__ts_us", R"(["null","long"])")));
  for (int bits = 0; bits < 64; ++bits) {
    for (const std::int64_t value :
         {INT64_MAX >> bits, INT64_MIN >> bits, std::int64_t{0x5a5a'5a5a'5a5a'5a5a} >> bits}) {
      const std::string body =
          AvroBytes().number(value).number(value).number(1).number(value).bytes();
      const ChangeFields fields = projection.read(body);
      EXPECT_EQ(fields.commit.us, value);
      EXPECT_EQ(fields.connector.us, value);
      EXPECT_EQ(projection.read(body + std::string(20, '\xff')), fields) << value;
    }
  }
}

TEST(AvroProjection, ReadsOverlongNumbersAsOthersDo) {
  const AvroProjection projection =
      compiled(record("Value", field("__source_ts_us", R"(["null","long"])")));
  const std::string body = "\x82" + std::string(1, '\0') + "\x8a" + std::string(1, '\0');
  EXPECT_EQ(projection.read(body).commit.us, 5);
  EXPECT_EQ(projection.read(body + std::string(20, '\xff')).commit.us, 5);
}

TEST(AvroProjection, SourceMayBeOptionalOrDefinedElsewhere) {
  const std::string elsewhere =
      record("Envelope", field("source", R"(["null","io.x.Source"])") + "," + field("op", kString));
  const std::string source = R"({"type":"record","name":"Source","namespace":"io.x","fields":[)" +
                             field("ts_ns", kLong) + "]}";
  const AvroProjection projection = compiled(elsewhere, {source});
  const ChangeFields fields =
      projection.read(AvroBytes().number(1).number(kUs * 1000).text("c").bytes());
  EXPECT_EQ(fields.shape, ChangeShape::envelope);
  EXPECT_EQ(fields.commit.ns, kUs * 1000);
  EXPECT_FALSE(AvroProjection::compile(elsewhere)) << "the reference is missing";
}

TEST(AvroProjection, AUnionOfChangesReadsTheOneThatIsThere) {
  const std::string value = record("Value", field("__ts_ms", kLong));
  const AvroProjection projection = compiled(R"(["Envelope","Value"])", {kEnvelope, value});
  EXPECT_EQ(projection.read(AvroBytes().number(0).raw(change().bytes()).bytes()).shape,
            ChangeShape::envelope);
  EXPECT_EQ(projection.read(AvroBytes().number(1).number(7).bytes()).shape, ChangeShape::flattened);
}

TEST(AvroProjection, ReadsEveryFormOfSnapshotAndTransaction) {
  struct Row {
    const char* name;
    std::string snapshot;  // its type
    AvroBytes body;        // of snapshot and txId
    SnapshotMark mark;
    bool has_transaction;
  };
  const std::string marks =
      R"({"type":"enum","name":"E","symbols":["false","incremental","last"]})";
  const Row rows[] = {
      {"text", kString, AvroBytes().text("last").number(1).number(7), SnapshotMark::snapshot, true},
      {"false", kString, AvroBytes().text("false").number(0), SnapshotMark::none, false},
      {"incremental", kString, AvroBytes().text("incremental").number(0), SnapshotMark::incremental,
       false},
      {"null", R"(["null","string"])", AvroBytes().number(0).number(0), SnapshotMark::none, false},
      {"boolean", R"("boolean")", AvroBytes().raw("\x01").number(0), SnapshotMark::snapshot, false},
      {"enum", marks, AvroBytes().number(1).number(0), SnapshotMark::incremental, false},
      {"enum_false", marks, AvroBytes().number(0).number(0), SnapshotMark::none, false},
  };
  for (const Row& row : rows) {
    const std::string source =
        record("S", field("ts_ms", kLong) + "," + field("snapshot", row.snapshot) + "," +
                        field("txId", R"(["null","long"])"));
    const ChangeFields fields =
        compiled(record("E0", field("source", source)))
            .read(AvroBytes().number(kUs / 1000).raw(row.body.bytes()).bytes());
    EXPECT_FALSE(fields.fault) << row.name;
    EXPECT_EQ(fields.snapshot, row.mark) << row.name;
    EXPECT_EQ(fields.has_transaction, row.has_transaction) << row.name;
  }
}

// What stands in front of `op` is skipped.
ChangeFields behind(const std::string& type, const AvroBytes& skipped) {
  const AvroProjection projection =
      compiled(record("Value", field("skipped", type) + "," + field("__op", kString)));
  return projection.read(AvroBytes().raw(skipped.bytes()).text("d").bytes());
}

TEST(AvroProjection, SkipsEveryType) {
  const std::string list =
      record("List", field("v", R"("int")") + "," + field("next", R"(["null","List"])"));
  const std::string longs = R"({"type":"array","items":"long"})";
  const std::string map = R"({"type":"map","values":"string"})";
  const std::pair<std::string, AvroBytes> rows[] = {
      {R"("null")", AvroBytes()},
      {R"("boolean")", AvroBytes().raw("\x01")},
      {R"("int")", AvroBytes().number(INT32_MIN)},
      {kLong, AvroBytes().number(INT64_MIN)},
      {R"("float")", AvroBytes().raw("1234")},
      {R"("double")", AvroBytes().raw("12345678")},
      {R"("bytes")", AvroBytes().text("12345678")},
      {R"({"type":"fixed","name":"F","size":3})", AvroBytes().raw("123")},
      {R"({"type":"enum","name":"E","symbols":["A","B"]})", AvroBytes().number(1)},
      {R"({"type":{"type":"string"}})", AvroBytes().text("x")},
      {longs, AvroBytes().number(0)},
      {longs, AvroBytes().number(2).number(7).number(8).number(1).number(9).number(0)},
      // A block with its size: whatever is in it.
      {longs, AvroBytes().number(-2).number(4).raw("\xff\xff\xff\xff").number(0)},
      {map, AvroBytes().number(1).text("k").text("v").number(0)},
      {map, AvroBytes().number(-1).number(2).raw("\xff\xff").number(0)},
      {list, AvroBytes().number(1).number(1).number(2).number(0)},
  };
  for (const auto& [type, bytes] : rows) {
    EXPECT_EQ(behind(type, bytes).op, ChangeOp::remove) << type;
  }
}

TEST(AvroProjection, HostileBytesAreRefused) {
  const std::string longs = R"({"type":"array","items":"long"})";
  const std::string nulls = R"({"type":"array","items":"null"})";
  const std::string list = record("List", field("next", R"(["null","List"])"));
  AvroBytes endless;
  for (int i = 0; i < 100; ++i) endless.number(1);
  struct Row {
    const char* name;
    std::string type;
    AvroBytes bytes;
    NoCommit why;
  };
  const Row rows[] = {
      {"eleven_bytes", kLong, AvroBytes().raw("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
       NoCommit::unreadable},
      {"65_bits", kLong, AvroBytes().raw("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
       NoCommit::unreadable},
      {"65_bits_and_bytes_behind", kLong,
       AvroBytes().raw("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02 and more behind it"),
       NoCommit::unreadable},
      {"negative_length", kString, AvroBytes().number(-1), NoCommit::unreadable},
      {"length_beyond_the_end", kString, AvroBytes().number(1000), NoCommit::unreadable},
      {"greatest_length", kString, AvroBytes().number(INT64_MAX), NoCommit::unreadable},
      {"more_items_than_bytes", longs, AvroBytes().number(INT64_MAX), NoCommit::unreadable},
      {"items_of_nothing", nulls, AvroBytes().number(INT64_MAX), NoCommit::over_limit},
      {"least_count", longs, AvroBytes().number(INT64_MIN).number(1000), NoCommit::unreadable},
      {"negative_block_size", longs, AvroBytes().number(-1).number(-1), NoCommit::unreadable},
      {"too_deep", list, endless, NoCommit::over_limit},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(behind(row.type, row.bytes), faulty(row.why)) << row.name;
  }
}

// Ten fields of a type with ten fields of a type ...: 10^8 values in no byte at all.
TEST(AvroProjection, AValueWithoutBytesIsBounded) {
  std::string inner = record("T0", field("a", R"("null")"));
  for (int i = 1; i <= 8; ++i) {
    std::string fields = field("f0", inner);
    for (int f = 1; f < 10; ++f) {
      fields += "," + field("f" + std::to_string(f), R"("T)" + std::to_string(i - 1) + "\"");
    }
    inner = record("T" + std::to_string(i), fields);
  }
  EXPECT_EQ(behind(inner, {}), faulty(NoCommit::over_limit));
}

TEST(AvroProjection, APrefixIsAnOption) {
  const std::string schema =
      record("Value", field("cdc.source_ts_ms", kLong) + "," + field("__source_ts_ms", kLong));
  const std::string body = AvroBytes().number(5).number(6).bytes();
  EXPECT_EQ(compiled(schema, {}, {"cdc."}).read(body).commit.ms, 5);
  EXPECT_EQ(compiled(schema).read(body).commit.ms, 6);
  const std::string bare = record("Value", field("source_ts_ms", kLong));
  EXPECT_EQ(compiled(bare, {}, {""}).read(body).commit.ms, 5);
}

TEST(AvroProjection, OthersHaveATimeForHeartbeatsOnly) {
  const AvroProjection heartbeat = compiled(record("Heartbeat", field("ts_ms", kLong)));
  const ChangeFields fields = heartbeat.read(AvroBytes().number(kUs / 1000).bytes());
  EXPECT_EQ(fields.shape, ChangeShape::other);
  EXPECT_EQ(judge(fields).why, NoCommit::missing);
  EXPECT_EQ(judge_heartbeat(fields).connector, (Stamp{{kUs / 1000 * 1000}, 1000}));

  for (const std::string& schema : {kString, record("Row", field("id", kLong))}) {
    EXPECT_FALSE(compiled(schema).reads_anything());
    EXPECT_EQ(compiled(schema).read("\xff"), ChangeFields());
  }
  // A column `source` is no envelope.
  EXPECT_FALSE(compiled(record("Row", field("source", kString))).reads_anything());
}

TEST(AvroProjection, NamesFollowNamespaces) {
  const std::string schema =
      R"({"type":"record","name":"Envelope","namespace":"a","fields":[)" +
      field("before", record("b.Row", field("id", R"({"type":"fixed","name":"Id","size":2})"))) +
      "," + field("after", R"("b.Row")") + "," + field("id", R"("b.Id")") + "," +
      field("op", R"({"type":"enum","name":"Id","symbols":["c","d"]})") + "," +
      field("same", R"("Id")") + "," + field("source", kSource) + "]}";
  const ChangeFields fields = compiled(schema).read(
      AvroBytes().raw("aabbcc").number(1).number(0).number(kUs / 1000).bytes());
  EXPECT_EQ(fields.op, ChangeOp::remove);
  EXPECT_EQ(fields.commit.ms, kUs / 1000);
}

TEST(AvroProjection, RefusesSchemasThatAreNone) {
  std::string deep = kLong;
  for (int i = 0; i < 100; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"no_json", "{"},
      {"number", "7"},
      {"null", "null"},
      {"unknown_type", R"("Nobody")"},
      {"unknown_in_a_field", record("R", field("a", R"("Nobody")"))},
      {"field_without_type", record("R", R"({"name":"a"})")},
      {"fields_that_are_no_list", R"({"type":"record","name":"R","fields":7})"},
      {"record_without_a_name", R"({"type":"record","fields":[]})"},
      {"fixed_without_size", R"({"type":"fixed","name":"F"})"},
      {"fixed_of_negative_size", R"({"type":"fixed","name":"F","size":-1})"},
      {"fixed_too_large", R"({"type":"fixed","name":"F","size":9999999999})"},
      {"array_of_nothing", R"({"type":"array"})"},
      {"too_deep", deep},
      {"very_deep", std::string(1'000'000, '[')},
      {"defined_twice", "[" + record("R", "") + "," + record("R", field("a", kLong)) + "]"},
      {"names_itself", R"({"type":"record","name":"R","fields":[{"name":"a","type":"R2"}]})"},
  };
  for (const auto& [name, schema] : rows) {
    const auto projection = AvroProjection::compile(schema);
    ASSERT_FALSE(projection) << name;
    EXPECT_EQ(projection.error().next, Next::refuse_record) << name;
  }
}

TEST(AvroProjection, ARecordThatHoldsItselfOutrightIsBounded) {
  const std::string schema =
      record("Value", field("v", record("R", field("r", R"("R")"))) + "," + field("__op", kString));
  EXPECT_EQ(compiled(schema).read("").fault, NoCommit::over_limit);
}

// The column that Debezium's ActivateTracingSpan reads: of the row after the change, or of a
// flattened one. Neither the row before nor a record within the row is it.
TEST(AvroProjection, FindsTheContextInARow) {
  const std::string context = "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string column = field(std::string(kRowContextField), R"(["null","string"])");
  const std::string row = record("Value", field("id", kLong) + "," + column);
  const AvroProjection envelope = compiled(record(
      "Envelope", field("before", R"(["null",)" + row + "]") + "," +
                      field("after", R"(["null","Value"])") + "," + field("source", kSource)));
  EXPECT_TRUE(envelope.reads_row_context());
  const auto change = [&](const std::string& before, const std::string& after) {
    AvroBytes out;
    out.number(1).number(7).number(1).text(before);
    if (after.empty()) {
      out.number(0);
    } else {
      out.number(1).number(7).number(1).text(after);
    }
    return out.number(kUs / 1000).text("shop").bytes();
  };
  EXPECT_EQ(envelope.read(change("old", context)).row_context, context);
  EXPECT_EQ(envelope.read(change("old", context)).commit.ms, kUs / 1000);
  EXPECT_EQ(envelope.read(change("old", "")).row_context, "") << "a delete";
  EXPECT_EQ(
      envelope.read(change("old", std::string(kRowContextFieldBytesMax + 9, 'x'))).row_context,
      std::string(kRowContextFieldBytesMax + 1, 'x'))
      << "to be told as too long";
  const std::string inner = record("Inner", column);
  const AvroProjection flat = compiled(record("Value", field("inner", inner) + "," + column));
  EXPECT_TRUE(flat.reads_row_context());
  const ChangeFields of_flat =
      flat.read(AvroBytes().number(1).text("inner").number(1).text(context).bytes());
  EXPECT_EQ(of_flat.row_context, context);
  EXPECT_EQ(of_flat.shape, ChangeShape::other);
  EXPECT_FALSE(compiled(record("Value", field("inner", inner))).reads_row_context());
  EXPECT_FALSE(compiled(kEnvelope).reads_row_context());
}

}  // namespace
}  // namespace longspan
