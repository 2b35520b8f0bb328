#include "mirror/schemas/schema.h"

#include <gtest/gtest.h>

#include "mirror/schemas/registry.h"

namespace longspan {
namespace {

TEST(Subject, IsReadAndWrittenAsRegistriesDo) {
  struct Row {
    const char* text;
    Subject subject;
  };
  for (const Row& row : {
           Row{"orders-value", {".", "orders-value"}},
           Row{":.east:orders-value", {".east", "orders-value"}},
           Row{":.east:", {".east", ""}},
           Row{":.east:a:b", {".east", "a:b"}},
           Row{"", {".", ""}},
           Row{":.east", {".", ":.east"}},
           Row{":east:orders", {".", ":east:orders"}},
           Row{":*:orders", {".", ":*:orders"}},
           Row{"a:.b:c", {".", "a:.b:c"}},
       }) {
    EXPECT_EQ(parse_subject(row.text), row.subject) << row.text;
    EXPECT_EQ(row.subject.text(), row.text);
  }
}

TEST(Subject, TheDefaultContextMayBeNamed) {
  EXPECT_EQ(parse_subject(":.:orders"), (Subject{".", "orders"}));
  EXPECT_EQ(parse_subject(":.:orders").text(), "orders");
}

TEST(RegistryError, SaysAllOfItInOneLine) {
  const RegistryError refused{RegistryError::Kind::refused, 422, 42205, "not in import mode",
                              "POST https://r/subjects/a/versions"};
  EXPECT_EQ(refused.text(),
            "the schema registry refuses: not in import mode (status=422 error_code=42205 POST "
            "https://r/subjects/a/versions)");
  const RegistryError lost{RegistryError::Kind::unreachable, 0, 0, "", "GET https://r/subjects"};
  EXPECT_EQ(lost.text(), "no answer of the schema registry (GET https://r/subjects)");
}

struct TextRow {
  const char* name;
  std::string type;
  std::string a;
  std::string b;
  bool is_same;
};

TEST(Schema, TextsAreTheSameButForWhiteSpaceBetweenTokens) {
  const TextRow rows[] = {
      {"same", "AVRO", R"("string")", R"("string")", true},
      {"white", "AVRO", R"({"type": "fixed",  "size":4})", R"({"type":"fixed","size":4})", true},
      {"line_ends", "JSON", "{\r\n\t\"a\" : 1\n}\n", R"({"a":1})", true},
      {"inside_a_string", "AVRO", R"({"doc":"a b"})", R"({"doc":"ab"})", false},
      {"behind_an_escape", "AVRO", R"({"doc":"\" x"})", R"({"doc":"\"x"})", false},
      {"order", "AVRO", R"({"a":1,"b":2})", R"({"b":2,"a":1})", false},
      {"longer", "AVRO", R"({"a":1})", R"({"a":1}})", false},
      {"protobuf", "PROTOBUF", "message A {}", "message  A {}", false},
  };
  for (const TextRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(is_same_text(row.type, row.a, row.b), row.is_same);
    EXPECT_EQ(is_same_text(row.type, row.b, row.a), row.is_same);
    Schema a;
    a.type = row.type;
    a.text = row.a;
    Schema b = a;
    b.text = row.b;
    EXPECT_EQ(a == b, row.is_same);
  }
}

}  // namespace
}  // namespace longspan
