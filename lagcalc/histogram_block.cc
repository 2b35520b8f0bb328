#include "lagcalc/histogram_block.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "lagcalc/varint.h"

namespace longspan {
namespace {

using Counts = std::vector<Histogram::IndexedCount>;
using Nanoseconds = Histogram::Nanoseconds;

constexpr char kVersion = 1;
constexpr std::uint64_t kBucketsMax = Histogram::kIndexMax - Histogram::kIndexMin + 1;

// Small magnitudes of either sign become small numbers.
Nanoseconds zigzag(Nanoseconds value) {
  const bool is_negative = (value >> 127) != 0;
  return is_negative ? ~(value << 1) : value << 1;
}
Nanoseconds unzigzag(Nanoseconds value) { return (value & 1) != 0 ? ~(value >> 1) : value >> 1; }

// The buckets of `counts` up to the first empty one.
std::size_t run_length(std::span<const Histogram::IndexedCount> counts) {
  std::size_t length = 1;
  while (length < counts.size() && counts[length].index == counts[length - 1].index + 1) ++length;
  return length;
}

void append_counts(std::string& out, std::span<const Histogram::IndexedCount> counts) {
  std::uint64_t runs = 0;
  for (auto rest = counts; !rest.empty(); rest = rest.subspan(run_length(rest))) ++runs;
  append_varint(out, runs);
  std::int32_t next = Histogram::kIndexMin;
  while (!counts.empty()) {
    const std::size_t length = run_length(counts);
    append_varint(out, static_cast<std::uint64_t>(counts.front().index - next));
    append_varint(out, length - 1);
    for (const auto& bucket : counts.first(length)) append_varint(out, bucket.count - 1);
    next = counts[length - 1].index + 2;
    counts = counts.subspan(length);
  }
}

// Absent when a number is cut short or leads beyond the last bucket.
std::optional<Counts> read_counts(std::string_view& bytes) {
  const auto runs = read_varint(bytes);
  if (!runs || *runs > kBucketsMax) return std::nullopt;
  Counts out;
  std::uint64_t next = 0;  // from kIndexMin
  for (std::uint64_t run = 0; run < *runs; ++run) {
    const auto gap = read_varint(bytes);
    if (!gap || *gap > kBucketsMax) return std::nullopt;
    const auto length = read_varint(bytes);
    next += *gap;
    if (!length || *length >= kBucketsMax || next + *length >= kBucketsMax) return std::nullopt;
    for (const std::uint64_t last = next + *length; next <= last; ++next) {
      const auto count = read_varint(bytes);
      if (!count || *count == UINT64_MAX) return std::nullopt;
      out.push_back({Histogram::kIndexMin + static_cast<std::int32_t>(next), *count + 1});
    }
    ++next;
  }
  return out;
}

std::optional<Histogram> read_histogram(std::string_view bytes) {
  const auto zeros = read_varint(bytes);
  if (!zeros) return std::nullopt;
  const auto low = read_varint(bytes);
  if (!low) return std::nullopt;
  const auto high = read_varint(bytes);
  if (!high) return std::nullopt;
  auto positive = read_counts(bytes);
  if (!positive) return std::nullopt;
  auto negative = read_counts(bytes);
  if (!negative || !bytes.empty()) return std::nullopt;
  const Nanoseconds sum = unzigzag(static_cast<Nanoseconds>(*high) << 64 | *low);
  return Histogram::of({std::move(*positive), std::move(*negative), *zeros, sum});
}

}  // namespace

std::string encode_histogram(const Histogram& histogram) {
  std::string out(1, kVersion);
  append_varint(out, histogram.zero_count());
  const Nanoseconds sum = zigzag(histogram.sum_ns());
  append_varint(out, static_cast<std::uint64_t>(sum));
  append_varint(out, static_cast<std::uint64_t>(sum >> 64));
  append_counts(out, histogram.positive());
  append_counts(out, histogram.negative());
  return out;
}

Result<Histogram> decode_histogram(std::string_view bytes) {
  if (bytes.empty()) return fail(Next::park_partition, "a histogram is empty");
  if (bytes.front() != kVersion) {
    return fail(Next::park_partition, "a histogram has version " +
                                          std::to_string(static_cast<std::uint8_t>(bytes.front())) +
                                          ", 1 is known");
  }
  auto histogram = read_histogram(bytes.substr(1));
  if (!histogram) return fail(Next::park_partition, "a histogram is cut short or damaged");
  return std::move(*histogram);
}

}  // namespace longspan
