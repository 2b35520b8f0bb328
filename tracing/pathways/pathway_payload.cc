#include "tracing/pathways/pathway_payload.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "lagcalc/ddsketch.h"
#include "lagcalc/dense_counts.h"
#include "tracing/proto_writer.h"
#include "tracing/spans/span.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

// Of ddsketch.proto.
constexpr std::uint32_t kMapping = 1;
constexpr std::uint32_t kPositive = 2;
constexpr std::uint32_t kNegative = 3;
constexpr std::uint32_t kZeroCount = 4;
constexpr std::uint32_t kGamma = 1;  // of a mapping
constexpr std::uint32_t kIndexOffset = 2;
constexpr std::uint32_t kContiguousCounts = 2;  // of a store
constexpr std::uint32_t kContiguousOffset = 3;

ProtoWriter store_of(std::span<const Histogram::IndexedCount> bins) {
  ProtoWriter out;
  const DenseCounts dense = dense_counts(bins);
  std::vector<double> counts(dense.counts.begin(), dense.counts.end());
  out.packed_real(kContiguousCounts, counts);
  if (!counts.empty()) out.zigzag(kContiguousOffset, dense.offset);
  return out;
}

Json sketch(const Histogram& histogram) {
  const DdSketch made = dd_sketch(histogram);
  ProtoWriter mapping;
  mapping.real(kGamma, DdSketch::kGamma);
  mapping.real(kIndexOffset, DdSketch::kIndexOffset);
  ProtoWriter out;
  out.message(kMapping, mapping);
  out.message(kPositive, store_of(made.positive));
  out.message(kNegative, store_of(made.negative));
  out.real(kZeroCount, static_cast<double>(made.zero_count));
  const std::string& text = out.text();
  return Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()));
}

Json point_json(const PathwayPoint& point) {
  Json tags = Json::array();
  for (const std::string& tag : *point.edge) tags.push_back(valid_utf8(tag));
  return {{"EdgeTags", std::move(tags)},
          {"Hash", point.hash},
          {"ParentHash", point.parent},
          {"PathwayLatency", sketch(point.pathway_seconds)},
          {"EdgeLatency", sketch(point.edge_seconds)},
          {"PayloadSize", sketch(point.payload_bytes)}};
}

Json bucket_json(const PathwayBucket& bucket) {
  Json points = Json::array();
  for (const PathwayPoint& point : bucket.points) points.push_back(point_json(point));
  constexpr std::uint64_t kNsPerMs = 1'000'000;
  return {{"Start", static_cast<std::uint64_t>(bucket.start.value) * kNsPerMs},
          {"Duration", PathwayBucket::kMs * kNsPerMs},
          {"Stats", std::move(points)},
          {"Backlogs", Json::array()}};
}

}  // namespace

std::string pathway_payload(const PathwayOrigin& origin, std::span<const PathwayBucket> buckets) {
  Json stats = Json::array();
  for (const PathwayBucket& bucket : buckets) stats.push_back(bucket_json(bucket));
  Json out{{"Service", valid_utf8(origin.service.service)},
           {"TracerVersion", origin.tracer_version},
           {"Lang", "cpp"},
           {"Hostname", valid_utf8(origin.hostname)},
           {"Stats", std::move(stats)}};
  if (!origin.service.env.empty()) out["Env"] = valid_utf8(origin.service.env);
  if (!origin.service.version.empty()) out["Version"] = valid_utf8(origin.service.version);
  const std::vector<std::uint8_t> packed = Json::to_msgpack(out);
  return {packed.begin(), packed.end()};
}

}  // namespace longspan
