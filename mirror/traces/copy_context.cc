#include "mirror/traces/copy_context.h"

#include <vector>

#include "tracing/context/trace_headers.h"
#include "tracing/pathways/pathway_context.h"

namespace longspan {

std::optional<HeaderEdits> copy_edits(const TraceContext& found, const RewriteRule& rule,
                                      CopiedFrom from, bool sampled) {
  const SpanId hop = rule.ids.span(from.offset);
  if (found.ids) {
    NewParent parent = child_of(found, hop);
    if (!parent.sampled) parent.sampled = sampled;
    return reparent(found, parent, rule.inject);
  }
  if (!rule.starts) return std::nullopt;
  const TraceId trace = rule.ids.trace(from.offset, from.timestamp);
  return reparent(found, {{trace, hop}, found.sampled.value_or(sampled), found.is_debug, true},
                  rule.inject);
}

std::optional<SpanId> named_span(const Record& record) {
  if (!record.has_headers()) return std::nullopt;
  std::vector<HeaderView> headers;
  record.view_headers(headers);
  const auto ids = read_trace_context(headers).ids;
  return ids ? std::optional(ids->span) : std::nullopt;
}

std::uint64_t fingerprint_beside_traces(const Record& record) {
  return fingerprint_without(record, [](std::string_view name) {
    return is_trace_header(name) || is_pathway_header(name);
  });
}

std::uint64_t fingerprint_beside_pathways(const Record& record) {
  return fingerprint_without(record, is_pathway_header);
}

}  // namespace longspan
