#include "mirror/topics/name_patterns.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <utility>

#include "lagcalc/deleter.h"

namespace longspan {

namespace {

constexpr std::uint32_t kMatchHeapKibibytesMax = 4096;

using Code = std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>>;

struct Fault {
  std::size_t position = 0;
  std::string what;
};

std::string pcre2_text(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  if (pcre2_get_error_message(code, buffer.data(), buffer.size()) < 0) {
    return "PCRE2 error " + std::to_string(code);
  }
  return reinterpret_cast<const char*>(buffer.data());
}

// Walks a pattern as Java reads it, as far as needed to find what PCRE2 would read otherwise
// without saying so.
class DialectScan {
 public:
  explicit DialectScan(std::string_view pattern) : pattern_(pattern) {}

  std::optional<Fault> run() {
    while (at_ < pattern_.size()) {
      if (skip_escape()) continue;
      if (auto fault = in_class_ ? step_in_class() : step_outside()) return fault;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool next_is(std::string_view text) const {
    return pattern_.substr(at_).starts_with(text);
  }

  bool skip_escape() {
    if (!next_is("\\")) return false;
    if (next_is("\\Q")) {
      const std::size_t end = pattern_.find("\\E", at_ + 2);
      at_ = end == std::string_view::npos ? pattern_.size() : end + 2;
    } else {
      at_ += 2;
    }
    return true;
  }

  std::optional<Fault> step_outside() {
    if (next_is("(*")) return Fault{at_ + 1, "'*' has nothing to repeat"};
    if (next_is("[")) {
      in_class_ = true;
      ++at_;
      if (next_is("^")) ++at_;
      if (next_is("]")) ++at_;  // both dialects: a leading ']' is itself
      return std::nullopt;
    }
    ++at_;
    return std::nullopt;
  }

  std::optional<Fault> step_in_class() {
    if (next_is("[")) {
      return Fault{at_, "a class within a class is not supported; write \\[ for the character"};
    }
    if (next_is("&&")) return Fault{at_, "an intersection of classes (&&) is not supported"};
    if (next_is("]")) in_class_ = false;
    ++at_;
    return std::nullopt;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  bool in_class_ = false;
};

struct Compilation {
  Code code;
  std::optional<Fault> fault;
};

Compilation compile(std::string_view pattern) {
  if (auto fault = DialectScan(pattern).run()) return {nullptr, std::move(fault)};
  int error = 0;
  PCRE2_SIZE position = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                          PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &error,
                          &position, nullptr));
  if (!code) return {nullptr, Fault{position, pcre2_text(error)}};
  return {std::move(code), std::nullopt};
}

}  // namespace

struct NamePatterns::Compiled {
  std::vector<Code> codes;
  MatchContext limits{pcre2_match_context_create(nullptr)};

  Compiled() {
    LONGSPAN_ASSERT(limits != nullptr);
    pcre2_set_match_limit(limits.get(), kMatchStepsMax);
    pcre2_set_depth_limit(limits.get(), kMatchStepsMax);
    pcre2_set_heap_limit(limits.get(), kMatchHeapKibibytesMax);
  }

  // Not negative: matches. PCRE2_ERROR_NOMATCH: does not. Anything else: undecided.
  [[nodiscard]] int match(std::size_t index, std::string_view name) const {
    const MatchData data(pcre2_match_data_create(1, nullptr));
    LONGSPAN_ASSERT(data != nullptr);
    return pcre2_match(codes[index].get(), reinterpret_cast<PCRE2_SPTR>(name.data()), name.size(),
                       0, 0, data.get(), limits.get());
  }
};

Result<NamePatterns> NamePatterns::make(std::vector<std::string> patterns, std::string_view key) {
  std::erase(patterns, std::string());
  auto compiled = std::make_shared<Compiled>();
  for (const std::string& pattern : patterns) {
    Compilation one = compile(pattern);
    if (one.fault) {
      return fail(Next::stop_process,
                  "the pattern '" + pattern + "' is not valid at position " +
                      std::to_string(one.fault->position) + ": " + one.fault->what,
                  "key=" + std::string(key));
    }
    compiled->codes.push_back(std::move(one.code));
  }
  NamePatterns result;
  result.texts_ = std::move(patterns);
  result.compiled_ = std::move(compiled);
  return result;
}

PatternHit NamePatterns::hit(std::string_view name) const {
  PatternHit hit;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const int answer = compiled_->match(i, name);
    if (answer >= 0) {
      hit.pattern = texts_[i];
      return hit;
    }
    if (answer != PCRE2_ERROR_NOMATCH && !hit.undecided) {
      hit.undecided = "the pattern '" + texts_[i] + "' gave up: " + pcre2_text(answer);
    }
  }
  return hit;
}

bool NamePatterns::matches(std::string_view name) const { return hit(name).pattern.has_value(); }

std::string NamePatterns::text() const {
  std::string joined;
  for (const std::string& text : texts_) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

}  // namespace longspan
