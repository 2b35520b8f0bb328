#include "mirror/traces/hop_ids.h"

#include <xxhash.h>

#include <algorithm>
#include <string>

namespace longspan {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

std::uint64_t mixed(std::uint64_t seed, std::uint64_t number) {
  return mixed(mixed(seed + kGolden) + (number + 1) * kGolden);
}

std::uint64_t number_of(Offset offset) { return static_cast<std::uint64_t>(offset.value); }

SpanId not_zero(std::uint64_t bits) { return {std::max<std::uint64_t>(bits, 1)}; }

}  // namespace

// A name of a flow or a topic has no zero byte.
HopIds::HopIds(std::string_view flow, const TopicPartition& source) {
  std::string names = "longspan hop 1";
  names.push_back(0);
  names.append(flow);
  names.push_back(0);
  names.append(source.topic);
  names.push_back(0);
  names.append(std::to_string(source.partition));
  seed_ = XXH3_64bits(names.data(), names.size());
}

SpanId HopIds::span(Offset source, HopSpan which) const {
  return not_zero(mixed(seed_ + static_cast<std::uint64_t>(which), number_of(source)));
}

SpanId HopIds::sink_span(Offset source, std::string_view group) const {
  const std::uint64_t name = XXH3_64bits(group.data(), group.size());
  return not_zero(mixed(span(source, HopSpan::sink).value, name));
}

TraceId HopIds::trace(Offset source, TimestampMs timestamp) const {
  constexpr std::uint64_t kOfTrace = 0x7472616365;
  const std::uint64_t high = mixed(mixed(seed_ ^ kOfTrace, number_of(source)),
                                   static_cast<std::uint64_t>(timestamp.value));
  return {high, not_zero(mixed(high)).value};
}

SpanIds HopIds::batch(Offset first, TimestampMs timestamp) const {
  const SpanId id = span(first, HopSpan::batch);
  return {{id.value, not_zero(mixed(trace(first, timestamp).high)).value}, id};
}

}  // namespace longspan
