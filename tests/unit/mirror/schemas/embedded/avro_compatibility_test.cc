#include "mirror/schemas/embedded/avro_compatibility.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mirror/schemas/embedded/compatibility_level.h"
#include "tests/unit/mirror/schemas/embedded/registry_script.h"

namespace longspan::embedded {
namespace {

using Kind = Incompatibility::Kind;

// What is in the way of reading, each as "KIND path message".
std::vector<std::string> found_between(const std::string& reader, const std::string& writer) {
  static const std::map<Kind, std::string> words{
      {Kind::name_mismatch, "NAME"},
      {Kind::fixed_size_mismatch, "SIZE"},
      {Kind::missing_enum_symbols, "SYMBOLS"},
      {Kind::reader_field_missing_default_value, "DEFAULT"},
      {Kind::type_mismatch, "TYPE"},
      {Kind::missing_union_branch, "BRANCH"}};
  const auto read = AvroSchema::parse(reader);
  const auto written = AvroSchema::parse(writer);
  EXPECT_TRUE(read) << reader;
  EXPECT_TRUE(written) << writer;
  std::vector<std::string> texts;
  for (const auto& one : incompatibilities(read->root(), written->root())) {
    texts.push_back(words.at(one.kind) + " " + one.path + " " + one.message);
  }
  return texts;
}

struct PromotionRow {
  const char* reader;
  std::vector<std::string> reads;  // besides itself
};

TEST(AvroCompatibility, ReadsAPrimitiveFromItselfAndFromWhatIsPromoted) {
  const std::vector<PromotionRow> rows{
      {"null", {}},
      {"boolean", {}},
      {"int", {}},
      {"long", {"int"}},
      {"float", {"int", "long"}},
      {"double", {"int", "long", "float"}},
      {"bytes", {"string"}},
      {"string", {"bytes"}},
  };
  for (const auto& row : rows) {
    for (const auto& other : rows) {
      const std::string writer = other.reader;
      const bool reads = row.reader == writer ||
                         std::find(row.reads.begin(), row.reads.end(), writer) != row.reads.end();
      const auto found = found_between("\"" + std::string(row.reader) + "\"", "\"" + writer + "\"");
      EXPECT_EQ(found.empty(), reads) << row.reader << " reads " << writer;
    }
  }
}

struct Row {
  const char* name;
  std::string reader;
  std::string writer;
  std::vector<std::string> found = {};
};

std::string fixed(const std::string& name, int size) {
  return R"({"type":"fixed","name":")" + name + R"(","size":)" + std::to_string(size) + "}";
}

std::string symbols(const std::string& list, const std::string& more = "") {
  return R"({"type":"enum","name":"E","symbols":[)" + list + "]" + more + "}";
}

std::string array_of(const std::string& items) {
  return R"({"type":"array","items":)" + items + "}";
}
std::string map_of(const std::string& values) {
  return R"({"type":"map","values":)" + values + "}";
}

std::string aliased(const std::string& aliases) {
  return R"({"type":"record","name":"New","namespace":"n","aliases":[)" + aliases +
         R"(],"fields":[]})";
}

const std::string kList = R"({"type":"record","name":"L","fields":[
    {"name":"value","type":"int"},{"name":"next","type":["null","L"]}]})";
const std::string kLongList = R"({"type":"record","name":"L","fields":[
    {"name":"value","type":"long"},{"name":"next","type":["null","L"]}]})";
const std::string kTextList = R"({"type":"record","name":"L","fields":[
    {"name":"value","type":"string"},{"name":"next","type":["null","L"]}]})";

