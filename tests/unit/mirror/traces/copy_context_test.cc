#include "mirror/traces/copy_context.h"

#include <gtest/gtest.h>

#include <set>

#include "mirror/tail_match.h"
#include "mirror/verify/difference.h"

namespace longspan {
namespace {

const RewriteRule kRule{HopIds("east->west", {"orders", 3}), true, {TraceFormat::w3c}};
const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kIncoming = "00-" + kTrace + "-b7ad6b7169203331-01";

Record record(std::int64_t offset, Headers headers, std::string value = "v") {
  Record made = make_record({"k", std::move(value), {1000}, std::move(headers)});
  made.offset = {offset};
  return made;
}

// The copy of `source` as the flow writes it.
Record copy_of(const Record& source, std::int64_t target, bool sampled = true) {
  Record out = record(target, source.headers(), std::string(*source.value));
  std::vector<HeaderView> headers;
  source.view_headers(headers);
  const auto edits =
      copy_edits(read_trace_context(headers), kRule, {source.offset, source.timestamp}, sampled);
  if (edits) out.edits = std::make_unique<HeaderEdits>(*edits);
  out.make_edits();
  return out;
}

TEST(HopIds, AreTheSameForTheSameRecordAndNoOther) {
  const HopIds ids("east->west", {"orders", 3});
  EXPECT_EQ(ids.span({7}), HopIds("east->west", {"orders", 3}).span({7}));
  // Fixed: another derivation would not know the tails that this one wrote.
  EXPECT_EQ(hex(ids.span({7})), hex(HopIds("east->west", {"orders", 3}).span({7})));
  std::set<std::uint64_t> seen;
  for (const auto& each :
       {ids, HopIds("west->east", {"orders", 3}), HopIds("east->west", {"orders", 4}),
        HopIds("east->west", {"order", 3}), HopIds("east->wes", {"torders", 3})}) {
    for (std::int64_t offset = 0; offset < 1000; ++offset) {
      EXPECT_TRUE(seen.insert(each.span({offset}).value).second);
      EXPECT_TRUE(seen.insert(each.span({offset}, HopSpan::mirror).value).second);
      EXPECT_TRUE(seen.insert(each.sink_span({offset}, "sink").value).second);
      EXPECT_TRUE(seen.insert(each.trace({offset}, {1}).low).second);
    }
  }
  EXPECT_NE(ids.trace({7}, {1}), ids.trace({7}, {2})) << "a topic that was made anew";
}

TEST(CopyContext, ATailOfReparentedCopiesMatchesWhateverTheModeIsNow) {
  TailMatch tail({100}, {103});
  tail.allow_hops(kRule.ids);
  const Record traced = record(7, {{"a", "1"}, {"traceparent", kIncoming}});
  const Record plain = record(8, {{"a", "1"}}, "w");
  const Record bare = record(9, {}, "x");
  EXPECT_TRUE(tail.add(copy_of(traced, 100)));
  EXPECT_TRUE(tail.add(copy_of(plain, 101, false)));
  EXPECT_FALSE(tail.add(record(102, {}, "x"))) << "preserved";
  EXPECT_EQ(tail.match(traced), Offset{100});
  EXPECT_EQ(tail.match(plain), Offset{101});
  EXPECT_EQ(tail.match(bare), Offset{102});
}

TEST(CopyContext, OnlyTheHopsOwnSpanIsAllowedForInTheTail) {
  const Record source = record(7, {{"traceparent", kIncoming}});
  const auto matches = [&](Record target) {
    TailMatch tail({100}, {101});
    tail.allow_hops(kRule.ids);
    std::ignore = tail.add(target);
    return tail.match(source).has_value();
  };
  EXPECT_TRUE(matches(copy_of(source, 100)));
  EXPECT_FALSE(matches(copy_of(record(8, {{"traceparent", kIncoming}}), 100))) << "another's hop";
  EXPECT_FALSE(matches(copy_of(record(7, {{"traceparent", kIncoming}}, "w"), 100)));
  EXPECT_FALSE(matches(copy_of(record(7, {{"traceparent", kIncoming}, {"a", "1"}}), 100)));
  EXPECT_FALSE(matches(record(100, {{"traceparent", "00-" + kTrace + "-00f067aa0ba902b7-01"}})));
}

TEST(CopyContext, VerifyExpectsTheRewritingAndFindsTheRest) {
  const Record source = record(7, {{"a", "1"}, {"traceparent", kIncoming}, {"b", "2"}});
  EXPECT_FALSE(difference(source, copy_of(source, 100), kRule));
  EXPECT_TRUE(difference(source, copy_of(source, 100))) << "in a topic that is not reparented";
  EXPECT_FALSE(difference(source, record(100, source.headers()), kRule)) << "above the limit";
  const Record root = record(7, {{"a", "1"}});
  EXPECT_FALSE(difference(root, copy_of(root, 100, true), kRule));
  EXPECT_FALSE(difference(root, copy_of(root, 100, false), kRule));
  EXPECT_TRUE(difference(root, copy_of(record(8, {{"a", "1"}}), 100), kRule)) << "another's hop";

  Record other = copy_of(record(7, {{"a", "2"}, {"traceparent", kIncoming}, {"b", "2"}}), 100);
  EXPECT_EQ(difference(source, other, kRule), "header 1 `a` at byte 0: 0x31, 0x32");
  other = copy_of(record(7, source.headers(), "w"), 100);
  EXPECT_EQ(difference(source, other, kRule), "value at byte 0: 0x76, 0x77");
  other = record(100, {{"a", "1"}, {"b", "2"}, {"traceparent", kIncoming}});
  EXPECT_TRUE(difference(source, other, kRule)) << "the order of headers";
}

TEST(CopyContext, RowsOfEveryHeaderCountAsOne) {
  EXPECT_TRUE(is_trace_header("traceparent"));
  EXPECT_TRUE(is_trace_header("X-B3-TraceId"));
  EXPECT_FALSE(is_trace_header("Traceparent")) << "names are compared by case";
  EXPECT_FALSE(is_trace_header("x-other"));
  EXPECT_EQ(fingerprint_beside_traces(record(7, {{"traceparent", kIncoming}})),
            fingerprint(record(8, {})));
}

}  // namespace
}  // namespace longspan
