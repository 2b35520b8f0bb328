#include "lagcalc/stamps/json_stamps.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fakes/cdc_captures.h"
#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

constexpr std::int64_t kMs = 1'795'219'743'138;
constexpr std::int64_t kUs = kMs * 1000 + 67;

const std::string kSource =
    R"("source":{"ts_ms":1795219743138,"snapshot":"false","ts_us":1795219743138067,)"
    R"("ts_ns":1795219743138067000,"txId":7})";
const std::string kChange =
    R"({"before":null,"after":{"ts_ms":1,"op":"d","source":{"ts_ms":2}},)" + kSource +
    R"(,"op":"u","ts_ms":1795219743572,"ts_us":1795219743572829,"ts_ns":1795219743572829880})";

TEST(JsonStamps, ReadsEveryForm) {
  struct Row {
    const char* name;
    std::string value;
    ChangeStamps stamps;
  };
  const ChangeStamps change{Stamp{{kUs}, 1}, Stamp{{1795219743572829}, 1}, {}, ChangeOp::update};
  const ChangeStamps flat{Stamp{{kMs * 1000}, 1000}, {}, {}, ChangeOp::create};
  const auto none = [](NoCommit why) { return ChangeStamps{{}, {}, why, {}}; };
  const std::string schema = R"({"type":"struct","fields":[{"field":"op"},{"field":"ts_ms"}]})";
  const Row rows[] = {
      {"envelope", kChange, change},
      {"with_schema", R"({"schema":)" + schema + R"(,"payload":)" + kChange + "}", change},
      {"schema_behind", R"({"payload":)" + kChange + R"(,"schema":)" + schema + "}", change},
      {"without_its_schema", R"({"schema":null,"payload":)" + kChange + "}", change},
      {"flattened", R"({"id":1,"op":"x","__op":"c","__source_ts_ms":1795219743138})", flat},
      {"flattened_with_schema",
       R"({"schema":{},"payload":{"__op":"c","__source_ts_ms":1795219743138}})", flat},
      // A row whose columns have the wrapper's names among others.
      {"columns_schema_and_payload",
       R"({"schema":"a","payload":{"op":"d"},"__op":"c","__source_ts_ms":1795219743138})", flat},
      {"a_column_source", R"({"source":{"id":1},"__op":"c","__source_ts_ms":1795219743138})", flat},
      {"deleted",
       R"({"__deleted":"true","__source_ts_ms":1795219743138})",
       {flat.commit, {}, {}, ChangeOp::remove}},
      {"not_deleted",
       R"({"__deleted":"false","__source_ts_ms":1795219743138})",
       {flat.commit, {}, {}, {}}},
      {"row", R"({"id":1,"ts_ms":1795219743138,"op":"c"})", none(NoCommit::missing)},
      {"empty_object", "{}", none(NoCommit::missing)},
      {"payload_of_null", R"({"schema":null,"payload":null})", none(NoCommit::missing)},
      {"null", "null", none(NoCommit::missing)},
      {"array", "[" + kChange + "]", none(NoCommit::missing)},
      {"text", R"("text")", none(NoCommit::missing)},
      {"empty", "", none(NoCommit::unreadable)},
      {"avro", std::string("\0\0\0\0\x09\x0a", 6), none(NoCommit::unreadable)},
      {"bytes_behind", "{} {}", none(NoCommit::unreadable)},
      {"no_utf8", "{\"a\":\"\xff\"}", none(NoCommit::unreadable)},
      {"before_2_6", R"({"source":{"ts_ms":1795219743138,"snapshot":null},"op":"c"})", flat},
      {"snapshot_of_old",
       R"({"source":{"ts_ms":1795219743138,"snapshot":true},"op":"c"})",
       {{}, {}, NoCommit::snapshot, ChangeOp::create}},
      {"incremental",
       R"({"source":{"ts_ms":1795219743138,"snapshot":"incremental"},"op":"r"})",
       {{}, {}, NoCommit::incremental_snapshot, ChangeOp::read}},
      {"message",
       R"({"op":"m","source":{"ts_ms":1795219743138,"txId":null}})",
       {{}, {}, NoCommit::non_transactional_message, ChangeOp::message}},
  };
  for (const Row& row : rows) EXPECT_EQ(judge(read_json(row.value)), row.stamps) << row.name;
}

TEST(JsonStamps, IntegersAreExactOrDamaged) {
  const auto us_of = [](const std::string& number) {
    return read_json(R"({"__source_ts_us":)" + number + "}").commit;
  };
  EXPECT_EQ(us_of("9223372036854775807").us, INT64_MAX);
  EXPECT_EQ(us_of("-9223372036854775808").us, INT64_MIN);
  EXPECT_EQ(us_of("9007199254740993").us, 9007199254740993);  // 2^53 + 1
  for (const char* number : {"9223372036854775808", "18446744073709551616", "1.5", "1e3", "\"7\"",
                             "true", "-9223372036854775809"}) {
    EXPECT_TRUE(us_of(number).is_damaged) << number;
    EXPECT_FALSE(us_of(number).us) << number;
  }
  EXPECT_TRUE(us_of("null").empty());
}

