#include "mirror/schemas/registry_bodies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = RegistryError::Kind;

RegistryAnswer answer(std::string body) { return {200, std::move(body), {}, "GET https://r/x"}; }

TEST(RegistryBodies, ListsMayBeNull) {
  EXPECT_THAT(read_subjects(answer("null")).value(), IsEmpty());
  EXPECT_THAT(read_subjects(answer("[]")).value(), IsEmpty());
  EXPECT_THAT(read_versions(answer("null")).value(), IsEmpty());
  EXPECT_THAT(read_users(answer("null")).value(), IsEmpty());
}

TEST(RegistryBodies, ReadsLists) {
  EXPECT_THAT(
      read_subjects(answer(R"([":.east:a","b\/c","Z\u00fcrich"])")).value(),
      ElementsAre(Subject{".east", "a"}, Subject{".", "b/c"}, Subject{".", "Z\xc3\xbcrich"}));
  EXPECT_THAT(read_contexts(answer(R"([".",".east"])")).value(), ElementsAre(".", ".east"));
  const auto none = read_contexts(answer(R"([":.:"])"));
  ASSERT_FALSE(none) << "Apicurio";
  EXPECT_EQ(none.error().kind, RegistryError::Kind::unsupported);
  EXPECT_THAT(read_versions(answer("[10,2,1]")).value(), ElementsAre(1, 2, 10));
  EXPECT_THAT(read_users(answer(R"([{"subject":":.e:a","version":7,"more":1}])")).value(),
              ElementsAre(SubjectVersion{{".e", "a"}, 7}));
}

TEST(RegistryBodies, ReadsASchemaAsEachRegistryWritesIt) {
  struct Row {
    const char* name;
    const char* body;
    Schema schema;
  };
  const Schema plain{"AVRO", R"("string")", {}, "", ""};
  const Schema with_reference{"PROTOBUF", "x", {{"a.proto", ":.e:a", 3}}, "", ""};
  for (const Row& row : {
           Row{"least", R"({"schema":"\"string\""})", plain},
           Row{"axonops", R"({"schema":"\"string\"","schemaType":"AVRO"})", plain},
           Row{"apicurio", R"({"schema":"\"string\"","references":[]})", plain},
           Row{"nulls", R"({"schema":"\"string\"","schemaType":null,"references":null,
                            "metadata":null,"ruleSet":null})",
               plain},
           Row{"empty", R"({"schema":"\"string\"","metadata":{"properties":{},"sensitive":[]},
                            "ruleSet":{"domainRules":[]}})",
               plain},
           Row{"added by itself", R"({"schema":"\"string\"",
                "metadata":{"properties":{"confluent:version":"3"}}})",
               plain},
           Row{"reference", R"({"schema":"x","schemaType":"PROTOBUF",
                "references":[{"name":"a.proto","subject":":.e:a","version":3}]})",
               with_reference},
           Row{"keys are sorted", R"({"schema":"x",
                "metadata":{"tags":{"z":["PII"]},"properties":{"b":"1","a":"","confluent:v":"3"}},
                "ruleSet":{"domainRules":[{"name":"n","disabled":false,"doc":null}]}})",
               Schema{"AVRO",
                      "x",
                      {},
                      R"({"properties":{"a":"","b":"1"},"tags":{"z":["PII"]}})",
                      R"({"domainRules":[{"disabled":false,"name":"n"}]})"}},
       }) {
    const auto read = read_schema(answer(row.body));
    ASSERT_TRUE(read) << row.name << ": " << read.error().text();
    EXPECT_EQ(**read, row.schema) << row.name << ": " << (*read)->metadata;
  }
}

