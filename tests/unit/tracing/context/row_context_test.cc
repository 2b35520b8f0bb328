#include "tracing/context/row_context.h"

#include <gtest/gtest.h>

#include <string>

#include "tracing/context/trace_context.h"

namespace longspan {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const RowContext& row) {
  Pairs out;
  for (const HeaderView& view : row.views()) out.emplace_back(view.name, view.value.value());
  return out;
}

struct Row {
  std::string text;
  Pairs expected;
};

// What java.util.Properties makes of the same text.
TEST(RowContext, IsReadAsProperties) {
  const Row rows[] = {
      {"", {}},
      {"a=1", {{"a", "1"}}},
      {"#Mon Nov 02 10:00:00 UTC 2026\na=1\n!b=2\n", {{"a", "1"}}},
      {"a=1\r\nb=2\rc=3", {{"a", "1"}, {"b", "2"}, {"c", "3"}}},
      {"a = 1\nb : 2\nc\t3\nd 4 5", {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4 5"}}},
      {"a==1\nb=:2", {{"a", "=1"}, {"b", ":2"}}},
      {"a=x\\:y\\=z\\\\", {{"a", "x:y=z\\"}}},
      {"a\\ b\\:c=1", {{"a b:c", "1"}}},
      {"a=one\\\n   two\\\r\n\tthree", {{"a", "onetwothree"}}},
      {"a=\\t\\n\\r\\f\\q", {{"a", "\t\n\r\fq"}}},
      {"a=\\u0041\\u00e4\\u20AC", {{"a", "A\xc3\xa4\xe2\x82\xac"}}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"=1", {{"", "1"}}},
      {"\n\n  a=1 ", {{"a", "1 "}}},
      {"a=1\\", {{"a", "1"}}},
      {"a=1\na=2", {{"a", "1"}, {"a", "2"}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto found = RowContext::parse(row.text);
    ASSERT_TRUE(found);
    EXPECT_EQ(pairs(*found), row.expected);
  }
}

TEST(RowContext, RefusesWhatIsNone) {
  for (const std::string text : {"a=\\u12", "a=\\u12g4", "a=\\u", "\\uxxxx=1"}) {
    const auto found = RowContext::parse(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(name(found.error()), name(TraceFault::wrong_form));
  }
  EXPECT_TRUE(RowContext::parse("a=" + std::string(kRowContextBytesMax - 2, 'x')));
  const auto large = RowContext::parse("a=" + std::string(kRowContextBytesMax - 1, 'x'));
  ASSERT_FALSE(large);
  EXPECT_EQ(name(large.error()), name(TraceFault::too_long));
  std::string many;
  for (std::size_t i = 0; i < kRowPropertiesMax; ++i) many += "a=1\n";
  EXPECT_TRUE(RowContext::parse(many));
  EXPECT_FALSE(RowContext::parse(many + "a=1"));
}

// As Properties.store() writes it: colons and equals signs escaped.
TEST(RowContext, GivesAContextLikeHeaders) {
  const auto row = RowContext::parse(
      "#Mon Nov 02 10:00:00 UTC 2026\n"
      "tracestate=rojo\\=00f067aa0ba902b7\n"
      "uber-trace-id=0af7651916cd43dd8448eb211c80319c\\:b7ad6b7169203331\\:0\\:1\n"
      "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n");
  ASSERT_TRUE(row);
  const auto views = row->views();
  const TraceContext found = read_trace_context(views);
  ASSERT_TRUE(found.ids);
  EXPECT_EQ(hex(found.ids->trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(found.tracestate, "rojo=00f067aa0ba902b7");
  EXPECT_EQ(found.formats, (TraceFormats{TraceFormat::w3c, TraceFormat::jaeger}));
  EXPECT_FALSE(found.disagreement.any());
}

}  // namespace
}  // namespace longspan
