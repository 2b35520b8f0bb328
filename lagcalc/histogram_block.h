// lagcalc/histogram_block.h - a Histogram as the bytes of a record.
//
// Layout:  byte 1 (the version), varint count of zeros, varint low and varint high 64 bits of the
// sum
//          in nanoseconds (zigzag); then for positives, for negatives: varint number of runs of
//          neighbouring buckets; per run
//            varint gap, varint length - 1, varint count - 1 of each
//          where a gap is the number of empty buckets before the run (from kIndexMin for the
//          first), less one behind another run.
// Errors:  decoding rubbish, or another version, is an Error (park_partition); it never crashes and
//          takes memory only in proportion to the input. What decodes encodes to the same bytes,
//          and equals what was encoded.
// Threads: free functions.
// Limits:  at most 50 KB; latencies in 200 buckets take some 200 to 500 bytes.
#pragma once

#include <string>
#include <string_view>

#include "lagcalc/histogram.h"
#include "lagcalc/result.h"

namespace longspan {

[[nodiscard]] std::string encode_histogram(const Histogram& histogram);
[[nodiscard]] Result<Histogram> decode_histogram(std::string_view bytes);

}  // namespace longspan