TEST(RegistryBodies, TheTextOfASchemaIsKeptByteForByte) {
  const std::string text =
      "{ \"type\" : \"record\",\n\t\"doc\":\"\xc3\xbc \\u00fc\" ,\"b\":1.0, \"a\":1e2}";
  const RegisteredSchema schema{{".", "a"}, 3, 7, {"AVRO", text, {}, "", ""}};
  const auto written = write_import(schema);
  ASSERT_TRUE(written);
  const auto read = read_registered(answer(*written), {{".", "a"}, 3});
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ((*read)->schema.text, text);
}

TEST(RegistryBodies, ReadsAVersion) {
  const auto read = read_registered(
      answer(R"({"subject":":.e:a","version":3,"id":7001,"schema":"x","deleted":true,"ts":1})"),
      {{".e", "a"}, 3});
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->subject, (Subject{".e", "a"}));
  EXPECT_EQ((*read)->version, 3);
  EXPECT_EQ((*read)->id, 7001);
  const auto other = read_registered(answer(R"({"version":4,"id":1,"schema":"x"})"), {{}, 3});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, Kind::unintelligible);
}

TEST(RegistryBodies, ReadsAListOfVersions) {
  const auto read = read_listed(
      answer(R"([{"subject":":.e:a","version":3,"id":7,"schema":"x","deleted":true},)"
             R"({"subject":"b","version":1,"id":8,"schema":"y","schemaType":"JSON"}])"));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].what.subject, (Subject{".e", "a"}));
  EXPECT_EQ((*read)[0].is_deleted, std::optional(true));
  EXPECT_EQ((*read)[1].what.id, 8);
  EXPECT_EQ((*read)[1].what.schema.type, "JSON");
  EXPECT_FALSE((*read)[1].is_deleted);
  EXPECT_FALSE(read_listed(answer(R"([{"subject":"b","version":1,"schema":"y"}])")));
  EXPECT_FALSE(read_listed(answer(R"({"subject":"b"})")));
}

TEST(RegistryBodies, ReadsSettings) {
  using Text = std::optional<std::string>;
  const RegistryAnswer none{204, "", {}, "GET https://r/x"};
  EXPECT_EQ(read_mode(answer(R"({"mode":"IMPORT"})")).value(), Text("IMPORT"));
  EXPECT_EQ(read_mode(none).value(), Text());
  EXPECT_EQ(read_config(none).value(), Text());
  EXPECT_EQ(read_config(answer("{}")).value(), Text());
  EXPECT_EQ(read_config(answer(R"({"alias":null})")).value(), Text());
  EXPECT_EQ(read_config(answer(R"({"compatibilityLevel":"FULL"})")).value(),
            Text(R"({"compatibility":"FULL"})"));
  EXPECT_EQ(
      read_config(answer(R"({"compatibility":"FULL","alias":"b","normalize":false})")).value(),
      Text(R"({"alias":"b","compatibility":"FULL","normalize":false})"));
}

TEST(RegistryBodies, ReadsNumbersAndVerdicts) {
  EXPECT_EQ(read_id(answer(R"({"id":2147483647})")).value_or(0), 2147483647);
  EXPECT_EQ(read_max_id(answer(R"({"schema":"x","maxId":9})")).value().value_or(0), 9);
  EXPECT_FALSE(read_max_id(answer(R"({"schema":"x"})")).value());
  EXPECT_TRUE(read_compatibility(answer(R"({"is_compatible":true})")).value().is_compatible);
  const auto no = read_compatibility(answer(R"({"is_compatible":false,"messages":["a","b"]})"));
  EXPECT_FALSE(no.value().is_compatible);
  EXPECT_THAT(no.value().reasons, ElementsAre("a", "b"));
}

// What each reader makes of a body, as one kind of error.
template <class T>
std::optional<RegistryError> error_of(const RegistryResult<T>& read) {
  return read ? std::nullopt : std::optional(read.error());
}

