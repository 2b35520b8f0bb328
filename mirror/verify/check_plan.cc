#include "mirror/verify/check_plan.h"

#include <algorithm>

#include "mirror/verify/copies.h"

namespace longspan {

namespace {

// Second copies of records before the range may stand in it: so many are looked at.
constexpr Records kWarmUp{1 << 16};

std::int64_t mapped_between(const OffsetMap& map, Offset from, Offset to) {
  std::int64_t count = 0;
  for (const auto& segment : map.segments()) {
    const auto start = std::max(from, segment.source_start);
    const auto end = std::min(to, segment.source_end());
    if (start < end) count += (end - start).count;
  }
  return count;
}

// Do segments leave target offsets out, in front or in between?
bool has_target_gaps(const OffsetMap& map, Offset from, Offset to) {
  Offset expected = from;
  for (const auto& segment : map.segments()) {
    if (segment.target_end() <= from) continue;
    if (segment.target_start >= to) break;
    if (segment.target_start > expected) return true;
    expected = segment.target_end();
  }
  return expected < to;
}

Offset clamped(std::optional<Offset> asked, Offset fallback, Offset low, Offset high) {
  return std::clamp(asked.value_or(fallback), low, std::max(low, high));
}

// Where the first event accounts for records in front of the map.
Offset told_from(const CheckSubject& subject, Offset map_start) {
  Offset low = map_start;
  for (const auto& told : subject.told) {
    if (told.from && told.to) low = std::min(low, *told.from);
  }
  return low;
}

// For who asked for more than is verified.
std::string narrowed_text(const CheckPlan& plan, const AskedRange& asked, Offset low,
                          const PartitionEnds& source) {
  std::string out;
  if (asked.from && *asked.from < plan.source_from && !asked.last) {
    const bool is_low = plan.source_from <= low;
    const bool is_expired = plan.source_from <= source.start;
    out = "what is before " + std::to_string(plan.source_from.value) +
          (is_low       ? " was not mirrored, or the map no longer tells"
           : is_expired ? " is no longer at the source"
                        : " is no longer on the target");
  }
  if (asked.to && *asked.to > plan.source_to) {
    out += (out.empty() ? "" : "; ") + std::string("nothing is mirrored yet from ") +
           std::to_string(plan.source_to.value) + " on";
  }
  return out;
}

}  // namespace

CheckPlan plan_check(const CheckSubject& subject, const PartitionEnds& source,
                     const PartitionEnds& target, const AskedRange& asked) {
  CheckPlan plan;
  const auto& map = subject.map;
  const bool has_copies = !map.segments().empty();
  if (!has_copies && subject.told.empty()) return plan;
  const Offset first = has_copies ? map.segments().front().source_start : map.next_source();
  plan.first_copy = has_copies ? map.segments().front().target_start : map.next_target();
  const Offset low = told_from(subject, first);
  plan.source_to = clamped(asked.to, map.next_source(), low, map.next_source());
  auto from = clamped(asked.from, low, low, plan.source_to);
  if (asked.last) from = std::max(from, plan.source_to - Records{*asked.last});
  const auto readable = std::max(source.start, from);
  plan.source_from = readable;
  if (target.start > map.to_target(readable).offset) {
    plan.source_from = std::max(readable, map.to_source(target.start).offset);
  }
  plan.expired = mapped_between(map, from, std::min(plan.source_from, plan.source_to));
  plan.narrowed = narrowed_text(plan, asked, low, source);
  if (plan.is_empty()) return plan;

  plan.target_to = plan.source_to >= map.next_source() ? map.next_target()
                                                       : map.to_target(plan.source_to).offset;
  plan.target_from = std::max(target.start, map.to_target(plan.source_from).offset);
  const bool from_first = plan.source_from <= first;
  if (from_first) {
    const Records back{static_cast<std::int64_t>(Copies::kWindow)};
    plan.target_from = std::max({target.start, Offset{0}, plan.first_copy - back});
  }
  plan.has_extras = has_target_gaps(map, plan.target_from, plan.target_to);
  plan.source_read_from = plan.source_from;
  if (plan.has_extras && !from_first) {
    plan.source_read_from = std::max(source.start, plan.source_from - kWarmUp);
  }
  return plan;
}

}  // namespace longspan
