#include "lagcalc/histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

__extension__ using SignedNanoseconds = __int128;
using Counts = std::vector<Histogram::IndexedCount>;

constexpr int kBucketsPerDoubling = 1 << Histogram::kSchema;

// Upper bounds of the buckets in (0.5, 1], shifted down by one: 0.5, 0.5 * base, ... < 1.
const std::array<double, kBucketsPerDoubling>& fraction_bounds() {
  static const auto bounds_in_order = [] {
    std::array<double, kBucketsPerDoubling> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] = 0.5 * std::exp2(static_cast<double>(i) / kBucketsPerDoubling);
    }
    return bounds;
  }();
  return bounds_in_order;
}

// The bucket of a positive magnitude, by comparison with the bounds: a value that is a bound is
// inside, which log2 would miss by rounding.
std::int32_t index_of(double magnitude) {
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);
  const auto& bounds = fraction_bounds();
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), fraction);
  return static_cast<std::int32_t>(bound - bounds.begin()) + (exponent - 1) * kBucketsPerDoubling;
}

double upper_bound_of(std::int32_t index) {
  const std::int32_t inside =
      ((index % kBucketsPerDoubling) + kBucketsPerDoubling) % kBucketsPerDoubling;
  const std::int32_t exponent = (index - inside) / kBucketsPerDoubling + 1;
  return std::ldexp(fraction_bounds()[static_cast<std::size_t>(inside)], exponent);
}

void add(Counts& counts, std::int32_t index, std::uint64_t count) {
  const auto place = std::lower_bound(
      counts.begin(), counts.end(), index,
      [](const Histogram::IndexedCount& c, std::int32_t wanted) { return c.index < wanted; });
  if (place != counts.end() && place->index == index) {
    place->count += count;
  } else {
    counts.insert(place, {index, count});
  }
}

// `more` may be `counts`: then nothing is inserted.
void add_all(Counts& counts, const Counts& more) {
  if (counts.empty()) {
    counts = more;
    return;
  }
  auto place = counts.begin();
  for (const auto& [index, count] : more) {
    while (place != counts.end() && place->index < index) ++place;
    if (place != counts.end() && place->index == index) {
      place->count += count;
    } else {
      place = counts.insert(place, {index, count});
    }
  }
}

// Adds them to `total`; false when they are not what record() makes.
bool add_valid(const Counts& counts, std::uint64_t& total) {
  std::int32_t next = Histogram::kIndexMin;
  for (const auto& [index, count] : counts) {
    if (index < next || index > Histogram::kIndexMax) return false;
    if (count == 0 || __builtin_add_overflow(total, count, &total)) return false;
    next = index + 1;
  }
  return true;
}

// Of the zero bucket always 0.
double at_edge(const Histogram::Bucket& bucket, Histogram::Edge edge) {
  const bool is_zero = bucket.lower < 0 && bucket.upper > 0;
  if (is_zero || edge == Histogram::Edge::middle) return bucket.middle();
  return edge == Histogram::Edge::lower ? bucket.lower : bucket.upper;
}

}  // namespace

std::optional<Histogram> Histogram::of(Parts parts) {
  Histogram out;
  out.count_ = parts.zero_count;
  if (!add_valid(parts.positive, out.count_) || !add_valid(parts.negative, out.count_)) return {};
  if (out.count_ == 0 && parts.sum_ns != 0) return {};
  out.positive_ = std::move(parts.positive);
  out.negative_ = std::move(parts.negative);
  out.zero_count_ = parts.zero_count;
  out.sum_ns_ = parts.sum_ns;
  return out;
}

void Histogram::record(double seconds, std::uint64_t count) {
  LONGSPAN_ASSERT(std::abs(seconds) <= kMagnitudeMax);  // false for NaN
  if (count == 0) return;
  if (std::abs(seconds) <= kZeroThreshold) {
    zero_count_ += count;
  } else {
    add(seconds > 0 ? positive_ : negative_, index_of(std::abs(seconds)), count);
  }
  count_ += count;
  const auto nanoseconds = static_cast<SignedNanoseconds>(std::nearbyint(seconds * 1e9));
  sum_ns_ += static_cast<Nanoseconds>(nanoseconds) * count;
}

void Histogram::merge(const Histogram& other) {
  add_all(positive_, other.positive_);
  add_all(negative_, other.negative_);
  zero_count_ += other.zero_count_;
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
}

double Histogram::sum() const {
  return static_cast<double>(static_cast<SignedNanoseconds>(sum_ns_)) * 1e-9;
}

std::optional<double> Histogram::quantile(double q, Edge edge) const {
  LONGSPAN_ASSERT(q >= 0 && q <= 1);
  if (count_ == 0) return std::nullopt;
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  double value = 0;
  for (const Bucket& bucket : buckets()) {
    seen += bucket.count;
    value = at_edge(bucket, edge);
    if (static_cast<double>(seen) >= rank) break;
  }
  return value;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> out;
  out.reserve(negative_.size() + positive_.size() + 1);
  for (auto it = negative_.rbegin(); it != negative_.rend(); ++it) {
    out.push_back({-upper_bound_of(it->index), -upper_bound_of(it->index - 1), it->count});
  }
  if (zero_count_ > 0) out.push_back({-kZeroThreshold, kZeroThreshold, zero_count_});
  for (const auto& [index, count] : positive_) {
    out.push_back({upper_bound_of(index - 1), upper_bound_of(index), count});
  }
  return out;
}

std::vector<std::uint64_t> Histogram::cumulative(std::span<const double> bounds) const {
  LONGSPAN_ASSERT(std::is_sorted(bounds.begin(), bounds.end()));
  const std::vector<Bucket> all = buckets();
  std::vector<std::uint64_t> out;
  out.reserve(bounds.size());
  std::uint64_t seen = 0;
  auto next = all.begin();
  for (const double bound : bounds) {
    for (; next != all.end() && next->middle() <= bound; ++next) seen += next->count;
    out.push_back(seen);
  }
  return out;
}

}  // namespace longspan
