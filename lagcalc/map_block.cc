#include "lagcalc/map_block.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "lagcalc/assert.h"
#include "lagcalc/varint.h"

namespace longspan {
namespace {

constexpr std::uint64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();

// `from` moved by `gap`; absent when that leaves the range of offsets.
std::optional<Offset> moved(Offset from, std::uint64_t gap) {
  if (gap > kOffsetMax - static_cast<std::uint64_t>(from.value)) return std::nullopt;
  return from + Records{static_cast<std::int64_t>(gap)};
}

// The next segment after one that ends at `source` and `target`.
std::optional<Segment> read_segment(std::string_view& bytes, Offset source, Offset target) {
  const auto gaps = read_varint(bytes);
  if (!gaps) return std::nullopt;
  std::uint64_t target_gap = 0;
  if ((*gaps & 1) != 0) {
    const auto gap = read_varint(bytes);
    if (!gap || *gap == 0) return std::nullopt;
    target_gap = *gap;
  }
  const auto length = read_varint(bytes);
  const auto source_start = moved(source, *gaps >> 1);
  const auto target_start = moved(target, target_gap);
  if (!length || *length > kOffsetMax || !source_start || !target_start) return std::nullopt;
  const Segment segment{*source_start, *target_start, static_cast<std::int64_t>(*length)};
  if (!is_valid(segment)) return std::nullopt;
  return segment;
}

}  // namespace

bool is_valid(const Segment& segment) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return segment.length > 0 && segment.source_start.value >= 0 && segment.target_start.value >= 0 &&
         segment.length <= kMax - segment.source_start.value &&
         segment.length <= kMax - segment.target_start.value;
}

std::string encode_map_block(std::span<const Segment> segments) {
  LONGSPAN_ASSERT(segments.size() <= kMapBlockSegmentsMax);
  std::string out;
  append_varint(out, segments.size());
  Offset source{};
  Offset target{};
  for (const Segment& segment : segments) {
    LONGSPAN_ASSERT(is_valid(segment));
    LONGSPAN_ASSERT(segment.source_start >= source && segment.target_start >= target);
    const auto source_gap = static_cast<std::uint64_t>((segment.source_start - source).count);
    const auto target_gap = static_cast<std::uint64_t>((segment.target_start - target).count);
    append_varint(out, source_gap * 2 + (target_gap > 0 ? 1 : 0));
    if (target_gap > 0) append_varint(out, target_gap);
    append_varint(out, static_cast<std::uint64_t>(segment.length));
    source = segment.source_end();
    target = segment.target_end();
  }
  return out;
}

Result<std::vector<Segment>> decode_map_block(std::string_view bytes) {
  const auto count = read_varint(bytes);
  if (!count || *count > kMapBlockSegmentsMax || *count > bytes.size()) {
    return fail(Next::park_partition, "map block has an impossible number of segments");
  }
  std::vector<Segment> segments;
  segments.reserve(static_cast<std::size_t>(*count));
  Offset source{};
  Offset target{};
  while (segments.size() < *count) {
    const auto segment = read_segment(bytes, source, target);
    if (!segment) {
      return fail(Next::park_partition,
                  "map block is damaged at segment " + std::to_string(segments.size()));
    }
    segments.push_back(*segment);
    source = segment->source_end();
    target = segment->target_end();
  }
  if (!bytes.empty()) return fail(Next::park_partition, "map block has bytes after its segments");
  return segments;
}

}  // namespace longspan
