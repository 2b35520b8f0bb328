#include "tracing/pathways/pathway_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tracing/context/base64.h"
#include "tracing/pathways/pathway_hash.h"

namespace longspan {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Of dd-trace-py's tests and of data-streams-go.
const std::string kPython = "10nVzXmeKoDApcX0zV/ApcX0zV8=";
const std::string kGo = "oKb07iqMzxuAronY2WGAronY2WE=";

FoundPathway read(const std::vector<HeaderView>& headers) { return read_pathway(headers); }

TEST(PathwayContext, VectorsOfOtherTracers) {
  EXPECT_EQ(decode_pathway(*from_base64(kPython)),
            (PathwayContext{9235368231858162135U, {1642544540000}, {1642544540000}}));
  EXPECT_EQ(decode_pathway(*from_base64(kGo)),
            (PathwayContext{2003974475228685984U, {1678485040000}, {1678485040000}}));
  EXPECT_EQ(decode_pathway(std::string("\1\0\0\0\0\0\0\0\0\1", 10)),
            (PathwayContext{1, {0}, {-1}}));
  EXPECT_EQ(to_base64(encode_pathway({9235368231858162135U, {1642544540000}, {1642544540000}})),
            kPython);
}

TEST(PathwayContext, EveryNumberComesBack) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                std::int64_t{64}, std::int64_t{1} << 55, kMax, kMin}) {
    const PathwayContext context{~std::uint64_t{0} - 5, {ms}, {-ms - 1}};
    EXPECT_EQ(decode_pathway(encode_pathway(context)), context) << ms;
  }
  EXPECT_THAT(encode_pathway({0, {kMin}, {kMax}}), SizeIs(8 + 9 + 9)) << "nine bytes at most";
}

TEST(PathwayContext, OtherBytesAreNone) {
  const std::string good = encode_pathway({7, {1642544540000}, {1642544540001}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_pathway(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_pathway(good + "x"));
  EXPECT_FALSE(decode_pathway(std::string(26, '\xff') + "x"));
}

TEST(PathwayContext, HeadersAreFound) {
  EXPECT_FALSE(read({{"traceparent", "x"}}).context);
  EXPECT_FALSE(read({}).is_broken);
  const auto text = read({{"dd-pathway-ctx-base64", kGo}, {"dd-pathway-ctx-base64", kPython}});
  ASSERT_TRUE(text.context);
  EXPECT_EQ(text.context->hash, 9235368231858162135U) << "the last one";
  const std::string bytes = *from_base64(kGo);
  EXPECT_EQ(read({{"dd-pathway-ctx", bytes}}).context, decode_pathway(bytes));
  EXPECT_EQ(read({{"dd-pathway-ctx", kGo}}).context, decode_pathway(bytes)) << "older tracers";
  EXPECT_EQ(read({{"dd-pathway-ctx", bytes}, {"dd-pathway-ctx-base64", kPython}}).context->hash,
            9235368231858162135U);
}

TEST(PathwayContext, BrokenHeadersAreTold) {
  const std::string huge(1'000'000, 'A');
  for (const std::optional<std::string_view> value :
       {std::optional<std::string_view>(), std::optional<std::string_view>(""),
        std::optional<std::string_view>("####"), std::optional<std::string_view>("AAAA"),
        std::optional<std::string_view>(huge)}) {
    for (const char* name : {"dd-pathway-ctx", "dd-pathway-ctx-base64"}) {
      const FoundPathway found = read({{name, value}});
      EXPECT_TRUE(found.is_broken) << name << " " << value.value_or("null").substr(0, 8);
      EXPECT_FALSE(found.context);
    }
  }
  EXPECT_TRUE(read({{"dd-pathway-ctx", "rubbish"}, {"dd-pathway-ctx-base64", kGo}}).is_broken);
}

TEST(PathwayContext, WhatWasThereIsWrittenBack) {
  const PathwayContext next{5, {1642544540000}, {1642544540009}};
  const std::string bytes = encode_pathway(next);
  EXPECT_EQ(pathway_edits({}, next), (HeaderEdits{{"dd-pathway-ctx-base64", to_base64(bytes)}}));
  const std::string raw = *from_base64(kGo);
  EXPECT_EQ(pathway_edits(read({{"dd-pathway-ctx", raw}}), next),
            (HeaderEdits{{"dd-pathway-ctx", bytes}}));
  EXPECT_EQ(pathway_edits(read({{"dd-pathway-ctx", kGo}}), next),
            (HeaderEdits{{"dd-pathway-ctx", to_base64(bytes)}}));
  EXPECT_THAT(pathway_edits(read({{"dd-pathway-ctx", raw}, {"dd-pathway-ctx-base64", kGo}}), next),
              SizeIs(2));
}

// By dd-trace-py 4.16: DataStreamsCtx._compute_hash() of service billing in env prod, and of
// longspan in none.
TEST(PathwayHash, AsAnotherTracerHasIt) {
  const std::vector<std::string> in{"direction:in", "group:east->west", "topic:orders",
                                    "type:kafka"};
  const std::uint64_t first = pathway_hash(pathway_node({"billing", "prod"}, in), 0);
  EXPECT_EQ(first, 5162674865687003600U);
  EXPECT_EQ(pathway_hash(pathway_node({"longspan"}, in), first), 4466799624800726643U);
}

}  // namespace
}  // namespace longspan
