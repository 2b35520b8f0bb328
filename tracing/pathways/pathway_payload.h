// tracing/pathways/pathway_payload.h - buckets of checkpoints as a Datadog agent takes them:
// POST /v0.1/pipeline_stats, MessagePack, each distribution a DDSketch in protobuf.
//
// Units:   nanoseconds in Start and Duration; seconds and bytes in the sketches.
// Errors:  none; what is not UTF-8 in a name is replaced.
// Threads: pure function.
// Source:  dd-trace-py 4.16, DataStreamsProcessor.periodic(); sketches-go, ddsketch.proto.
#pragma once

#include <span>
#include <string>

#include "tracing/pathways/pathway_hash.h"
#include "tracing/pathways/pathway_stats.h"

namespace longspan {

struct PathwayOrigin {
  PathwayService service;
  std::string hostname = {};
  std::string tracer_version = {};  // ours
};

[[nodiscard]] std::string pathway_payload(const PathwayOrigin& origin,
                                          std::span<const PathwayBucket> buckets);

}  // namespace longspan
