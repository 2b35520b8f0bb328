#include "tests/fuzz/trace_context.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "lagcalc/assert.h"
#include "tracing/context/context_tally.h"
#include "tracing/context/reparent.h"
#include "tracing/context/row_context.h"
#include "tracing/context/tracestate.h"

namespace longspan::fuzz {
namespace {

std::vector<HeaderView> header_lines(std::string_view bytes) {
  std::vector<HeaderView> out;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    const std::size_t equals = line.find('=');
    HeaderView header{line.substr(0, equals), std::nullopt};
    if (equals != std::string_view::npos) header.value = line.substr(equals + 1);
    out.push_back(header);
  }
  return out;
}

bool is_named(const HeaderEdits& edits, std::string_view name) {
  return std::any_of(edits.begin(), edits.end(),
                     [&](const HeaderEdit& edit) { return edit.name == name; });
}

std::vector<HeaderView> unnamed(std::vector<HeaderView> headers, const HeaderEdits& edits) {
  std::erase_if(headers, [&](const HeaderView& header) { return is_named(edits, header.name); });
  return headers;
}

void check_rewritten(const std::vector<HeaderView>& headers, const TraceContext& found) {
  NewParent parent{{{1, 2}, {3}}, true, false, false};
  if (found.ids) parent = child_of(found, {3});
  const TraceFormats inject{TraceFormat::w3c, TraceFormat::datadog};
  const auto edits = reparent(found, parent, inject);
  LONGSPAN_ASSERT(!edits || found.is_intact());
  if (!edits) return;
  const auto after = edited(headers, *edits);
  const TraceContext again = read_trace_context(after);
  LONGSPAN_ASSERT(again.is_intact());
  LONGSPAN_ASSERT(again.ids == parent.ids);
  LONGSPAN_ASSERT(!again.disagreement.of_trace && !again.disagreement.of_span);
  LONGSPAN_ASSERT(!parent.sampled || again.sampled == parent.sampled);
  LONGSPAN_ASSERT(!parent.sampled || !again.disagreement.of_decision);
  LONGSPAN_ASSERT(again.formats == (found.formats.empty() ? inject : found.formats));
  LONGSPAN_ASSERT(unnamed(after, *edits) == unnamed(headers, *edits));
}

void check_read(const std::vector<HeaderView>& headers) {
  const TraceContext found = read_trace_context(headers);
  ContextTally tally;
  tally.add(found);
  LONGSPAN_ASSERT((tally.in_a_trace == 1) == found.ids.has_value());
  if (found.ids) {
    LONGSPAN_ASSERT(!found.ids->trace.is_zero() && !found.ids->span.is_zero());
    LONGSPAN_ASSERT(!found.formats.empty());
  }
  LONGSPAN_ASSERT(!found.is_debug || found.sampled == true);
  LONGSPAN_ASSERT(read_tracestate(found.tracestate).fault == TraceFault::none);
  check_rewritten(headers, found);
}

}  // namespace

void check_trace_headers(std::string_view bytes) { check_read(header_lines(bytes)); }

void check_row_context(std::string_view bytes) {
  const auto row = RowContext::parse(bytes);
  if (!row) return;
  const auto views = row->views();
  LONGSPAN_ASSERT(views.size() <= kRowPropertiesMax && views.size() <= bytes.size());
  check_read(views);
}

}  // namespace longspan::fuzz
