// mirror/marks/marks_causes.h - the part of a causes mark behind its head, as bytes.
//
// Layout:  to the end, of each: string cause, byte severity, string kind, name and topic of its
//          scope, zigzag at - first, zigzag at - last, string what. string: varint size, bytes.
//          Causes, severities and kinds of scopes stand by their names and numbers in
//          lagcalc/why/diagnosis.h.
// Errors:  of reading as in byte_codec.h. A cause or a kind that this program does not know is of a
//          newer one: it is skipped.
// Threads: free functions.
#pragma once

#include <string>
#include <vector>

#include "lagcalc/why/cause_span.h"
#include "mirror/state/byte_codec.h"

namespace longspan {

void put_causes(std::string& out, const std::vector<CauseSpan>& spans, TimestampMs at);
[[nodiscard]] std::vector<CauseSpan> causes_of(ByteReader& in, TimestampMs at);

}  // namespace longspan
