#include "tracing/context/trace_headers.h"

#include <algorithm>

namespace longspan {
namespace {

constexpr std::size_t kB3At = static_cast<std::size_t>(TraceHeader::b3_trace_id);

// Few of a record's headers begin like one of ours: the others are told by their first byte.
bool may_be(std::string_view name) {
  constexpr std::size_t kShortest = 2;
  if (name.size() < kShortest) return false;
  const char c = name[0];
  return c == 't' || c == 'x' || c == 'b' || c == 'u' || c == 'X';
}

}  // namespace

bool is_trace_header(std::string_view name) {
  if (!may_be(name)) return false;
  return std::find(kTraceHeaderNames.begin(), kTraceHeaderNames.end(), name) !=
             kTraceHeaderNames.end() ||
         std::find(kCapitalB3Names.begin(), kCapitalB3Names.end(), name) != kCapitalB3Names.end();
}

TraceHeaders find_trace_headers(std::span<const HeaderView> headers) {
  TraceHeaders out;
  for (const HeaderView& header : headers) {
    if (!may_be(header.name)) continue;
    const TraceHeaders::Found found{true, !header.value, header.value.value_or("")};
    if (header.name[0] == 'X') {
      for (std::size_t i = 0; i < kCapitalB3Names.size(); ++i) {
        if (header.name != kCapitalB3Names[i]) continue;
        out.last[kB3At + i] = found;
        out.has_capital_b3 = true;
      }
      continue;
    }
    for (std::size_t i = 0; i < kTraceHeaders; ++i) {
      if (header.name != kTraceHeaderNames[i]) continue;
      out.last[i] = found;
      if (i >= kB3At && i < kB3At + kCapitalB3Names.size()) out.has_lower_b3 = true;
      break;
    }
  }
  return out;
}

}  // namespace longspan
