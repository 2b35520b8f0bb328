// mirror/traces/trace_settings.h - what a flow does with the traces of its records.
//
//   preserve   nothing is read, headers stay as they are: the default
//   link       spans are exported, in traces of their own that link to the record's; headers stay
//   reparent   spans are exported in the record's trace, and its headers then name our span, so
//              that whoever reads the copy is a child of the hop
//
// Units:   records a second, and a minute.
// Errors:  none; valid by construction.
// Threads: a value.
#pragma once

#include <cstdint>
#include <string>

#include "mirror/topics/name_patterns.h"
#include "tracing/context/format_context.h"

namespace longspan {

enum class TraceMode : std::uint8_t { preserve, link, reparent };

struct TraceSettings {
  NamePatterns reparent;  // source topics; goes before `link`
  NamePatterns link;
  bool starts = true;                     // a record in no trace begins one
  TraceFormats inject{TraceFormat::w3c};  // what is written where nothing was
  double ratio = 1;                       // of traces that nobody decided about
  std::int64_t records_per_second = 20;   // with spans; 0: only those below
  std::int64_t slowest_per_minute = 10;   // kept whatever was decided; 0: none
  std::string viewer_url = {};            // with {trace_id} in it; empty: there is none

  [[nodiscard]] TraceMode mode_of(const std::string& source_topic) const {
    if (reparent.matches(source_topic)) return TraceMode::reparent;
    return link.matches(source_topic) ? TraceMode::link : TraceMode::preserve;
  }
  [[nodiscard]] bool is_on() const {
    return !reparent.patterns().empty() || !link.patterns().empty();
  }
};

}  // namespace longspan
