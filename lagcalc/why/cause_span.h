// lagcalc/why/cause_span.h - causes over time: what was found whenever somebody looked, and from
// which look to which.
//
//   look by look --note()--> CauseSpans --take()--> what was found, and from when to when
//
// Between two looks nothing is known: what was found in both is taken to have lasted, and what
// began and ended in between is in none. keeping_up and what another cause explains are not kept.
// Of a cause with more than kScopesMax scopes in a look (a hundred stopped sinks) one span is kept,
// of the whole flow: which of them are the worst changes from look to look.
//
// Units:   milliseconds since 1970, by the clock of who looked.
// Errors:  none.
// Threads: values.
// Limits:  kWhatBytesMax of a sentence, kNameBytesMax of a name, cut between two UTF-8 characters;
//          as many spans as the constructor is told: of more the ones that begin later are counted,
//          not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lagcalc/units.h"
#include "lagcalc/why/diagnosis.h"

namespace longspan {

// In looks from `first` to `last`, both of them among it.
struct CauseSpan {
  Cause cause{};
  Severity severity = Severity::info;  // the worst in it
  DiagnosisScope scope;
  TimestampMs first;
  TimestampMs last;
  std::string what;  // a sentence of the newest look that found it so severe
  friend bool operator==(const CauseSpan&, const CauseSpan&) = default;
};

// Whether `a` is what to name first of two that were there together.
[[nodiscard]] bool is_graver(const CauseSpan& a, const CauseSpan& b);

class CauseSpans {
 public:
  static constexpr std::int64_t kScopesMax = 3;
  static constexpr std::size_t kWhatBytesMax = 300;
  static constexpr std::size_t kNameBytesMax = 512;

  explicit CauseSpans(std::size_t most) : most_(most) {}

  // What was found at a time. It is the same as what was found within `apart_ms` of it.
  void note(TimestampMs at, const Diagnoses& found, std::int64_t apart_ms);
  void add(CauseSpan span, std::int64_t apart_ms);
  [[nodiscard]] bool is_empty() const { return spans_.empty(); }
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }
  // By their first look, and leaves nothing behind.
  [[nodiscard]] std::vector<CauseSpan> take();

 private:
  using Key = std::tuple<Cause, ScopeKind, std::string, std::string>;
  std::size_t most_;
  std::size_t held_ = 0;
  std::int64_t left_out_ = 0;
  std::int64_t apart_ms_ = 0;  // the longest that was given
  std::map<Key, std::vector<CauseSpan>> spans_;
};

}  // namespace longspan
