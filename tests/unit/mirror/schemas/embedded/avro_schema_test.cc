#include "mirror/schemas/embedded/avro_schema.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace longspan::embedded {
namespace {

struct Row {
  const char* name;
  std::string text;
  const char* error = "";  // a part of the sentence; empty: it is parsed
  std::vector<std::string> referenced = {};
};

std::string nested(int depth) {
  std::string text = R"("int")";
  for (int i = 0; i < depth; ++i) text = R"({"type":"array","items":)" + text + "}";
  return text;
}

const auto kRows = std::to_array<Row>({
    {"primitive", R"("string")"},
    {"primitive_as_object", R"({"type":"long","logicalType":"timestamp-millis"})"},
    {"union", R"(["null","string"])"},
    {"empty_union", "[]"},
    {"map_of_arrays", R"({"type":"map","values":{"type":"array","items":"bytes"}})"},
    {"fixed", R"({"type":"fixed","name":"Id","size":16})"},
    {"enum_with_default", R"({"type":"enum","name":"E","symbols":["A","B"],"default":"A"})"},
    {"error_is_a_record", R"({"type":"error","name":"E","fields":[]})"},
    {"recursive", R"({"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]})"},
    {"namespace_of_the_outer_one",
     R"({"type":"record","name":"a.b.O","fields":[{"name":"i","type":
        {"type":"enum","name":"I","symbols":["A"]}},{"name":"j","type":"a.b.I"}]})"},
    {"name_in_no_namespace",
     R"({"type":"record","name":"O","namespace":"x","fields":[{"name":"i","type":
        {"type":"fixed","name":"F","namespace":"","size":1}},{"name":"j","type":"F"}]})"},
    {"referenced",
     R"({"type":"record","name":"O","fields":[{"name":"i","type":"x.Id"}]})",
     "",
     {R"({"type":"fixed","name":"x.Id","size":4})"}},
    {"as_deep_as_allowed", nested(kNestingMax - 1)},
    {"not_json", "string", "not JSON"},
    {"number", "7", "not yet supported"},
    {"no_type", R"({"name":"x"})", "No type"},
    {"unknown_type", R"({"type":"strin"})", "Type not supported: strin"},
    {"unknown_name", R"(["null","Address"])", "Undefined name: \"Address\""},
    {"record_without_name", R"({"type":"record","fields":[]})", "No name"},
    {"record_without_fields", R"({"type":"record","name":"R"})", "Record has no fields"},
    {"field_without_name", R"({"type":"record","name":"R","fields":[{"type":"int"}]})",
     "No field name"},
    {"field_without_type", R"({"type":"record","name":"R","fields":[{"name":"a"}]})",
     "No field type"},
    {"field_is_no_object", R"({"type":"record","name":"R","fields":["a"]})", "not an object"},
    {"field_twice", R"({"type":"record","name":"R","fields":[
        {"name":"a","type":"int"},{"name":"a","type":"int"}]})",
     "Duplicate field a in record R"},
    {"bad_name", R"({"type":"record","name":"1R","fields":[]})", "Illegal initial character"},
    {"bad_namespace", R"({"type":"fixed","name":"F","namespace":"a-b","size":1})",
     "Illegal character"},
    {"empty_name", R"({"type":"fixed","name":"","size":1})", "Empty name"},
    {"redefined", R"([{"type":"fixed","name":"F","size":1},
        {"type":"record","name":"R","fields":[{"name":"f","type":
        {"type":"fixed","name":"F","size":2}}]}])",
     "Can't redefine: F"},
    {"enum_without_symbols", R"({"type":"enum","name":"E"})", "Enum has no symbols"},
    {"symbol_twice", R"({"type":"enum","name":"E","symbols":["A","A"]})", "Duplicate enum symbol"},
    {"symbol_is_no_name", R"({"type":"enum","name":"E","symbols":["a b"]})", "Illegal character"},
    {"enum_default_is_no_symbol", R"({"type":"enum","name":"E","symbols":["A"],"default":"B"})",
     "not in the enum symbol set"},
    {"fixed_without_size", R"({"type":"fixed","name":"F"})", "Invalid or no size"},
    {"array_without_items", R"({"type":"array"})", "No items type"},
    {"map_without_values", R"({"type":"map"})", "No values type"},
    {"nested_union", R"([["null"]])", "Nested union"},
    {"branch_twice", R"(["int","int"])", "Duplicate in union:INT"},
    {"aliases_are_no_list", R"({"type":"fixed","name":"F","size":1,"aliases":"G"})",
     "aliases not an array"},
    {"too_deep", nested(kNestingMax), "nested too deeply"},
});

TEST(AvroSchema, IsParsedOrSaysWhatIsWrong) {
  for (const Row& row : kRows) {
    const auto schema = AvroSchema::parse(row.text, row.referenced);
    const std::string error = schema ? "" : schema.error();
    EXPECT_EQ(bool(schema), *row.error == '\0') << row.name << ": " << error;
    EXPECT_NE(error.find(row.error), std::string::npos) << row.name << ": " << error;
  }
}

struct DefaultRow {
  const char* type;
  const char* value;
  bool fits;
};

constexpr auto kDefaults = std::to_array<DefaultRow>({
    {R"("null")", "null", true},
    {R"("null")", "0", false},
    {R"("boolean")", "true", true},
    {R"("boolean")", "\"true\"", false},
    {R"("int")", "2147483647", true},
    {R"("int")", "2147483648", false},
    {R"("int")", "-2147483649", false},
    {R"("int")", "1.5", false},
    {R"("long")", "-9223372036854775808", true},
    {R"("long")", "9223372036854775808", false},
    {R"("float")", "1", true},
    {R"("double")", "\"NaN\"", false},
    {R"("bytes")", "\"\\u00ff\"", true},
    {R"("string")", "1", false},
    {R"({"type":"array","items":"int"})", "[1,2]", true},
    {R"({"type":"array","items":"int"})", "[1,\"2\"]", false},
    {R"({"type":"map","values":"int"})", "{\"a\":1}", true},
    {R"({"type":"map","values":"int"})", "[]", false},
    {R"(["null","int"])", "null", true},
    {R"(["null","int"])", "7", true},
    {R"(["null","int"])", "\"7\"", false},
    {R"({"type":"enum","name":"E","symbols":["A"]})", "\"A\"", true},
    {R"({"type":"fixed","name":"F","size":2})", "7", false},
    {R"({"type":"record","name":"I","fields":[{"name":"a","type":"int"}]})", "{\"a\":1}", true},
    {R"({"type":"record","name":"I","fields":[{"name":"a","type":"int"}]})", "{}", false},
    {R"({"type":"record","name":"I","fields":[{"name":"a","type":"int","default":0}]})", "{}",
     true},
});

TEST(AvroSchema, ChecksDefaultsWhereItIsAskedTo) {
  for (const DefaultRow& row : kDefaults) {
    const std::string text = R"({"type":"record","name":"R","fields":[{"name":"f","type":)" +
                             std::string(row.type) + R"(,"default":)" + row.value + "}]}";
    EXPECT_TRUE(AvroSchema::parse(text)) << text;
    EXPECT_EQ(bool(AvroSchema::parse(text, {}, Defaults::checked)), row.fits) << text;
  }
}

}  // namespace
}  // namespace longspan::embedded
