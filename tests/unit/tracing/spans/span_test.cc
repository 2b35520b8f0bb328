#include "tracing/spans/span.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

TEST(Attributes, KeepTheLastValueOfAKey) {
  Attributes attributes;
  attributes.put("a", std::int64_t{1});
  attributes.put("b", "text");
  attributes.put("a", true);
  EXPECT_EQ(attributes.all().size(), 2U);
  EXPECT_EQ(*attributes.find("a"), AttributeValue(true));
  EXPECT_EQ(*attributes.find("b"), AttributeValue(std::string("text")));
  EXPECT_EQ(attributes.find("c"), nullptr);
}

TEST(Attributes, CountWhatIsTooMany) {
  Attributes attributes;
  for (std::size_t i = 0; i < kAttributesMax + 3; ++i) {
    attributes.put("k" + std::to_string(i), std::int64_t{1});
  }
  attributes.put("k0", std::int64_t{2});  // is there, so it costs nothing
  EXPECT_EQ(attributes.all().size(), kAttributesMax);
  EXPECT_EQ(attributes.dropped(), 3U);
  EXPECT_EQ(*attributes.find("k0"), AttributeValue(std::int64_t{2}));
}

TEST(Attributes, CutLongTextsBetweenCharacters) {
  Attributes attributes;
  const auto text_of = [&](std::string text) {
    attributes.put("t", std::move(text));
    return std::get<std::string>(*attributes.find("t"));
  };
  const std::string most(kTextBytesMax - 1, 'x');
  EXPECT_EQ(text_of(most + "yz"), most + "y");
  EXPECT_EQ(text_of(most + "\xc3\xa4"), most);
  EXPECT_EQ(text_of(most + "y\xc3\xa4"), most + "y");
  EXPECT_EQ(text_of(most.substr(2) + "\xf0\x9f\x98\x80"), most.substr(2));
  EXPECT_EQ(text_of(std::string(2000, '\x80')).size(), kTextBytesMax - 4);  // no UTF-8 at all
  attributes.put(std::string(2000, 'k'), true);
  EXPECT_NE(attributes.find(std::string(kTextBytesMax, 'k')), nullptr);
}

TEST(Span, BoundsLinksAndEvents) {
  Span span;
  for (std::size_t i = 0; i < kLinksMax + 2; ++i) span.add(SpanLink{{{1, i}, {1}}});
  for (std::size_t i = 0; i < kEventsMax + 1; ++i) span.add(SpanEvent{{i}, "e"});
  EXPECT_EQ(span.links.size(), kLinksMax);
  EXPECT_EQ(span.dropped_links, 2U);
  EXPECT_EQ(span.links.back().ids.trace.low, kLinksMax - 1);
  EXPECT_EQ(span.events.size(), kEventsMax);
  EXPECT_EQ(span.dropped_events, 1U);
  span.fail(std::string(kTextBytesMax + 1, 'x'));
  EXPECT_EQ(span.status, (SpanStatus{StatusCode::error, std::string(kTextBytesMax, 'x')}));
}

struct TextRow {
  std::string before;
  std::string after;
};

TEST(ValidUtf8, ReplacesWhatIsNone) {
  const std::string bad = "\xef\xbf\xbd";
  const TextRow rows[] = {
      {"", ""},
      {"plain", "plain"},
      {std::string("\0", 1), std::string("\0", 1)},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"a\xff", "a" + bad},
      {"\xc3", bad},
      {"\xc3(", bad + "("},
      {"\xe2\x82", bad + bad},
      {"\x80", bad},
      {"\xc0\x80", bad + bad},            // overlong
      {"\xe0\x9f\xbf", bad + bad + bad},  // overlong
      {"\xf0\x8f\xbf\xbf", bad + bad + bad + bad},
      {"\xed\xa0\x80", bad + bad + bad},            // a surrogate
      {"\xf4\x90\x80\x80", bad + bad + bad + bad},  // beyond U+10FFFF
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
      {"\xee\x80\x80", "\xee\x80\x80"},
  };
  for (const TextRow& row : rows) EXPECT_EQ(valid_utf8(row.before), row.after);
}

}  // namespace
}  // namespace longspan
