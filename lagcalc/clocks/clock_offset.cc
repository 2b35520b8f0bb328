#include "lagcalc/clocks/clock_offset.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace longspan {
namespace {

bool is_in_range(std::int64_t us) { return us >= -kTimeMaxUs && us <= kTimeMaxUs; }

struct Edge {
  std::int64_t us = 0;
  bool opens = false;
};

// Edges in order; where one source ends and another begins at the same place they touch.
std::size_t sorted_edges(std::span<const OffsetBounds> sources, std::span<Edge> edges) {
  std::size_t count = 0;
  for (const OffsetBounds& source : sources) {
    if (source.is_empty()) continue;
    edges[count++] = {source.low ? source.low->us : INT64_MIN, true};
    edges[count++] = {source.high ? source.high->us : INT64_MAX, false};
  }
  std::sort(edges.begin(), edges.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Edge& a, const Edge& b) {
              return a.us != b.us ? a.us < b.us : a.opens && !b.opens;
            });
  return count;
}

}  // namespace

DurationInterval OffsetBounds::interval() const {
  DurationInterval out;
  if (low) out.low = DurationUs{low->us};
  if (high) out.high = DurationUs{high->us};
  if (is_closed()) out.point = DurationUs{low->us + width_us() / 2};
  out.assumed = (low && low->assumed) || (high && high->assumed);
  return out;
}

std::optional<OffsetBounds> bounds_of(const ClockSample& sample) {
  if (sample.answered < sample.sent || !is_in_range(sample.stamp.at.value) ||
      !is_in_range(sample.sent.us) || !is_in_range(sample.answered.us)) {
    return std::nullopt;
  }
  return OffsetBounds{written_not_after(sample.stamp, sample.answered).low,
                      written_not_before(sample.stamp, sample.sent).high};
}

OffsetBounds written_not_after(Stamp stamp, Instant event) {
  if (!is_in_range(stamp.at.value) || !is_in_range(event.us)) return {};
  return {OffsetBound{stamp.at.value - event.us}, std::nullopt};
}

OffsetBounds written_not_before(Stamp stamp, Instant event) {
  if (!is_in_range(stamp.at.value) || !is_in_range(event.us)) return {};
  return {std::nullopt, OffsetBound{stamp.at.value + stamp.resolution_us - event.us}};
}

DurationUs error_max(const HostError& error) {
  return {std::max(error.offset.value, -error.offset.value) + error.root_dispersion.value +
          error.root_delay.value / 2};
}

OffsetBounds host_bounds(const HostError& clock, const HostError& longspan,
                         DurationUs wall_offset) {
  // clock - timeline = (clock - UTC) - (longspan's host - UTC) + (longspan's host - timeline)
  const std::int64_t error = error_max(clock).value + error_max(longspan).value;
  return {OffsetBound{wall_offset.value - error}, OffsetBound{wall_offset.value + error}};
}

OffsetBounds intersection(const OffsetBounds& a, const OffsetBounds& b) {
  OffsetBounds out = a;
  if (b.low && (!out.low || b.low->us > out.low->us)) out.low = b.low;
  if (b.high && (!out.high || b.high->us < out.high->us)) out.high = b.high;
  return out;
}

OffsetBounds hull(const OffsetBounds& a, const OffsetBounds& b) {
  OffsetBounds out;
  if (a.low && b.low) out.low = a.low->us < b.low->us ? a.low : b.low;
  if (a.high && b.high) out.high = a.high->us > b.high->us ? a.high : b.high;
  return out;
}

OffsetBounds widened(const OffsetBounds& bounds, std::int64_t by_us) {
  OffsetBounds out = bounds;
  if (out.low) out.low->us -= by_us;
  if (out.high) out.high->us += by_us;
  return out;
}

std::int64_t drift_us(std::int64_t elapsed_us, std::int32_t drift_ppm_max) {
  const std::int64_t elapsed = elapsed_us < 0 ? -elapsed_us : elapsed_us;
  return elapsed / 1'000'000 * drift_ppm_max + elapsed % 1'000'000 * drift_ppm_max / 1'000'000;
}

Agreement agreement(std::span<const OffsetBounds> sources) {
  sources = sources.first(std::min(sources.size(), kSourcesMax));
  if (sources.empty()) return {};
  std::array<Edge, 2 * kSourcesMax> edges;
  const std::size_t count = sorted_edges(sources, edges);
  std::int32_t open = 0;
  Agreement best;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    open += edges[i].opens ? 1 : -1;
    if (edges[i].opens && open > best.agreeing) {
      best.agreeing = open;
      begin = i;
    }
  }
  if (2 * static_cast<std::size_t>(best.agreeing) <= sources.size()) {
    best.bounds = sources[0];
    for (const OffsetBounds& source : sources) best.bounds = hull(best.bounds, source);
    return best;
  }
  // From where the most are open to where the first of them ends.
  if (edges[begin].us != INT64_MIN) best.bounds.low = OffsetBound{edges[begin].us};
  if (edges[begin + 1].us != INT64_MAX) best.bounds.high = OffsetBound{edges[begin + 1].us};
  return best;
}

OffsetBounds resolved(const OffsetBounds& measured, const OffsetBounds& by_order,
                      std::optional<DurationUs> max_error) {
  OffsetBounds out = intersection(measured, by_order);
  if (!max_error) return out;
  const OffsetBound lowest{-max_error->value, true};
  const OffsetBound highest{max_error->value, true};
  const bool low_is_refuted = out.high && out.high->us < lowest.us;
  const bool high_is_refuted = out.low && out.low->us > highest.us;
  if (!measured.low && !low_is_refuted && (!out.low || out.low->us < lowest.us)) out.low = lowest;
  if (!measured.high && !high_is_refuted && (!out.high || out.high->us > highest.us)) {
    out.high = highest;
  }
  return out;
}

}  // namespace longspan
