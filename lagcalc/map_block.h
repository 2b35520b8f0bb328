// lagcalc/map_block.h - a run of map segments as bytes.
//
// Layout:  varint number of segments; then per segment
//            varint (source gap * 2 + (1 when there is a target gap)), [varint target gap],
//            varint length
//          where a gap is the distance from the end of the segment before (from 0 for the first).
//          A transaction marker between two segments costs one byte; a length below 2 million three
//          at most: at most 4 bytes a segment where the target is contiguous.
// Errors:  decoding rubbish is an Error (park_partition); it never crashes and takes memory only
//          in proportion to the input. What decodes encodes to the same bytes.
// Threads: free functions.
// Limits:  kMapBlockSegmentsMax segments.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/offset_map.h"
#include "lagcalc/result.h"

namespace longspan {

inline constexpr std::size_t kMapBlockSegmentsMax = 4096;

// True when the segment has a positive length and neither end leaves the range of offsets.
[[nodiscard]] bool is_valid(const Segment& segment);

// `segments` satisfy the invariant of OffsetMap.
[[nodiscard]] std::string encode_map_block(std::span<const Segment> segments);
[[nodiscard]] Result<std::vector<Segment>> decode_map_block(std::string_view bytes);

}  // namespace longspan