const std::vector<Row> kRows{
    {"types_differ",
     R"("int")",
     R"("string")",
     {"TYPE / reader type: INT not compatible with writer type: STRING"}},
    {"record_is_no_primitive",
     record("R", {}),
     R"("int")",
     {"TYPE / reader type: RECORD not compatible with writer type: INT"}},
    {"array_is_no_map",
     array_of(R"("int")"),
     map_of(R"("int")"),
     {"TYPE / reader type: ARRAY not compatible with writer type: MAP"}},
    {"array_promotes", array_of(R"("long")"), array_of(R"("int")")},
    {"array_items",
     array_of(R"("int")"),
     array_of(R"("long")"),
     {"TYPE /items reader type: INT not compatible with writer type: LONG"}},
    {"map_promotes", map_of(R"("double")"), map_of(R"("float")")},
    {"map_values",
     map_of(R"("int")"),
     map_of(R"("boolean")"),
     {"TYPE /values reader type: INT not compatible with writer type: BOOLEAN"}},
    {"same_fixed", fixed("F", 4), fixed("F", 4)},
    {"fixed_size", fixed("F", 4), fixed("F", 8), {"SIZE /size expected: 8, found: 4"}},
    {"fixed_name", fixed("F", 4), fixed("G", 4), {"NAME /name expected: G"}},
    {"fixed_name_and_size",
     fixed("F", 4),
     fixed("G", 8),
     {"NAME /name expected: G", "SIZE /size expected: 8, found: 4"}},
    {"namespace_alone_is_no_difference", fixed("a.F", 4), fixed("b.F", 4)},
    {"symbol_added", symbols(R"("A","B")"), symbols(R"("A")")},
    {"symbol_removed", symbols(R"("A")"), symbols(R"("C","A","B")"), {"SYMBOLS /symbols [B, C]"}},
    {"symbol_removed_with_default", symbols(R"("A")", R"(,"default":"A")"), symbols(R"("A","B")")},
    {"symbols_in_other_order", symbols(R"("B","A")"), symbols(R"("A","B")")},
    {"record_name", record("R", {}), record("S", {}), {"NAME /name expected: S"}},
    {"record_alias", aliased(R"("n.Old")"), record("n.Old", {})},
    {"record_alias_in_its_namespace", aliased(R"("Old")"), record("n.Old", {})},
    {"record_alias_elsewhere",
     aliased(R"("m.Old")"),
     record("n.Old", {}),
     {"NAME /name expected: n.Old"}},
    {"field_removed", record("R", {}), record("R", {R"(a:"int")"})},
    {"field_added_with_default", record("R", {R"(a:"int"=0)"}), record("R", {})},
    {"field_added_with_null", record("R", {R"(a:["null","int"]=null)"}), record("R", {})},
    {"field_added", record("R", {R"(a:"int")"}), record("R", {}), {"DEFAULT /fields/0 a"}},
    {"nullable_is_no_default",
     record("R", {R"(a:["null","int"])"}),
     record("R", {}),
     {"DEFAULT /fields/0 a"}},
    {"field_added_that_is_an_enum_with_default",
     record("R", {"a:" + symbols(R"("A")", R"(,"default":"A")")}), record("R", {})},
    {"fields_in_other_order", record("R", {R"(a:"int")", R"(b:"long")"}),
     record("R", {R"(b:"long")", R"(a:"int")"})},
    {"field_type",
     record("R", {R"(a:"int")", R"(b:"int")"}),
     record("R", {R"(a:"int")", R"(b:"string")"}),
     {"TYPE /fields/1/type reader type: INT not compatible with writer type: STRING"}},
    {"every_field_is_told",
     record("R", {R"(a:"int")", R"(b:"int")"}),
     record("R", {}),
     {"DEFAULT /fields/0 a", "DEFAULT /fields/1 b"}},
    {"field_alias",
     R"({"type":"record","name":"R","fields":[{"name":"a","aliases":["z"],"type":"int"}]})",
     record("R", {R"(z:"int")"})},
    {"field_alias_has_another_type",
     R"({"type":"record","name":"R","fields":[{"name":"a","aliases":["z"],"type":"int"}]})",
     record("R", {R"(z:"string")"}),
     {"TYPE /fields/0/type reader type: INT not compatible with writer type: STRING"}},
    {"nested_field",
     record("R", {"i:" + record("I", {R"(x:"int")"})}),
     record("R", {"i:" + record("I", {})}),
     {"DEFAULT /fields/0/type/fields/0 x"}},
    {"nested_in_array",
     record("R", {"i:" + array_of(record("I", {R"(x:"int")"}))}),
     record("R", {"i:" + array_of(record("I", {}))}),
     {"DEFAULT /fields/0/type/items/fields/0 x"}},
    {"became_nullable", R"(["null","int"])", R"("int")"},
    {"no_longer_nullable",
     R"("int")",
     R"(["null","int"])",
     {"TYPE / reader type: INT not compatible with writer type: NULL"}},
    {"union_of_one", R"("int")", R"(["int"])"},
    {"branch_added", R"(["null","int","string"])", R"(["null","int"])"},
    {"branch_removed",
     R"(["null","int"])",
     R"(["null","int","boolean"])",
     {"BRANCH /2 reader union lacking writer type: BOOLEAN"}},
    {"branch_promotes", R"(["null","long"])", R"(["null","int"])"},
    {"branches_in_other_order", R"(["int","null"])", R"(["null","int"])"},
    {"no_branch_fits",
     R"(["null","int"])",
     R"("string")",
     {"BRANCH / reader union lacking writer type: STRING"}},
    {"empty_writer_union", R"("int")", "[]"},
    {"empty_reader_union", "[]", R"("int")", {"BRANCH / reader union lacking writer type: INT"}},
    {"record_in_union", "[\"null\"," + record("R", {R"(a:"int"=0)"}) + "]",
     "[\"null\"," + record("R", {}) + "]"},
    {"record_in_union_does_not_fit",
     "[\"null\"," + record("R", {R"(a:"int")"}) + "]",
     "[\"null\"," + record("R", {}) + "]",
     {"BRANCH /1 reader union lacking writer type: RECORD"}},
    {"union_in_field",
     record("R", {R"(a:["null","int"])"}),
     record("R", {R"(a:["null","string"])"}),
     {"BRANCH /fields/0/type/1 reader union lacking writer type: STRING"}},
    {"recursive", kList, kList},
    {"recursive_promotes", kLongList, kList},
    {"recursive_does_not_fit",
     kTextList,
     kList,
     {"TYPE /fields/0/type reader type: STRING not compatible with writer type: INT"}},
};

