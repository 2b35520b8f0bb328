#include "mirror/marks/marks_causes.h"

#include <algorithm>
#include <optional>

#include "lagcalc/why/cause_table.h"
#include "mirror/marks/marks_bytes.h"

namespace longspan {
namespace {

using namespace marks_bytes;

std::optional<ScopeKind> scope_kind_named(std::string_view text) {
  const auto* found = std::find_if(kScopeKinds.begin(), kScopeKinds.end(),
                                   [text](ScopeKind kind) { return name(kind) == text; });
  if (found == kScopeKinds.end()) return std::nullopt;
  return *found;
}

void put_cause(std::string& out, const CauseSpan& span, TimestampMs at) {
  put_bytes(out, name(span.cause));
  put_byte(out, static_cast<std::uint8_t>(span.severity));
  put_bytes(out, name(span.scope.kind));
  put_bytes(out, span.scope.name);
  put_bytes(out, span.scope.topic);
  put_signed(out, minus(at.value, span.first.value));
  put_signed(out, minus(at.value, span.last.value));
  put_bytes(out, span.what);
}

std::optional<CauseSpan> cause_of(ByteReader& in, TimestampMs at) {
  const auto cause = cause_named(bytes_of(in));
  const std::uint8_t severity = in.u8();
  in.require(severity >= static_cast<std::uint8_t>(kSeverities.front()) &&
             severity <= static_cast<std::uint8_t>(kSeverities.back()));
  const auto kind = scope_kind_named(bytes_of(in));
  CauseSpan span;
  span.scope.name = bytes_of(in);
  span.scope.topic = bytes_of(in);
  span.first = time_of(in, minus(at.value, signed_of(in)));
  span.last = time_of(in, minus(at.value, signed_of(in)));
  in.require(span.first <= span.last);
  span.what = bytes_of(in);
  if (in.failed() || !cause || !kind) return std::nullopt;
  span.cause = *cause;
  span.severity = static_cast<Severity>(severity);
  span.scope.kind = *kind;
  return span;
}

}  // namespace

void put_causes(std::string& out, const std::vector<CauseSpan>& spans, TimestampMs at) {
  for (const CauseSpan& span : spans) put_cause(out, span, at);
}

std::vector<CauseSpan> causes_of(ByteReader& in, TimestampMs at) {
  std::vector<CauseSpan> out;
  while (!in.failed() && !in.done()) {
    if (auto span = cause_of(in, at)) out.push_back(std::move(*span));
  }
  return out;
}

}  // namespace longspan