TEST(JsonStamps, EndsWhenAllIsRead) {
  const ChangeFields whole = read_json(kChange);
  const std::string cut = kChange.substr(0, kChange.size() - 1);
  EXPECT_EQ(read_json(kChange + "}}{\xff"), whole);
  EXPECT_EQ(read_json(cut + R"(,"more" what)"), whole);
  EXPECT_EQ(read_json(R"({"schema":{},"payload":)" + kChange + " what"), whole);
  // Without a schema in front it may still turn out to be a row with a column called payload.
  EXPECT_TRUE(read_json(R"({"payload":)" + kChange + " what").fault);
}

TEST(JsonStamps, ACutValueIsUnreadableOrWhole) {
  const ChangeFields whole = read_json(kChange);
  std::size_t unreadable = 0;
  for (std::size_t size = 0; size < kChange.size(); ++size) {
    const ChangeFields fields = read_json(kChange.substr(0, size));
    EXPECT_TRUE(fields == whole || fields == faulty(NoCommit::unreadable)) << size;
    unreadable += fields == whole ? 0 : 1;
  }
  EXPECT_GE(unreadable, kChange.size() - 1);
}

TEST(JsonStamps, MutatedCapturesNeverCrashAndAlwaysHaveAVerdict) {
  std::vector<CapturedRecord> records = cdc_capture("cdcj");
  for (const char* capture : {"cdcjs", "cdcx"}) {
    for (CapturedRecord& record : cdc_capture(capture)) records.push_back(std::move(record));
  }
  std::size_t commits = 0;
  std::size_t refused = 0;
  for (const std::uint64_t seed : seeds(5)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (const CapturedRecord& record : records) {
      std::string value = record.value.value_or("{}");
      constexpr std::string_view kTelling = "{}[]\",:0-e\\\xff";
      for (auto edits = 1 + random() % 3; edits > 0; --edits) {
        value[random() % value.size()] = kTelling[random() % kTelling.size()];
      }
      const ChangeStamps stamps = judge(read_json(value));
      ASSERT_NE(stamps.commit.has_value(), stamps.why.has_value());
      commits += stamps.commit ? 1 : 0;
      refused += stamps.why == NoCommit::unreadable ? 1 : 0;
    }
  }
  EXPECT_GT(commits, 0U);
  EXPECT_GT(refused, 0U);
}

TEST(JsonStamps, DepthAndSizeAreBounded) {
  const auto nested = [](int depth) {
    return R"({"a":)" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  EXPECT_EQ(read_json(nested(kJsonValueDepthMax - 1)).fault, std::nullopt);
  EXPECT_EQ(read_json(nested(kJsonValueDepthMax)).fault, NoCommit::over_limit);
  EXPECT_EQ(read_json(std::string(1'000'000, '[')).fault, NoCommit::over_limit);
  EXPECT_EQ(read_json(std::string(kJsonBytesMax + 1, ' ')).fault, NoCommit::over_limit);
}

TEST(JsonStamps, APrefixIsAnOption) {
  const std::string value = R"({"source_ts_ms":5,"cdc_source_ts_ms":6,"__source_ts_ms":7})";
  EXPECT_EQ(read_json(value).commit.ms, 7);
  EXPECT_EQ(read_json(value, {"cdc_"}).commit.ms, 6);
  EXPECT_EQ(read_json(value, {""}).commit.ms, 5);
}

TEST(JsonStamps, APayloadIsReadAsText) {
  EXPECT_EQ(read_json_payload(R"({"schema":{"payload":1},"payload":-5})"), "-5");
  EXPECT_EQ(read_json_payload(R"({"payload":"c"})"), "c");
  EXPECT_EQ(read_json_payload(R"({"payload":18446744073709551615})"), "18446744073709551615");
  for (const char* json : {R"({"payload":null})", R"({"payload":{"payload":1}})",
                           R"({"payload":[1]})", R"([{"payload":1}])", "{}", "7", "", "{"}) {
    EXPECT_FALSE(read_json_payload(json)) << json;
  }
}

TEST(JsonStamps, FindsTheContextInARow) {
  const std::string column = R"("tracingspancontext":"#now\ntraceparent=00-1-2-01\n")";
  const std::string context = "#now\ntraceparent=00-1-2-01\n";
  const std::string inner = R"({"id":1,"inner":{)" + column + "}}";
  const struct {
    std::string value;
    std::string context;
    ChangeShape shape;
  } rows[] = {
      {R"({"before":{},"after":{"id":1,)" + column + "}," + kSource + R"(,"op":"u"})", context,
       ChangeShape::envelope},
      {R"({"payload":{"after":{)" + column + "}," + kSource + R"(,"op":"u"}})", context,
       ChangeShape::envelope},
      {R"({"before":{)" + column + R"(},"after":null,)" + kSource + R"(,"op":"d"})", "",
       ChangeShape::envelope},
      {"{" + column + R"(,"__op":"c","__source_ts_ms":1795219743138})", context,
       ChangeShape::flattened},
      {"{" + column + R"(,"id":1})", context, ChangeShape::other},
      {inner, "", ChangeShape::other},
      {R"({"after":)" + inner + "," + kSource + R"(,"op":"u"})", "", ChangeShape::envelope},
      {R"({"tracingspancontext":{"a":"b"},"op":"c"})", "", ChangeShape::other},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.value);
    const ChangeFields fields = read_json(row.value);
    EXPECT_EQ(fields.row_context, row.context);
    EXPECT_EQ(fields.shape, row.shape);
  }
}

}  // namespace
}  // namespace longspan
