// tracing/context/reparent.h - the headers of a record rewritten, so that whoever reads it next is
// a child of our span.
//
// All formats that were there say the same afterwards, in the spelling and width that they had;
// where none was there those of `inject` are added. Where formats disagreed they all follow
// `parent`.
//   tracestate      stays; its member dd, where it is, names the new span and goes to the front;
//                   one that stood in the row (row_context.h) is added
//   x-datadog-tags  stays but for _dd.p.tid, and only where the trace id becomes another one
//   x-b3-parentspanid and its like go: they are not told on
//   a decision that is not told leaves x-datadog-sampling-priority as it is
// Datadog's _dd.p.dm (who decided) is not rewritten where `parent` decides otherwise.
//
// Errors:  absent where the headers must stay as they are: something in them is broken, or what
//          would be written breaks a limit.
// Threads: pure functions. Names in edits are constants; edited() gives views into both arguments.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "lagcalc/header_view.h"
#include "tracing/context/header_edit.h"
#include "tracing/context/trace_context.h"

namespace longspan {

struct NewParent {
  SpanIds ids;
  std::optional<bool> sampled = {};  // absent: deferred, where a format knows that
  bool is_debug = false;
  bool is_random = false;
};
// In the same trace, with the same decision. The context has ids.
[[nodiscard]] NewParent child_of(const TraceContext& context, SpanId span);

[[nodiscard]] std::optional<HeaderEdits> reparent(const TraceContext& found,
                                                  const NewParent& parent, TraceFormats inject);

// The headers with the edits made; what no edit names stays, in its order.
[[nodiscard]] std::vector<HeaderView> edited(std::span<const HeaderView> headers,
                                             const HeaderEdits& edits);

}  // namespace longspan