std::vector<std::optional<RegistryError>> errors_of(const std::string& body) {
  const RegistryAnswer whole = answer(body);
  return {error_of(read_subjects(whole)), error_of(read_versions(whole)),
          error_of(read_users(whole)),    error_of(read_registered(whole, {{}, 1})),
          error_of(read_schema(whole)),   error_of(read_max_id(whole)),
          error_of(read_mode(whole)),     error_of(read_config(whole)),
          error_of(read_id(whole)),       error_of(read_compatibility(whole))};
}

TEST(RegistryBodies, WhatIsNoneOfTheApisIsUnintelligible) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  for (const std::string& body :
       {std::string("<html>hello</html>"), std::string("true"), std::string("\"text\""),
        std::string("{\"a\":1"), std::string(), std::string("[{}]x"),
        std::string("[{\"x\":1},2,null]"), std::string("\"bad \xff utf-8\""),
        std::string("[\"\xc3\"]"), deep}) {
    for (const auto& error : errors_of(body)) {
      ASSERT_TRUE(error) << body;
      EXPECT_EQ(error->kind, Kind::unintelligible);
      EXPECT_EQ(error->where, "GET https://r/x");
    }
  }
  EXPECT_THAT(read_subjects(answer("<html>hello")).error().text(), HasSubstr("<html>hello"));
}

TEST(RegistryBodies, LacksNothingThatIsNeeded) {
  for (const char* body :
       {"{}", R"({"id":1,"version":1})", R"({"id":1,"schema":"x"})",
        R"({"version":1,"schema":"x"})", R"({"id":0,"version":1,"schema":"x"})",
        R"({"id":2147483648,"version":1,"schema":"x"})", R"({"id":1.5,"version":1,"schema":"x"})",
        R"({"id":"1","version":1,"schema":"x"})",
        R"({"id":1,"version":1,"schema":{"type":"string"}})",
        R"({"id":1,"version":1,"schema":"x","schemaType":7})",
        R"({"id":1,"version":1,"schema":"x","references":{}})",
        R"({"id":1,"version":1,"schema":"x","references":[{"name":"a"}]})"}) {
    EXPECT_FALSE(read_registered(answer(body), {{}, 1})) << body;
  }
  EXPECT_FALSE(read_versions(answer("[0]")));
  EXPECT_FALSE(read_versions(answer("[18446744073709551615]")));
  EXPECT_FALSE(read_mode(answer(R"({"mode":7})")));
  EXPECT_FALSE(read_max_id(answer(R"({"maxId":-1})")));
}

TEST(RegistryBodies, WritesAnImport) {
  EXPECT_EQ(write_import({{".e", "a"}, 3, 7, {"AVRO", "x", {}, "", ""}}).value_or(""),
            R"({"id":7,"schema":"x","version":3})");
  EXPECT_EQ(
      write_import(
          {{".e", "a"},
           3,
           7,
           {"JSON", "x", {{"n", "s", 2}}, R"({"tags":{"a":["b"]}})", R"({"domainRules":[]})"}})
          .value_or(""),
      R"({"id":7,"metadata":{"tags":{"a":["b"]}},)"
      R"("references":[{"name":"n","subject":"s","version":2}],)"
      R"("ruleSet":{"domainRules":[]},"schema":"x","schemaType":"JSON","version":3})");
  EXPECT_EQ(write_schema({"AVRO", "x", {}, "", ""}).value_or(""), R"({"schema":"x"})");
  EXPECT_EQ(write_mode("IMPORT").value_or(""), R"({"mode":"IMPORT"})");
}

TEST(RegistryBodies, WhatCannotBeWrittenIsRefusedBeforeItIsSent) {
  for (const Schema& schema : {Schema{"AVRO", "\xff", {}, "", ""}, Schema{"AVRO", "x", {}, "{", ""},
                               Schema{"AVRO", "x", {}, "", "x"}}) {
    const auto written = write_import({{}, 1, 1, schema});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, Kind::refused);
    EXPECT_FALSE(write_schema(schema));
  }
}

}  // namespace
}  // namespace longspan
