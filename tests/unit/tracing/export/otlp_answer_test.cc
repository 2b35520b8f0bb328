#include "tracing/export/otlp_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

using namespace std::string_literals;

struct Row {
  std::string body;
  std::optional<PartialSuccess> expected;
};

// Bytes as Python's opentelemetry-proto writes them.
TEST(OtlpAnswer, IsReadAsProtobuf) {
  const Row rows[] = {
      {"", PartialSuccess{}},
      {"\x0a\x00"s, PartialSuccess{}},
      {"\x0a\x0c\x08\x03\x12\x08too late"s, PartialSuccess{3, "too late"}},
      {"\x0a\x0a\x12\x08too late"s, PartialSuccess{0, "too late"}},
      {"\x0a\x03\x08\xac\x02"s, PartialSuccess{300, ""}},
      {"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, PartialSuccess{-1, ""}},
      {"\x10\x05\x0a\x02\x08\x01\x1d\x01\x02\x03\x04\x21\x01\x02\x03\x04\x05\x06\x07\x08"s,
       PartialSuccess{1, ""}},  // fields that are not known
      {"\x0a\x05\x12\x03"
       "a\xff"
       "b"s,
       PartialSuccess{0,
                      "a\xef\xbf\xbd"
                      "b"}},
      {"\x0a\x02\x08"s, {}},
      {"\x0a\x05\x08\x01"s, {}},
      {"\x0a"s, {}},
      {"\x00\x00"s, {}},
      {"\x0b\x0c"s, {}},  // a group
      {"<html>", {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(read_partial_success("application/x-protobuf", row.body), row.expected);
  }
}

TEST(OtlpAnswer, IsReadAsJson) {
  const std::string deep =
      R"({"partialSuccess":)" + std::string(40, '[') + std::string(40, ']') + "}";
  const Row rows[] = {
      {"", PartialSuccess{}},
      {"{}", PartialSuccess{}},
      {R"({"partialSuccess":{}})", PartialSuccess{}},
      {R"({"partialSuccess":null})", PartialSuccess{}},
      {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too late"}})",
       PartialSuccess{3, "too late"}},
      {R"({"partialSuccess":{"rejectedSpans":3,"x":1},"y":[]})", PartialSuccess{3, ""}},
      {R"({"partialSuccess":{"errorMessage":7}})", PartialSuccess{}},
      {R"({"partialSuccess":{"rejectedSpans":"many"}})", {}},
      {R"({"partialSuccess":{"rejectedSpans":1.5}})", {}},
      {R"({"partialSuccess":{"rejectedSpans":18446744073709551615}})", {}},
      {R"({"partialSuccess":3})", {}},
      {"[]", {}},
      {"{", {}},
      {"OK", {}},
      {deep, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.body);
    EXPECT_EQ(read_partial_success("application/json; charset=utf-8", row.body), row.expected);
  }
}

TEST(OtlpAnswer, IsBounded) {
  const std::string message(2'000, 'x');
  const auto found =
      read_partial_success_json(R"({"partialSuccess":{"errorMessage":")" + message + R"("}})");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->message.size(), kAnswerTextBytesMax);
  EXPECT_FALSE(read_partial_success_json(std::string(kAnswerBytesMax + 1, ' ')));
  EXPECT_FALSE(read_partial_success_protobuf(std::string(kAnswerBytesMax + 1, '\x0a')));
}

TEST(OtlpAnswer, TellsWhyARequestWasRefused) {
  EXPECT_EQ(read_status_message("application/x-protobuf", "\x08\x03\x12\x03why"s), "why");
  EXPECT_EQ(read_status_message("application/x-protobuf", "\x08\x03"s), std::nullopt);
  EXPECT_EQ(read_status_message("application/x-protobuf", "\x12\x09why"s), std::nullopt);
  EXPECT_EQ(read_status_message("application/json", R"({"code":3,"message":"why"})"), "why");
  EXPECT_EQ(read_status_message("application/json", R"({"code":3})"), std::nullopt);
  EXPECT_EQ(read_status_message("text/html", "<html>no</html>"), std::nullopt);
}

}  // namespace
}  // namespace longspan
