// tracing/pathways/pathway_context.h - where a record stands on its way between services, as
// Datadog's Data Streams carries it in a header.
//
//   dd-pathway-ctx-base64   Base64 of: hash (8 bytes, little-endian), start, edge start (each
//                           milliseconds since 1970, zigzag varint); what tracers write today
//   dd-pathway-ctx          the same bytes, or their Base64: older tracers
//
// A varint has nine bytes at most, the ninth with all its eight bits. Of several headers of a name
// the last one is read; where both are there the first of the two above.
//
// Errors:  a header that is none of these is broken: it is told, and nothing is read.
// Threads: pure functions. Names in edits are constants.
// Source:  dd-trace-py 4.16, internal/datastreams/processor.py and encoding.py; data-streams-go.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lagcalc/header_view.h"
#include "lagcalc/units.h"
#include "tracing/context/header_edit.h"

namespace longspan {

struct PathwayContext {
  std::uint64_t hash = 0;
  TimestampMs start;       // of the first checkpoint of the way
  TimestampMs edge_start;  // of the last one
  friend bool operator==(const PathwayContext&, const PathwayContext&) = default;
};

[[nodiscard]] std::optional<PathwayContext> decode_pathway(std::string_view bytes);
[[nodiscard]] std::string encode_pathway(const PathwayContext& context);

struct FoundPathway {
  std::optional<PathwayContext> context = {};
  bool is_broken = false;
  bool has_base64 = false;
  bool has_raw = false;
  bool is_raw_text = false;  // dd-pathway-ctx holds Base64, too
};
[[nodiscard]] FoundPathway read_pathway(std::span<const HeaderView> headers);

// The headers that were there say `next`; where none was dd-pathway-ctx-base64 is added.
[[nodiscard]] HeaderEdits pathway_edits(const FoundPathway& found, const PathwayContext& next);

[[nodiscard]] bool is_pathway_header(std::string_view name);

}  // namespace longspan
