// mirror/traces/copy_context.h - the trace headers of a copy in a topic that is reparented, and
// whether a record on the target is such a copy.
//
//   source  traceparent: 00-T-P-01     copy  traceparent: 00-T-hop-01     hop =
//   HopIds::span(offset)
//
// Headers stay as they are where something in them is broken, where the record is in no trace and
// none begins with it, and where the hop of a sampled record has no spans (above the limit a
// second): its reader then stays the child that it was.
//
// Errors:  none.
// Threads: pure functions.
// Source:  tracing/context/reparent.h; ARCHITECTURE.md, "Traces".
#pragma once

#include <cstdint>
#include <optional>

#include "mirror/record.h"
#include "mirror/traces/hop_ids.h"
#include "tracing/context/reparent.h"

namespace longspan {

struct RewriteRule {
  HopIds ids;
  bool starts = true;
  TraceFormats inject{TraceFormat::w3c};
};

// Where and when a record stands at the source.
struct CopiedFrom {
  Offset offset;
  TimestampMs timestamp;
};

// Absent: they stay. `sampled` is what is told on where nothing was told to us.
[[nodiscard]] std::optional<HeaderEdits> copy_edits(const TraceContext& found,
                                                    const RewriteRule& rule, CopiedFrom from,
                                                    bool sampled);

// The span that its headers name; absent: none that we can read.
[[nodiscard]] std::optional<SpanId> named_span(const Record& record);

// Equal for a record and any copy of it, however that was reparented.
[[nodiscard]] std::uint64_t fingerprint_beside_traces(const Record& record);
// Equal for both where nothing but the pathway (tracing/pathways/) was written anew.
[[nodiscard]] std::uint64_t fingerprint_beside_pathways(const Record& record);

}  // namespace longspan
