// lagcalc/slo.h - a service level objective for latency: `orders.*:p99<2s@30d`.
//
// "Of the records of these topics, 99 % take less than 2 s, over 30 days." A latency is an
// interval, so a record is good, bad, or undecided: the target lies between the bounds. What
// follows from the counts lies between bounds, too: all undecided were bad, or all good.
//
// Units:   microseconds; the window in seconds; ratios from 0 to 1; a burn rate of 1 uses up
// exactly
//          the error budget in the window.
// Errors:  what cannot be read is an Error that says which part; nothing is counted: absent.
// Threads: values and pure functions.
// Source:  Google's SRE workbook, "Alerting on SLOs", for the windows of burn rates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/clocks/interval.h"
#include "lagcalc/result.h"

namespace longspan {

struct Slo {
  std::string topics;    // a pattern, as in `topics`; not looked into here
  double objective = 0;  // 0.99 of p99; above 0, below 1
  DurationUs target;     // positive
  std::int64_t window_s = 0;
  friend bool operator==(const Slo&, const Slo&) = default;
};

// TOPICS:pN<DURATION@WINDOW. N from above 0 to below 100, digits behind a point allowed (p99.9).
// DURATION: us, ms, s, m, h; WINDOW: m, h, d, w; whole numbers.
[[nodiscard]] Result<Slo> parse_slo(std::string_view text);

enum class SloVerdict : std::uint8_t { good, bad, undecided };
// Good below the target, bad from it on. Absent sides are open.
[[nodiscard]] SloVerdict judge(const DurationInterval& latency, DurationUs target);

struct SloCounts {
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  std::uint64_t undecided = 0;
  friend bool operator==(const SloCounts&, const SloCounts&) = default;

  void record(SloVerdict verdict, std::uint64_t count = 1);
  void add(const SloCounts& other);
  [[nodiscard]] std::uint64_t total() const { return good + bad + undecided; }
};
// Of a window: counts at its end less those at its beginning; absent when a count fell (a restart).
[[nodiscard]] std::optional<SloCounts> counts_between(const SloCounts& end, const SloCounts& begin);

// [every undecided one bad, every one good]; the point leaves the undecided out.
struct RatioInterval {
  double low = 0;
  std::optional<double> point;
  double high = 0;
};
// Good ones of all. Absent when nothing was counted, here and below.
[[nodiscard]] std::optional<RatioInterval> compliance(const SloCounts& counts);
// Of the error budget (1 - objective) of what was counted, the part that is left: 1 untouched, 0
// used up, below 0 overdrawn.
[[nodiscard]] std::optional<RatioInterval> budget_left(const Slo& slo, const SloCounts& counts);
// How many times faster than the budget allows it is used.
[[nodiscard]] std::optional<RatioInterval> burn_rate(const Slo& slo, const SloCounts& counts);

// Burns when both windows do: the long one says that it matters, the short one that it goes on.
struct BurnRule {
  std::int64_t long_s = 0;
  std::int64_t short_s = 0;
  double budget_part = 0;  // what is used up of the budget within the long window
  bool pages = false;      // else a ticket
};
inline constexpr std::array<BurnRule, 4> kBurnRules = {{
    {3'600, 300, 0.02, true},
    {6 * 3'600, 1'800, 0.05, true},
    {86'400, 7'200, 0.1, false},
    {3 * 86'400, 6 * 3'600, 0.1, false},
}};
// 14.4 of the first rule for 30 days.
[[nodiscard]] double burn_limit(const Slo& slo, const BurnRule& rule);
// Only where it is certain: by what is known to be bad.
[[nodiscard]] bool burns(const Slo& slo, const BurnRule& rule, const SloCounts& over_long,
                         const SloCounts& over_short);

}  // namespace longspan