TEST(AvroCompatibility, SaysWhatIsInTheWayAndWhere) {
  for (const Row& row : kRows) {
    EXPECT_EQ(found_between(row.reader, row.writer), row.found) << row.name;
  }
}

TEST(AvroCompatibility, ReadsEverySchemaWithItself) {
  for (const Row& row : kRows) {
    EXPECT_EQ(found_between(row.reader, row.reader), std::vector<std::string>{}) << row.name;
  }
}

TEST(AvroCompatibility, WordsItAsConfluentDoes) {
  EXPECT_EQ(incompatibility_text({Kind::reader_field_missing_default_value, "/fields/3", "age"},
                                 "new", "old"),
            "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'age' at path "
            "'/fields/3' in the new schema has no default value and is missing in the old "
            "schema', additionalInfo:'age'}");
  EXPECT_EQ(incompatibility_text({Kind::type_mismatch, "/items", "m"}, "old", "new"),
            "{errorType:'TYPE_MISMATCH', description:'The type (path '/items') of a field in the "
            "old schema does not match with the new schema', additionalInfo:'m'}");
}

// Debezium's schemas, also of a table whose columns were changed, added and dropped.
TEST(AvroCompatibility, JudgesRealVersionsOfATable) {
  std::ifstream file("tests/fixtures/cdc/schemas.json");
  const auto all = nlohmann::json::parse(file);
  std::map<std::string, std::map<int, std::string>> subjects;
  for (const auto& one : all) subjects[one["subject"]][one["version"]] = one["schema"];
  ASSERT_EQ(subjects.size(), 24U);
  for (const auto& [subject, versions] : subjects) {
    for (const auto& [version, text] : versions) {
      EXPECT_EQ(found_between(text, text), std::vector<std::string>{}) << subject;
    }
  }
  for (const char* subject : {"cdcav.public.orders-value", "cdcxa.public.orders-value"}) {
    const auto& versions = subjects[subject];
    ASSERT_EQ(versions.size(), 4U);
    for (const auto& [reader, read] : versions) {
      for (const auto& [writer, written] : versions) {
        EXPECT_EQ(found_between(read, written), std::vector<std::string>{})
            << subject << " " << reader << " reads " << writer;
      }
    }
  }
  const std::vector<std::string> other{
      "NAME /name expected: io.debezium.connector.common.ServerNameKey", "DEFAULT /fields/0 id"};
  EXPECT_EQ(found_between(subjects["cdcav.transaction-key"].at(1),
                          subjects["__debezium-heartbeat.cdcav-key"].at(1)),
            other);
}

}  // namespace
}  // namespace longspan::embedded
