// tracing/pathways/pathway_hash.h - which way a record came, as one number: a hash of the services
// and edges behind it, each over the one before.
//
// Errors:  none.
// Threads: pure functions.
// Source:  dd-trace-py 4.16, DataStreamsCtx._compute_hash: FNV-1 (64 bits) over service, env and
//          the edge's tags, sorted; then over that number and the parent's, little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace longspan {

// Who we are on the map.
struct PathwayService {
  std::string service = "longspan";
  std::string env = {};  // empty: none
  std::string version = {};
};

// `tags` by rising order: "direction:in", "group:...", "kafka_cluster_id:...", "topic:...", ...
[[nodiscard]] std::uint64_t pathway_node(const PathwayService& service,
                                         std::span<const std::string> tags);
// `parent` is 0 where the way begins.
[[nodiscard]] std::uint64_t pathway_hash(std::uint64_t node, std::uint64_t parent);

}  // namespace longspan
