// tracing/context/row_context.h - the trace context that an application put into a row.
//
// Debezium's ActivateTracingSpan and EventRouter read it from a column, `tracingspancontext` unless
// configured otherwise: text of java.util.Properties, whose keys are the headers' names. It is what
// counts where a record's headers tell no ids; nothing is ever written back into a row.
//
//   #Mon Nov 02 10:00:00 UTC 2026
//   traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//
// Errors:  a TraceFault; then nothing of the text is to be believed.
// Threads: a value; views() are valid as long as it.
// Limits:  kRowContextBytesMax of text, kRowPropertiesMax properties.
// Source:  java.util.Properties.load: comments, three separators, escapes, lines that go on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lagcalc/header_view.h"
#include "tracing/context/trace_context.h"

namespace longspan {

inline constexpr std::size_t kRowContextBytesMax = std::size_t{16} * 1024;
inline constexpr std::size_t kRowPropertiesMax = 64;

class RowContext {
 public:
  [[nodiscard]] static Result<RowContext, TraceFault> parse(std::string_view text);

  // In the text's order, to be read like headers: read_trace_context(row.views()).
  [[nodiscard]] std::vector<HeaderView> views() const;

 private:
  std::vector<std::pair<std::string, std::string>> properties_;
};

// What headers that tell no ids say, with the ids and decision of `row`, which tells some. The
// formats and headers stay theirs: what is written anew is written into them.
[[nodiscard]] TraceContext with_row(TraceContext headers, const TraceContext& row);

}  // namespace longspan
