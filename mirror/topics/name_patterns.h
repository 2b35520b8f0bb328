// mirror/topics/name_patterns.h - a list of Java-style regular expressions for whole names.
//
// As in MM2 a plain name is an expression too ("orders.eu" also matches "orders-eu"). Compiled by
// PCRE2; the few things Java means differently (nested classes, && in a class) are refused, so that
// no list silently selects other names than it did under MM2.
//
// Errors:  make() names the pattern, the position in it (from 0) and the key it came from.
// Threads: a value; copies share the compiled patterns; const calls are safe from anywhere.
// Limits:  kMatchStepsMax per pattern and name: a pattern that backtracks without end is undecided,
//          which is not a match, and says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"

namespace longspan {

inline constexpr std::uint32_t kMatchStepsMax = 100'000;

struct PatternHit {
  std::optional<std::string> pattern;    // the first that matches the name; absent: none does
  std::optional<std::string> undecided;  // which pattern gave up, and why; one sentence
};

class NamePatterns {
 public:
  NamePatterns() = default;  // matches nothing
  // `key` is the option the list came from, for error texts. Empty patterns are left out.
  static Result<NamePatterns> make(std::vector<std::string> patterns, std::string_view key);

  [[nodiscard]] bool matches(std::string_view name) const;
  [[nodiscard]] PatternHit hit(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& patterns() const { return texts_; }
  [[nodiscard]] std::string text() const;  // as written, joined by ","

 private:
  struct Compiled;
  std::vector<std::string> texts_;
  // Shared: compiled patterns are never changed, and FlowConfig is copied.
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace longspan
