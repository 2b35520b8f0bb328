// tests/fuzz/trace_context.h - what must hold for any headers: the readers of tracing/context
// neither crash nor believe in ids that are none, and what they accept can be rewritten and read
// again.
//
// Errors:  a broken property aborts (LONGSPAN_ASSERT), which is how a fuzzer notices.
#pragma once

#include <string_view>

namespace longspan::fuzz {

// Bytes are lines, a header each: name=value, or a name alone for a null value.
void check_trace_headers(std::string_view bytes);
// Bytes are a row's text of java.util.Properties.
void check_row_context(std::string_view bytes);

}  // namespace longspan::fuzz
