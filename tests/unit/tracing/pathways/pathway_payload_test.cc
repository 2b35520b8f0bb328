// What an independent reader makes of it: tests/conformance/pathways.py.
#include "tracing/pathways/pathway_payload.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using nlohmann::json;

PathwayBucket bucket_of(const std::string& tag) {
  PathwayStats stats;
  const auto edge = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"direction:in", tag});
  stats.add(edge, {~std::uint64_t{0}, 5}, {0, 1'000, 10}, {1'700'000'000'000});
  return *stats.take();
}

TEST(PathwayPayload, HasWhatAnAgentReads) {
  const PathwayBucket bucket = bucket_of("topic:orders");
  const std::string bytes =
      pathway_payload({{"hop", "prod", "7"}, "host", "0.1.0"}, std::span(&bucket, 1));
  const json read = json::from_msgpack(bytes);
  EXPECT_EQ(read["Service"], "hop");
  EXPECT_EQ(read["Env"], "prod");
  EXPECT_EQ(read["Version"], "7");
  EXPECT_EQ(read["Lang"], "cpp");
  EXPECT_EQ(read["Hostname"], "host");
  EXPECT_EQ(read["TracerVersion"], "0.1.0");
  const json& one = read["Stats"][0];
  EXPECT_EQ(one["Start"].get<std::uint64_t>(), 1'700'000'000'000'000'000U);
  EXPECT_EQ(one["Duration"].get<std::uint64_t>(), 10'000'000'000U);
  const json& point = one["Stats"][0];
  EXPECT_EQ(point["EdgeTags"], json({"direction:in", "topic:orders"}));
  EXPECT_EQ(point["Hash"].get<std::uint64_t>(), ~std::uint64_t{0});
  EXPECT_EQ(point["ParentHash"].get<std::uint64_t>(), 5U);
  EXPECT_TRUE(point["EdgeLatency"].is_binary());
}

TEST(PathwayPayload, AZeroLatencyIsInTheZeroCount) {
  const PathwayBucket bucket = bucket_of("topic:orders");
  const json read = json::from_msgpack(pathway_payload({}, std::span(&bucket, 1)));
  const auto& bytes = read["Stats"][0]["Stats"][0]["PathwayLatency"].get_binary();
  // zeroCount = 1.0: field 4, 64 bits.
  const std::string tail(bytes.end() - 9, bytes.end());
  EXPECT_EQ(tail, std::string("\x21\0\0\0\0\0\0\xf0\x3f", 9));
}

TEST(PathwayPayload, ANameThatIsNoTextIsWritten) {
  const PathwayBucket bucket = bucket_of("topic:\xff");
  const json read = json::from_msgpack(pathway_payload({}, std::span(&bucket, 1)));
  EXPECT_EQ(read["Stats"][0]["Stats"][0]["EdgeTags"][1], "topic:\xEF\xBF\xBD");
}

}  // namespace
}  // namespace longspan
