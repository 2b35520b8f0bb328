#include "lagcalc/why/cause_span.h"

#include <algorithm>

#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

bool is_told(const Diagnosis& diagnosis) {
  return diagnosis.cause != Cause::keeping_up && !diagnosis.because_of;
}

std::string cut(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [&text](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (most > 0 && continues(most)) --most;
  return text.substr(0, most);
}

bool are_one(const CauseSpan& a, const CauseSpan& b, std::int64_t apart_ms) {
  return a.first.value <= b.last.value + apart_ms && b.first.value <= a.last.value + apart_ms;
}

void join(CauseSpan& into, const CauseSpan& span) {
  const bool is_newer = span.last >= into.last;
  if (span.severity > into.severity || (span.severity == into.severity && is_newer)) {
    into.severity = span.severity;
    into.what = span.what;
  }
  into.first = std::min(into.first, span.first);
  into.last = std::max(into.last, span.last);
}

bool begins_earlier(const CauseSpan& a, const CauseSpan& b) { return a.first < b.first; }

}  // namespace

bool is_graver(const CauseSpan& a, const CauseSpan& b) {
  if (a.severity != b.severity) return a.severity > b.severity;
  return a.cause < b.cause;
}

void CauseSpans::note(TimestampMs at, const Diagnoses& found, std::int64_t apart_ms) {
  std::map<Cause, std::int64_t> scopes;
  for (const Diagnosis& each : found.found) {
    if (is_told(each)) scopes[each.cause] += 1 + each.more;
  }
  for (const Diagnosis& each : found.found) {
    if (!is_told(each)) continue;
    auto& count = scopes[each.cause];
    if (count == 0) continue;  // told with the worst of them
    if (count > kScopesMax) {
      const std::string more = ", and " + std::to_string(count - 1) + " more";
      const std::string what = cut(each.what, kWhatBytesMax - more.size()) + more;
      add({each.cause, each.severity, {}, at, at, what}, apart_ms);
      count = 0;
      continue;
    }
    const DiagnosisScope scope{each.scope.kind, cut(each.scope.name, kNameBytesMax),
                               cut(each.scope.topic, kNameBytesMax)};
    add({each.cause, each.severity, scope, at, at, cut(each.what, kWhatBytesMax)}, apart_ms);
  }
}

void CauseSpans::add(CauseSpan span, std::int64_t apart_ms) {
  apart_ms_ = std::max(apart_ms_, apart_ms);
  const Key key{span.cause, span.scope.kind, span.scope.name, span.scope.topic};
  const auto known = spans_.find(key);
  if (known != spans_.end()) {
    auto& last = known->second.back();
    if (are_one(last, span, apart_ms)) return join(last, span);
  }
  if (held_ >= most_) {
    ++left_out_;
    return;
  }
  ++held_;
  spans_[key].push_back(std::move(span));
}

// Several who looked tell of theirs one after the other: only here it shows which of them overlap.
std::vector<CauseSpan> CauseSpans::take() {
  std::vector<CauseSpan> out;
  for (auto& [key, spans] : spans_) {
    std::stable_sort(spans.begin(), spans.end(), begins_earlier);
    const auto begin = out.size();
    for (auto& span : spans) {
      const bool goes_on = out.size() > begin && are_one(out.back(), span, apart_ms_);
      if (goes_on) {
        join(out.back(), span);
      } else {
        out.push_back(std::move(span));
      }
    }
  }
  spans_.clear();
  held_ = 0;
  std::stable_sort(out.begin(), out.end(), begins_earlier);
  return out;
}

}  // namespace longspan
