#include "lagcalc/map_block.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "lagcalc/varint.h"
#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(Varint, ReadsWhatItWrote) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{16383},
        std::uint64_t{16384}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    std::string bytes;
    append_varint(bytes, value);
    std::string_view rest = bytes;
    EXPECT_EQ(read_varint(rest), value);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(Varint, RefusesRubbish) {
  using namespace std::string_view_literals;
  const std::pair<const char*, std::string_view> rows[] = {
      {"empty", ""sv},
      {"cut", "\x80"sv},
      {"overlong", "\x80\x00"sv},
      {"65_bits", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv},
      {"eleven_bytes", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01"sv},
  };
  for (const auto& [name, bytes] : rows) {
    std::string_view rest = bytes;
    EXPECT_FALSE(read_varint(rest)) << name;
  }
}

std::vector<Segment> random_segments(std::mt19937_64& random, std::size_t count) {
  std::vector<Segment> out;
  Offset source{static_cast<std::int64_t>(random() % 1000)};
  Offset target{static_cast<std::int64_t>(random() % 1000)};
  while (out.size() < count) {
    const unsigned bits = static_cast<unsigned>(random() % 40);
    const auto length = static_cast<std::int64_t>(random() % (std::uint64_t{1} << bits)) + 1;
    out.push_back({source, target, length});
    source = out.back().source_end() + Records{static_cast<std::int64_t>(random() % 300)};
    target = out.back().target_end() + Records{static_cast<std::int64_t>(random() % 3)};
  }
  return out;
}

TEST(MapBlock, DecodesWhatItEncoded) {
  for (const std::uint64_t seed : seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto segments = random_segments(random, random() % 200);
    const auto decoded = decode_map_block(encode_map_block(segments));
    ASSERT_TRUE(decoded) << decoded.error().text();
    EXPECT_EQ(*decoded, segments);
  }
}

TEST(MapBlock, KeepsTheLargestOffsets) {
  const std::vector<Segment> segments{{{0}, {0}, 1}, {{kMax - 1}, {kMax - 1}, 1}};
  const auto decoded = decode_map_block(encode_map_block(segments));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, segments);
}

TEST(MapBlock, TransactionMarkersCostAtMostFourBytesASegment) {
  std::mt19937_64 random(1);
  std::vector<Segment> segments;
  Offset source{};
  Offset target{};
  while (segments.size() < kMapBlockSegmentsMax) {
    const auto length = static_cast<std::int64_t>(random() % 2'000'000) + 1;
    segments.push_back({source, target, length});
    source = segments.back().source_end().next();  // the marker
    target = segments.back().target_end();
  }
  EXPECT_LE(encode_map_block(segments).size(), 4 * segments.size());
}

TEST(MapBlock, SmallTransactionsCostTwoBytesASegment) {
  std::vector<Segment> segments;
  for (std::int64_t i = 0; i < 4096; ++i) segments.push_back({{i * 101}, {i * 100}, 100});
  EXPECT_LE(encode_map_block(segments).size(), 2 * segments.size() + 4);
}

TEST(MapBlock, RefusesRubbish) {
  std::string too_many;
  append_varint(too_many, kMapBlockSegmentsMax + 1);
  too_many.append(3 * (kMapBlockSegmentsMax + 1), '\x02');
  std::string over_the_end;  // a gap up to the last offset, then a length of 2
  append_varint(over_the_end, 1);
  append_varint(over_the_end, (static_cast<std::uint64_t>(kMax) - 1) * 2);
  append_varint(over_the_end, 2);
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"more_segments_than_bytes", std::string("\x05\x02", 2)},
      {"more_than_a_block", too_many},
      {"cut_in_a_segment", std::string("\x01\x02", 2)},
      {"length_zero", std::string("\x01\x00\x00", 3)},
      {"target_gap_flag_without_gap", std::string("\x01\x01\x00\x05", 4)},
      {"bytes_after_the_end", std::string("\x01\x00\x05\x00", 4)},
      {"beyond_the_last_offset", over_the_end},
  };
  for (const auto& [name, bytes] : rows) {
    const auto decoded = decode_map_block(bytes);
    ASSERT_FALSE(decoded) << name;
    EXPECT_EQ(decoded.error().next, Next::park_partition) << name;
  }
}

}  // namespace
}  // namespace longspan
